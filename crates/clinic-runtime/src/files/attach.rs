//! A file on its way in: read a little, seal it, hand it to the store, and begin again.

use crypto_vault::{ATTACHMENT_HEADER_BYTES, AttachmentSealer, CHUNK_BYTES, FieldContext, OpenedDek, Salt};
use postgres_store::{ChunkSource, Clock, Sent, StoreError, StreamPlace};
use privacy_operations::{
    Answer, AskToAttach, AttachFile, FilePlace, FileToAttach, Operation as _, OperationError,
};
use records_model::{RecordId, RecordVersion};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use zeroize::Zeroizing;

use super::batch::{CHUNKS_AT_ONCE_LEN, Outgoing};
use crate::runtime::new_rng;
use crate::{Runtime, RuntimeError};

/// What came of sending a file.
#[derive(Debug, Clone)]
pub struct FileSent {
    /// Whether the actor may attach it.
    pub answer: Answer,
    /// What was stored, if they may.
    pub stored: Option<Stored>,
}

/// A file that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The record that says what it is.
    pub record: RecordId,
    /// How long it is, in bytes.
    pub content_bytes: u64,
}

impl Runtime {
    /// Attaches what `reader` gives to its end. Nothing is read if the policy refuses; nothing is stored unless all of
    /// it is: the end of the file, the decision and its log entries commit at once.
    ///
    /// Run it in a task of its own where the caller may go away, as every operation.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the file breaks off, or what its storing rests on changed meanwhile; nothing of it is stored.
    pub async fn attach_file(
        &self,
        file: FileToAttach,
        reader: &mut (impl AsyncRead + Unpin + Send),
        clock: Clock,
    ) -> Result<FileSent, RuntimeError> {
        let asked = self.perform(&AskToAttach(file.clone()), clock).await?;
        let Some(place) = asked.place else {
            return Ok(FileSent { answer: asked.answer, stored: None });
        };
        match self.receive_file(&file, &place, reader, clock).await {
            Err(RuntimeError::Store(StoreError::Operation(OperationError::ChangedMeanwhile))) => {
                // If it is refused now, that is the answer, and it stands in the log; the file is gone either way.
                let again = self.perform(&AskToAttach(file), clock).await?;
                match again.place {
                    None => Ok(FileSent { answer: again.answer, stored: None }),
                    Some(_) => Err(OperationError::ChangedMeanwhile.into()),
                }
            }
            sent => sent,
        }
    }

    async fn receive_file(
        &self,
        file: &FileToAttach,
        place: &FilePlace,
        reader: &mut (impl AsyncRead + Unpin + Send),
        clock: Clock,
    ) -> Result<FileSent, RuntimeError> {
        let mut source = Sealing::begin(self, place, reader)?;
        let stream_place = StreamPlace {
            subject: file.subject,
            record: place.record,
            version: RecordVersion::FIRST,
            class: place.context.class,
            dek_version: place.key.id().version().number(),
        };
        let storing = AttachFile { file: file.clone(), record: place.record, stream: source.out.whole() };
        let needs = storing.needs();
        let attached = self
            .receive(stream_place, &mut source, (&needs, clock), |stream, facts, tools| {
                AttachFile { stream, ..storing }.plan(facts, tools)
            })
            .await?;
        let content_bytes = source.content_bytes;
        let stored = attached.record.map(|record| Stored { record, content_bytes });
        Ok(FileSent { answer: attached.answer, stored })
    }
}

/// Seals what a reader gives.
struct Sealing<'r, R> {
    reader: &'r mut R,
    /// Gone once the last chunk is sealed.
    sealer: Option<AttachmentSealer>,
    out: Outgoing,
    buffer: Zeroizing<Vec<u8>>,
    content_bytes: u64,
}

impl<'r, R: AsyncRead + Unpin + Send> Sealing<'r, R> {
    fn begin(runtime: &Runtime, place: &FilePlace, reader: &'r mut R) -> Result<Self, RuntimeError> {
        let opened = runtime.epoch().open_dek(&place.key).map_err(OperationError::from)?;
        let OpenedDek::Active(dek) = &opened else {
            return Err(OperationError::KeyMissing(place.context.class).into());
        };
        let salt = Salt::generate(&mut new_rng()?);
        let mut head = Vec::with_capacity(ATTACHMENT_HEADER_BYTES);
        let sealer =
            AttachmentSealer::begin(dek, &place.context, &FieldContext::ATTACHED_FILE, salt, &mut head)
                .map_err(OperationError::from)?;
        let head = head.try_into().map_err(|_| OperationError::Stored("attachment"))?;
        let out = Outgoing::begin(place.key.id().version().number(), head);
        let buffer = Zeroizing::new(vec![0; CHUNKS_AT_ONCE_LEN * CHUNK_BYTES]);
        Ok(Self { reader, sealer: Some(sealer), out, buffer, content_bytes: 0 })
    }
}

impl<R: AsyncRead + Unpin + Send> ChunkSource for Sealing<'_, R> {
    async fn next(&mut self) -> Result<Sent, StoreError> {
        let Some(mut sealer) = self.sealer.take() else {
            return Ok(Sent::Whole(self.out.whole()));
        };
        let mut filled = 0;
        while let Some(room) = self.buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
            match self.reader.read(room).await.map_err(StoreError::Incoming)? {
                0 => break,
                read => filled += read,
            }
        }
        let content = self.buffer.get(..filled).unwrap_or_default();
        self.content_bytes += u64::try_from(filled).unwrap_or(u64::MAX);
        let mut chunks = Vec::with_capacity(content.len() + CHUNK_BYTES);
        sealer.push(content, &mut chunks).map_err(OperationError::from)?;
        if filled == self.buffer.len() {
            self.sealer = Some(sealer);
        } else {
            sealer.finish(&mut chunks).map_err(OperationError::from)?;
        }
        Ok(self.out.chunks(&chunks))
    }
}
