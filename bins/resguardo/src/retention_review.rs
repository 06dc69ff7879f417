//! `retention review`: what is due, what is held, what must stay.

use std::io::Write;

use chrono::NaiveDate;
use clap::Subcommand;
use privacy_operations::{Answer, ReviewRetention};
use records_model::{SubjectId, SubjectKind};
use retention::{RetentionDecision, RetentionState};
use serde_json::json;

use crate::acting::{Form, Unnamed, Work};
use crate::{CliError, Verdict, render};

#[derive(Debug, Subcommand)]
pub(crate) enum Retention {
    /// Review what the schedule says of a person's records today, or of everybody's. Nothing is destroyed.
    Review {
        /// A person's id, or `all`.
        #[arg(default_value = "all")]
        whom: Whom,
    },
}

/// Whose records.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whom {
    /// One person's.
    One(SubjectId),
    /// Every patient's.
    All,
}

impl std::str::FromStr for Whom {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => Ok(Self::All),
            id => id.parse().map(Self::One).map_err(|_| "neither the id of a person nor `all`"),
        }
    }
}

pub(crate) async fn answer(
    work: &Work<'_>,
    retention: Retention,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let Retention::Review { whom } = retention;
    let actor = work.actor(Unnamed::System).await?;
    let subjects = match whom {
        Whom::One(subject) => vec![subject],
        Whom::All => {
            let store = work.runtime().store();
            let people = store.people(work.runtime().clinic(), SubjectKind::Patient, u32::MAX).await?;
            people.into_iter().map(|line| line.id).collect()
        }
    };
    let mut found = Vec::new();
    for subject in subjects {
        let review = ReviewRetention { actor, subject };
        let reviewed = work.runtime().perform(&review, work.clock()).await?;
        if !reviewed.answer.is_permit() {
            return refused(work, &reviewed.answer, out);
        }
        found.extend(reviewed.classes.into_iter().map(|decision| (subject, decision)));
    }
    match work.form {
        Form::Json => {
            let line = |(subject, decision): &(SubjectId, RetentionDecision)| json!({ "subject": subject, "decision": decision });
            render::json(out, &json!({ "classes": found.iter().map(line).collect::<Vec<_>>() }))?;
        }
        Form::Text => text(work, &found, out)?,
    }
    let overdue = found.iter().any(|(_, decision)| decision.state() == RetentionState::Overdue);
    Ok(if overdue { Verdict::No } else { Verdict::Done })
}

fn refused(work: &Work<'_>, answer: &Answer, out: &mut impl Write) -> Result<Verdict, CliError> {
    match work.form {
        Form::Json => render::json(out, answer)?,
        Form::Text => render::refusal(work, answer, out)?,
    }
    Ok(Verdict::No)
}

fn text(
    work: &Work<'_>,
    found: &[(SubjectId, RetentionDecision)],
    out: &mut impl Write,
) -> Result<(), CliError> {
    let day = |day: Option<NaiveDate>| day.map_or_else(|| "-".to_owned(), |day| day.to_string());
    let mut table = work.table(&["person", "class", "state", "keep through", "end by", "clause"]);
    for (subject, decision) in found {
        table.add_row([
            subject.to_string(),
            decision.class().to_string(),
            decision.state().to_string(),
            day(decision.floor_until()),
            day(decision.ceiling_at()),
            decision.clause().to_string(),
        ]);
    }
    if !found.is_empty() {
        writeln!(out, "{}", table.trim_fmt())?;
    }
    let count = |state| found.iter().filter(|(_, decision)| decision.state() == state).count();
    let (overdue, may_go) = (count(RetentionState::Overdue), count(RetentionState::Disposable));
    writeln!(out, "{} reviewed: {overdue} overdue, {may_go} may be destroyed by two persons", found.len())?;
    Ok(())
}
