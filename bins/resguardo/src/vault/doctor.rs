//! `vault doctor`: what is wrong with keys, and with what they seal.

use std::io::Write;

use clinic_runtime::{RuntimeError, VaultFinding};
use records_model::{RecordId, RecordVersion, SubjectId};
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
        VaultFinding::RecordDoesNotOpen { subject, record, version } => {
            return of_row("record-does-not-open", &about(*record, *version, *subject), "does not open");
        }
        VaultFinding::FileDoesNotOpen { subject, record, version } => {
            let file = format!("the file of {}", about(*record, *version, *subject));
            return of_row("file-does-not-open", &file, "does not open");
        }
        VaultFinding::RolledBack { subject, record } => {
            let what = "or its file, is not what the log says was written last";
            return of_row("rolled-back", &format!("record {record} of {subject},"), what);
        }
        VaultFinding::RecordMissing { subject, record } => {
            let what = "was written, as the log says, and is not there; nothing destroyed it";
            return of_row("record-missing", &format!("record {record} of {subject}"), what);
        }
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

fn about(record: RecordId, version: RecordVersion, subject: SubjectId) -> String {
    format!("record {record}, version {}, of {subject}", version.number())
}

/// What is wrong with one record.
fn of_row(code: &'static str, which: &str, what: &str) -> Line {
    let next = "restore the row from a backup; `audit verify` says whether the log is whole".to_owned();
    Line { code, what: format!("{which} {what}"), next }
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
