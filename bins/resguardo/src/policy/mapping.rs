//! What a clinic's own columns and words mean.

use std::collections::BTreeMap;
use std::path::Path;

use records_model::Vocabulary;
use serde::Deserialize;

use crate::CliError;

records_model::vocabulary! {
    /// A column of an access log.
    Column, "column" {
        /// In which role.
        Role = "role",
        /// What for.
        Purpose = "purpose",
        /// Which categories.
        Category = "category",
        /// What was done.
        Action = "action",
        /// For whom.
        Recipient = "recipient",
        /// Where the recipient is.
        Country = "country",
        /// On what ground.
        Ground = "ground",
        /// How much.
        Detail = "detail",
        /// The form of consent that covered it.
        Consent = "consent",
        /// The facts that held.
        Facts = "facts",
        /// When.
        At = "at",
        /// By whom; it is not read.
        Who = "who",
    }
}

/// A mapping: headers to columns, own words to ours, and what is usual.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Mapping {
    columns: BTreeMap<Column, String>,
    words: BTreeMap<Column, BTreeMap<String, String>>,
    usual: BTreeMap<Column, String>,
    ignore: Vec<String>,
}

impl Mapping {
    /// Reads a mapping; what is wrong in it is said with its line.
    pub(super) fn read(path: &Path) -> Result<Self, CliError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| CliError::File { path: path.to_owned(), source })?;
        toml::from_str(&text).map_err(|error| CliError::Line {
            path: path.to_owned(),
            line: 1 + error
                .span()
                .map_or(0, |span| text.get(..span.start).unwrap_or_default().matches('\n').count()),
            why: error.message().to_owned(),
        })
    }

    /// The column that a header means; none for one that is to be ignored.
    pub(super) fn column(&self, header: &str) -> Result<Option<Column>, String> {
        let own = self.columns.iter().find(|(_, name)| name.as_str() == header);
        if let Some((column, _)) = own {
            return Ok(Some(*column));
        }
        if self.ignore.iter().any(|name| name == header) {
            return Ok(None);
        }
        Column::parse(header).map(Some).map_err(|unknown| unknown.to_string())
    }

    /// Our word for a clinic's word; the word itself if none is given for it.
    pub(super) fn word<'a>(&'a self, column: Column, text: &'a str) -> &'a str {
        let own = self.words.get(&column).and_then(|words| {
            words.iter().find(|(name, _)| name.as_str() == text).map(|(_, word)| word.as_str())
        });
        own.unwrap_or(text)
    }

    /// What is usual where the log says nothing.
    pub(super) fn usual(&self, column: Column) -> Option<&str> {
        self.usual.get(&column).map(String::as_str)
    }
}
