//! Identifiers: random ones for rows, textual ones for what people write.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

/// Declares an id that is a UUID version 7, made from the caller's time and the caller's randomness.
macro_rules! row_id {
    ($($(#[$meta:meta])* $name:ident,)+) => {$(
        $(#[$meta])*
        ///
        /// A UUID version 7. It carries no order that anything may rely on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a new id from the instant at which the operation arrived and the caller's randomness.
            pub fn generate(arrival: DateTime<Utc>, rng: &mut impl rand_core::Rng) -> Self {
                Self(uuid_v7(arrival, rng))
            }

            /// An id that was made before.
            #[must_use]
            pub const fn from_uuid(stored: Uuid) -> Self {
                Self(stored)
            }

            /// The id as it is stored.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

fn uuid_v7(arrival: DateTime<Utc>, rng: &mut impl rand_core::Rng) -> Uuid {
    let mut tail = [0; 10];
    rng.fill_bytes(&mut tail);
    // An instant before 1970 counts as 1970: an id needs a place, not history.
    let millis = u64::try_from(arrival.timestamp_millis()).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
}

row_id! {
    /// One clinic: its keys, its blind indexes and its log are its own.
    ClinicId,
    /// One person whose data is held, of any [`SubjectKind`](crate::SubjectKind).
    SubjectId,
    /// One person or job that acts.
    ActorId,
    /// One record; its versions share it.
    RecordId,
    /// One consent, from its giving to its end.
    ConsentId,
    /// One restriction.
    RestrictionId,
    /// One outside provider in the register.
    ProviderId,
    /// One case of a rights request.
    CaseId,
    /// One entry of the audit log.
    EntryId,
    /// One piece of typed evidence, such as a legal demand or incapacity for care.
    EvidenceId,
    /// One authority's suspension of a person's accounting of disclosures.
    SuspensionId,
    /// One pattern in the log that somebody should look at.
    AlertId,
    /// One legal hold.
    HoldId,
    /// One disposal, from its proposal to its end.
    DisposalId,
    /// One order to keep records away: blocked, or out of secondary uses.
    BlockId,
    /// One backup of the data.
    BackupId,
    /// One time that keys were shared out among people, or their shares tried.
    RecoveryId,
}

/// Why a text cannot be an id that people write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TextIdError {
    /// Empty or too long.
    #[error("an id has between 1 and {max} characters, not {len}")]
    Length {
        /// Length of the text in bytes.
        len: usize,
        /// Longest allowed.
        max: usize,
    },
    /// A character that an id may not hold.
    #[error(
        "an id holds lower-case letters, digits, dots and hyphens only; the character at {position} is none"
    )]
    Character {
        /// Position in bytes, from 0.
        position: usize,
    },
}

/// Declares an id that people write: lower-case letters, digits, dots and hyphens, at most 64 characters.
macro_rules! text_id {
    ($($(#[$meta:meta])* $name:ident,)+) => {$(
        $(#[$meta])*
        ///
        /// Lower-case ASCII letters, digits, dots and hyphens, 1 to 64 of them.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads an id.
            ///
            /// # Errors
            ///
            /// [`TextIdError`] says which rule the text broke.
            pub fn parse(text: &str) -> Result<Self, TextIdError> {
                check_text_id(text).map(|()| Self(text.to_owned()))
            }

            /// Whether a text is an id, without keeping it.
            ///
            /// # Errors
            ///
            /// As [`Self::parse`].
            pub fn check(text: &str) -> Result<(), TextIdError> {
                check_text_id(text)
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextIdError;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                check_text_id(&text).map(|()| Self(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = TextIdError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }
    )+};
}

/// Longest id that people write, in characters.
const TEXT_ID_LEN_MAX: usize = 64;

fn check_text_id(text: &str) -> Result<(), TextIdError> {
    if text.is_empty() || text.len() > TEXT_ID_LEN_MAX {
        return Err(TextIdError::Length { len: text.len(), max: TEXT_ID_LEN_MAX });
    }
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    match text.bytes().position(|b| !fits(b)) {
        Some(position) => Err(TextIdError::Character { position }),
        None => Ok(()),
    }
}

text_id! {
    /// One rule of a policy document.
    RuleId,
    /// One version of a policy document, such as `elicells-2026.2`.
    PolicyVersionId,
    /// One purpose that the notice in force does not describe (policy section 4.2, P-46): consent for one such
    /// purpose never opens another.
    UndescribedPurposeId,
    /// One version of the privacy notice.
    NoticeVersionId,
}

/// What can be wrong with the id of a notice version.
pub type NoticeVersionIdError = TextIdError;
