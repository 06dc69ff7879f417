//! Versions of the privacy notice (P-2).

use std::fmt;

use chrono::{Datelike, Months, NaiveDate};
use records_model::NoticeVersionId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::Language;

/// SHA-256 of a notice's text, written as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentHash([u8; 32]);

/// Why a text is no content hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a content hash is 64 lower-case hex digits (SHA-256)")]
pub struct ContentHashError;

impl ContentHash {
    /// The hash of a text, byte for byte.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 hex digits.
    ///
    /// # Errors
    ///
    /// [`ContentHashError`] if the text has another form.
    pub fn parse(text: &str) -> Result<Self, ContentHashError> {
        let mut bytes = [0; 32];
        let digit = |b: u8| match b {
            b'0'..=b'9' => Ok(b - b'0'),
            b'a'..=b'f' => Ok(b - b'a' + 10),
            _ => Err(ContentHashError),
        };
        if text.len() != 64 {
            return Err(ContentHashError);
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let [high, low] = pair else { return Err(ContentHashError) };
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for ContentHash {
    type Error = ContentHashError;
    fn try_from(text: String) -> Result<Self, ContentHashError> {
        Self::parse(&text)
    }
}

impl From<ContentHash> for String {
    fn from(hash: ContentHash) -> Self {
        hash.to_string()
    }
}

/// From when a version holds, as precisely as the notice itself says: `2025-01` or `2026-03-21`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum EffectiveFrom {
    /// Some day of a month; holds the first one.
    Month(NaiveDate),
    /// That day.
    Day(NaiveDate),
}

/// Why a text is no effective date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an effective date is a month such as 2025-01 or a day such as 2026-03-21")]
pub struct EffectiveFromError;

impl EffectiveFrom {
    /// Reads `2025-01` or `2026-03-21`.
    ///
    /// # Errors
    ///
    /// [`EffectiveFromError`] if the text has another form or the day does not exist.
    pub fn parse(text: &str) -> Result<Self, EffectiveFromError> {
        let day = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| EffectiveFromError);
        match text.len() {
            7 => day(&format!("{text}-01")).map(Self::Month),
            10 => day(text).map(Self::Day),
            _ => Err(EffectiveFromError),
        }
    }

    /// The day on which the clinic's duties under the version begin: the earliest it may mean (P-2).
    #[must_use]
    pub const fn for_duties(self) -> NaiveDate {
        match self {
            Self::Month(day) | Self::Day(day) => day,
        }
    }

    /// The day from which the clinic may rest a claim on the version: the latest it may mean (P-2).
    ///
    /// ```
    /// use privacy_notice::EffectiveFrom;
    /// let january = EffectiveFrom::parse("2025-01").unwrap();
    /// assert_eq!(january.for_duties().to_string(), "2025-01-01");
    /// assert_eq!(january.for_claims().to_string(), "2025-01-31");
    /// ```
    #[must_use]
    pub fn for_claims(self) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::Month(first) => {
                first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(first)
            }
        }
    }
}

impl fmt::Display for EffectiveFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Month(day) => write!(f, "{:04}-{:02}", day.year(), day.month()),
            Self::Day(day) => write!(f, "{day}"),
        }
    }
}

impl TryFrom<String> for EffectiveFrom {
    type Error = EffectiveFromError;
    fn try_from(text: String) -> Result<Self, EffectiveFromError> {
        Self::parse(&text)
    }
}

impl From<EffectiveFrom> for String {
    fn from(date: EffectiveFrom) -> Self {
        date.to_string()
    }
}

/// One version of the notice in one language. Never edited: a change is a new version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NoticeVersion {
    /// Its id.
    pub id: NoticeVersionId,
    /// Its language.
    pub language: Language,
    /// From when it holds.
    pub effective_from: EffectiveFrom,
    /// Hash of its text.
    pub content_hash: ContentHash,
    /// The version that took its place, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<NoticeVersionId>,
}
