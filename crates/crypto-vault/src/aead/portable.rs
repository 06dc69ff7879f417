//! The cipher of the crate `aes-gcm`: Rust alone, and what is used unless `fast-aead` is on.

use aes_gcm::aead::{AeadInOut, KeyInit, inout::InOutBuf};
use aes_gcm::{Aes256Gcm, Nonce, Tag};

use super::{Refused, TAG_BYTES};

/// A key ready for use; its key schedule is wiped when dropped.
pub(crate) struct Aead(Aes256Gcm);

impl Aead {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Encrypts in place. Refuses nothing but lengths beyond 64 GiB.
    pub(crate) fn seal(
        &self,
        nonce: [u8; 12],
        aad: &[u8],
        body: &mut [u8],
    ) -> Result<[u8; TAG_BYTES], Refused> {
        let body = InOutBuf::from(body);
        self.0.encrypt_inout_detached(&Nonce::from(nonce), aad, body).map(Into::into).map_err(|_| Refused)
    }

    /// Decrypts into `out`, which has the length of `sealed`; on refusal no part of the content is in it.
    pub(crate) fn open(
        &self,
        nonce: [u8; 12],
        aad: &[u8],
        sealed: &[u8],
        tag: &[u8; TAG_BYTES],
        out: &mut [u8],
    ) -> Result<(), Refused> {
        let body = InOutBuf::new(sealed, out).map_err(|_| Refused)?;
        self.0.decrypt_inout_detached(&Nonce::from(nonce), aad, body, &Tag::from(*tag)).map_err(|_| Refused)
    }
}
