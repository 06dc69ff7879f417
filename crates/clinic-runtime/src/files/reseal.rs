//! Files of a class from an older version of its key to the newest, one after the other.

use crypto_vault::{
    ATTACHMENT_HEADER_BYTES, AttachmentReseal, CHUNK_BYTES, FieldContext, SEALED_CHUNK_BYTES, Salt,
};
use postgres_store::{ChunkSource, Clock, Sent, StoreError, StreamPlace};
use privacy_operations::{
    Answer, AskToReseal, FileToReseal, KeyRing, Operation as _, OperationError, ResealAttachment,
    attachment_context,
};
use records_model::{ActorId, RetentionClass, SubjectId};

use super::batch::{CHUNKS_AT_ONCE, CHUNKS_AT_ONCE_LEN, Outgoing};
use crate::runtime::new_rng;
use crate::{Runtime, RuntimeError};

/// What came of sealing files anew.
#[derive(Debug, Clone)]
pub struct FilesResealed {
    /// Whether this actor may.
    pub answer: Answer,
    /// How many files were sealed anew.
    pub files: u64,
}

impl Runtime {
    /// Seals every file of a person's class that an older version of the key seals anew under the newest, each in a
    /// transaction of its own: opened, sealed, opened again and compared, chunk by chunk. Stopped anywhere, it is run
    /// again and goes on. Records come after: see [`privacy_operations::ResealRecords`].
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if a file does not open, or was destroyed meanwhile; what was sealed before it stands.
    pub async fn reseal_files(
        &self,
        actor: ActorId,
        (subject, class): (SubjectId, RetentionClass),
        clock: Clock,
    ) -> Result<FilesResealed, RuntimeError> {
        let asked = self.perform(&AskToReseal { actor, subject, class }, clock).await?;
        let mut resealed = FilesResealed { answer: asked.answer, files: 0 };
        if asked.files.is_empty() {
            return Ok(resealed);
        }
        let ring = KeyRing::open(self.clinic(), subject, self.epoch(), &asked.keys)?;
        for file in &asked.files {
            self.reseal_file(actor, file, &ring, clock).await?;
            resealed.files += 1;
        }
        Ok(resealed)
    }

    async fn reseal_file(
        &self,
        actor: ActorId,
        file: &FileToReseal,
        ring: &KeyRing,
        clock: Clock,
    ) -> Result<(), RuntimeError> {
        let old = file.permit().attachment();
        let mut source = Resealing::begin(self, file, ring).await?;
        let place = StreamPlace { dek_version: file.newest(), ..StreamPlace::of(old) };
        let storing = ResealAttachment {
            actor,
            subject: old.subject,
            record: old.record,
            version: old.version,
            stream: old.stream,
        };
        let needs = storing.needs();
        self.receive(place, &mut source, (&needs, clock), |stream, facts, tools| {
            ResealAttachment { stream, ..storing }.plan(facts, tools)
        })
        .await?;
        Ok(())
    }
}

/// Seals stored chunks anew.
struct Resealing<'r> {
    runtime: &'r Runtime,
    place: StreamPlace,
    /// The next old chunk, and how many there are.
    next: u64,
    count: u64,
    /// Gone once the last chunk is sealed.
    reseal: Option<AttachmentReseal>,
    out: Outgoing,
}

impl<'r> Resealing<'r> {
    async fn begin(runtime: &'r Runtime, file: &FileToReseal, ring: &KeyRing) -> Result<Self, RuntimeError> {
        let (record, old) = (file.permit().record(), file.permit().attachment());
        let (place, chunks) = runtime.chunks_of(file.permit(), ring).await?;
        let (from, to) = ring.succession(record.class, old.stream.dek_version)?;
        let context = attachment_context(runtime.clinic(), record);
        let salt = Salt::generate(&mut new_rng()?);
        let mut head = Vec::with_capacity(ATTACHMENT_HEADER_BYTES);
        let field = &FieldContext::ATTACHED_FILE;
        let reseal =
            AttachmentReseal::begin((from, to), &context, field, &old.stream.header, salt, &mut head)
                .map_err(OperationError::from)?;
        let head = head.try_into().map_err(|_| OperationError::Stored("attachment"))?;
        let out = Outgoing::begin(file.newest(), head);
        Ok(Self { runtime, place, next: 0, count: chunks.count(), reseal: Some(reseal), out })
    }
}

impl ChunkSource for Resealing<'_> {
    async fn next(&mut self) -> Result<Sent, StoreError> {
        let Some(mut reseal) = self.reseal.take() else {
            return Ok(Sent::Whole(self.out.whole()));
        };
        let wanted = (self.count - self.next).min(CHUNKS_AT_ONCE);
        let store = self.runtime.store();
        let old = store.chunks(self.runtime.clinic(), self.place, (self.next, wanted)).await?;
        self.next += wanted;
        let mut sealed = Vec::with_capacity(CHUNKS_AT_ONCE_LEN * SEALED_CHUNK_BYTES + CHUNK_BYTES);
        for chunk in &old {
            reseal = reseal.push(chunk, &mut sealed).map_err(OperationError::from)?;
        }
        if self.next == self.count {
            reseal.finish(&mut sealed).map_err(OperationError::from)?;
        } else {
            self.reseal = Some(reseal);
        }
        Ok(self.out.chunks(&sealed))
    }
}
