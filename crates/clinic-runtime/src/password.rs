//! Passwords of staff: hashed with argon2id, never stored.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use thiserror::Error;

/// Fewest characters of a password (a choice of this project).
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Most characters of a password: hashing costs time, and a longer one adds nothing.
pub const PASSWORD_CHARS_MAX: usize = 256;

/// Why a password cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// Too short or too long.
    #[error(
        "a password has between {PASSWORD_CHARS_MIN} and {PASSWORD_CHARS_MAX} characters; a few words make a good one"
    )]
    Length,
    /// The system has no randomness to give.
    #[error("the system gave no randomness; try again")]
    Randomness,
    /// The hash could not be made.
    #[error("the password could not be hashed; try again")]
    Hash,
}

/// The hash under which a password is stored; it holds its salt and cost. It takes some tens of milliseconds, on
/// purpose.
///
/// # Errors
///
/// [`PasswordError`].
pub fn hash_password(password: &str) -> Result<String, PasswordError> {
    if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&password.chars().count()) {
        return Err(PasswordError::Length);
    }
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|_| PasswordError::Randomness)?;
    let hash: PasswordHash =
        hasher().hash_password_with_salt(password.as_bytes(), &salt).map_err(|_| PasswordError::Hash)?;
    Ok(hash.to_string())
}

/// Whether a password is the one behind a stored hash. Without a hash it takes as long and says no, so that an
/// unknown name cannot be told from a wrong password by the clock.
#[must_use]
pub fn verify_password(stored: Option<&str>, password: &str) -> PasswordCheck {
    let Some(hash) = stored.and_then(|text| PasswordHash::new(text).ok()) else {
        let mut out = [0; 32];
        let _ = hasher().hash_password_into(password.as_bytes(), &[0; 16], &mut out);
        return PasswordCheck::Wrong;
    };
    match hasher().verify_password(password.as_bytes(), &hash) {
        Ok(()) => PasswordCheck::Right,
        Err(_) => PasswordCheck::Wrong,
    }
}

/// What a check of a password says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordCheck {
    /// It is the one.
    Right,
    /// It is not.
    Wrong,
}

/// argon2id with the crate's recommended cost (OWASP: 19 MiB, two passes).
fn hasher() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_itself_is_right() {
        let stored = hash_password("cuatro palabras al azar").unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert_eq!(verify_password(Some(&stored), "cuatro palabras al azar"), PasswordCheck::Right);
        assert_eq!(verify_password(Some(&stored), "cuatro palabras al azar "), PasswordCheck::Wrong);
        assert_eq!(verify_password(None, "cuatro palabras al azar"), PasswordCheck::Wrong);
        assert_eq!(hash_password("corta"), Err(PasswordError::Length));
    }
}
