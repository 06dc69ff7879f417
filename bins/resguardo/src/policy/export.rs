//! `policy export`: the rules in another engine's language.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use consent_policy::cedar;

use super::{Asked, document};
use crate::{CliError, Verdict};

/// A document, and what to write.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// As Cedar policies, one for each rule that permits or forbids.
    #[arg(long, required = true)]
    cedar: bool,
    /// Also write the Cedar schema that the policies are typed by to this file.
    #[arg(long, value_name = "FILE")]
    schema_out: Option<PathBuf>,
    /// A policy document; without, the clinic's own in force.
    #[arg(value_name = "FILE")]
    pub(super) document: Option<PathBuf>,
}

impl Export {
    /// Exports the document that it names, once everything about it is proved, or the clinic's own.
    pub(super) fn answer(&self, asked: &Asked<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        let policy = match &self.document {
            Some(path) => &document::verified(path)?,
            None => asked.in_force()?.policy(),
        };
        if let Some(path) = &self.schema_out {
            write_file(path, &cedar::schema())?;
        }
        out.write_all(cedar::policies(policy).as_bytes())?;
        Ok(Verdict::Done)
    }
}

fn write_file(path: &Path, text: &str) -> Result<(), CliError> {
    std::fs::write(path, text).map_err(|source| CliError::File { path: path.to_owned(), source })
}
