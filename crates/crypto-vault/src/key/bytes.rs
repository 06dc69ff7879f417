//! The 32 bytes of a key: on the heap, so that moving the key leaves no copy behind, and wiped when dropped.

use rand_core::CryptoRng;
use zeroize::Zeroize;

/// 32 secret bytes.
pub(crate) struct KeyBytes(Box<[u8; 32]>);

impl KeyBytes {
    pub(crate) fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = Self(Box::new([0; 32]));
        rng.fill_bytes(bytes.0.as_mut_slice());
        bytes
    }

    /// Copies the bytes in; the caller wipes its own.
    pub(crate) fn copy_of(source: &[u8; 32]) -> Self {
        let mut bytes = Self(Box::new([0; 32]));
        bytes.0.copy_from_slice(source);
        bytes
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for KeyBytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
