//! The name that staff sign in with.

use std::fmt;

use thiserror::Error;

/// A name to sign in with: 2 to 64 lower-case letters, digits, dots and hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SignInName(String);

/// Not a name that anybody signs in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a name to sign in with has 2 to 64 letters without accents, digits, dots or hyphens")]
pub struct SignInNameError;

impl SignInName {
    /// Fewest characters.
    pub const CHARS_MIN: usize = 2;
    /// Most characters.
    pub const CHARS_MAX: usize = 64;

    /// Reads what somebody typed; capitals count as small letters.
    ///
    /// # Errors
    ///
    /// [`SignInNameError`].
    pub fn parse(text: &str) -> Result<Self, SignInNameError> {
        let is_long_enough = (Self::CHARS_MIN..=Self::CHARS_MAX).contains(&text.len());
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
        if is_long_enough && text.bytes().all(fits) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(SignInNameError)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SignInName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_schema_takes_is_a_name() {
        let longest = "a".repeat(SignInName::CHARS_MAX);
        for name in ["ab", "enf.luna", "dr-2", longest.as_str()] {
            assert_eq!(SignInName::parse(name).unwrap().as_str(), name);
        }
        assert_eq!(SignInName::parse("Oficial").unwrap().to_string(), "oficial");
        let longer = format!("{longest}a");
        for text in ["", "a", "ñandú", "a b", "a_b", "\u{212a}elvin", longer.as_str()] {
            assert_eq!(SignInName::parse(text), Err(SignInNameError), "{text}");
        }
    }
}
