//! `policy what-if`: what a draft would turn of the clinic's own decisions.

use std::fmt::Display;
use std::io::Write;
use std::path::PathBuf;

use chrono::TimeDelta;
use clap::Args;
use clinic_runtime::LoggedWhatIf;
use consent_policy::Turn;
use privacy_operations::{OverseeWork, WorkList};

use super::document;
use crate::acting::{Form, Unnamed, Work};
use crate::{CliError, Verdict, render};

/// A draft, and how far back the log is read.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 3 if something that was refused would be permitted, 0 otherwise.")]
pub(crate) struct WhatIfDraft {
    /// The draft: a policy document.
    #[arg(value_name = "FILE")]
    document: PathBuf,
    /// How many days back.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3660))]
    days: u16,
}

impl WhatIfDraft {
    pub(super) async fn answer(&self, work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        let draft = document::engine_of(&self.document)?;
        // It opens what decisions rested on, so it is decided and entered like every look at the log.
        let actor = work.actor(Unnamed::System).await?;
        let answer =
            work.runtime().perform(&OverseeWork { actor, list: WorkList::Log }, work.clock()).await?;
        if !answer.is_permit() {
            return render::change(work, &answer, ("", ()), out);
        }
        let now = work.runtime().store().instant(work.clock()).await?;
        let since = now - TimeDelta::days(i64::from(self.days));
        let found = work.runtime().what_if(&draft, since).await?;
        match work.form {
            Form::Json => render::json(out, &found)?,
            Form::Text => text(work, &found, out)?,
        }
        Ok(if found.report.opened > 0 { Verdict::No } else { Verdict::Done })
    }
}

fn text(work: &Work<'_>, found: &LoggedWhatIf, out: &mut impl Write) -> std::io::Result<()> {
    let report = &found.report;
    writeln!(
        out,
        "{} logged decisions made again: {} refused ones would be permitted, {} permitted ones refused",
        report.decisions, report.opened, report.closed
    )?;
    if found.without_basis + found.unopened > 0 {
        writeln!(
            out,
            "not made again: {} whose entry does not say what it rested on, {} whose side does not open",
            found.without_basis, found.unopened
        )?;
    }
    if report.flips.is_empty() {
        return Ok(());
    }
    let mut table =
        work.table(&["would be", "how many", "request", "rules then", "rules of the draft", "entries"]);
    for flip in &report.flips {
        let would_be = match flip.turn {
            Turn::Opened => "permitted",
            Turn::Closed => "refused",
        };
        table.add_row([
            would_be.to_owned(),
            flip.tally.count.to_string(),
            format!("{} {} {} for {}", flip.role, flip.action, flip.categories, flip.purpose),
            lines(&flip.rules_then),
            lines(&flip.rules_draft),
            lines(&flip.tally.first),
        ]);
    }
    writeln!(out, "{}", table.trim_fmt())
}

fn lines<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join("\n")
}
