//! `policy`: what the rules say, without any patient.

mod access_log;
mod batch;
mod decide;
mod diff;
mod document;
mod explain;
mod export;
mod format;
mod mapping;
mod mutants;
mod replay;
mod scenarios;
mod schema;
mod verify;
mod what_if;
mod who_can;
mod words;

use std::io::Write;
use std::path::Path;

use clap::Subcommand;
use consent_policy::Engine;
use privacy_notice::Language;

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
    /// Decide one request and say why: every rule that matched, and which single change would open it.
    Explain(Box<explain::Explain>),
    /// Prove a document: promises, polarity, its invariants and tests, and every state that its rules tell apart.
    /// Status 3 if it breaks one, with a request that shows it.
    Verify(verify::Verify),
    /// Compare two documents exactly. Status 3 if the newer one permits more, opens more, asks
    /// less, or gave up an invariant.
    Diff(diff::Diff),
    /// Say who may see a category, and under which conditions. Status 3 if nobody may.
    WhoCan(Box<who_can::WhoCan>),
    /// Write a document in another engine's language.
    Export(export::Export),
    /// Print the words that may be used.
    Words,
}

/// Whom the verbs answer, and by which policy where none is named.
pub(super) struct Asked<'a> {
    in_force: Option<&'a Engine>,
    form: Form,
    language: Language,
    screen: Screen,
}

impl Asked<'_> {
    /// The clinic's own policy.
    fn in_force(&self) -> Result<&Engine, CliError> {
        self.in_force.ok_or_else(|| CliError::usage("name a policy document"))
    }

    /// The engine of the document that is named, or the clinic's own.
    fn engine(&self, document: Option<&Path>) -> Result<Engine, CliError> {
        match document {
            Some(path) => document::engine_of(path),
            None => self.in_force().cloned(),
        }
    }
}

impl Policy {
    /// Whether no clinic has to be open for it.
    pub(crate) fn needs_no_clinic(&self) -> bool {
        match self {
            Self::Decide(decide) => decide.names_a_document(),
            Self::Explain(explain) => explain.names_a_document(),
            Self::Verify(verify) => verify.names_a_document(),
            Self::Diff(diff) => diff.names_both_documents(),
            Self::WhoCan(who_can) => who_can.names_a_document(),
            Self::Replay(replay) => replay.document.is_some(),
            Self::Test(test) => test.document.is_some(),
            Self::Mutants(mutants) => mutants.document.is_some(),
            Self::Export(export) => export.document.is_some(),
            Self::Schema(_) | Self::Format(_) | Self::Words => true,
            Self::WhatIf(_) => false,
        }
    }

    fn answer(&self, asked: &Asked<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        match self {
            Self::Decide(decide) => decide.answer(asked, out),
            Self::Explain(explain) => explain.answer(asked, out),
            Self::Verify(verify) => verify.answer(asked, out),
            Self::Diff(diff) => diff.answer(asked, out),
            Self::WhoCan(who_can) => who_can.answer(asked, out),
            Self::Replay(replay) => replay.answer(asked, out),
            Self::Test(test) => test.answer(asked, out),
            Self::Mutants(mutants) => mutants.answer(asked, out),
            Self::Export(export) => export.answer(asked, out),
            Self::Schema(schema) => schema.write(out),
            Self::Format(format) => format.answer(out),
            Self::Words => words::write(out),
            Self::WhatIf(_) => Err(CliError::usage("a what-if needs the clinic whose log it reads")),
        }
    }
}

/// Answers by the clinic's own policy in force, where the command names no document.
pub(crate) async fn answer(
    work: &Work<'_>,
    policy: &Policy,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    if let Policy::WhatIf(what_if) = policy {
        return what_if.answer(work, out).await;
    }
    let house = work.house().await?;
    let (form, language, screen) = (work.form, work.language, work.screen());
    policy.answer(&Asked { in_force: Some(&house.engine), form, language, screen }, out)
}

/// Answers by a document, or prints what needs no clinic either.
pub(crate) fn answer_without_clinic(
    cli: &Cli,
    policy: &Policy,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let form = if cli.json { Form::Json } else { Form::Text };
    policy.answer(&Asked { in_force: None, form, language: cli.lang, screen: Screen::Terminal }, out)
}
