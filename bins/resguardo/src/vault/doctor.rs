//! `vault doctor`: what is wrong with keys, and with what they seal.

use std::io::Write;

use clinic_runtime::{RuntimeError, VaultFinding};
use serde_json::json;

use crate::acting::{Form, Unnamed, Work};
use crate::{CliError, Verdict, render};

pub(super) async fn answer(work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let looked = work.runtime().vault_findings(actor, work.keys(), work.clock()).await?;
    if !looked.answer.is_permit() {
        return render::change(work, &looked.answer, ("", json!(null)), out);
    }
    let lines: Vec<Line> = looked.findings.iter().map(line).collect();
    say(&lines, work.form, out)
}

/// One finding in words; rows are named by their ids only.
struct Line {
    code: &'static str,
    what: String,
    next: String,
}

/// Says why a clinic does not open, if keys are the reason.
pub(crate) fn of_error(
    error: &CliError,
    form: Form,
    out: &mut impl Write,
) -> Option<Result<Verdict, CliError>> {
    let CliError::Runtime(error) = error else { return None };
    let code = match error {
        RuntimeError::WrongEpochKey => "wrong-key",
        RuntimeError::KeyFileOpenToOthers { .. } => "key-file-open-to-others",
        RuntimeError::EpochKey(_) | RuntimeError::KeyProvider(_) => "key-unusable",
        RuntimeError::KeptOtherwise { .. } => "key-kept-otherwise",
        RuntimeError::File { .. } => "key-file-missing",
        RuntimeError::Operation(privacy_operations::OperationError::IndexKey(_)) => "index-key",
        _ => return None,
    };
    let line = Line { code, what: error.to_string(), next: "nothing else was looked at".to_owned() };
    Some(say(&[line], form, out))
}

fn line(finding: &VaultFinding) -> Line {
    let (code, what, next) = match finding {
        VaultFinding::KeyFileMissing => (
            "key-file-missing",
            "the key file is not there".to_owned(),
            "bring it back before this process ends: it holds the key in memory only",
        ),
        VaultFinding::KeyFileOpenToOthers { path } => (
            "key-file-open-to-others",
            format!("`{}` may be read by others", path.display()),
            "run `chmod 600` on it, and rotate the epoch if somebody may have read it",
        ),
        VaultFinding::KeyFileUnusable { why } => {
            ("key-unusable", format!("the key file cannot be used: {why}"), "use a copy of it")
        }
        VaultFinding::AnotherKeyInForce { held, in_file } => (
            "wrong-key",
            format!("the key file is that of epoch {in_file}, and that of epoch {held} is held here"),
            "start this process again",
        ),
        VaultFinding::AnotherKey => (
            "wrong-key",
            "the key file is another key than the one that opens this clinic".to_owned(),
            "bring the right one back before this process ends: it holds the key in memory only",
        ),
        VaultFinding::NotWrapped { count } => (
            "missing-epoch",
            format!("{count} keys are not wrapped under the epoch in force"),
            "run `vault rotate-epoch`, which brings over what servers with an older key made",
        ),
        VaultFinding::KeyDoesNotOpen { subject, class, version } => (
            "key-does-not-open",
            format!("the {class} key, version {version}, of {subject} does not open"),
            "restore the keystore's row from a copy",
        ),
        VaultFinding::IndexKey { version } => (
            "index-key",
            format!("the index key of version {version} is not the one that made the tokens"),
            "restore the keystore's secrets from a copy",
        ),
        VaultFinding::SecretDoesNotOpen { version } => (
            "secret-does-not-open",
            format!("a secret of the clinic, version {version}, does not open"),
            "restore the keystore's secrets from a copy",
        ),
        VaultFinding::RecordDoesNotOpen { .. }
        | VaultFinding::FileDoesNotOpen { .. }
        | VaultFinding::RolledBack { .. }
        | VaultFinding::RecordMissing { .. } => return of_row(finding),
        VaultFinding::FileOfEndedEpoch { epoch } => (
            "key-file-of-ended-epoch",
            format!("epoch {epoch} has ended, and its key file is there"),
            "destroy it: the certificates say that nobody holds that key",
        ),
        VaultFinding::Warning(warning) => {
            return Line { code: "to-do", what: warning.to_string(), next: String::new() };
        }
    };
    Line { code, what, next: next.to_owned() }
}

/// What is wrong with one record.
fn of_row(finding: &VaultFinding) -> Line {
    let (code, what) = match finding {
        VaultFinding::RecordDoesNotOpen { subject, record, version } => (
            "record-does-not-open",
            format!("record {record}, version {}, of {subject} does not open", version.number()),
        ),
        VaultFinding::FileDoesNotOpen { subject, record, version } => (
            "file-does-not-open",
            format!("the file of record {record}, version {}, of {subject} does not open", version.number()),
        ),
        VaultFinding::RolledBack { subject, record } => (
            "rolled-back",
            format!("record {record} of {subject}, or its file, is not what the log says was written last"),
        ),
        VaultFinding::RecordMissing { subject, record } => (
            "record-missing",
            format!(
                "record {record} of {subject} was written, as the log says, and is not there; nothing destroyed it"
            ),
        ),
        other => ("record", format!("{other:?}")),
    };
    let next = "restore the row from a backup; `audit verify` says whether the log is whole".to_owned();
    Line { code, what, next }
}

fn say(lines: &[Line], form: Form, out: &mut impl Write) -> Result<Verdict, CliError> {
    match form {
        Form::Json => {
            let one = |line: &Line| json!({ "code": line.code, "what": line.what, "next": line.next });
            render::json(out, &json!({ "findings": lines.iter().map(one).collect::<Vec<_>>() }))?;
        }
        Form::Text => {
            for line in lines {
                writeln!(out, "{}: {}", line.code, line.what)?;
                if !line.next.is_empty() {
                    writeln!(out, "  {}", line.next)?;
                }
            }
            writeln!(out, "{} found", lines.len())?;
        }
    }
    Ok(if lines.is_empty() { Verdict::Done } else { Verdict::No })
}
