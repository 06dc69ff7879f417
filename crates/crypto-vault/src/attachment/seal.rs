//! Sealing an attachment: content is pushed in parts of any size, sealed bytes are appended to the caller's buffer.

use thiserror::Error;
use zeroize::Zeroizing;

use super::CHUNK_BYTES;
use super::cobblestone::StreamKey;
use super::header::{AttachmentHeader, stream_key};
use crate::context::{FieldContext, RecordContext};
use crate::envelope::Salt;
use crate::key::{Active, Dek};

/// Why an attachment was not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AttachmentSealError {
    /// The context names another clinic, person or class than the key.
    #[error("the key belongs to another clinic, person or retention class than the attachment")]
    KeyOfAnother,
    /// More than 4 PiB.
    #[error("an attachment holds at most 4 PiB")]
    TooLong,
}

/// Seals one attachment in constant memory: it keeps less than one chunk.
///
/// Not `Clone`. What it appends to the caller's buffer may be written away after each call.
///
/// ```
/// use crypto_vault::testing::{CountingRng, example_dek_id, example_attachment_context};
/// use crypto_vault::{AttachmentOpener, AttachmentSealer, Dek, Salt};
///
/// let mut rng = CountingRng::new(1); // the product passes the runtime's own source of randomness
/// let dek = Dek::generate(example_dek_id(), &mut rng);
/// let (record, field) = example_attachment_context();
///
/// let mut sealed = Vec::new();
/// let mut sealer = AttachmentSealer::begin(&dek, &record, &field, Salt::generate(&mut rng), &mut sealed)?;
/// sealer.push(b"a scan, ", &mut sealed)?;
/// sealer.push(b"in two parts", &mut sealed)?;
/// sealer.finish(&mut sealed)?;
///
/// let mut content = Vec::new();
/// let (header, chunks) = sealed.split_at(64);
/// let opener = AttachmentOpener::begin(&dek, &record, &field, header)?;
/// opener.push(chunks, &mut content)?.finish(&mut content)?;
/// assert_eq!(content, b"a scan, in two parts");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AttachmentSealer {
    stream: StreamKey,
    pending: Zeroizing<Vec<u8>>,
    next: u64,
}

impl AttachmentSealer {
    /// Derives the key of the stream and appends the header to `out`.
    ///
    /// # Errors
    ///
    /// [`AttachmentSealError::KeyOfAnother`] if clinic, person or class of key and context differ.
    pub fn begin(
        dek: &Dek<Active>,
        record: &RecordContext,
        field: &FieldContext,
        salt: Salt,
        out: &mut Vec<u8>,
    ) -> Result<Self, AttachmentSealError> {
        if !dek.id().covers(record) {
            return Err(AttachmentSealError::KeyOfAnother);
        }
        let (number, salt) = (dek.id().version().number(), salt.into_bytes());
        let stream = stream_key(dek.expander(), number, &salt, record, *field);
        out.extend_from_slice(&AttachmentHeader::new(number, salt, *stream.commitment()).to_bytes());
        // Room for a whole chunk from the start, so that growing leaves no copy behind.
        Ok(Self { stream, pending: Zeroizing::new(Vec::with_capacity(CHUNK_BYTES)), next: 0 })
    }

    /// Takes the next part of the content and appends every chunk that is full.
    ///
    /// # Errors
    ///
    /// [`AttachmentSealError::TooLong`] beyond 4 PiB; what was appended before is no whole attachment.
    pub fn push(&mut self, content: &[u8], out: &mut Vec<u8>) -> Result<(), AttachmentSealError> {
        let mut rest = content;
        while !rest.is_empty() {
            if self.pending.is_empty()
                && let Some((chunk, after)) = rest.split_first_chunk::<CHUNK_BYTES>()
            {
                self.seal(chunk, out)?;
                rest = after;
                continue;
            }
            let (part, after) = rest.split_at(rest.len().min(CHUNK_BYTES - self.pending.len()));
            self.pending.extend_from_slice(part);
            rest = after;
            if self.pending.len() == CHUNK_BYTES {
                let chunk = std::mem::take(&mut self.pending);
                self.seal(&chunk, out)?;
                self.pending = chunk;
                self.pending.clear();
            }
        }
        Ok(())
    }

    /// Appends the last chunk, which ends the attachment.
    ///
    /// # Errors
    ///
    /// [`AttachmentSealError::TooLong`] beyond 4 PiB.
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<(), AttachmentSealError> {
        let last = std::mem::take(&mut self.pending);
        self.seal(&last, out)
    }

    fn seal(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), AttachmentSealError> {
        self.stream.seal(self.next, chunk, out).map_err(|_| AttachmentSealError::TooLong)?;
        self.next += 1;
        Ok(())
    }
}
