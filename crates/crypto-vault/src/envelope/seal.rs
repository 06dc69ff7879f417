//! Sealing the fields of one record write.

use thiserror::Error;

use super::padding::pad;
use super::{CONTENT_BYTES_MAX, FIELDS_MAX, Label, Salt, WriteKey};
use crate::context::{ContentType, FieldContext, RecordContext};
use crate::key::{Active, Dek};

/// Why nothing was sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SealError {
    /// The context names another clinic, person or class than the key.
    #[error("the key belongs to another clinic, person or retention class than the record")]
    KeyOfAnother,
    /// More than [`FIELDS_MAX`] fields in one write.
    #[error("a record has at most {FIELDS_MAX} fields")]
    TooManyFields,
    /// Content longer than [`CONTENT_BYTES_MAX`].
    #[error("a field holds at most {CONTENT_BYTES_MAX} bytes, not {len}; larger content is an attachment")]
    TooLong {
        /// Length of the content in bytes.
        len: usize,
    },
}

/// Seals the fields of one write of one record under a key of its own.
///
/// Not `Clone`: two sealers with one key would use a nonce twice. Slots are given in order, so no slot is used
/// twice either. A changed record is sealed whole at its next version.
///
/// ```
/// use crypto_vault::testing::{CountingRng, example_record_context};
/// use crypto_vault::{BatchSealer, Dek, FieldContext, RecordOpener, Salt};
/// use records_model::Field;
///
/// let mut rng = CountingRng::new(1); // the product passes the runtime's own source of randomness
/// let (dek_id, context) = example_record_context();
/// let dek = Dek::generate(dek_id, &mut rng);
///
/// let mut sealer = BatchSealer::new(&dek, &context, Salt::generate(&mut rng))?;
/// let field = FieldContext::of_record(Field::Note);
/// let envelope = sealer.seal(&field, b"slept well")?;
/// assert_eq!(envelope.len(), 80 + 10);
///
/// let mut opener = RecordOpener::for_envelope(&dek, &context, &envelope)?;
/// assert_eq!(opener.open(&field, &envelope)?.as_slice(), b"slept well");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct BatchSealer {
    key: WriteKey,
    sealed: usize,
    aad: Vec<u8>,
}

impl BatchSealer {
    /// Derives the key of this write from the data key, the context and a fresh salt.
    ///
    /// # Errors
    ///
    /// [`SealError::KeyOfAnother`] if clinic, person or class of key and context differ.
    pub fn new(dek: &Dek<Active>, context: &RecordContext, salt: Salt) -> Result<Self, SealError> {
        let id = dek.id();
        if !id.covers(context) {
            return Err(SealError::KeyOfAnother);
        }
        let number = id.version().number();
        let key =
            WriteKey::derive(dek.expander(), Label::Field, number, salt.into_bytes(), &context.encode());
        Ok(Self { key, sealed: 0, aad: Vec::with_capacity(128) })
    }

    /// Seals one field into an envelope of its own; the envelope is 80 bytes longer than the content, which is padded
    /// first where its type says so.
    ///
    /// # Errors
    ///
    /// [`SealError`] if the content is too long or all slots are used.
    pub fn seal(&mut self, field: &FieldContext, content: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut out = Vec::new();
        self.seal_into(field, content, &mut out)?;
        Ok(out)
    }

    /// Seals one field and appends the envelope to `out`, which stays as it was on error.
    ///
    /// # Errors
    ///
    /// [`SealError`] if the content is too long or all slots are used.
    pub fn seal_into(
        &mut self,
        field: &FieldContext,
        content: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        let padded = (field.content_type == ContentType::PaddedText).then(|| pad(content));
        let too_long = SealError::TooLong { len: content.len() };
        let content = padded.as_ref().map_or(content, |padded| padded.as_slice());
        if content.len() > CONTENT_BYTES_MAX {
            return Err(too_long);
        }
        let slot = match u8::try_from(self.sealed) {
            Ok(slot) if self.sealed < FIELDS_MAX => slot,
            _ => return Err(SealError::TooManyFields),
        };
        self.sealed += 1;
        let start = out.len();
        // AES-GCM refuses nothing but a length, and the length was checked.
        self.key.seal(slot, &mut self.aad, |aad| field.encode_into(aad), content, out).map_err(|_| {
            out.truncate(start);
            too_long
        })
    }
}
