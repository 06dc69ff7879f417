//! `vault wrap-key`: from a key file to a service.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use clinic_runtime::{KeyAccess, KeyWrapping, WrappingPreview};
use serde_json::json;

use crate::acting::{Form, Unnamed, Work};
use crate::session::environment;
use crate::{CliError, Verdict, render};

/// By which service.
#[derive(Debug, Args)]
pub(crate) struct WrapKey {
    /// A file with the settings of the service, as `[keys]` of clinic.toml has them.
    #[arg(long, value_name = "FILE")]
    with: PathBuf,
    /// Say where the key would be kept and what would go; change nothing, and leave the service alone.
    #[arg(long)]
    dry_run: bool,
}

impl WrapKey {
    pub(super) async fn answer(&self, work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        if self.dry_run {
            let access = KeyAccess::gather(Some(&self.with), None, environment)?;
            let would = work.runtime().would_wrap_key(work.keys(), access).await?;
            return preview(work, &would, out);
        }
        let actor = work.actor(Unnamed::Refused).await?;
        let access = KeyAccess::gather(Some(&self.with), None, environment)?;
        let wrapped = match work.runtime().wrap_key(work.keys(), access, actor, work.clock()).await? {
            KeyWrapping::Wrapped(source) => source,
            KeyWrapping::Refused(answer) => return render::change(work, &answer, ("", json!(null)), out),
        };
        let (kept_by, file) = (wrapped.kept_by(), wrapped.path().display().to_string());
        match work.form {
            Form::Json => render::json(out, &json!({ "kept_by": kept_by, "key_file": file }))?,
            Form::Text => {
                writeln!(out, "the key in force is kept by: {kept_by}")?;
                writeln!(out, "  {file} holds it, wrapped; the key file was overwritten and removed")?;
                writeln!(
                    out,
                    "  set `[keys]` of clinic.toml (or --keys) to that service, and start every server again"
                )?;
                writeln!(out, "  then rotate: whoever copied the key file has that key still")?;
            }
        }
        Ok(Verdict::Done)
    }
}

fn preview(work: &Work<'_>, would: &WrappingPreview, out: &mut impl Write) -> Result<Verdict, CliError> {
    let (epoch, kept_by, key) = (would.epoch, would.to.kept_by(), work.keys().path().display());
    let file = would.to.path().display();
    match work.form {
        Form::Json => {
            let value = json!({
                "epoch": epoch.number(),
                "kept_by": kept_by,
                "key_file": file.to_string(),
                "is_wrapped": would.is_wrapped,
                "destroyed": key.to_string(),
            });
            render::json(out, &value)?;
        }
        Form::Text => {
            if would.is_wrapped {
                writeln!(out, "{file} is there from a run that was stopped, and would stay: {kept_by}")?;
            } else {
                writeln!(
                    out,
                    "{kept_by} would be made, and would wrap the key of epoch {epoch} into {file}"
                )?;
            }
            writeln!(
                out,
                "{key} would be overwritten and removed; the key itself stays, and all that it wraps"
            )?;
            writeln!(out, "nothing was changed, and the service was not asked")?;
        }
    }
    Ok(Verdict::Done)
}
