//! The people whose data is held.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroize;

use crate::vocabulary::vocabulary;

vocabulary! {
    /// In what capacity a person's data is held.
    SubjectKind, "subject kind" {
        /// A patient.
        Patient = "patient",
        /// Somebody to call in an emergency: a person with rights of their own (P-12).
        EmergencyContact = "emergency-contact",
        /// Who acts for a patient.
        Representative = "representative",
        /// Staff of the clinic.
        Staff = "staff",
        /// A visitor of the website.
        Visitor = "visitor",
        /// Somebody who asked and is no patient.
        Enquirer = "enquirer",
    }
}

/// A person's given names and surnames, each 1 to 120 characters without control characters.
///
/// `Debug` shows neither.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "PersonNameParts", deny_unknown_fields)]
pub struct PersonName {
    given: String,
    surnames: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonNameParts {
    given: String,
    surnames: String,
}

/// Why a name is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PersonNameError {
    /// Empty or too long.
    #[error("{part} must have between 1 and {max} characters")]
    Length {
        /// Which part.
        part: &'static str,
        /// Longest allowed, in characters.
        max: usize,
    },
    /// A line break, tab or other control character.
    #[error("{part} must not hold control characters")]
    Control {
        /// Which part.
        part: &'static str,
    },
}

impl PersonName {
    /// Longest part accepted, in characters.
    pub const LEN_MAX: usize = 120;

    /// Reads a name, trimming outer white space of both parts.
    ///
    /// # Errors
    ///
    /// [`PersonNameError`] says which part broke which rule.
    pub fn parse(given: &str, surnames: &str) -> Result<Self, PersonNameError> {
        Ok(Self { given: name_part("given names", given)?, surnames: name_part("surnames", surnames)? })
    }

    /// Given names.
    #[must_use]
    pub fn given(&self) -> &str {
        &self.given
    }

    /// Surnames.
    #[must_use]
    pub fn surnames(&self) -> &str {
        &self.surnames
    }
}

fn name_part(part: &'static str, text: &str) -> Result<String, PersonNameError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > PersonName::LEN_MAX {
        return Err(PersonNameError::Length { part, max: PersonName::LEN_MAX });
    }
    if text.chars().any(char::is_control) {
        return Err(PersonNameError::Control { part });
    }
    Ok(text.to_owned())
}

impl TryFrom<PersonNameParts> for PersonName {
    type Error = PersonNameError;
    fn try_from(parts: PersonNameParts) -> Result<Self, Self::Error> {
        Self::parse(&parts.given, &parts.surnames)
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(..)")
    }
}

impl Drop for PersonName {
    fn drop(&mut self) {
        self.given.zeroize();
        self.surnames.zeroize();
    }
}
