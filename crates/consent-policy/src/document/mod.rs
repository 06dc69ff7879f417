//! Reading a policy document: TOML as a person writes it, with the place of every mistake.

mod error;
#[cfg(any(test, feature = "format"))]
mod format;
mod groups;
mod resolve;
mod scenarios;
mod schema;
mod source;
mod words;

pub use error::{DocumentError, DocumentProblem};
#[cfg(any(test, feature = "format"))]
pub use format::{FormatError, formatted};
pub use schema::document_schema;

use crate::PolicyDraft;

impl PolicyDraft {
    /// Reads a document. Keys, words and group names that nobody knows are refused with line, column and the
    /// nearest valid word.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] says where and what; the first problem only.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        let source: source::PolicySource =
            toml::from_str(text).map_err(|error| DocumentError::from_toml(text, &error))?;
        let mut draft = resolve::draft(source).map_err(|problem| problem.at(text))?;
        // The reader knows places in bytes; people count lines.
        let lines = error::LineStarts::new(text);
        let places = draft.rules.iter_mut().map(|rule| &mut rule.line);
        let places = places.chain(draft.invariants.iter_mut().map(|invariant| &mut invariant.line));
        let places = places.chain(draft.scenarios.iter_mut().map(|scenario| &mut scenario.line));
        places.for_each(|line| *line = lines.line_of(*line));
        Ok(draft)
    }
}

/// The keys that the reader would have taken in place of one that it does not know.
#[cfg(test)]
pub(crate) fn keys_taken_instead(text: &str) -> Vec<String> {
    let said = toml::from_str::<source::PolicySource>(text).err().unwrap();
    said.message().split('`').skip(3).step_by(2).map(str::to_owned).collect()
}
