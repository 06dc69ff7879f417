//! Every attached file as it stands beside its record, without its chunks.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Binary, Timestamptz, Uuid as SqlUuid};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use records_model::{RecordId, SubjectId};
use uuid::Uuid;

use super::Snapshot;
use crate::StoreError;

/// A sealed form of one file, whatever it says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileHead {
    /// Whose it is.
    pub subject: SubjectId,
    /// The record.
    pub record: RecordId,
    /// The head of its sealed bytes.
    pub header: Vec<u8>,
    /// SHA-256 of its sealed bytes, as stored beside them.
    pub content_hash: Vec<u8>,
    /// When it was stored.
    pub stored_at: DateTime<Utc>,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    subject_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    record_id: Uuid,
    #[diesel(sql_type = Binary)]
    header: Vec<u8>,
    #[diesel(sql_type = Binary)]
    content_hash: Vec<u8>,
    #[diesel(sql_type = Timestamptz)]
    stored_at: DateTime<Utc>,
}

const FILES: &str = "DECLARE file_walk NO SCROLL CURSOR FOR \
    SELECT subject_id, record_id, header, content_hash, stored_at FROM resguardo.attachments \
    WHERE clinic_id = resguardo.current_clinic()";

const FILES_PAGE: &str = "FETCH FORWARD 2000 FROM file_walk";

impl Snapshot {
    /// Begins to read what is known of every attached file; [`Snapshot::next_files`] goes on.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn begin_files(&mut self) -> Result<(), StoreError> {
        Ok(self.conn.batch_execute(FILES).await?)
    }

    /// The next page of files; empty at the end.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn next_files(&mut self) -> Result<Vec<FileHead>, StoreError> {
        let rows: Vec<Row> = diesel::sql_query(FILES_PAGE).load(&mut self.conn).await?;
        let head = |row: Row| FileHead {
            subject: SubjectId::from_uuid(row.subject_id),
            record: RecordId::from_uuid(row.record_id),
            header: row.header,
            content_hash: row.content_hash,
            stored_at: row.stored_at,
        };
        Ok(rows.into_iter().map(head).collect())
    }
}
