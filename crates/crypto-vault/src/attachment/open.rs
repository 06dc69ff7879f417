//! Opening an attachment from its beginning: sealed bytes are pushed in parts of any size.

use thiserror::Error;

use super::cobblestone::{SEALED_CHUNK_BYTES, StreamKey};
use super::header::{AttachmentHeader, stream_key};
use super::{ATTACHMENT_HEADER_BYTES, CHUNK_BYTES};
use crate::aead::TAG_BYTES;
use crate::context::{FieldContext, RecordContext};
use crate::key::DecryptKey;

/// Why an attachment did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AttachmentError {
    /// Shorter than its header.
    #[error("an attachment begins with {ATTACHMENT_HEADER_BYTES} bytes, not {len}")]
    TooShort {
        /// Its length in bytes.
        len: usize,
    },
    /// Another family or version.
    #[error("this is no attachment of version 1 (first byte {found:#04x})")]
    Format {
        /// The first byte.
        found: u8,
    },
    /// A suite that version 1 does not have.
    #[error("the attachment names an unknown suite ({found:#04x})")]
    Suite {
        /// The suite.
        found: u8,
    },
    /// A flag that this reader does not know.
    #[error("the attachment sets unknown flags ({found:#04x})")]
    Flags {
        /// The flags.
        found: u8,
    },
    /// Sealed under another version of the key.
    #[error("the attachment needs key {found}, and key {held} was given")]
    KeyNumber {
        /// What the attachment names.
        found: u32,
        /// What was given.
        held: u32,
    },
    /// The context names another clinic, person or class than the key.
    #[error("the key belongs to another clinic, person or retention class than the attachment")]
    KeyOfAnother,
    /// The attachment commits to another key, row or field.
    #[error("the attachment was sealed under another key or for another place")]
    Commitment,
    /// A chunk was changed, moved, or belongs to another attachment.
    #[error("chunk {number} of the attachment was changed or stands in a wrong place")]
    Altered {
        /// Its number, from 0.
        number: u64,
    },
    /// The end is missing, or the length is one that no attachment has.
    #[error("the attachment is cut")]
    Truncated,
    /// The chunk asked for, or handed in, is not one of this attachment.
    #[error("the attachment has no such chunk")]
    NoSuchChunk,
}

/// Opens one attachment in constant memory: it keeps less than one chunk.
///
/// Content given out before [`AttachmentOpener::finish`] is a beginning of what was sealed; only `finish` says that
/// it is the whole. A refusal takes the opener away, so nothing can be read past it. Whoever receives the content
/// wipes it.
pub struct AttachmentOpener {
    stream: StreamKey,
    pending: Vec<u8>,
    next: u64,
}

impl AttachmentOpener {
    /// Checks the header, which is the first [`ATTACHMENT_HEADER_BYTES`] of `header`.
    ///
    /// # Errors
    ///
    /// [`AttachmentError`] if the header is not one of version 1, or the attachment was sealed under another key
    /// or for another place.
    pub fn begin(
        dek: &impl DecryptKey,
        record: &RecordContext,
        field: &FieldContext,
        header: &[u8],
    ) -> Result<Self, AttachmentError> {
        open_stream(dek, record, *field, header).map(Self::of_stream)
    }

    pub(super) fn of_stream(stream: StreamKey) -> Self {
        Self { stream, pending: Vec::with_capacity(SEALED_CHUNK_BYTES), next: 0 }
    }

    /// Takes the next part of what follows the header, and appends the content of every full chunk to `out`.
    ///
    /// # Errors
    ///
    /// [`AttachmentError::Altered`] names the first chunk that does not open where it stands.
    pub fn push(mut self, sealed: &[u8], out: &mut Vec<u8>) -> Result<Self, AttachmentError> {
        let mut rest = sealed;
        while !rest.is_empty() {
            if self.pending.is_empty()
                && let Some((chunk, after)) = rest.split_first_chunk::<SEALED_CHUNK_BYTES>()
            {
                self.open(chunk, out)?;
                rest = after;
                continue;
            }
            let (part, after) = rest.split_at(rest.len().min(SEALED_CHUNK_BYTES - self.pending.len()));
            self.pending.extend_from_slice(part);
            rest = after;
            if self.pending.len() == SEALED_CHUNK_BYTES {
                let chunk = std::mem::take(&mut self.pending);
                self.open(&chunk, out)?;
                self.pending = chunk;
                self.pending.clear();
            }
        }
        Ok(self)
    }

    /// Opens the last chunk: the attachment is whole.
    ///
    /// # Errors
    ///
    /// [`AttachmentError::Truncated`] if the last chunk is missing, [`AttachmentError::Altered`] if it does not
    /// open where it stands.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), AttachmentError> {
        let last = std::mem::take(&mut self.pending);
        if last.len() < TAG_BYTES {
            return Err(AttachmentError::Truncated);
        }
        self.open(&last, out)
    }

    fn open(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), AttachmentError> {
        debug_assert!(chunk.len() <= CHUNK_BYTES + TAG_BYTES);
        let number = self.next;
        self.stream.open(number, chunk, out).map_err(|_| AttachmentError::Altered { number })?;
        self.next += 1;
        Ok(())
    }
}

/// The key of a stream, once its header was found to commit to it.
pub(super) fn open_stream(
    dek: &impl DecryptKey,
    record: &RecordContext,
    field: FieldContext,
    header: &[u8],
) -> Result<StreamKey, AttachmentError> {
    let header = AttachmentHeader::parse(header)?;
    let id = dek.id();
    if !id.covers(record) {
        return Err(AttachmentError::KeyOfAnother);
    }
    let held = id.version().number();
    if header.key_number() != held {
        return Err(AttachmentError::KeyNumber { found: header.key_number(), held });
    }
    let stream = stream_key(dek.expander(), held, header.salt(), record, field);
    if stream.is_committed_by(header.commitment()) { Ok(stream) } else { Err(AttachmentError::Commitment) }
}
