//! Reading TOML documents so that every refusal names the file and the line.

use std::ops::Range;

use serde::de::DeserializeOwned;
use thiserror::Error;

/// A value and where in its document it was written.
pub type Located<T> = toml::Spanned<T>;

/// Why a document is refused: where, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}, line {line}, column {column}: {problem}")]
pub struct DocumentError {
    /// Name of the file, as the caller gave it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1, in characters.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl DocumentError {
    /// A problem at a place of a document; `span` is in bytes of `text`.
    #[must_use]
    pub fn at(file: &str, text: &str, span: Range<usize>, problem: impl Into<String>) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.bytes().filter(|b| *b == b'\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        Self { file: file.to_owned(), line, column, problem: problem.into() }
    }
}

/// Reads a document into its raw form.
///
/// # Errors
///
/// [`DocumentError`] at the first unknown key, wrong word, missing key or broken syntax.
pub fn read_document<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, DocumentError> {
    toml::from_str(text)
        .map_err(|error| DocumentError::at(file, text, error.span().unwrap_or(0..0), error.message()))
}
