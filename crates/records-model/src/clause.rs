//! The id of one sentence of a policy.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// One promise of a clinic's policy, written `P-37`: a prefix of capitals and a number from 1.
///
/// The catalogue that says what each clause means is data (crate `privacy-notice`); rules and reasons carry
/// the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClauseId(u16);

/// Why a text is not the id of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a clause is written `P-` and a number from 1 to 999, such as `P-37`")]
pub struct ClauseIdError;

impl ClauseId {
    /// The clause with this number; `None` outside 1 to 999.
    #[must_use]
    pub const fn new(number: u16) -> Option<Self> {
        if number >= 1 && number <= 999 { Some(Self(number)) } else { None }
    }

    /// The clause with this number, for constants: an impossible number fails the build.
    ///
    /// # Panics
    ///
    /// At compile time, when used in a constant, if the number is outside 1 to 999; at run time 0 counts as 1.
    #[must_use]
    pub const fn of<const NUMBER: u16>() -> Self {
        const { assert!(NUMBER >= 1 && NUMBER <= 999, "a clause number is 1 to 999") };
        Self(NUMBER)
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Reads `P-37`.
    ///
    /// # Errors
    ///
    /// [`ClauseIdError`] if the text has another form.
    pub fn parse(text: &str) -> Result<Self, ClauseIdError> {
        text.strip_prefix("P-")
            .filter(|digits| !digits.starts_with(['0', '+']))
            .and_then(|digits| digits.parse().ok())
            .and_then(Self::new)
            .ok_or(ClauseIdError)
    }
}

impl TryFrom<String> for ClauseId {
    type Error = ClauseIdError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<ClauseId> for String {
    fn from(clause: ClauseId) -> Self {
        clause.to_string()
    }
}

impl fmt::Display for ClauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P-{}", self.0)
    }
}

impl std::str::FromStr for ClauseId {
    type Err = ClauseIdError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}
