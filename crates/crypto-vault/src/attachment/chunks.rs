//! Random access: any chunk of an attachment by its number.

use std::ops::Range;

use zeroize::Zeroizing;

use super::cobblestone::{SEALED_CHUNK_BYTES, StreamKey};
use super::open::open_stream;
use super::{ATTACHMENT_HEADER_BYTES, AttachmentError, CHUNK_BYTES};
use crate::aead::TAG_BYTES;
use crate::context::{FieldContext, RecordContext};
use crate::key::DecryptKey;

const SEALED_CHUNK: u64 = SEALED_CHUNK_BYTES as u64;
const CHUNK: u64 = CHUNK_BYTES as u64;
const HEADER: u64 = ATTACHMENT_HEADER_BYTES as u64;
const TAG: u64 = TAG_BYTES as u64;

/// Opens chunks of one attachment in any order.
///
/// It exists only once the last chunk has opened where it stands, so the length it states is the length that was
/// sealed. Each chunk is authenticated when it is opened; of the others it says nothing.
pub struct AttachmentChunks {
    stream: StreamKey,
    content_len: u64,
}

impl AttachmentChunks {
    /// Where the last chunk of a sealed attachment lies, in bytes from its beginning.
    ///
    /// # Errors
    ///
    /// [`AttachmentError::Truncated`] if no attachment has this length.
    pub fn last_chunk(sealed_len: u64) -> Result<Range<u64>, AttachmentError> {
        let chunks = sealed_len.checked_sub(HEADER).ok_or(AttachmentError::Truncated)?;
        let last_len = chunks % SEALED_CHUNK;
        if last_len < TAG { Err(AttachmentError::Truncated) } else { Ok(sealed_len - last_len..sealed_len) }
    }

    /// Checks header and length. `last_chunk` are the bytes that [`AttachmentChunks::last_chunk`] names.
    ///
    /// # Errors
    ///
    /// [`AttachmentError`] as for an opener that reads from the beginning, or if the last chunk does not open at
    /// the end of an attachment of this length.
    pub fn begin(
        dek: &impl DecryptKey,
        record: &RecordContext,
        field: &FieldContext,
        header: &[u8],
        sealed_len: u64,
        last_chunk: &[u8],
    ) -> Result<Self, AttachmentError> {
        let stream = open_stream(dek, record, *field, header)?;
        let place = Self::last_chunk(sealed_len)?;
        let last_len = u64::try_from(last_chunk.len()).unwrap_or(u64::MAX);
        if last_len != place.end - place.start {
            return Err(AttachmentError::NoSuchChunk);
        }
        let number = (place.start - HEADER) / SEALED_CHUNK;
        let mut content = Zeroizing::new(Vec::with_capacity(CHUNK_BYTES));
        stream.open(number, last_chunk, &mut content).map_err(|_| AttachmentError::Altered { number })?;
        Ok(Self { stream, content_len: number * CHUNK + (last_len - TAG) })
    }

    /// Length of the content, in bytes.
    #[must_use]
    pub const fn content_len(&self) -> u64 {
        self.content_len
    }

    /// How many chunks there are: at least one.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.content_len / CHUNK + 1
    }

    /// The number of the chunk that holds the byte at this offset of the content, and where in it the byte lies.
    ///
    /// # Errors
    ///
    /// [`AttachmentError::NoSuchChunk`] at or after the end of the content.
    pub fn locate(&self, offset: u64) -> Result<(u64, usize), AttachmentError> {
        if offset >= self.content_len {
            return Err(AttachmentError::NoSuchChunk);
        }
        Ok((offset / CHUNK, usize::try_from(offset % CHUNK).unwrap_or_default()))
    }

    /// Where a chunk lies in the sealed attachment, in bytes from its beginning.
    ///
    /// # Errors
    ///
    /// [`AttachmentError::NoSuchChunk`] if there is no chunk with this number.
    pub fn place(&self, number: u64) -> Result<Range<u64>, AttachmentError> {
        if number >= self.count() {
            return Err(AttachmentError::NoSuchChunk);
        }
        let content = (self.content_len - number * CHUNK).min(CHUNK);
        let start = HEADER + number * SEALED_CHUNK;
        Ok(start..start + content + TAG)
    }

    /// Opens one chunk, of which `sealed` are the bytes that [`AttachmentChunks::place`] names. The content is wiped
    /// when dropped.
    ///
    /// # Errors
    ///
    /// [`AttachmentError::NoSuchChunk`] if number or length is not of this attachment,
    /// [`AttachmentError::Altered`] if the chunk does not open there.
    pub fn open(&self, number: u64, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, AttachmentError> {
        let place = self.place(number)?;
        if u64::try_from(sealed.len()) != Ok(place.end - place.start) {
            return Err(AttachmentError::NoSuchChunk);
        }
        let mut content = Zeroizing::new(Vec::with_capacity(sealed.len()));
        self.stream.open(number, sealed, &mut content).map_err(|_| AttachmentError::Altered { number })?;
        Ok(content)
    }
}
