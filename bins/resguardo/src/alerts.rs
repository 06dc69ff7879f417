//! `audit reviews`, `review`, `alerts`, `verdict`: what somebody should look at, and what they found.

use std::io::Write;

use audit_log::{ReviewState, Verdict as AlertVerdict};
use clap::Args;
use clinic_runtime::{AlertLine, AlertsSeen, ReviewDue};
use privacy_operations::{ReviewEvidence, ReviewVerdict};
use records_model::{AlertId, EvidenceId, SubjectId};
use serde_json::{Value, json};

use crate::acting::{Form, Unnamed, Work};
use crate::oversight::t;
use crate::{CliError, Verdict, render};

/// Whether to look for new ones.
#[derive(Debug, Args)]
pub(crate) struct Alerts {
    /// First look over the log of so many days and raise what is new; every look is entered in the log itself.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3660))]
    look_back: Option<u16>,
}

/// The officer's verdict on an emergency access.
#[derive(Debug, Args)]
pub(crate) struct Review {
    /// About whom.
    #[arg(long, value_name = "SUBJECT")]
    person: SubjectId,
    /// Which access.
    #[arg(long, value_name = "EVIDENCE")]
    access: EvidenceId,
    /// justified or not-justified.
    #[arg(long, value_parser = review_verdict)]
    verdict: ReviewVerdict,
}

/// What was found.
#[derive(Debug, Args)]
pub(crate) struct Judge {
    /// Which alert.
    alert: AlertId,
    /// confirmed, or explained by a good reason.
    verdict: AlertVerdict,
}

fn review_verdict(text: &str) -> Result<ReviewVerdict, String> {
    ReviewVerdict::parse(text).ok_or_else(|| "write `justified` or `not-justified`".to_owned())
}

/// The emergency accesses that wait for a review; the answer is no if one is late.
pub(crate) async fn reviews(work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let seen = work.runtime().reviews(actor, work.clock()).await?;
    match work.form {
        Form::Json => {
            let waiting: Vec<Value> = seen.waiting.iter().map(review_json).collect();
            render::json(out, &json!({ "answer": seen.answer, "waiting": waiting }))?;
        }
        Form::Text if !seen.answer.is_permit() => render::refusal(work, &seen.answer, out)?,
        Form::Text => reviews_table(work, &seen.waiting, out)?,
    }
    let is_late = seen.waiting.iter().any(|review| review.state == ReviewState::Overdue);
    Ok(if is_late { Verdict::No } else { render::verdict(&seen.answer) })
}

fn reviews_table(work: &Work<'_>, waiting: &[ReviewDue], out: &mut impl Write) -> Result<(), CliError> {
    let l = work.language;
    if waiting.is_empty() {
        writeln!(out, "{}", t(l, "nada por revisar", "nothing to review"))?;
        return Ok(());
    }
    let mut table = work.table(&[
        t(l, "estado", "state"),
        t(l, "abierto", "opened"),
        t(l, "revisar antes de", "review before"),
        t(l, "persona", "person"),
        t(l, "acceso", "access"),
        t(l, "quién", "who"),
    ]);
    for ReviewDue { line, due_at, state } in waiting {
        let state = match state {
            ReviewState::Overdue => t(l, "vencido", "late"),
            ReviewState::Waiting => t(l, "en plazo", "in time"),
        };
        table.add_row([
            state.to_owned(),
            line.starts_at.format("%Y-%m-%dT%H:%MZ").to_string(),
            due_at.format("%Y-%m-%dT%H:%MZ").to_string(),
            line.subject.to_string(),
            line.id.to_string(),
            line.recorded_by.to_string(),
        ]);
    }
    writeln!(out, "{}", table.trim_fmt())?;
    Ok(())
}

fn review_json(review: &ReviewDue) -> Value {
    let line = &review.line;
    json!({
        "access": line.id, "person": line.subject, "recorded_by": line.recorded_by,
        "starts_at": line.starts_at, "ends_at": line.ends_at, "due_at": review.due_at,
        "late": review.state == ReviewState::Overdue,
    })
}

pub(crate) async fn review(
    work: &Work<'_>,
    review: &Review,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let operation = ReviewEvidence {
        actor: work.actor(Unnamed::Refused).await?,
        subject: review.person,
        evidence: review.access,
        verdict: review.verdict,
    };
    let answer = work.runtime().perform(&operation, work.clock()).await?;
    render::change(work, &answer, (t(work.language, "revisado", "reviewed"), ()), out)
}

pub(crate) async fn alerts(
    work: &Work<'_>,
    asked: &Alerts,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let seen = match asked.look_back {
        Some(days) => work.runtime().look_for_alerts(actor, days, work.clock()).await?,
        None => work.runtime().alerts(actor, work.clock()).await?,
    };
    match work.form {
        Form::Json => render::json(out, &as_json(&seen))?,
        Form::Text if !seen.answer.is_permit() => render::refusal(work, &seen.answer, out)?,
        Form::Text => text(work, &seen, out)?,
    }
    Ok(render::verdict(&seen.answer))
}

fn text(work: &Work<'_>, seen: &AlertsSeen, out: &mut impl Write) -> Result<(), CliError> {
    let l = work.language;
    let (waiting, new) = (t(l, "esperan veredicto", "waiting for a verdict"), t(l, "nuevas", "new"));
    writeln!(out, "{waiting}: {}; {new}: {}", seen.waiting.len(), seen.raised)?;
    for (count, es, en) in [
        (seen.unread, "entradas que ya no se abren", "entries that no longer open"),
        (seen.unopened, "alertas que ya no se abren", "alerts that no longer open"),
    ] {
        if count > 0 {
            writeln!(out, "  {}: {count}", t(l, es, en))?;
        }
    }
    if !seen.waiting.is_empty() {
        let mut table = work.table(&[
            t(l, "regla", "rule"),
            t(l, "primero", "first"),
            t(l, "último", "last"),
            t(l, "actos", "acts"),
            t(l, "quién", "who"),
            t(l, "alerta", "alert"),
        ]);
        for AlertLine { id, alert, .. } in &seen.waiting {
            table.add_row([
                alert.rule().to_string(),
                alert.first_at().format("%Y-%m-%dT%H:%MZ").to_string(),
                alert.last_at().format("%Y-%m-%dT%H:%MZ").to_string(),
                alert.entries().len().to_string(),
                alert.actor().to_string(),
                id.to_string(),
            ]);
        }
        writeln!(out, "{}", table.trim_fmt())?;
    }
    let judged = seen.precision.iter().filter_map(|one| Some((one, one.percent()?)));
    for (one, percent) in judged {
        let (confirmed, of) = (t(l, "confirmadas", "confirmed"), one.confirmed + one.explained);
        writeln!(out, "{}: {} / {of} {confirmed} ({percent} %)", one.rule, one.confirmed)?;
    }
    Ok(())
}

fn as_json(seen: &AlertsSeen) -> Value {
    let waiting: Vec<Value> = seen
        .waiting
        .iter()
        .map(|line| {
            json!({
                "alert": line.id, "rule": line.alert.rule(), "actor": line.alert.actor(),
                "person": line.alert.subject(), "first_at": line.alert.first_at(),
                "last_at": line.alert.last_at(), "entries": line.alert.entries(), "raised_at": line.raised_at,
            })
        })
        .collect();
    let precision: Vec<Value> = seen
        .precision
        .iter()
        .map(|one| {
            json!({
                "rule": one.rule, "confirmed": one.confirmed, "explained": one.explained, "open": one.open,
                "percent": one.percent(),
            })
        })
        .collect();
    json!({
        "answer": seen.answer, "raised": seen.raised, "waiting": waiting, "precision": precision,
        "unopened": seen.unopened, "unread": seen.unread,
    })
}

pub(crate) async fn verdict(
    work: &Work<'_>,
    judge: &Judge,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let judged = work.runtime().judge_alert((actor, judge.alert), judge.verdict, work.clock()).await?;
    let done = t(work.language, "cerrada", "closed");
    render::change(work, &judged.answer, (done, json!({ "rule": judged.rule })), out)
}
