//! A file on its way out, all of it or a part: only the chunks that are asked for are loaded and opened.

use std::ops::Range;

use crypto_vault::{
    ATTACHMENT_HEADER_BYTES, AttachmentChunks, AttachmentError, FieldContext, SEALED_CHUNK_BYTES,
};
use postgres_store::StreamPlace;
use privacy_operations::{FilePermit, FileUsed, KeyRing, OperationError, attachment_context, open};
use records_model::{FileKind, FileLabel, Set, SubjectId};
use zeroize::Zeroizing;

use super::batch::CHUNKS_AT_ONCE;
use crate::{Runtime, RuntimeError};

/// A permitted file, part by part. Its length is known: the last chunk opened where it stands.
pub struct OpenFile<'r> {
    runtime: &'r Runtime,
    place: StreamPlace,
    chunks: AttachmentChunks,
    label: FileLabel,
    /// What is still to come of the content, in bytes from its beginning.
    rest: Range<u64>,
}

impl Runtime {
    /// Opens the file that a reading was permitted; the permit is committed. `None` if there is no permit for it.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Operation`] if the file or its record was altered.
    pub async fn open_file(
        &self,
        subject: SubjectId,
        used: FileUsed,
    ) -> Result<Option<OpenFile<'_>>, RuntimeError> {
        let Some(permit) = used.permit else { return Ok(None) };
        let ring = KeyRing::open(self.clinic(), subject, self.epoch(), &used.keys)?;
        let record = permit.record();
        let field = FileKind::of_record(record.kind).field();
        let content = open(record, &ring, Set::one(field))?;
        let label = content.get(&field).and_then(FileLabel::of_value);
        let label = label.ok_or(OperationError::Stored("name of a file"))?;
        let (place, chunks) = self.chunks_of(&permit, &ring).await?;
        let rest = 0..chunks.content_len();
        Ok(Some(OpenFile { runtime: self, place, chunks, label, rest }))
    }

    /// Random access to a stored file, once its last chunk has opened.
    pub(super) async fn chunks_of(
        &self,
        permit: &FilePermit,
        ring: &KeyRing,
    ) -> Result<(StreamPlace, AttachmentChunks), RuntimeError> {
        let (record, attachment) = (permit.record(), permit.attachment());
        let (stream, place) = (attachment.stream, StreamPlace::of(attachment));
        let number = last_number(stream.sealed_bytes).map_err(OperationError::from)?;
        let last = self.store().chunks(self.clinic(), place, (number, 1)).await?;
        let last = last.first().ok_or(OperationError::Attachment(AttachmentError::Truncated))?;
        let context = attachment_context(self.clinic(), record);
        let key = ring.version(record.class, stream.dek_version)?;
        let chunks = AttachmentChunks::begin(
            key,
            &context,
            &FieldContext::ATTACHED_FILE,
            &stream.header,
            stream.sealed_bytes,
            last,
        );
        Ok((place, chunks.map_err(OperationError::from)?))
    }
}

/// The number of the last chunk of a file of this sealed length.
fn last_number(sealed_bytes: u64) -> Result<u64, AttachmentError> {
    let start = AttachmentChunks::last_chunk(sealed_bytes)?.start;
    let (head, chunk) = (ATTACHMENT_HEADER_BYTES, SEALED_CHUNK_BYTES);
    let number = u64::try_from(head).ok().and_then(|head| start.checked_sub(head));
    number.zip(u64::try_from(chunk).ok()).map(|(chunks, len)| chunks / len).ok_or(AttachmentError::Truncated)
}

impl OpenFile<'_> {
    /// What it is called, and how its bytes are to be read.
    #[must_use]
    pub const fn label(&self) -> &FileLabel {
        &self.label
    }

    /// How long the whole file is, in bytes.
    #[must_use]
    pub const fn content_bytes(&self) -> u64 {
        self.chunks.content_len()
    }

    /// Only these bytes of it, counted from its beginning; what lies past its end is left out.
    #[must_use]
    pub fn part(self, bytes: Range<u64>) -> Self {
        let end = bytes.end.min(self.chunks.content_len());
        Self { rest: bytes.start.min(end)..end, ..self }
    }

    /// The next bytes, wiped when dropped; `None` at the end. Each part was authenticated where it stands.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Operation`] names the first chunk that is missing or was altered; nothing of it is given out.
    pub async fn next_part(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, RuntimeError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (first, within) = self.chunks.locate(self.rest.start).map_err(OperationError::from)?;
        let (last, _) = self.chunks.locate(self.rest.end - 1).map_err(OperationError::from)?;
        let count = (last - first + 1).min(CHUNKS_AT_ONCE);
        let store = self.runtime.store();
        let sealed = store.chunks(self.runtime.clinic(), self.place, (first, count)).await?;
        let mut part = Zeroizing::new(Vec::with_capacity(sealed.iter().map(Vec::len).sum()));
        let mut sealed = sealed.iter();
        for number in first..first + count {
            let missing = AttachmentError::Altered { number };
            let chunk = sealed.next().ok_or(OperationError::Attachment(missing))?;
            let content = self.chunks.open(number, chunk).map_err(OperationError::from)?;
            let from = if number == first { within } else { 0 };
            part.extend_from_slice(content.get(from..).unwrap_or_default());
        }
        let wanted = usize::try_from(self.rest.end - self.rest.start).unwrap_or(usize::MAX);
        part.truncate(wanted);
        self.rest.start += u64::try_from(part.len()).unwrap_or(u64::MAX);
        Ok(Some(part))
    }
}
