//! `consents`: what people agreed to.

use std::io::Write;

use chrono::{DateTime, Utc};
use clap::Subcommand;
use consent_policy::{Consent, ConsentAtom, ConsentPurpose, ConsentRecipient};
use privacy_operations::ViewFile;
use records_model::{ConsentId, Ground, Purpose, SubjectId};
use serde_json::json;

use crate::acting::{Form, Unnamed, Work};
use crate::{CliError, Verdict, give, receipts, render, withdraw};

#[derive(Debug, Subcommand)]
pub(crate) enum Consents {
    /// Record a consent that a person gave.
    Give(give::Give),
    /// Withdraw consents: at once, and for good.
    Withdraw {
        /// Whose.
        subject: SubjectId,
        /// Which.
        #[arg(required = true)]
        consents: Vec<ConsentId>,
        /// Only show what would stop, who would be told and what is kept; nothing ends.
        #[arg(long)]
        dry_run: bool,
    },
    /// Make the signed receipt of a consent, in both languages, with the newest signed head of the log.
    Receipt(receipts::MakeReceipt),
    /// Check a receipt with the log's public key alone; no clinic is opened.
    VerifyReceipt(receipts::CheckReceipt),
    /// List what a person agreed to, ended consents included.
    List {
        /// Whose.
        subject: SubjectId,
        /// What you need to know it for.
        #[arg(long, default_value = "scheduling")]
        purpose: Purpose,
        /// On what ground.
        #[arg(long, default_value = "contract")]
        ground: Ground,
    },
    /// List the patients without any consent in force: nobody reads their records until it is collected.
    ToCollect {
        /// Most to list.
        #[arg(long, default_value_t = 100)]
        count: u32,
    },
}

impl Consents {
    /// The check of a receipt, which needs no clinic.
    pub(crate) const fn offline_check(&self) -> Option<&receipts::CheckReceipt> {
        match self {
            Self::VerifyReceipt(check) => Some(check),
            _ => None,
        }
    }
}

pub(crate) async fn answer(
    work: &Work<'_>,
    consents: Consents,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    match consents {
        Consents::Give(give) => give::answer(work, give, out).await,
        Consents::Withdraw { subject, consents, dry_run: true } => {
            withdraw::preview(work, (subject, consents), out).await
        }
        Consents::Withdraw { subject, consents, dry_run: false } => {
            withdraw::confirmed(work, (subject, consents), out).await
        }
        Consents::Receipt(make) => receipts::make(work, make, out).await,
        Consents::VerifyReceipt(check) => receipts::check(&check, work.form, out),
        Consents::List { subject, purpose, ground } => list(work, subject, (purpose, ground), out).await,
        Consents::ToCollect { count } => to_collect(work, count, out).await,
    }
}

async fn list(
    work: &Work<'_>,
    subject: SubjectId,
    (purpose, ground): (Purpose, Ground),
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let view = ViewFile { actor, subject, purpose, ground };
    let viewed = work.runtime().perform(&view, work.clock()).await?;
    let consents = viewed.file.as_ref().map(|file| file.consents.as_slice());
    match (work.form, consents) {
        (Form::Json, _) => render::json(out, &json!({ "answer": viewed.answer, "consents": consents }))?,
        (Form::Text, None) => render::refusal(work, &viewed.answer, out)?,
        (Form::Text, Some([])) => writeln!(out, "no consent on file")?,
        (Form::Text, Some(consents)) => {
            let now = work.runtime().store().instant(work.clock()).await?;
            let mut table = work.table(&["consent", "form", "stands", "to"]);
            for consent in consents {
                let to: Vec<String> = consent.parts().atoms.iter().map(atom).collect();
                let row = [consent.id().to_string(), consent.form().to_string(), stands(consent, now)];
                table.add_row(row.into_iter().chain([to.join("\n")]));
            }
            writeln!(out, "{}", table.trim_fmt())?;
        }
    }
    Ok(render::verdict(&viewed.answer))
}

fn stands(consent: &Consent, now: DateTime<Utc>) -> String {
    let parts = consent.parts();
    match (parts.ended, parts.expires_at) {
        (Some(ended), _) => format!("ended {}", ended.at.date_naive()),
        (None, Some(end)) if end <= now => format!("ran out {}", end.date_naive()),
        (None, Some(end)) => format!("until {}", end.date_naive()),
        (None, None) => "in force".to_owned(),
    }
}

fn atom(atom: &ConsentAtom) -> String {
    let purpose = match &atom.purpose {
        ConsentPurpose::Described(purpose) => purpose.to_string(),
        ConsentPurpose::Undescribed(id) => id.to_string(),
    };
    let recipient = match atom.recipient {
        ConsentRecipient::Class(class) => class.to_string(),
        ConsentRecipient::Provider { id, class } => format!("{class} {id}"),
    };
    format!("{} {} for {purpose}, {recipient}, {}", atom.actions, atom.categories, atom.countries)
}

async fn to_collect(work: &Work<'_>, count: u32, out: &mut impl Write) -> Result<Verdict, CliError> {
    let (store, clinic) = (work.runtime().store(), work.runtime().clinic());
    let now = store.instant(work.clock()).await?;
    let waiting = store.people_without_consent(clinic, now, count).await?;
    let total = store.tally(clinic, now).await?.patients_without_consent;
    if work.form == Form::Json {
        let lines: Vec<_> = waiting
            .iter()
            .map(|line| json!({ "subject": line.id, "registered_at": line.registered_at }))
            .collect();
        render::json(out, &json!({ "patients_without_consent": total, "patients": lines }))?;
        return Ok(Verdict::Done);
    }
    let mut table = work.table(&["patient", "registered"]);
    for line in &waiting {
        table.add_row([line.id.to_string(), line.registered_at.date_naive().to_string()]);
    }
    if !waiting.is_empty() {
        writeln!(out, "{}", table.trim_fmt())?;
    }
    writeln!(out, "{total} patients without a consent in force")?;
    Ok(Verdict::Done)
}
