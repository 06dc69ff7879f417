//! A secret of 32 bytes that another crate uses, such as the seed of the key that signs checkpoints.

use rand_core::CryptoRng;

use super::{KeyBytes, SecretId};

/// 32 secret bytes with a stated use. Neither `Clone`, `Debug` nor serialisable; wiped when dropped.
pub struct Secret {
    id: SecretId,
    key: KeyBytes,
}

impl Secret {
    /// Draws a secret from the caller's randomness.
    #[must_use]
    pub fn generate(id: SecretId, rng: &mut impl CryptoRng) -> Self {
        Self { id, key: KeyBytes::generate(rng) }
    }

    /// Which secret it is.
    #[must_use]
    pub const fn id(&self) -> &SecretId {
        &self.id
    }

    /// The bytes, for the crate that uses them; copies of them are not wiped by this crate.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.key.expose()
    }

    pub(crate) const fn from_key(id: SecretId, key: KeyBytes) -> Self {
        Self { id, key }
    }

    pub(crate) const fn bytes(&self) -> &KeyBytes {
        &self.key
    }
}
