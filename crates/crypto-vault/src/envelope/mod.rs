//! The envelope, version 1: 64 bytes of header, the ciphertext, 16 bytes of tag.

mod cipher;
mod header;
mod open;
mod padding;
mod seal;

pub use header::EnvelopeHeader;
pub use open::{OpenError, RecordOpener};
pub use padding::PADDED_BYTES;
pub use seal::{BatchSealer, SealError};

pub(crate) use cipher::{Label, WriteKey};
pub(crate) use header::split;

use rand_core::CryptoRng;

use crate::aead::TAG_BYTES;

/// What an envelope adds to its content, in bytes.
pub const OVERHEAD_BYTES: usize = HEADER_BYTES + TAG_BYTES;
/// Largest content of one field, in bytes: 1 MiB. Larger content is an attachment.
pub const CONTENT_BYTES_MAX: usize = 1 << 20;
/// Most fields of one record write: slots 0 to 254.
pub const FIELDS_MAX: usize = 255;

pub(crate) const HEADER_BYTES: usize = 64;

/// 24 fresh random bytes for one record write.
///
/// Neither `Clone` nor `Copy`: two writes under one salt would share a key and its nonces.
pub struct Salt([u8; 24]);

impl Salt {
    /// Draws a salt.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        let mut salt = [0; 24];
        rng.fill_bytes(&mut salt);
        Self(salt)
    }

    pub(crate) const fn into_bytes(self) -> [u8; 24] {
        self.0
    }
}
