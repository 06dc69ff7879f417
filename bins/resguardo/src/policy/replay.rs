//! `policy replay`: an access log of before, decided again by a document.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use consent_policy::{Replay, ReplayCause, ReplayCell, ReplayReport, Tally};
use privacy_notice::Language;

use super::Asked;
use super::access_log::{self, Period};
use super::mapping::Mapping;
use crate::acting::Form;
use crate::{CliError, Screen, Verdict, render};

const AFTER_HELP: &str = "\
The header of the file names its columns. Needed, as a column or as a usual value of the mapping: role, purpose,
category, ground. If there: action (usually read), recipient (internal), country (domestic), detail (full), consent
(none), facts (none), at and who, which are read for the period only or not at all. category and facts may hold
several words, with semicolons between them. Words are those of `policy words`, or the clinic's own with --mapping:

  ignore = [\"workstation\"]          columns that are not read
  [columns]
  role = \"Puesto\"                   the column `Puesto` holds the role
  [words.role]
  \"Enfermera\" = \"nurse\"
  [usual]
  purpose = \"treatment\"             where no column says it, or its field is empty
  facts = \"training; care-relation\"

What the log does not tell counts as absent: without a column or a usual value for facts, nobody is trained, and for
consent, nobody agreed. A row that cannot be read is refused with its line, and then no row is counted.";

/// An access log, and what is to decide it.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ReplayLog {
    /// The access log: CSV with a header.
    #[arg(value_name = "LOG")]
    log: PathBuf,
    /// A policy document; without, the clinic's own in force.
    #[arg(value_name = "FILE")]
    pub(super) document: Option<PathBuf>,
    /// What the clinic's own columns and words mean: TOML.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
}

impl ReplayLog {
    /// Decides every line of the log.
    pub(super) fn answer(&self, asked: &Asked<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        let engine = asked.engine(self.document.as_deref())?;
        let mapping = self.mapping.as_deref().map(Mapping::read).transpose()?.unwrap_or_default();
        let mut replay = Replay::new(&engine);
        let period = access_log::read(&self.log, &mapping, &mut replay)?;
        let report = replay.report();
        match asked.form {
            Form::Json => render::json(out, &serde_json::json!({ "period": period, "report": report }))?,
            Form::Text => text(&report, &period, (asked.language, asked.screen), out)?,
        }
        Ok(Verdict::Done)
    }
}

fn text(
    report: &ReplayReport,
    period: &Period,
    (language, screen): (Language, Screen),
    out: &mut impl Write,
) -> std::io::Result<()> {
    let refused = report.requests - report.permitted;
    writeln!(out, "{} requests{period}: {} permitted, {refused} refused", report.requests, report.permitted)?;
    if report.requests == 0 {
        return Ok(());
    }
    let mut table = render::table(
        screen,
        &["role", "category", "permitted", "forbidden", "not allowed", "first refused in lines"],
    );
    for cell in &report.cells {
        let counts = [cell.permit.count, cell.deny.count, cell.not_applicable.count].map(|n| n.to_string());
        let words = [cell.role.to_string(), cell.category.to_string()];
        table.add_row(words.into_iter().chain(counts).chain([first_refused(cell)]));
    }
    writeln!(out, "{}", table.trim_fmt())?;
    if !report.causes.is_empty() {
        writeln!(out, "\nrefused most often because of:")?;
    }
    report.causes.iter().try_for_each(|cause| cause_line(cause, language, out))
}

fn first_refused(cell: &ReplayCell) -> String {
    let mut lines: Vec<u64> = cell.deny.first.iter().chain(&cell.not_applicable.first).copied().collect();
    lines.sort_unstable();
    lines.truncate(consent_policy::PLACES_MAX);
    lines.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")
}

fn cause_line(cause: &ReplayCause, language: Language, out: &mut impl Write) -> std::io::Result<()> {
    let sentence = match language {
        Language::Es => &cause.es,
        Language::En => &cause.en,
    };
    let clauses: Vec<String> = cause.clauses.iter().map(ToString::to_string).collect();
    let rule = cause.rule.as_ref().map(|rule| format!("; rule {rule}")).unwrap_or_default();
    let mut lacks = cause.missing.iter().map(|fact| format!("no {fact}")).collect::<Vec<_>>();
    lacks.extend(cause.in_the_way.iter().map(|fact| fact.to_string()));
    lacks.extend(cause.consent.map(|form| format!("no {form} consent")));
    let lacks = if lacks.is_empty() { String::new() } else { format!(" [{}]", lacks.join(", ")) };
    let Tally { count, first } = &cause.tally;
    let lines = first.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    writeln!(out, "  {count:>6}  {sentence} ({}{rule}){lacks}; first in lines {lines}", clauses.join(", "))
}
