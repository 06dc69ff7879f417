//! `policy verify`: what is proved of a document, or what stands against it.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use consent_policy::{CheckError, Enumeration, EnumerationError, Verification, VerifiedPolicy};
use serde_json::json;

use super::{Asked, document};
use crate::acting::Form;
use crate::{CliError, Verdict, render};

/// Which document.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// A policy document; without, the clinic's own in force.
    #[arg(value_name = "FILE")]
    document: Option<PathBuf>,
}

impl Verify {
    pub(super) const fn names_a_document(&self) -> bool {
        self.document.is_some()
    }

    /// A document that breaks a law is an answer, and it is no; one that cannot be read is an error.
    pub(super) fn answer(&self, asked: &Asked<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        let started = Instant::now();
        let checked = match &self.document {
            Some(path) => document::draft_of(path)?.check(),
            None => Ok(asked.in_force()?.policy().clone()),
        };
        match checked {
            Err(error) => refused(&error, asked.form, out),
            Ok(policy) => proved(&policy, started, asked.form, out),
        }
    }
}

fn refused(error: &CheckError, form: Form, out: &mut impl Write) -> Result<Verdict, CliError> {
    match form {
        Form::Json => {
            let violations: Vec<String> = error.violations.iter().map(ToString::to_string).collect();
            render::json(out, &json!({ "outcome": "refused", "violations": violations }))?;
        }
        Form::Text => writeln!(out, "{error}")?,
    }
    Ok(Verdict::No)
}

fn proved(
    policy: &VerifiedPolicy,
    started: Instant,
    form: Form,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let verification = policy.verification();
    let enumeration = policy.enumerate();
    let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match form {
        Form::Json => {
            render::json(out, &in_json(&verification, &enumeration, elapsed_ms))?;
        }
        Form::Text => in_words(&verification, &enumeration, elapsed_ms, out)?,
    }
    Ok(if enumeration.is_ok() { Verdict::Done } else { Verdict::No })
}

fn in_json(
    verification: &Verification,
    enumeration: &Result<Enumeration, EnumerationError>,
    elapsed_ms: u64,
) -> serde_json::Value {
    let header = verification.header();
    let enumerated = match enumeration {
        // Numbers of states are larger than any number that readers of JSON keep exact, so they are texts.
        Ok(enumeration) => json!({
            "looked-at": enumeration.looked_at,
            "standing-for": enumeration.covered.to_string(),
            "untouched": enumeration.untouched.to_string(),
            "sampled": enumeration.sampled,
        }),
        Err(error) => json!({ "error": error.to_string() }),
    };
    json!({
        "outcome": if enumeration.is_ok() { "proved" } else { "refused" },
        "policy": header.id,
        "version": header.version,
        "effective-on": header.effective_on,
        "rules": verification.rules(),
        "states": verification.states().to_string(),
        "promises": verification.promises(),
        "polarity": verification.polarity(),
        "invariants": verification.invariants(),
        "tests": verification.scenarios(),
        "faults": verification.faults(),
        "enumeration": enumerated,
        "elapsed-ms": elapsed_ms,
    })
}

fn in_words(
    verification: &Verification,
    enumeration: &Result<Enumeration, EnumerationError>,
    elapsed_ms: u64,
    out: &mut impl Write,
) -> Result<(), CliError> {
    let header = verification.header();
    let (rules, polarity) = (verification.rules(), verification.polarity());
    let promises: Vec<String> =
        verification.promises().iter().map(|promise| format!("{promise} ({})", promise.clause())).collect();
    let invariants: Vec<String> = verification.invariants().iter().map(ToString::to_string).collect();
    writeln!(out, "{} {}", header.id, header.version)?;
    writeln!(
        out,
        "  rules: {} permit, {} forbid, {} withhold; states: {}",
        rules.permit,
        rules.forbid,
        rules.withhold,
        verification.states()
    )?;
    writeln!(out, "  proved of these rules over this vocabulary:")?;
    writeln!(out, "  {} promises: {}", promises.len(), promises.join(", "))?;
    writeln!(
        out,
        "  polarity: none of {} steps for the better takes away any of {} things",
        polarity.steps, polarity.losses
    )?;
    writeln!(out, "  {} invariants: {}", invariants.len(), or_none(&invariants))?;
    writeln!(out, "  {} tests come out as they say", verification.scenarios())?;
    match enumeration {
        Ok(enumeration) => writeln!(
            out,
            "  {} states looked at in three ways that agree, for {}; of {} that no permit touches, {}",
            enumeration.looked_at, enumeration.covered, enumeration.untouched, enumeration.sampled
        )?,
        Err(error) => writeln!(out, "  refused: {error}")?,
    }
    for fault in verification.faults() {
        writeln!(out, "  warning: {fault}")?;
    }
    writeln!(out, "  {elapsed_ms} ms")?;
    Ok(())
}

fn or_none(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
