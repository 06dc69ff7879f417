//! Reading a policy document: TOML as a person writes it, with the place of every mistake.

mod error;
mod groups;
mod resolve;
mod scenarios;
mod source;
mod words;

pub use error::{DocumentError, DocumentProblem};

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
