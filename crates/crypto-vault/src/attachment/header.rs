//! The 64 bytes at the head of every attachment: eight of ours, then salt and commitment of the stream.

use super::cobblestone::StreamKey;
use super::{ATTACHMENT_HEADER_BYTES, AttachmentError};
use crate::context::{FieldContext, RecordContext};
use crate::kdf::Expander;

/// Family and version, in the form of the envelope's first byte.
const FAMILY_VERSION: u8 = 0xA1;
/// HKDF-SHA256 for the input key of the stream, Cobblestone-256 for the stream: the only suite of version 1.
const SUITE: u8 = 0x01;
/// Begins what the input key of a stream is derived from.
const LABEL: &[u8] = b"resguardo/vault/v1/attachment\0";
/// Our own part of the header.
const PREFIX_BYTES: usize = 8;

/// What the head of an attachment says, before anything is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttachmentHeader {
    key_number: u32,
    salt: [u8; 24],
    commitment: [u8; 32],
}

impl AttachmentHeader {
    /// Reads the head of a sealed attachment, of which `sealed` is the beginning.
    ///
    /// # Errors
    ///
    /// [`AttachmentError`] if it is too short, of another family, version or suite, or sets a flag.
    pub fn parse(sealed: &[u8]) -> Result<Self, AttachmentError> {
        let too_short = AttachmentError::TooShort { len: sealed.len() };
        let (prefix, rest) = sealed.split_first_chunk::<PREFIX_BYTES>().ok_or(too_short)?;
        let (salt, rest) = rest.split_first_chunk::<24>().ok_or(too_short)?;
        let commitment = rest.first_chunk::<32>().ok_or(too_short)?;
        let [family_version, suite, flags, zero, number @ ..] = *prefix;
        if family_version != FAMILY_VERSION {
            return Err(AttachmentError::Format { found: family_version });
        }
        if suite != SUITE {
            return Err(AttachmentError::Suite { found: suite });
        }
        // The byte that is a slot in an envelope is always zero here.
        if flags | zero != 0 {
            return Err(AttachmentError::Flags { found: flags | zero });
        }
        Ok(Self { key_number: u32::from_be_bytes(number), salt: *salt, commitment: *commitment })
    }

    /// The version of the data key that sealed it.
    #[must_use]
    pub const fn key_number(&self) -> u32 {
        self.key_number
    }

    pub(super) const fn new(key_number: u32, salt: [u8; 24], commitment: [u8; 32]) -> Self {
        Self { key_number, salt, commitment }
    }

    pub(super) const fn commitment(&self) -> &[u8; 32] {
        &self.commitment
    }

    pub(super) const fn salt(&self) -> &[u8; 24] {
        &self.salt
    }

    pub(super) fn to_bytes(self) -> [u8; ATTACHMENT_HEADER_BYTES] {
        let mut bytes = [0; ATTACHMENT_HEADER_BYTES];
        let parts = prefix(self.key_number).into_iter().chain(self.salt).chain(self.commitment);
        bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        bytes
    }
}

const fn prefix(key_number: u32) -> [u8; PREFIX_BYTES] {
    let [a, b, c, d] = key_number.to_be_bytes();
    [FAMILY_VERSION, SUITE, 0, 0, a, b, c, d]
}

/// The key of the stream: format, key version and row go into its input key, the field into its context, so that
/// the commitment stands for all of them.
pub(super) fn stream_key(
    dek: &Expander,
    key_number: u32,
    salt: &[u8; 24],
    record: &RecordContext,
    field: FieldContext,
) -> StreamKey {
    let input_key = dek.expand::<1>(&[LABEL, &prefix(key_number), &record.encode()]);
    let [input_key] = &*input_key;
    StreamKey::derive(input_key, salt, &field.encode())
}
