//! Where a document is wrong, and what would be right.

use std::ops::Range;

use records_model::{ClauseIdError, TextIdError, UnknownWord, nearest};
use thiserror::Error;

/// A document that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {problem}")]
pub struct DocumentError {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong there.
    pub problem: DocumentProblem,
}

/// What is wrong with one place of a document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DocumentProblem {
    /// Not TOML, a value of another type, or a key that is missing.
    #[error("{message}")]
    Syntax {
        /// What the reader says.
        message: String,
    },
    /// A key that the document does not have.
    #[error("unknown key{}", suggestion(nearest.as_deref()))]
    Key {
        /// The key that looks most like it.
        nearest: Option<String>,
    },
    /// A text that is neither a word of the list nor a group of it.
    #[error("not a known {vocabulary}{}", suggestion(nearest.as_deref()))]
    Word {
        /// The list.
        vocabulary: &'static str,
        /// The word or group that looks most like it.
        nearest: Option<String>,
    },
    /// A group that has the name of a word.
    #[error("a group cannot have the name of a {vocabulary}")]
    GroupNamedLikeWord {
        /// The list.
        vocabulary: &'static str,
    },
    /// A permit that leaves a dimension open.
    #[error("a permit must name its {dimension}; write \"any\" if it means every one")]
    PermitWithout {
        /// The dimension.
        dimension: &'static str,
    },
    /// A rule that does not say what its effect is about.
    #[error("a {effect} must name its {key}: {words}")]
    EffectWithout {
        /// The effect.
        effect: &'static str,
        /// The key.
        key: &'static str,
        /// What may stand there.
        words: &'static str,
    },
    /// A key that this effect does not have.
    #[error("a {effect} has no `{key}`")]
    KeyOfOtherEffect {
        /// The effect.
        effect: &'static str,
        /// The key.
        key: &'static str,
    },
    /// The keyword `any` where only explicit words count.
    #[error("\"any\" has no meaning for {vocabulary}s")]
    AnyHere {
        /// The list.
        vocabulary: &'static str,
    },
    /// A list of nothing where at least one word must stand.
    #[error("an empty list asks nothing")]
    NothingListed,
    /// A table that stands for more questions than anybody can follow.
    #[error("the test stands for {count} combinations of words; at most {most} fit: list fewer words")]
    TooManyQuestions {
        /// How many.
        count: u32,
        /// How many fit.
        most: u32,
    },
    /// Not an id.
    #[error("{0}")]
    Id(TextIdError),
    /// Not a clause.
    #[error("{0}")]
    Clause(ClauseIdError),
    /// Not a day.
    #[error("not a day; write it as YYYY-MM-DD")]
    Day,
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |word| format!("; did you mean `{word}`?"))
}

impl From<UnknownWord> for DocumentProblem {
    fn from(unknown: UnknownWord) -> Self {
        Self::Word { vocabulary: unknown.vocabulary, nearest: unknown.nearest.map(str::to_owned) }
    }
}

/// A problem and the bytes of the document that it is about.
#[derive(Debug)]
pub(super) struct Located {
    pub(super) span: Range<usize>,
    pub(super) problem: DocumentProblem,
}

impl Located {
    pub(super) fn at(self, text: &str) -> DocumentError {
        let (line, column) = place(text, self.span.start);
        DocumentError { line, column, problem: self.problem }
    }
}

/// Line and column of a byte, both from 1.
fn place(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).map_or(0, |line| line.chars().count());
    (before.matches('\n').count() + 1, column + 1)
}

/// Where the lines of a document begin, for many look-ups.
pub(super) struct LineStarts(Vec<usize>);

impl LineStarts {
    pub(super) fn new(text: &str) -> Self {
        Self(std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect())
    }

    /// The line, from 1, that holds a byte.
    pub(super) fn line_of(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }
}

impl DocumentError {
    pub(super) fn from_toml(text: &str, error: &toml::de::Error) -> Self {
        let span = error.span().unwrap_or(0..0);
        let message = error.message();
        let problem = if message.starts_with("unknown field") {
            let key = text.get(span.clone()).unwrap_or_default();
            // The reader lists the keys that it would have taken, between backticks.
            let known = message.split('`').skip(3).step_by(2);
            DocumentProblem::Key { nearest: nearest(key, known).map(str::to_owned) }
        } else {
            DocumentProblem::Syntax { message: message.to_owned() }
        };
        Located { span, problem }.at(text)
    }
}
