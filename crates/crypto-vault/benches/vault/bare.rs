//! The bare ciphers that the vault is measured beside.

use aes_gcm::aead::{AeadInOut, KeyInit, inout::InOutBuf};
use aes_gcm::{Aes256Gcm, Nonce};

use crate::timing::Outcome;

/// AES-256-GCM with one key for all calls and a counter as nonce: the least that anybody does.
pub(crate) struct Bare {
    cipher: Cipher,
    counter: u64,
}

enum Cipher {
    Portable(Box<Aes256Gcm>),
    #[cfg(feature = "fast-aead")]
    Fast(aws_lc_rs::aead::LessSafeKey),
}

const KEY: [u8; 32] = [7; 32];

impl Bare {
    /// Each bare cipher of this build, with its name.
    pub(crate) fn all() -> Vec<(&'static str, Self)> {
        let portable = Self { cipher: Cipher::Portable(Box::new(Aes256Gcm::new(&KEY.into()))), counter: 0 };
        #[cfg(feature = "fast-aead")]
        let fast = {
            use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
            let key = UnboundKey::new(&AES_256_GCM, &KEY).ok().map(LessSafeKey::new);
            key.map(|key| ("aws-lc-rs", Self { cipher: Cipher::Fast(key), counter: 0 }))
        };
        #[cfg(not(feature = "fast-aead"))]
        let fast = None;
        std::iter::once(("aes-gcm", portable)).chain(fast).collect()
    }

    /// Appends ciphertext and tag.
    pub(crate) fn seal(&mut self, clear: &[u8], out: &mut Vec<u8>) -> Outcome {
        self.counter += 1;
        let mut nonce = [0; 12];
        nonce.iter_mut().zip(self.counter.to_le_bytes()).for_each(|(to, from)| *to = from);
        let start = out.len();
        out.extend_from_slice(clear);
        let body = out.get_mut(start..).unwrap_or_default();
        match &self.cipher {
            Cipher::Portable(cipher) => {
                let tag = cipher.encrypt_inout_detached(&Nonce::from(nonce), &[], InOutBuf::from(body));
                out.extend_from_slice(&tag.map_err(|_| "the cipher refused")?);
            }
            #[cfg(feature = "fast-aead")]
            Cipher::Fast(key) => {
                use aws_lc_rs::aead::{Aad, Nonce};
                let nonce = Nonce::assume_unique_for_key(nonce);
                let tag = key.seal_in_place_separate_tag(nonce, Aad::empty(), body);
                out.extend_from_slice(tag.map_err(|_| "the cipher refused")?.as_ref());
            }
        }
        Ok(())
    }
}
