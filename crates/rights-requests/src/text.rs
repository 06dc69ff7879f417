//! A reason that somebody writes: it goes to the person, and never into a log or an error.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A written reason of 10 to 2,000 characters; line breaks are the only control characters.
///
/// It may name people, so `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Explanation(String);

/// Why a written reason is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExplanationError {
    /// Too short to be one, or too long.
    #[error("a reason has between {min} and {max} characters", min = Explanation::LEN_MIN, max = Explanation::LEN_MAX)]
    Length,
    /// A tab or other control character.
    #[error("a reason holds no control characters but line breaks")]
    Control,
}

impl Explanation {
    /// Shortest reason accepted, in characters: less explains nothing.
    pub const LEN_MIN: usize = 10;
    /// Longest reason accepted, in characters.
    pub const LEN_MAX: usize = 2000;

    /// Reads a reason, trimming outer white space.
    ///
    /// # Errors
    ///
    /// [`ExplanationError`] says which rule the text broke.
    pub fn parse(text: &str) -> Result<Self, ExplanationError> {
        let text = text.trim();
        if !(Self::LEN_MIN..=Self::LEN_MAX).contains(&text.chars().count()) {
            return Err(ExplanationError::Length);
        }
        if text.chars().any(|c| c.is_control() && c != '\n') {
            return Err(ExplanationError::Control);
        }
        Ok(Self(text.to_owned()))
    }

    /// The reason.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Explanation {
    type Error = ExplanationError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Explanation> for String {
    fn from(explanation: Explanation) -> Self {
        explanation.0
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Explanation(..)")
    }
}
