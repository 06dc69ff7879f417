//! One sealed record and ways to try it elsewhere.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use crypto_vault::testing::{CountingRng, example_record_context};
use crypto_vault::{
    Active, BatchSealer, Dek, DekId, FieldContext, KeyVersion, OpenError, RecordContext, RecordOpener, Salt,
};
use records_model::Field;
use sha2::Sha256;

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.as_bytes().chunks(2).map(pair).collect()
}

/// The seed of the key that all tests seal with.
pub(crate) const SEED: u64 = 7;

pub(crate) fn rng() -> CountingRng {
    CountingRng::new(99)
}

pub(crate) fn note() -> FieldContext {
    FieldContext::of_record(Field::Note)
}

pub(crate) fn value() -> FieldContext {
    FieldContext::of_record(Field::Value)
}

/// The same 32 bytes under any id, so that only the binding of contexts can tell places apart.
pub(crate) fn same_bytes(id: DekId) -> Dek<Active> {
    Dek::generate(id, &mut CountingRng::new(SEED))
}

pub(crate) fn id_for(context: &RecordContext) -> DekId {
    DekId::new(context.clinic, context.subject, context.class, KeyVersion::FIRST, None).unwrap()
}

/// A record of two fields: its context, its key and its two envelopes.
pub(crate) struct Sealed {
    pub(crate) context: RecordContext,
    pub(crate) dek: Dek<Active>,
    pub(crate) note: Vec<u8>,
    pub(crate) value: Vec<u8>,
}

pub(crate) fn sealed() -> Sealed {
    let (id, context) = example_record_context();
    let dek = same_bytes(id);
    let mut sealer = BatchSealer::new(&dek, &context, Salt::generate(&mut rng())).unwrap();
    let note = sealer.seal(&note(), b"slept well, no fever").unwrap();
    let value = sealer.seal(&value(), b"36.6").unwrap();
    Sealed { context, dek, note, value }
}

/// Opens one field with the key bytes of the tests at another place.
pub(crate) fn open_at(
    context: &RecordContext,
    field: FieldContext,
    envelope: &[u8],
) -> Result<Vec<u8>, OpenError> {
    open_with(&same_bytes(id_for(context)), context, field, envelope)
}

pub(crate) fn open_with(
    dek: &Dek<Active>,
    context: &RecordContext,
    field: FieldContext,
    envelope: &[u8],
) -> Result<Vec<u8>, OpenError> {
    RecordOpener::for_envelope(dek, context, envelope)?.open(&field, envelope).map(|content| content.to_vec())
}

/// Key and commitment as docs/vault-format.md derives them, written on the crate `hkdf`.
pub(crate) fn derived(dek: [u8; 32], salt: [u8; 24], context: &RecordContext) -> ([u8; 32], [u8; 32]) {
    let info = [
        b"resguardo/vault/v1/field\0".as_slice(),
        &[0xE1, 0x01],
        &1_u32.to_be_bytes(),
        &salt,
        &context.encode(),
    ]
    .concat();
    let mut okm = [0; 64];
    hkdf::Hkdf::<Sha256>::from_prk(&dek).unwrap().expand(&info, &mut okm).unwrap();
    (okm[..32].try_into().unwrap(), okm[32..].try_into().unwrap())
}

/// The envelope of version 1 in slot 0 that a key of version 1 would write, around content that it never writes.
pub(crate) fn sealed_by_hand(
    dek: [u8; 32],
    salt: [u8; 24],
    place: &RecordContext,
    field: FieldContext,
    content: &[u8],
) -> Vec<u8> {
    let (key, commitment) = derived(dek, salt, place);
    let header = [[0xE1, 1, 0, 0, 0, 0, 0, 1].as_slice(), &salt, &commitment].concat();
    let aad = [header.as_slice(), &field.encode()].concat();
    let payload = Payload { msg: content, aad: &aad };
    let body = Aes256Gcm::new(&key.into()).encrypt(&Nonce::from([0; 12]), payload).unwrap();
    [header, body].concat()
}
