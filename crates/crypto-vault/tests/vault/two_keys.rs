//! Two-key forgery: one AES-GCM ciphertext that is valid under two keys. Raw AES-GCM accepts it; the vault, whose
//! envelopes commit to their key, does not.

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use crypto_vault::testing::{ReplayRng, example_record_context};
use crypto_vault::{Dek, OpenError, Salt};

use crate::support::{derived, note, open_with};

/// Product in the field of GCM (NIST SP 800-38D, section 6.3).
fn product(x: u128, y: u128) -> u128 {
    let (mut z, mut v) = (0, y);
    for bit in (0..128).rev() {
        if (x >> bit) & 1 == 1 {
            z ^= v;
        }
        v = (v >> 1) ^ if v & 1 == 1 { 0xe1 << 120 } else { 0 };
    }
    z
}

/// x to the power 2^128 - 2, the inverse of x.
fn inverse(x: u128) -> u128 {
    let (mut power, mut result) = (x, 1 << 127);
    for _ in 1..128 {
        power = product(power, power);
        result = product(result, power);
    }
    result
}

fn block(key: &[u8; 32], input: u128) -> u128 {
    let mut block = input.to_be_bytes().into();
    aes::Aes256::new(key.into()).encrypt_block(&mut block);
    u128::from_be_bytes(block.into())
}

fn blocks(bytes: &[u8]) -> Vec<u128> {
    let padded = |chunk: &[u8]| {
        let mut block = [0; 16];
        block[..chunk.len()].copy_from_slice(chunk);
        u128::from_be_bytes(block)
    };
    bytes.chunks(16).map(padded).collect()
}

/// The tag of AES-GCM, written out (SP 800-38D, section 7.1).
fn tag(key: &[u8; 32], nonce: u128, aad: &[u8], ciphertext: &[u128]) -> u128 {
    let h = block(key, 0);
    let lengths = ((aad.len() as u128 * 8) << 64) | (ciphertext.len() as u128 * 128);
    let all = blocks(aad).into_iter().chain(ciphertext.iter().copied()).chain([lengths]);
    all.fold(0, |sum, next| product(sum ^ next, h)) ^ block(key, (nonce << 32) | 1)
}

/// A ciphertext and tag that AES-GCM accepts under both keys: the last block is solved for.
fn forge(keys: [&[u8; 32]; 2], nonce: u128, aad: &[u8]) -> (Vec<u128>, u128) {
    let mut ciphertext = vec![0x0123_4567, 0x89ab_cdef, 0xfeed, 0];
    let gap = tag(keys[0], nonce, aad, &ciphertext) ^ tag(keys[1], nonce, aad, &ciphertext);
    let squares = keys.map(|key| product(block(key, 0), block(key, 0)));
    ciphertext[3] = product(gap, inverse(squares[0] ^ squares[1]));
    let forged = tag(keys[0], nonce, aad, &ciphertext);
    (ciphertext, forged)
}

fn bytes_of(ciphertext: &[u128], tag: u128) -> Vec<u8> {
    ciphertext.iter().chain([&tag]).flat_map(|block| block.to_be_bytes()).collect()
}

#[test]
fn two_key_forgery() {
    let (id, context) = example_record_context();
    let (dek_a, dek_b, salt) = ([0xaa; 32], [0xbb; 32], [0x5a; 24]);
    let (key_a, commitment_a) = derived(dek_a, salt, &context);
    let (key_b, commitment_b) = derived(dek_b, salt, &context);
    let header = |commitment: [u8; 32]| [[0xE1, 1, 0, 0, 0, 0, 0, 1].as_slice(), &salt, &commitment].concat();
    let aad = [header(commitment_a), note().encode()].concat();
    let (ciphertext, tag) = forge([&key_a, &key_b], 0, &aad);
    let body = bytes_of(&ciphertext, tag);

    // Positive control: raw AES-GCM gives two different texts for one ciphertext, and accepts both.
    let raw = |key: [u8; 32]| {
        let payload = Payload { msg: &body, aad: &aad };
        Aes256Gcm::new(&key.into()).decrypt(&Nonce::from([0; 12]), payload).unwrap()
    };
    assert_ne!(raw(key_a), raw(key_b));

    let (vault_a, vault_b) =
        (Dek::generate(id, &mut ReplayRng::new(&dek_a)), Dek::generate(id, &mut ReplayRng::new(&dek_b)));
    let envelope = [header(commitment_a), body.clone()].concat();
    assert_eq!(open_with(&vault_a, &context, note(), &envelope).unwrap(), raw(key_a));
    assert_eq!(open_with(&vault_b, &context, note(), &envelope), Err(OpenError::Commitment));
    let recommitted = [header(commitment_b), body].concat();
    assert_eq!(open_with(&vault_b, &context, note(), &recommitted), Err(OpenError::Altered));
}

#[test]
fn the_derivation_written_out_here_is_the_one_in_use() {
    let (id, context) = example_record_context();
    let dek = Dek::generate(id, &mut ReplayRng::new(&[0xaa; 32]));
    let salt = Salt::generate(&mut ReplayRng::new(&[0x5a; 24]));
    let envelope =
        crypto_vault::BatchSealer::new(&dek, &context, salt).unwrap().seal(&note(), b"hello").unwrap();
    let (key, commitment) = derived([0xaa; 32], [0x5a; 24], &context);
    assert_eq!(envelope[32..64], commitment);
    let aad = [&envelope[..64], &note().encode()].concat();
    let payload = Payload { msg: &envelope[64..], aad: &aad };
    let raw = Aes256Gcm::new(&key.into()).decrypt(&Nonce::from([0; 12]), payload);
    assert_eq!(raw.unwrap(), b"hello");
}
