//! `policy test`: the scenarios of a document, each with what came out.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use consent_policy::Tried;
use serde::Serialize;

use super::{Asked, document};
use crate::acting::Form;
use crate::{CliError, Verdict, render};

/// Which scenarios are run.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// A policy document; without, the clinic's own in force.
    #[arg(value_name = "FILE")]
    pub(super) document: Option<PathBuf>,
    /// Only those whose name holds this text.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Print every question of a table, not only the tables.
    #[arg(long)]
    questions: bool,
}

/// How much of a table is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// One line, and what failed.
    Tables,
    /// Every question.
    Questions,
}

/// One test of the document, with all its questions.
struct Table<'a> {
    line: usize,
    questions: Vec<Tried<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    line: usize,
    passed: bool,
    outcome: consent_policy::Outcome,
    rules: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mismatch: Option<String>,
}

impl Test {
    /// Runs the scenarios; the answer is no if one of them comes out otherwise than it says.
    pub(super) fn answer(&self, asked: &Asked<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        let draft = match &self.document {
            Some(path) => &document::draft_of(path)?,
            None => asked.in_force()?.policy().draft(),
        };
        let named =
            |tried: &Tried<'_>| self.only.as_ref().is_none_or(|text| tried.scenario.name.contains(text));
        let all = draft.try_scenarios();
        if let Some(text) = self.only.as_deref().filter(|_| !all.iter().any(named)) {
            return Err(CliError::NoSuchTest(nearest_name(text, &all)));
        }
        let tried: Vec<Tried<'_>> = all.into_iter().filter(named).collect();
        let failed = tried.iter().filter(|tried| tried.mismatch.is_some()).count();
        match asked.form {
            Form::Json => render::json(out, &tried.iter().map(row).collect::<Vec<_>>())?,
            Form::Text => self.text(tried, out)?,
        }
        Ok(if failed == 0 { Verdict::Done } else { Verdict::No })
    }

    fn text(&self, tried: Vec<Tried<'_>>, out: &mut impl Write) -> std::io::Result<()> {
        let questions = tried.len();
        let shown = if self.questions { Shown::Questions } else { Shown::Tables };
        let tables = tables(tried);
        let failed = tables.iter().filter(|table| table.failed().next().is_some()).count();
        for table in &tables {
            table.write(shown, out)?;
        }
        writeln!(out, "{} tests, {questions} questions; failed: {failed}", tables.len())
    }
}

/// The test whose name looks most like the text, as the end of an error.
fn nearest_name(text: &str, all: &[Tried<'_>]) -> String {
    let names = all.iter().map(|tried| tried.scenario.name.as_str());
    records_model::nearest(text, names).map_or_else(
        || "; `policy test` without --only lists them".to_owned(),
        |name| format!("; did you mean `{name}`?"),
    )
}

/// The questions of one table stand at one line, one after the other.
fn tables(tried: Vec<Tried<'_>>) -> Vec<Table<'_>> {
    let mut tables: Vec<Table<'_>> = Vec::new();
    for one in tried {
        match tables.last_mut().filter(|table| table.line == one.scenario.line) {
            Some(table) => table.questions.push(one),
            None => tables.push(Table { line: one.scenario.line, questions: vec![one] }),
        }
    }
    tables
}

impl Table<'_> {
    fn failed(&self) -> impl Iterator<Item = &Tried<'_>> {
        self.questions.iter().filter(|tried| tried.mismatch.is_some())
    }

    fn write(&self, shown: Shown, out: &mut impl Write) -> std::io::Result<()> {
        let Some(first) = self.questions.first() else { return Ok(()) };
        if shown == Shown::Questions || self.questions.len() == 1 {
            return self.questions.iter().try_for_each(|tried| write_question(tried, out));
        }
        let count = self.questions.len();
        if self.failed().next().is_none() {
            return writeln!(out, "pass  {} and {} more", first.scenario.name, count - 1);
        }
        self.failed().try_for_each(|tried| write_question(tried, out))
    }
}

fn write_question(tried: &Tried<'_>, out: &mut impl Write) -> std::io::Result<()> {
    match &tried.mismatch {
        None => writeln!(out, "pass  {}: {:?}, {}", tried.scenario.name, tried.outcome, tried.rules),
        Some(mismatch) => {
            writeln!(out, "FAIL  {} (line {})\n      {mismatch}", tried.scenario.name, tried.scenario.line)
        }
    }
}

fn row<'a>(tried: &'a Tried<'_>) -> Row<'a> {
    Row {
        name: &tried.scenario.name,
        line: tried.scenario.line,
        passed: tried.mismatch.is_none(),
        outcome: tried.outcome,
        rules: &tried.rules,
        mismatch: tried.mismatch.as_ref().map(ToString::to_string),
    }
}
