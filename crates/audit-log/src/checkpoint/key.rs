//! The key that signs heads, and the text by which others know it.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use records_model::ClinicId;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::base64_array;

/// The signature type of Ed25519 in the signed-note format.
const TYPE_ED25519: u8 = 1;
/// Type byte and public key.
const TYPED_KEY_LEN: usize = 33;

/// The key that signs one clinic's heads. It has no `Debug` and is wiped from memory when dropped.
pub struct LogSigningKey {
    clinic: ClinicId,
    key: SigningKey,
}

impl LogSigningKey {
    /// The key made of these 32 secret bytes (an Ed25519 seed, RFC 8032).
    #[must_use]
    pub fn from_bytes(clinic: ClinicId, secret: &[u8; 32]) -> Self {
        Self { clinic, key: SigningKey::from_bytes(secret) }
    }

    /// Whose log it signs.
    #[must_use]
    pub const fn clinic(&self) -> ClinicId {
        self.clinic
    }

    /// What others need to check its signatures.
    #[must_use]
    pub fn verifier_key(&self) -> VerifierKey {
        VerifierKey { name: super::origin(self.clinic), key: self.key.verifying_key() }
    }

    pub(super) fn sign(&self, text: &str) -> [u8; Signature::BYTE_SIZE] {
        self.key.sign(text.as_bytes()).to_bytes()
    }
}

/// The public half, under the name of the log: `name+hash+key` as the signed-note format writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

/// Why a text is not a verifier key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VerifierKeyError {
    /// Not three parts joined by `+`.
    #[error("a verifier key is a name, 8 hexadecimal digits and a key in base64, joined by `+`")]
    Form,
    /// Not Ed25519, or no point of the curve.
    #[error("the key is not an Ed25519 public key")]
    Key,
    /// The hash in the middle belongs to another name or key.
    #[error("the hash does not belong to this name and key; the text was changed or copied wrongly")]
    Hash,
}

impl VerifierKey {
    /// The name of the log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Reads `name+hash+key`.
    ///
    /// # Errors
    ///
    /// [`VerifierKeyError`] says what is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, VerifierKeyError> {
        let mut parts = text.splitn(3, '+');
        let mut part = || parts.next().filter(|part| !part.is_empty()).ok_or(VerifierKeyError::Form);
        let (name, hash, key) = (part()?, part()?, part()?);
        if name.contains(char::is_whitespace) || hash.len() != 8 {
            return Err(VerifierKeyError::Form);
        }
        let typed: [u8; TYPED_KEY_LEN] = base64_array(key).ok_or(VerifierKeyError::Key)?;
        let [TYPE_ED25519, public @ ..] = typed else {
            return Err(VerifierKeyError::Key);
        };
        let key = VerifyingKey::from_bytes(&public).map_err(|_| VerifierKeyError::Key)?;
        if key.is_weak() {
            return Err(VerifierKeyError::Key);
        }
        let parsed = Self { name: name.to_owned(), key };
        if parsed.to_string() == text { Ok(parsed) } else { Err(VerifierKeyError::Hash) }
    }

    /// First four bytes of SHA-256 over name, line feed, type and key: says which key signed.
    pub(super) fn hash(&self) -> [u8; 4] {
        let digest: [u8; 32] = Sha256::new_with_prefix(self.name.as_bytes())
            .chain_update(b"\n")
            .chain_update(self.typed())
            .finalize()
            .into();
        let [a, b, c, d, ..] = digest;
        [a, b, c, d]
    }

    fn typed(&self) -> [u8; TYPED_KEY_LEN] {
        let mut typed = [TYPE_ED25519; TYPED_KEY_LEN];
        for (byte, key) in typed.iter_mut().skip(1).zip(self.key.as_bytes()) {
            *byte = *key;
        }
        typed
    }

    pub(super) fn verifies(&self, text: &str, signature: &[u8; Signature::BYTE_SIZE]) -> bool {
        self.key.verify_strict(text.as_bytes(), &Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hash = u32::from_be_bytes(self.hash());
        write!(f, "{}+{hash:08x}+{}", self.name, STANDARD.encode(self.typed()))
    }
}

impl std::str::FromStr for VerifierKey {
    type Err = VerifierKeyError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Under a point of small order one signature fits many texts.
    #[test]
    fn a_key_of_small_order_is_refused_although_its_text_is_well_formed() {
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let key = VerifierKey { name: "log".to_owned(), key: VerifyingKey::from_bytes(&neutral).unwrap() };
        assert_eq!(VerifierKey::parse(&key.to_string()), Err(VerifierKeyError::Key));
    }

    /// A line of a signed head parts name and signature at a space.
    #[test]
    fn a_name_with_a_space_is_refused_although_its_key_and_hash_fit() {
        let key = SigningKey::from_bytes(&[7; 32]).verifying_key();
        let named = |name: &str| VerifierKey { name: name.to_owned(), key }.to_string();
        assert!(VerifierKey::parse(&named("my-log")).is_ok());
        assert_eq!(VerifierKey::parse(&named("my log")), Err(VerifierKeyError::Form));
    }
}
