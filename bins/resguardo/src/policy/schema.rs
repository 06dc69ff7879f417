//! `policy schema`: the words and keys of a document, for editors.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::document;
use crate::{CliError, Verdict, render};

/// Of which document the groups are known.
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// A policy document whose groups may be used like words; without, only the words of the lists.
    #[arg(value_name = "FILE")]
    document: Option<PathBuf>,
}

impl Schema {
    pub(super) fn write(&self, out: &mut impl Write) -> Result<Verdict, CliError> {
        let text = self.document.as_deref().map(document::text_of).transpose()?;
        let schema = consent_policy::document_schema(text.as_deref()).map_err(|error| CliError::Policy {
            path: self.document.clone().unwrap_or_default(),
            why: error.to_string(),
        })?;
        render::json(out, &schema)?;
        Ok(Verdict::Done)
    }
}
