//! The root of a clinic's blind indexes.

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use thiserror::Error;

use super::SearchKeys;
use crate::kdf::expand;
use crate::key::{IndexRootId, KeyBytes};

/// The key from which a clinic's index keys are derived. Neither `Clone`, `Debug` nor serialisable.
pub struct IndexRoot {
    id: IndexRootId,
    key: KeyBytes,
}

/// What is stored beside the index to recognise its key; it says nothing about the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexKeyCheck(pub [u8; 16]);

/// The index was built with another key: a search would find nobody and say so without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the blind index was built with another key; restore the key it was built with, or rebuild the index"
)]
pub struct IndexKeyMismatch;

impl IndexRoot {
    /// Makes a new root from the caller's randomness.
    #[must_use]
    pub fn generate(id: IndexRootId, rng: &mut impl CryptoRng) -> Self {
        Self { id, key: KeyBytes::generate(rng) }
    }

    /// Which root it is.
    #[must_use]
    pub const fn id(&self) -> IndexRootId {
        self.id
    }

    /// What to store beside a new index.
    #[must_use]
    pub fn check_value(&self) -> IndexKeyCheck {
        let okm = expand::<1>(self.key.expose(), &[b"resguardo/vault/v1/index-check\0", &self.id.encode()]);
        let mut check = [0; 16];
        check.iter_mut().zip(okm.iter().flatten()).for_each(|(to, from)| *to = *from);
        IndexKeyCheck(check)
    }

    /// The keys to search with, given the value stored beside the index: there is no other way to them, so a
    /// wrong key can neither search nor write.
    ///
    /// # Errors
    ///
    /// [`IndexKeyMismatch`] if the index was built with another key.
    pub fn search_keys(&self, stored: &IndexKeyCheck) -> Result<SearchKeys, IndexKeyMismatch> {
        if bool::from(self.check_value().0.ct_eq(&stored.0)) {
            Ok(SearchKeys::derive(&self.id, self.key.expose()))
        } else {
            Err(IndexKeyMismatch)
        }
    }

    pub(crate) const fn from_key(id: IndexRootId, key: KeyBytes) -> Self {
        Self { id, key }
    }

    pub(crate) const fn bytes(&self) -> &KeyBytes {
        &self.key
    }
}
