//! Saying what was decided, to people and to programs.

use std::io::{self, Write};

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use consent_policy::Outcome;
use privacy_notice::Language;
use privacy_operations::{Answer, ReasonText};
use serde::Serialize;

use crate::acting::{Form, Work};
use crate::{CliError, Screen, Verdict};

/// One line below the header and nothing else, so that a column can be copied.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table for people.
pub(crate) fn table(screen: Screen, header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    if screen == Screen::Unbounded {
        table.force_no_tty();
    }
    table.set_header(header.to_vec());
    table
}

/// A text from a record without what a terminal would obey instead of showing.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// One JSON document, and a line feed.
pub(crate) fn json(out: &mut impl Write, value: &impl Serialize) -> Result<(), CliError> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)?;
    Ok(())
}

/// What came out of a change that was asked for: the refusal, or what was done.
pub(crate) fn change(
    work: &Work<'_>,
    answer: &Answer,
    (done, value): (&str, impl Serialize),
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    match work.form {
        Form::Json => json(out, &serde_json::json!({ "answer": answer, "result": value }))?,
        Form::Text if answer.is_permit() => writeln!(out, "{done}")?,
        Form::Text => refusal(work, answer, out)?,
    }
    Ok(verdict(answer))
}

/// Permitted or not.
pub(crate) fn verdict(answer: &Answer) -> Verdict {
    if answer.is_permit() { Verdict::Done } else { Verdict::No }
}

/// A refusal with every reason and its clauses.
pub(crate) fn refusal(work: &Work<'_>, answer: &Answer, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "refused: {}", headline(answer.outcome, work.language))?;
    reasons(&answer.reasons, work.language, out)?;
    match work.next_step(answer) {
        Some(step) => writeln!(out, "  {step}"),
        None => Ok(()),
    }
}

pub(crate) const fn headline(outcome: Outcome, language: Language) -> &'static str {
    match (outcome, language) {
        (Outcome::Permit, Language::Es) => "permitido",
        (Outcome::Permit, Language::En) => "permitted",
        (Outcome::Deny, Language::Es) => "una promesa lo prohíbe",
        (Outcome::Deny, Language::En) => "a promise forbids it",
        (Outcome::NotApplicable, Language::Es) => "nadie lo ha permitido",
        (Outcome::NotApplicable, Language::En) => "nobody allowed it",
    }
}

/// One line for each reason: the sentence, its clauses, its rule.
pub(crate) fn reasons(reasons: &[ReasonText], language: Language, out: &mut impl Write) -> io::Result<()> {
    for reason in reasons {
        let sentence = match language {
            Language::Es => &reason.es,
            Language::En => &reason.en,
        };
        let clauses: Vec<String> = reason.clauses.iter().map(ToString::to_string).collect();
        let rule = reason.rule.as_ref().map(|rule| format!("; rule {rule}")).unwrap_or_default();
        writeln!(out, "  - {sentence} ({}{rule})", clauses.join(", "))?;
    }
    Ok(())
}
