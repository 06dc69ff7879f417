//! One sealed record and ways to try it elsewhere.

use crypto_vault::testing::{CountingRng, example_record_context};
use crypto_vault::{
    Active, BatchSealer, Dek, DekId, FieldContext, KeyVersion, OpenError, RecordContext, RecordOpener, Salt,
};
use records_model::Field;

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
