//! `vault wrap-key`: from a key file to a service.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use clinic_runtime::{KeyAccess, KeyWrapping};
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
}

impl WrapKey {
    pub(super) async fn answer(&self, work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
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
