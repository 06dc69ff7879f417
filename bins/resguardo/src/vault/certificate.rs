//! `vault certificate`: what proves that something was destroyed, and what still survives.

use std::io::Write;
use std::path::{Path, PathBuf};

use audit_log::{VerifierKey, verify_certificate};
use clap::{Args, Subcommand};
use clinic_runtime::ErasureCertificate;
use crypto_vault::{CertificateState, Survives, Survivor};
use records_model::{RetentionClass, SubjectId};
use serde_json::{Value, json};

use crate::acting::{Form, Unnamed, Work};
use crate::{CliError, Verdict, disposals, render};

#[derive(Debug, Subcommand)]
pub(crate) enum CertificateVerb {
    /// List every destroyed key, and whether anybody can still open what it sealed.
    List,
    /// Print the signed certificates of a person's destroyed keys, one after another.
    Show {
        /// Whose.
        subject: SubjectId,
        /// Only of this class.
        #[arg(long)]
        class: Option<RetentionClass>,
    },
    /// Check a certificate with the log's public key alone; no clinic is needed.
    Verify(CheckCertificate),
}

/// A certificate that somebody holds.
#[derive(Debug, Args)]
pub(crate) struct CheckCertificate {
    /// The certificate.
    #[arg(value_name = "FILE")]
    certificate: PathBuf,
    /// The log's public key, `name+hash+key`, or a file that holds it. Take it from the clinic's notice, not from the
    /// certificate.
    #[arg(long, value_name = "KEY|FILE")]
    key: String,
}

pub(super) async fn answer(
    work: &Work<'_>,
    verb: CertificateVerb,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let (wanted, class) = match verb {
        CertificateVerb::Verify(asked) => return check(&asked, work.form, out),
        CertificateVerb::List => (None, None),
        CertificateVerb::Show { subject, class } => (Some(subject), class),
    };
    let actor = work.actor(Unnamed::Refused).await?;
    let found = work.runtime().certificates(actor, work.clock()).await?;
    if !found.answer.is_permit() {
        return disposals::refused(work, &found.answer, out);
    }
    let Some(subject) = wanted else { return list(work, &found.certificates, out) };
    let of_person = found.certificates.iter().filter(|one| one.subject() == subject);
    let shown: Vec<_> = of_person.filter(|one| class.is_none_or(|class| one.class() == class)).collect();
    if shown.is_empty() {
        return Err(CliError::usage(
            "no key of this person was destroyed; `vault certificate list` shows which were",
        ));
    }
    let mut texts = Vec::new();
    for one in shown {
        texts.push(work.runtime().signed_certificate(one).await?);
    }
    match work.form {
        Form::Json => render::json(out, &json!({ "certificates": texts }))?,
        Form::Text => texts.iter().try_for_each(|text| write!(out, "{text}"))?,
    }
    Ok(Verdict::Done)
}

fn list(
    work: &Work<'_>,
    certificates: &[ErasureCertificate],
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    if work.form == Form::Json {
        let lines: Vec<Value> = certificates.iter().map(as_json).collect();
        render::json(out, &json!({ "certificates": lines }))?;
        return Ok(Verdict::Done);
    }
    let mut table = work.table(&["person", "class", "destroyed", "state", "survives"]);
    for one in certificates {
        let survives: Vec<String> = one.survives().iter().map(words).collect();
        table.add_row([
            one.subject().to_string(),
            one.class().to_string(),
            one.certificate.destroyed_at().date_naive().to_string(),
            state(one).to_owned(),
            survives.join("; "),
        ]);
    }
    if certificates.is_empty() {
        writeln!(out, "nothing was destroyed")?;
    } else {
        writeln!(out, "{}", table.trim_fmt())?;
    }
    Ok(Verdict::Done)
}

const fn state(one: &ErasureCertificate) -> &'static str {
    match one.state {
        CertificateState::Pending { .. } => "pending",
        CertificateState::Irrecoverable { .. } => "irrecoverable",
    }
}

fn as_json(one: &ErasureCertificate) -> Value {
    json!({
        "subject": one.subject(),
        "class": one.class(),
        "destroyed_at": one.certificate.destroyed_at(),
        "state": state(one),
        "survives": one.survives().iter().map(words).collect::<Vec<_>>(),
    })
}

pub(crate) fn words(survives: &Survives) -> String {
    let what = match survives.what {
        Survivor::WrappedKey { epoch } => format!("older copies of the keystore under epoch {epoch}"),
        Survivor::SearchTokens { version } => format!("search tokens of index {version} in backups"),
    };
    match survives.until {
        Some(until) => format!("{what}, until {}", until.date_naive()),
        None => format!("{what}, until that epoch is ended"),
    }
}

/// Checks a certificate with the key alone.
pub(crate) fn check(asked: &CheckCertificate, form: Form, out: &mut impl Write) -> Result<Verdict, CliError> {
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|source| CliError::File { path: path.to_owned(), source })
    };
    let key = match VerifierKey::parse(&asked.key) {
        Ok(key) => key,
        Err(_) => VerifierKey::parse(read(Path::new(&asked.key))?.trim())
            .map_err(|error| CliError::usage(format!("--key: {error}")))?,
    };
    match (verify_certificate(&read(&asked.certificate)?, &key), form) {
        (Ok(verified), Form::Json) => {
            render::json(out, &json!({ "genuine": true, "certificate": verified.body }))?;
            Ok(Verdict::Done)
        }
        (Ok(verified), Form::Text) => {
            let text =
                |name: &str| render::plain(verified.body.get(name).and_then(Value::as_str).unwrap_or("-"));
            writeln!(out, "genuine: signed by {} and unchanged", key.name())?;
            writeln!(
                out,
                "  class {} destroyed at {}: {}",
                text("class"),
                text("destroyed_at"),
                text("state")
            )?;
            Ok(Verdict::Done)
        }
        (Err(error), Form::Json) => {
            render::json(out, &json!({ "genuine": false, "why": error.to_string() }))?;
            Ok(Verdict::No)
        }
        (Err(error), Form::Text) => {
            writeln!(out, "not genuine: {error}")?;
            Ok(Verdict::No)
        }
    }
}
