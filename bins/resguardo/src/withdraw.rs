//! `consents withdraw`: what would stop, who would be told, what is kept; and the withdrawal itself.

use std::io::Write;

use audit_log::{Disclosure, RecipientId};
use clinic_runtime::{ReceivedUnder, WithdrawalEffect};
use consent_policy::{Consent, ConsentPurpose, Stopped};
use privacy_operations::{FloorRow, House, PreviewWithdrawal, WithdrawConsent, WithdrawalPreview};
use records_model::{ConsentForm, ConsentId, SubjectId};
use serde_json::json;

use crate::acting::{Form, Unnamed, Work};
use crate::{CliError, Verdict, render};

pub(crate) async fn preview(
    work: &Work<'_>,
    (subject, consents): (SubjectId, Vec<ConsentId>),
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let asked = PreviewWithdrawal { actor, subject, consents };
    let effect = work.runtime().withdrawal_effect(&asked, work.clock()).await?;
    match (work.form, &effect.preview) {
        (Form::Json, preview) => render::json(out, &as_json(&effect, preview.as_ref()))?,
        (Form::Text, None) => render::refusal(work, &effect.answer, out)?,
        (Form::Text, Some(preview)) => text(&effect, preview, &*work.house().await?, out)?,
    }
    Ok(render::verdict(&effect.answer))
}

/// Withdraws: at once, and for good. What it yields is the list of whom to tell.
pub(crate) async fn confirmed(
    work: &Work<'_>,
    (subject, consents): (SubjectId, Vec<ConsentId>),
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let (runtime, clock) = (work.runtime(), work.clock());
    let withdrawn = runtime.perform(&WithdrawConsent { actor, subject, consents }, clock).await?;
    let now = runtime.store().instant(clock).await?;
    let given = (withdrawn.ended.as_slice(), withdrawn.keys.as_slice());
    let ids: Vec<ConsentId> = withdrawn.ended.iter().map(Consent::id).collect();
    let mut lines =
        vec![format!("{} consents withdrawn; what they carried is refused from now on", ids.len())];
    // The withdrawal stands whatever becomes of the list.
    let found = match runtime.received_under(subject, given, now).await {
        Ok(found) => found,
        Err(error) => {
            lines.push(format!("whom to tell cannot be said: {error}"));
            ReceivedUnder::default()
        }
    };
    lines.extend(found.disclosures.iter().map(|run| {
        let name = provider_id(run).map(|id| format!(" {id}")).unwrap_or_default();
        format!("tell {}{name}: received {} {} times", run.recipient.class, run.categories, run.count)
    }));
    let head = withdrawn.checkpoint.as_deref();
    lines.extend(
        head.map(|head| {
            format!("signed head of the log, to keep with the confirmation:\n{}", head.trim_end())
        }),
    );
    let value = json!({
        "consents": ids, "received": received(&found), "unopened": found.unopened, "checkpoint": head,
    });
    render::change(work, &withdrawn.answer, (&lines.join("\n"), value), out)
}

fn as_json(effect: &WithdrawalEffect, preview: Option<&WithdrawalPreview>) -> serde_json::Value {
    let stops = preview.map(|preview| {
        let one = |stopped: &Stopped| {
            json!({
                "consent": stopped.consent, "purpose": stopped.purpose, "recipient": stopped.recipient,
                "categories": stopped.categories, "still": stopped.still,
            })
        };
        preview.withdrawal.stops.iter().map(one).collect::<Vec<_>>()
    });
    let kept = preview.map(|preview| {
        let one = |floor: &FloorRow| json!({ "class": floor.class, "keep_through": floor.keep_through });
        preview.kept.iter().map(one).collect::<Vec<_>>()
    });
    json!({
        "answer": effect.answer, "stops": stops, "kept": kept, "holds": preview.map(|preview| preview.holds),
        "received": received(&effect.received), "unopened": effect.received.unopened,
    })
}

/// Who received what: the work-list.
fn received(found: &ReceivedUnder) -> Vec<serde_json::Value> {
    let one = |run: &Disclosure| {
        json!({
            "recipient_class": run.recipient.class, "recipient": provider_id(run), "purpose": run.purpose,
            "categories": run.categories, "first_at": run.first_at, "last_at": run.last_at, "times": run.count,
            "entries": run.entries,
        })
    };
    found.disclosures.iter().map(one).collect()
}

fn text(
    effect: &WithdrawalEffect,
    preview: &WithdrawalPreview,
    house: &House,
    out: &mut impl Write,
) -> std::io::Result<()> {
    writeln!(out, "nothing has been withdrawn yet; without --dry-run, from that moment on:")?;
    writeln!(out, "stops:")?;
    for Stopped { purpose, recipient, categories, still, .. } in &preview.withdrawal.stops {
        let purpose = match purpose {
            ConsentPurpose::Described(purpose) => purpose.to_string(),
            ConsentPurpose::Undescribed(id) => id.to_string(),
        };
        let left = match still {
            ConsentForm::None => String::new(),
            form => format!("; left: {form} consent"),
        };
        writeln!(out, "  {categories} for {purpose}, {}{left}", recipient.class())?;
    }
    if preview.withdrawal.stops.is_empty() {
        writeln!(out, "  nothing that another consent does not still cover")?;
    }
    writeln!(out, "to be told, because they received something under it:")?;
    for run in &effect.received.disclosures {
        let name = provider_id(run).and_then(|id| house.providers.get(id)).map_or("", |one| one.name());
        writeln!(
            out,
            "  {} {name}: {}, {} times, last on {}",
            run.recipient.class,
            run.categories,
            run.count,
            house.zone.date_of(run.last_at)
        )?;
    }
    if effect.received.disclosures.is_empty() {
        writeln!(out, "  nobody")?;
    }
    if effect.received.unopened > 0 {
        writeln!(out, "  ({} log entries about the person no longer open)", effect.received.unopened)?;
    }
    writeln!(out, "kept all the same, because the law or the clinic's promise asks for it:")?;
    for floor in &preview.kept {
        writeln!(out, "  {} through {}", floor.class, floor.keep_through)?;
    }
    if preview.kept.is_empty() {
        writeln!(out, "  nothing has a date yet")?;
    }
    match preview.holds {
        0 => Ok(()),
        holds => writeln!(out, "  and what {holds} legal holds keep"),
    }
}

fn provider_id(run: &Disclosure) -> Option<records_model::ProviderId> {
    match run.recipient.id {
        Some(RecipientId::Provider(id)) => Some(id),
        Some(RecipientId::Person(_) | RecipientId::Actor(_)) | None => None,
    }
}
