//! Names that a key service knows: of a key, a token or a mount.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The name of a key, a token or a mount at a service that keeps keys.
///
/// Between 1 and 64 of: ASCII letters, digits, `-`, `_`, `.` and inner spaces; the first is a letter or a digit. So it
/// fits one line of a file, and one segment of an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyLabel(String);

/// Why a text is no name of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the name of a key, token or mount has 1 to {} letters, digits, `-`, `_`, `.` and inner spaces, and begins with a letter or digit",
    KeyLabel::LEN_MAX
)]
pub struct KeyLabelError;

impl KeyLabel {
    /// Longest name accepted, in characters.
    pub const LEN_MAX: usize = 64;

    /// `transit`, where Vault and `OpenBao` mount Transit unless told otherwise.
    #[must_use]
    pub fn transit() -> Self {
        Self("transit".to_owned())
    }

    /// Reads a name.
    ///
    /// # Errors
    ///
    /// [`KeyLabelError`] if it breaks the form.
    ///
    /// ```
    /// use records_model::KeyLabel;
    ///
    /// assert_eq!(KeyLabel::parse("resguardo-1")?.as_str(), "resguardo-1");
    /// assert!(KeyLabel::parse("../sys").is_err());
    /// # Ok::<(), records_model::KeyLabelError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, KeyLabelError> {
        let is_inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
        let fits = (1..=Self::LEN_MAX).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(is_inner)
            && !text.ends_with(' ');
        if fits { Ok(Self(text.to_owned())) } else { Err(KeyLabelError) }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for KeyLabel {
    type Error = KeyLabelError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<KeyLabel> for String {
    fn from(label: KeyLabel) -> Self {
        label.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_fits_one_line_and_one_segment_is_a_name() {
        for good in ["k", "resguardo-1", "YubiHSM", "Luna partition 2", "a_b.c", &"k".repeat(64)] {
            assert!(KeyLabel::parse(good).is_ok(), "{good}");
        }
        for bad in ["", " k", "k ", ".", "..", "-k", "a/b", "a\nb", "ñ", "a%2fb", "a?b", &"k".repeat(65)] {
            assert_eq!(KeyLabel::parse(bad), Err(KeyLabelError), "{bad:?}");
        }
    }
}
