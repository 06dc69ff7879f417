//! `clinic activate`: puts a new version of one of the clinic's documents in force.

use std::io::Write;
use std::path::PathBuf;

use clap::Subcommand;
use privacy_operations::ActivateDocument;

use crate::acting::{Unnamed, Work};
use crate::{CliError, Verdict, render};

#[derive(Debug, Subcommand)]
pub(crate) enum Clinic {
    /// Put a new version of a document in force. One that cannot be read, or whose rules break a promise,
    /// changes nothing: the last good one stays in force.
    Activate {
        /// The file, such as `policy.toml`.
        file: PathBuf,
        /// The name of the document, if the file is called otherwise; profiles are `profiles/NAME.toml`.
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
    },
}

pub(crate) async fn answer(
    work: &Work<'_>,
    clinic: Clinic,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let Clinic::Activate { file, name } = clinic;
    let read = std::fs::read_to_string(&file);
    let text = read.map_err(|source| CliError::File { path: file.clone(), source })?;
    let named = name.or_else(|| file.file_name().map(|name| name.to_string_lossy().into_owned()));
    let path = named.ok_or_else(|| CliError::usage("name the document with --name"))?;
    let actor = work.actor(Unnamed::Refused).await?;
    let activate = ActivateDocument { actor, path, text };
    let answer = work.runtime().perform(&activate, work.clock()).await?;
    render::change(work, &answer, (&format!("{} is in force", activate.path), &activate.path), out)
}
