//! Identifiers of profiles, their rows and calendars.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest id, in characters.
const LEN_MAX: usize = 64;

/// Why a text cannot be an id of a law, a row or a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LawIdError {
    /// Empty or too long.
    #[error("an id has between 1 and {LEN_MAX} characters")]
    Length,
    /// A character that an id may not hold.
    #[error("an id holds ASCII letters, digits, dots and hyphens only")]
    Character,
    /// A reference to a row without its profile.
    #[error("a row is named by its profile and its id, such as `CLINIC-POLICY/R-02`")]
    Reference,
}

fn check(text: &str) -> Result<(), LawIdError> {
    if text.is_empty() || text.len() > LEN_MAX {
        return Err(LawIdError::Length);
    }
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.') {
        Ok(())
    } else {
        Err(LawIdError::Character)
    }
}

macro_rules! law_id {
    ($($(#[$meta:meta])* $name:ident,)+) => {$(
        $(#[$meta])*
        ///
        /// ASCII letters, digits, dots and hyphens, 1 to 64 of them; a copy shares the text.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Reads an id.
            ///
            /// # Errors
            ///
            /// [`LawIdError`] says which rule the text broke.
            pub fn parse(text: &str) -> Result<Self, LawIdError> {
                check(text).map(|()| Self(text.into()))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = LawIdError;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                check(&text).map(|()| Self(text.into()))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )+};
}

law_id! {
    /// One version of a law or promise, such as `MX-LFPDPPP-2025`.
    ProfileId,
    /// A law through its versions, such as `MX-LFPDPPP`: at most one version is in force on a day.
    ProfileFamily,
    /// One row of a profile, such as `D-02`.
    RowId,
    /// One calendar of working days, such as `MX-LFPA-28`.
    CalendarId,
}

/// One row of one profile, written `MX-LFPDPPP-2025/D-02`: what every derivation and reason cites.
///
/// ```
/// use jurisdiction::RowRef;
/// let row = RowRef::parse("CLINIC-POLICY/D-01")?;
/// assert_eq!(row.row.as_str(), "D-01");
/// assert!(RowRef::parse("D-01").is_err());
/// # Ok::<(), jurisdiction::LawIdError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RowRef {
    /// The profile.
    pub profile: ProfileId,
    /// The row.
    pub row: RowId,
}

impl RowRef {
    /// Reads a reference.
    ///
    /// # Errors
    ///
    /// [`LawIdError`] if there is no slash or a part is no id.
    pub fn parse(text: &str) -> Result<Self, LawIdError> {
        let (profile, row) = text.split_once('/').ok_or(LawIdError::Reference)?;
        Ok(Self { profile: ProfileId::parse(profile)?, row: RowId::parse(row)? })
    }
}

impl TryFrom<String> for RowRef {
    type Error = LawIdError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<RowRef> for String {
    fn from(row: RowRef) -> Self {
        row.to_string()
    }
}

impl fmt::Display for RowRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.profile, self.row)
    }
}
