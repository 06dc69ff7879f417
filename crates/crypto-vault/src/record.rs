//! A whole record, sealed and opened in one call.

use records_model::{ClinicId, Field, FieldValue, Record, RecordContent, RecordHead, Set};
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use crate::context::{FieldContext, RecordContext};
use crate::envelope::{BatchSealer, OpenError, RecordOpener, Salt, SealError};
use crate::key::{Active, DecryptKey, Dek, KeyVersion};

/// A record as it is stored: what may be said of it in the clear, and one envelope per field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRecord {
    /// The clinic whose key sealed it.
    pub clinic: ClinicId,
    /// What can be said of it without opening it.
    pub head: RecordHead,
    /// The version of the data key that sealed it.
    pub key_version: KeyVersion,
    /// One envelope per field.
    pub fields: Vec<(Field, Vec<u8>)>,
    /// What the log keeps of the content: see [`content_hash`].
    pub content_hash: [u8; 32],
}

/// Seals every field of a record under a key of this one write.
///
/// ```
/// use crypto_vault::testing::{CountingRng, example_dek_id, example_record};
/// use crypto_vault::{Dek, Salt, open_fields, seal_record};
/// use records_model::{Field, Set};
///
/// let mut rng = CountingRng::new(1); // the product passes the runtime's own source of randomness
/// let record = example_record();
/// let dek = Dek::generate(example_dek_id(), &mut rng);
/// let sealed = seal_record(&dek, &record, Salt::generate(&mut rng))?;
///
/// let opened = open_fields(&dek, &sealed.head, &sealed.fields, Set::one(Field::Display))?;
/// assert_eq!(opened.len(), 1); // only what was asked for is ever in the clear
/// assert_eq!(opened.get(&Field::Display), record.content().get(&Field::Display));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`SealError`] if the key is another's or a field is longer than an envelope holds.
pub fn seal_record(dek: &Dek<Active>, record: &Record, salt: Salt) -> Result<SealedRecord, SealError> {
    let clinic = dek.id().clinic();
    let context = RecordContext::of_record(clinic, record.head());
    let mut sealer = BatchSealer::new(dek, &context, salt)?;
    let fields = record
        .content()
        .iter()
        .map(|(field, value)| {
            let envelope = sealer.seal(&FieldContext::of_record(*field), value.as_str().as_bytes())?;
            Ok((*field, envelope))
        })
        .collect::<Result<Vec<_>, SealError>>()?;
    Ok(SealedRecord {
        clinic,
        head: record.head().clone(),
        key_version: dek.id().version(),
        content_hash: content_hash(&fields),
        fields,
    })
}

/// Opens the wanted fields of a record, and no other; a wanted field that the record does not have is left out.
///
/// # Errors
///
/// [`OpenError`] if any wanted envelope does not open where it stands: the whole call fails, nothing is given
/// out.
pub fn open_fields(
    dek: &impl DecryptKey,
    head: &RecordHead,
    fields: &[(Field, Vec<u8>)],
    wanted: Set<Field>,
) -> Result<RecordContent, OpenError> {
    let mut chosen = fields.iter().filter(|(field, _)| wanted.contains(*field)).peekable();
    let Some((_, first)) = chosen.peek() else {
        return Ok(RecordContent::new());
    };
    let context = RecordContext::of_record(dek.id().clinic(), head);
    let mut opener = RecordOpener::for_envelope(dek, &context, first)?;
    chosen
        .map(|(field, envelope)| {
            let mut bytes = opener.open(&FieldContext::of_record(*field), envelope)?;
            let text = String::from_utf8(std::mem::take(&mut *bytes)).map_err(|error| {
                error.into_bytes().zeroize();
                OpenError::NotText
            })?;
            Ok((*field, FieldValue::new(text)))
        })
        .collect()
}

/// SHA-256 over the sealed fields in the order of their codes, each as the length of its code (u16), the code,
/// the length of its envelope (u32) and the envelope, big-endian.
///
/// The log keeps it, so that an older row put back in place of a newer one is found. It is a hash of sealed
/// bytes: it says nothing about the content, and nothing at all once the key is destroyed.
#[must_use]
pub fn content_hash(fields: &[(Field, Vec<u8>)]) -> [u8; 32] {
    let mut sorted: Vec<(&'static str, &[u8])> =
        fields.iter().map(|(field, envelope)| ((*field).into(), envelope.as_slice())).collect();
    sorted.sort_unstable();
    let mut hash = Sha256::new_with_prefix(b"resguardo/vault/v1/content\0");
    for (code, envelope) in sorted {
        hash.update(u16::try_from(code.len()).unwrap_or(u16::MAX).to_be_bytes());
        hash.update(code);
        hash.update(u32::try_from(envelope.len()).unwrap_or(u32::MAX).to_be_bytes());
        hash.update(envelope);
    }
    hash.finalize().into()
}
