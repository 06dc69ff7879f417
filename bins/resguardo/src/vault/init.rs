//! `vault init`: the keys of a new clinic, asked for by name.

use std::io::Write;

use clinic_runtime::Founded;
use serde_json::json;

use crate::acting::{Form, Work};
use crate::{CliError, Verdict, render};

/// Says what opening the clinic did: it was founded just now, or it has its keys.
pub(super) fn answer(work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
    let keys = work.keys();
    let (epoch, file) = (work.runtime().epoch_id(), keys.path().display().to_string());
    let kept_by = keys.kept_by();
    let is_new = work.founded() == Founded::Now;
    match work.form {
        Form::Json => {
            render::json(
                out,
                &json!({ "founded": is_new, "epoch": epoch.number(), "key_file": file, "kept_by": kept_by }),
            )?;
        }
        Form::Text if is_new => {
            writeln!(out, "epoch {epoch} has its key: {file}")?;
            if keys.opens_only_with_a_service() {
                writeln!(out, "  wrapped by {kept_by}")?;
                writeln!(
                    out,
                    "  it opens nothing without that, nor anything without it: keep a copy of both"
                )?;
            } else {
                writeln!(out, "  keep a copy of that file where neither the database nor its backups are")?;
            }
            writeln!(out, "  share the keys out among people, and try the shares: vault recovery")?;
        }
        Form::Text => {
            writeln!(out, "refused: this clinic has its keys; epoch {epoch} is in force ({file})")?;
            writeln!(out, "  `vault status` shows them, `vault rotate-epoch` makes new ones")?;
        }
    }
    Ok(if is_new { Verdict::Done } else { Verdict::No })
}
