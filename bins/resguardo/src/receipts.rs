//! `consents receipt` and `consents verify-receipt`: the person's own copy, and its check without any clinic.

use std::io::Write;
use std::path::{Path, PathBuf};

use audit_log::{VerifierKey, verify_receipt};
use clap::Args;
use privacy_operations::IssueReceipt;
use records_model::{ConsentId, Ground, Purpose, SubjectId};
use serde_json::{Value, json};

use crate::acting::{Form, Unnamed, Work};
use crate::{CliError, Verdict, render};

/// Which receipt, and where it goes.
#[derive(Debug, Args)]
pub(crate) struct MakeReceipt {
    /// Whose consent.
    subject: SubjectId,
    /// Which.
    consent: ConsentId,
    /// Where to write it; without, it is printed.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// What you need it for.
    #[arg(long, default_value = "scheduling")]
    purpose: Purpose,
    /// On what ground.
    #[arg(long, default_value = "contract")]
    ground: Ground,
}

/// A receipt that somebody holds.
#[derive(Debug, Args)]
pub(crate) struct CheckReceipt {
    /// The receipt.
    #[arg(value_name = "FILE")]
    receipt: PathBuf,
    /// The log's public key, `name+hash+key`, or a file that holds it. Take it from the clinic's notice, not from the
    /// receipt.
    #[arg(long, value_name = "KEY|FILE")]
    key: String,
}

pub(crate) async fn make(
    work: &Work<'_>,
    make: MakeReceipt,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let MakeReceipt { subject, consent, out: path, purpose, ground } = make;
    let actor = work.actor(Unnamed::Refused).await?;
    let issue = IssueReceipt { actor, subject, consent, purpose, ground };
    let receipt = work.runtime().consent_receipt(&issue, work.clock()).await?;
    match (work.form, receipt.text, path) {
        (Form::Json, text, _) => render::json(out, &json!({ "answer": receipt.answer, "receipt": text }))?,
        (Form::Text, None, _) => render::refusal(work, &receipt.answer, out)?,
        (Form::Text, Some(text), None) => write!(out, "{text}")?,
        (Form::Text, Some(text), Some(path)) => {
            std::fs::write(&path, text).map_err(|source| CliError::File { path: path.clone(), source })?;
            writeln!(out, "receipt written to {}; `consents verify-receipt` checks it", path.display())?;
        }
    }
    Ok(render::verdict(&receipt.answer))
}

/// Checks a receipt with the key alone.
pub(crate) fn check(check: &CheckReceipt, form: Form, out: &mut impl Write) -> Result<Verdict, CliError> {
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|source| CliError::File { path: path.to_owned(), source })
    };
    let key = match VerifierKey::parse(&check.key) {
        Ok(key) => key,
        Err(_) => VerifierKey::parse(read(Path::new(&check.key))?.trim())
            .map_err(|error| CliError::usage(format!("--key: {error}")))?,
    };
    let verified = match verify_receipt(&read(&check.receipt)?, &key) {
        Ok(verified) => verified,
        Err(error) => {
            match form {
                Form::Json => render::json(out, &json!({ "genuine": false, "why": error.to_string() }))?,
                Form::Text => writeln!(out, "not genuine: {error}")?,
            }
            return Ok(Verdict::No);
        }
    };
    let size = verified.head.as_ref().map(audit_log::Checkpoint::size);
    match form {
        Form::Json => {
            render::json(out, &json!({ "genuine": true, "receipt": verified.body, "log_entries": size }))?;
        }
        Form::Text => genuine(&key, &verified.body, size, out)?,
    }
    Ok(Verdict::Done)
}

fn genuine(key: &VerifierKey, body: &Value, size: Option<u64>, out: &mut impl Write) -> std::io::Result<()> {
    let text = |pointer: &str| render::plain(body.pointer(pointer).and_then(Value::as_str).unwrap_or("-"));
    writeln!(out, "genuine: signed by {} and unchanged", key.name())?;
    writeln!(out, "  consent {}, notice {}", text("/record_id"), text("/privacy_notice/version"))?;
    writeln!(out, "  {} consent, issued {}", text("/lawful_basis/form"), text("/issued_at"))?;
    match size {
        Some(size) => writeln!(out, "  carries the head of a log of {size} entries: keep it as an anchor"),
        None => writeln!(out, "  carries no head of the log"),
    }
}
