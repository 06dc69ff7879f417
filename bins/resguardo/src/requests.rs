//! `requests`: what people ask for about their own data.

use std::io::{Read as _, Write};

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use jurisdiction::{ClinicZone, Right};
use privacy_operations::OpenRequest;
use records_model::{RestrictionKind, Set, SubjectId};
use rights_requests::{AskerKind, Case, Channel, Clock, RightItem};
use serde_json::{Value, json};

use crate::acting::{Form, Unnamed, Work};
use crate::values::{When, today};
use crate::{CliError, Verdict, render};

#[derive(Debug, Subcommand)]
pub(crate) enum Requests {
    /// Log a request: any channel, anybody whose data is held.
    Open(Open),
    /// List every request with its due date and where that comes from.
    List,
}

/// What is asked for.
#[derive(Debug, Args)]
pub(crate) struct Open {
    /// Whose data it is about.
    subject: SubjectId,
    /// A right, such as access; may be given several times.
    #[arg(long, required = true)]
    right: Vec<Right>,
    /// email, phone, post, web or in-person.
    #[arg(long)]
    channel: Channel,
    /// When it came in, as a day or an instant; a letter may be logged days later.
    #[arg(long)]
    received: When,
    /// Who asks: patient, representative, prospect, emergency-contact, companion, staff, donor or visitor.
    #[arg(long, default_value = "patient")]
    asker: AskerKind,
    /// What kind of restriction, exactly if one is asked for.
    #[arg(long)]
    restriction: Option<RestrictionKind>,
    /// Read the person's own words from standard input; they are stored sealed.
    #[arg(long)]
    words_from_stdin: bool,
}

impl Open {
    fn words(&self) -> Result<Option<String>, CliError> {
        if !self.words_from_stdin {
            return Ok(None);
        }
        let mut words = String::new();
        std::io::stdin().lock().read_to_string(&mut words)?;
        Ok(Some(words.trim().to_owned()))
    }
}

pub(crate) async fn answer(
    work: &Work<'_>,
    requests: Requests,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    match requests {
        Requests::Open(open) => open_request(work, open, out).await,
        Requests::List => list(work, out).await,
    }
}

async fn open_request(work: &Work<'_>, open: Open, out: &mut impl Write) -> Result<Verdict, CliError> {
    let now = work.runtime().store().instant(work.clock()).await?;
    let received_at = received(open.received, work.house().await?.zone, now)?;
    let operation = OpenRequest {
        actor: work.actor(Unnamed::Refused).await?,
        subject: open.subject,
        asker: open.asker,
        channel: open.channel,
        received_at,
        rights: Set::of(&open.right),
        restriction: open.restriction,
        words: open.words()?,
    };
    let opened = work.runtime().perform(&operation, work.clock()).await?;
    let case = opened.opened.as_ref().map(|(case, _)| case);
    let day = today(now, &*work.house().await?);
    let done = match &opened.opened {
        Some((case, told)) => {
            let proof = format!("proof still needed: {}", told.proof_needed);
            format!("request {} logged\n{}\n{proof}", case.id(), text(case, day, work).join("\n"))
        }
        None => String::new(),
    };
    render::change(work, &opened.answer, (&done, case.map(|case| as_json(case, day, work))), out)
}

/// A day of receipt counts from its beginning, but not from the future.
fn received(
    when: When,
    zone: ClinicZone,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<chrono::DateTime<chrono::Utc>, CliError> {
    let at = when.start(zone);
    if at > now {
        return Err(CliError::usage("--received: a request cannot have come in after today"));
    }
    Ok(at)
}

async fn list(work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
    let now = work.runtime().store().instant(work.clock()).await?;
    let day = today(now, &*work.house().await?);
    let cases = work.runtime().requests().await?;
    match work.form {
        Form::Json => {
            let lines: Vec<Value> = cases.iter().map(|case| as_json(case, day, work)).collect();
            render::json(out, &json!({ "today": day, "requests": lines }))?;
        }
        Form::Text if cases.is_empty() => writeln!(out, "no requests")?,
        Form::Text => {
            for case in &cases {
                writeln!(out, "request {} about {}, by {}", case.id(), case.subject(), case.channel())?;
                text(case, day, work).iter().try_for_each(|line| writeln!(out, "{line}"))?;
            }
        }
    }
    let missed = |item: &RightItem| {
        is_overdue(item.answer_clock(day)) || item.execution_clock(day).is_some_and(is_overdue)
    };
    let overdue = cases.iter().any(|case| case.items().values().any(missed));
    Ok(if overdue { Verdict::No } else { Verdict::Done })
}

const fn is_overdue(clock: Clock) -> bool {
    matches!(clock, Clock::Overdue { .. })
}

/// Each right with its clock, and below it how the date was worked out.
fn text(case: &Case, today: NaiveDate, work: &Work<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for (right, item) in case.items() {
        let stands = stands(item.answer_clock(today));
        lines.push(format!("  {right}: answer by {}; {stands}", item.answer_by().committed_due()));
        lines.extend(item.answer_by().explain(work.language).into_iter().map(|line| format!("    {line}")));
    }
    lines
}

fn stands(clock: Clock) -> String {
    match clock {
        Clock::Running { days_left } => format!("{days_left} days left"),
        Clock::Overdue { days } => format!("overdue for {days} days"),
        Clock::InTime => "answered in time".to_owned(),
        Clock::Late { days } => format!("answered {days} days late"),
    }
}

fn as_json(case: &Case, today: NaiveDate, work: &Work<'_>) -> Value {
    let right = |(right, item): (&Right, &RightItem)| {
        json!({
            "right": right,
            "answer_by": item.answer_by().committed_due(),
            "alarm_from": item.alarm_from(),
            "stands": stands(item.answer_clock(today)),
            "derivation": item.answer_by().explain(work.language),
        })
    };
    json!({
        "request": case.id(),
        "subject": case.subject(),
        "channel": case.channel(),
        "received_at": case.received_at(),
        "rights": case.items().iter().map(right).collect::<Vec<_>>(),
    })
}
