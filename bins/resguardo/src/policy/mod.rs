//! `policy`: what the rules say, without any patient.

mod batch;
mod decide;
mod document;
mod words;

use std::io::Write;

use clap::Subcommand;

use crate::acting::{Form, Work};
use crate::{Cli, CliError, Verdict};

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Decide one request, or a file of them: may this role do this, and by which rules. Nothing is opened or logged.
    Decide(Box<decide::Decide>),
    /// Print the words that may be used.
    Words,
}

impl Policy {
    /// Whether no clinic has to be open for it.
    pub(crate) fn needs_no_clinic(&self) -> bool {
        match self {
            Self::Decide(decide) => decide.names_a_document(),
            Self::Words => true,
        }
    }
}

/// Answers by the clinic's own policy in force.
pub(crate) fn answer(work: &Work<'_>, policy: &Policy, out: &mut impl Write) -> Result<Verdict, CliError> {
    match policy {
        Policy::Words => words::write(out),
        Policy::Decide(decide) => {
            let house = work.runtime().house().ok_or(clinic_runtime::RuntimeError::Interrupted)?;
            decide.answer(&house.engine, work.form, work.language, out)
        }
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
        Policy::Words => words::write(out),
    }
}
