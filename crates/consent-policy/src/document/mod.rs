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
use crate::mutation::GroupEdit;

impl PolicyDraft {
    /// Reads a document. Keys, words and group names that nobody knows are refused with line, column and the
    /// nearest valid word.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] says where and what; the first problem only.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        let written = Written::read(text)?;
        written.draft(&written.groups)
    }
}

/// A document as it is written, with its groups looked up.
pub(crate) struct Written<'a> {
    text: &'a str,
    lines: error::LineStarts,
    source: source::PolicySource,
    groups: groups::Groups,
}

impl<'a> Written<'a> {
    pub(crate) fn read(text: &'a str) -> Result<Self, DocumentError> {
        let source: source::PolicySource =
            toml::from_str(text).map_err(|error| DocumentError::from_toml(text, &error))?;
        let groups = groups::Groups::new(&source.groups).map_err(|problem| problem.at(text))?;
        Ok(Self { text, lines: error::LineStarts::new(text), source, groups })
    }

    /// Every word put in every group, or taken out.
    pub(crate) fn group_edits(&self) -> impl Iterator<Item = GroupEdit> {
        self.groups.edits()
    }

    /// Whether the edit takes a word out.
    pub(crate) fn loses(&self, edit: &GroupEdit) -> bool {
        self.groups.loses(edit)
    }

    /// What the document says with this edit made in one of its groups.
    pub(crate) fn with(&self, edit: &GroupEdit) -> Result<PolicyDraft, DocumentError> {
        self.draft(&self.groups.edited(edit))
    }

    fn draft(&self, groups: &groups::Groups) -> Result<PolicyDraft, DocumentError> {
        let mut draft = resolve::draft(&self.source, groups).map_err(|problem| problem.at(self.text))?;
        // The reader knows places in bytes; people count lines.
        let places = draft.rules.iter_mut().map(|rule| &mut rule.line);
        let places = places.chain(draft.invariants.iter_mut().map(|invariant| &mut invariant.line));
        let places = places.chain(draft.scenarios.iter_mut().map(|scenario| &mut scenario.line));
        places.for_each(|line| *line = self.lines.line_of(*line));
        Ok(draft)
    }
}

/// The keys that the reader would have taken in place of one that it does not know.
#[cfg(test)]
pub(crate) fn keys_taken_instead(text: &str) -> Vec<String> {
    let said = toml::from_str::<source::PolicySource>(text).err().unwrap();
    said.message().split('`').skip(3).step_by(2).map(str::to_owned).collect()
}
