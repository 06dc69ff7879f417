//! The cipher of `aws-lc-rs`, for the feature `fast-aead`: the same bytes, faster, and built from C and assembler.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroize;

use super::{Refused, TAG_BYTES};

/// A key ready for use, wiped by the library when dropped; `None` if the library refused it, and then it seals and
/// opens nothing.
pub(crate) struct Aead(Option<LessSafeKey>);

impl Aead {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(UnboundKey::new(&AES_256_GCM, key).ok().map(LessSafeKey::new))
    }

    /// Encrypts in place. Refuses nothing but lengths beyond 64 GiB.
    pub(crate) fn seal(
        &self,
        nonce: [u8; 12],
        aad: &[u8],
        body: &mut [u8],
    ) -> Result<[u8; TAG_BYTES], Refused> {
        let key = self.0.as_ref().ok_or(Refused)?;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = key.seal_in_place_separate_tag(nonce, Aad::from(aad), body).map_err(|_| Refused)?;
        tag.as_ref().try_into().map_err(|_| Refused)
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
        let key = self.0.as_ref().ok_or(Refused)?;
        let nonce = Nonce::assume_unique_for_key(nonce);
        let opened = key.open_separate_gather(nonce, Aad::from(aad), sealed, tag, out);
        opened.map_err(|_| {
            out.zeroize();
            Refused
        })
    }
}
