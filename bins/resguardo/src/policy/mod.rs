//! `policy`: what the rules say, without any patient.

mod access_log;
mod batch;
mod decide;
mod document;
mod mapping;
mod replay;
mod what_if;
mod format;
mod mutants;
mod scenarios;
mod schema;
mod words;

use std::io::Write;
use std::path::Path;

use clap::Subcommand;

use crate::acting::{Form, Work};
use crate::{Cli, CliError, Screen, Verdict};

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Decide one request, or a file of them: may this role do this, and by which rules. Nothing is opened or logged.
    Decide(Box<decide::Decide>),
    /// Show whom a document would have refused, from an access log of before.
    Replay(replay::ReplayLog),
    /// Make the logged decisions of the last days again under a draft: which would turn, and how.
    WhatIf(what_if::WhatIfDraft),
    /// Run the scenarios that a document brings along.
    Test(scenarios::Test),
    /// Try every single edit of every rule: which would pass unseen.
    Mutants(mutants::Mutants),
    /// Print a JSON Schema of documents, with which an editor completes words and marks wrong ones.
    Schema(schema::Schema),
    /// Write a document in the one way of writing it; its comments stay.
    Format(format::Format),
    /// Print the words that may be used.
    Words,
}

impl Policy {
    /// Whether no clinic has to be open for it.
    pub(crate) fn needs_no_clinic(&self) -> bool {
        match self {
            Self::Decide(decide) => decide.names_a_document(),
            Self::Replay(replay) => replay.document.is_some(),
            Self::WhatIf(_) => false,
            Self::Words => true,
            Self::Test(test) => test.document.is_some(),
            Self::Mutants(mutants) => mutants.document.is_some(),
            Self::Schema(_) | Self::Format(_) | Self::Words => true,
        }
    }
}

/// Answers by the clinic's own policy in force.
pub(crate) async fn answer(
    work: &Work<'_>,
    policy: &Policy,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
pub(crate) fn answer(work: &Work<'_>, policy: &Policy, out: &mut impl Write) -> Result<Verdict, CliError> {
    let house = work.runtime().house().ok_or(clinic_runtime::RuntimeError::Interrupted)?;
    match policy {
        Policy::Decide(decide) => decide.answer(&house.engine, work.form, work.language, out),
        Policy::Test(test) => test.answer(house.engine.policy().draft(), work.form, out),
        Policy::Mutants(mutants) => mutants.answer(house.engine.policy(), work.form, out),
        Policy::Schema(schema) => schema.write(out),
        Policy::Format(format) => format.answer(out),
        Policy::Words => words::write(out),
        Policy::Decide(decide) => decide.answer(&work.house().await?.engine, work.form, work.language, out),
        Policy::Replay(replay) => {
            replay.answer(&work.house().await?.engine, (work.form, work.language, work.screen()), out)
        }
        Policy::WhatIf(what_if) => what_if.answer(work, out).await,
    }
}

/// Answers by a document, or prints what needs no clinic either.
pub(crate) fn answer_without_clinic(
    cli: &Cli,
    policy: &Policy,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let form = if cli.json { Form::Json } else { Form::Text };
    match policy {
        Policy::Decide(decide) => decide.answer_by_document(form, cli.lang, out),
        Policy::Replay(replay) => replay.answer_by_document((form, cli.lang, Screen::Terminal), out),
        Policy::WhatIf(_) => Err(CliError::usage("a what-if needs the clinic whose log it reads")),
        Policy::Test(test) => test.answer(&document::draft_of(named(test.document.as_deref())?)?, form, out),
        Policy::Mutants(mutants) => {
            mutants.answer(&document::verified(named(mutants.document.as_deref())?)?, form, out)
        }
        Policy::Schema(schema) => schema.write(out),
        Policy::Format(format) => format.answer(out),
        Policy::Words => words::write(out),
    }
}

fn named(document: Option<&Path>) -> Result<&Path, CliError> {
    document.ok_or_else(|| CliError::usage("name a policy document"))
}
