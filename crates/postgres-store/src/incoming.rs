//! The chunks of a file on their way into the store, and page by page out of it. All of them are sealed.

use std::future::Future;

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Integer, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{SealedStream, StoredAttachment};
use records_model::{ClinicId, RecordId, RecordVersion, RetentionClass, SubjectId, Vocabulary};

use crate::commit::stored_number;
use crate::query::in_clinic;
use crate::{Store, StoreError, load};

/// To which file a chunk belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamPlace {
    /// Whose it is.
    pub subject: SubjectId,
    /// The record.
    pub record: RecordId,
    /// Its version.
    pub version: RecordVersion,
    /// With what it is kept and destroyed.
    pub class: RetentionClass,
    /// The version of the key that seals it.
    pub dek_version: u32,
}

impl StreamPlace {
    /// The place of a stored file.
    #[must_use]
    pub const fn of(stored: &StoredAttachment) -> Self {
        Self {
            subject: stored.subject,
            record: stored.record,
            version: stored.version,
            class: stored.class,
            dek_version: stored.stream.dek_version,
        }
    }
}

/// What a source gives next.
#[derive(Debug)]
pub enum Sent {
    /// The next chunks, in order.
    Chunks(Vec<Vec<u8>>),
    /// There were no more: what was sealed.
    Whole(SealedStream),
}

/// Where sealed chunks come from, a few at a time.
pub trait ChunkSource {
    /// The next of them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the source breaks off; then nothing of it is stored.
    fn next(&mut self) -> impl Future<Output = Result<Sent, StoreError>> + Send;
}

/// One statement however many chunks: they travel as arrays.
const INSERT: &str = "INSERT INTO resguardo.attachment_chunks (clinic_id, subject_id, record_id, version, dek_version, \
    class, chunk_no, sealed) SELECT $1, $2, $3, $4, $5, $6, * FROM unnest($7, $8)";

/// Writes every chunk of a file. Nothing is read, and no lock is held.
pub(crate) async fn write_chunks(
    conn: &mut AsyncPgConnection,
    clinic: ClinicId,
    place: StreamPlace,
    source: &mut (impl ChunkSource + Send),
) -> Result<SealedStream, StoreError> {
    let mut next: i64 = 0;
    loop {
        let chunks = match source.next().await? {
            Sent::Chunks(chunks) => chunks,
            Sent::Whole(stream) => return Ok(stream),
        };
        let from = next;
        next += i64::try_from(chunks.len()).unwrap_or(i64::MAX);
        let numbers: Vec<i64> = (from..next).collect();
        diesel::sql_query(INSERT)
            .bind::<SqlUuid, _>(clinic.as_uuid())
            .bind::<SqlUuid, _>(place.subject.as_uuid())
            .bind::<SqlUuid, _>(place.record.as_uuid())
            .bind::<Integer, _>(stored_number(place.version.number())?)
            .bind::<Integer, _>(stored_number(place.dek_version)?)
            .bind::<Text, _>(place.class.code())
            .bind::<Array<BigInt>, _>(numbers)
            .bind::<Array<Binary>, _>(chunks)
            .execute(conn)
            .await?;
    }
}

impl Store {
    /// Chunks of a stored file from one number on, at most so many; in order, and none is left out. Fewer come back
    /// if the file ends or one is missing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn chunks(
        &self,
        clinic: ClinicId,
        place: StreamPlace,
        (from, count): (u64, u64),
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        use crate::schema::attachment_chunks::dsl;
        let from = i64::try_from(from).unwrap_or(i64::MAX);
        let end = from.saturating_add(i64::try_from(count).unwrap_or(i64::MAX));
        let (version, dek_version) =
            (stored_number(place.version.number())?, stored_number(place.dek_version)?);
        let rows: Vec<(i64, Vec<u8>)> = in_clinic!(self, clinic, async |conn| {
            let rows = dsl::attachment_chunks
                .filter(dsl::subject_id.eq(place.subject.as_uuid()))
                .filter(dsl::record_id.eq(place.record.as_uuid()))
                .filter(dsl::version.eq(version))
                .filter(dsl::dek_version.eq(dek_version))
                .filter(dsl::chunk_no.ge(from))
                .filter(dsl::chunk_no.lt(end))
                .order(dsl::chunk_no)
                .select((dsl::chunk_no, dsl::sealed))
                .load(conn)
                .await?;
            Ok::<_, StoreError>(rows)
        })?;
        let in_row = (from..).zip(rows).take_while(|(wanted, (number, _))| wanted == number);
        Ok(in_row.map(|(_, (_, sealed))| sealed).collect())
    }

    /// Every sealed form that was ever stored of a person's files, the newest of each first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn sealed_files(
        &self,
        clinic: ClinicId,
        subject: SubjectId,
    ) -> Result<Vec<StoredAttachment>, StoreError> {
        in_clinic!(self, clinic, async |conn| { load::every_stream(conn, subject).await })
    }
}
