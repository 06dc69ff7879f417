//! Opening fields: every refusal is named, and no second key is ever tried.

use thiserror::Error;
use zeroize::Zeroizing;

use super::header::split;
use super::padding::unpadded_len;
use super::{CONTENT_BYTES_MAX, EnvelopeHeader, Label, OVERHEAD_BYTES, WriteKey};
use crate::context::{ContentType, FieldContext, RecordContext};
use crate::key::DecryptKey;

/// Why an envelope did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Shorter than the overhead alone.
    #[error("an envelope has at least {OVERHEAD_BYTES} bytes, not {len}")]
    TooShort {
        /// Its length in bytes.
        len: usize,
    },
    /// Longer than any envelope of version 1.
    #[error("an envelope has at most {} bytes, not {len}", OVERHEAD_BYTES + CONTENT_BYTES_MAX)]
    TooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// Another family or version.
    #[error("this is no envelope of version 1 (first byte {found:#04x})")]
    Format {
        /// The first byte.
        found: u8,
    },
    /// A suite that version 1 does not have.
    #[error("the envelope names an unknown suite ({found:#04x})")]
    Suite {
        /// The suite.
        found: u8,
    },
    /// A flag that this reader does not know.
    #[error("the envelope sets unknown flags ({found:#04x})")]
    Flags {
        /// The flags.
        found: u8,
    },
    /// Slot 255, which is never written.
    #[error("the envelope names a slot that does not exist")]
    Slot,
    /// Sealed under another version of the key, or wrapped under another epoch.
    #[error("the envelope needs key {found}, and key {held} was given")]
    KeyNumber {
        /// What the envelope names.
        found: u32,
        /// What was given.
        held: u32,
    },
    /// The context names another clinic, person or class than the key.
    #[error("the key belongs to another clinic, person or retention class than the record")]
    KeyOfAnother,
    /// The envelope was sealed in another write than the one this opener is for.
    #[error("the envelope belongs to another write of the record")]
    OtherWrite,
    /// The envelope commits to another key or to another context.
    #[error("the envelope was sealed under another key or for another place")]
    Commitment,
    /// Changed after sealing, or sealed for another field of the same write.
    #[error("the envelope was changed, or belongs to another field")]
    Altered,
    /// The padding of a padded field has another form.
    #[error("the content of the field is not padded as its type says")]
    Padding,
    /// The content of a text field is not UTF-8.
    #[error("the content of the field is not text")]
    NotText,
}

/// Opens fields of one write of one record; the key is derived once.
pub struct RecordOpener {
    key: WriteKey,
    key_number: u32,
    aad: Vec<u8>,
}

impl RecordOpener {
    /// Derives the key of the write that sealed this envelope, and checks that the envelope commits to it.
    ///
    /// Any envelope of the write will do; all fields of one record version are of one write.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the envelope is no envelope of version 1, names another key version, or was sealed
    /// under another key or for another place.
    pub fn for_envelope(
        dek: &impl DecryptKey,
        context: &RecordContext,
        envelope: &[u8],
    ) -> Result<Self, OpenError> {
        let header = split(envelope)?.header;
        let id = dek.id();
        if !id.covers(context) {
            return Err(OpenError::KeyOfAnother);
        }
        let key_number = id.version().number();
        check_number(&header, key_number)?;
        let key =
            WriteKey::derive(dek.expander(), Label::Field, key_number, *header.salt(), &context.encode());
        if !key.is_committed_by(&header) {
            return Err(OpenError::Commitment);
        }
        Ok(Self { key, key_number, aad: Vec::with_capacity(128) })
    }

    /// Opens one field. The content is wiped when dropped.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the envelope is of another write, was changed, or belongs to another field.
    pub fn open(&mut self, field: &FieldContext, envelope: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let parts = split(envelope)?;
        let header = &parts.header;
        check_number(header, self.key_number)?;
        if !self.key.has_salt_of(header) {
            return Err(OpenError::OtherWrite);
        }
        if !self.key.is_committed_by(header) {
            return Err(OpenError::Commitment);
        }
        let mut content = Zeroizing::new(vec![0; parts.body.len()]);
        self.key
            .open(&parts, &mut self.aad, |aad| field.encode_into(aad), &mut content)
            .map_err(|_| OpenError::Altered)?;
        if field.content_type == ContentType::PaddedText {
            let len = unpadded_len(&content).ok_or(OpenError::Padding)?;
            content.truncate(len);
        }
        Ok(content)
    }
}

pub(crate) const fn check_number(header: &EnvelopeHeader, held: u32) -> Result<(), OpenError> {
    if header.key_number() == held {
        Ok(())
    } else {
        Err(OpenError::KeyNumber { found: header.key_number(), held })
    }
}
