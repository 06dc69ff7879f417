//! Files attached to records: what is known of each, without its chunks.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{Load, SealedStream, StoredAttachment, StoredRecord, SubjectNeed};
use records_model::{RecordId, RecordVersion, SubjectId};
use uuid::Uuid;

use super::{bytes32, counter, number, word};
use crate::StoreError;
use crate::schema::attachments;

const TABLE: &str = "attachments";

#[derive(Queryable, Selectable)]
#[diesel(table_name = attachments, check_for_backend(diesel::pg::Pg))]
struct Row {
    record_id: Uuid,
    version: i32,
    dek_version: i32,
    class: String,
    header: Vec<u8>,
    sealed_bytes: i64,
    content_hash: Vec<u8>,
    stored_at: DateTime<Utc>,
}

/// The files of these versions of records if they were asked for, each as the newest version of its key seals it.
pub(super) async fn asked_for(
    conn: &mut AsyncPgConnection,
    need: &SubjectNeed,
    records: &[StoredRecord],
) -> Result<Vec<StoredAttachment>, StoreError> {
    if !need.also.contains(&Load::Attachments) {
        return Ok(Vec::new());
    }
    let subject = need.id;
    let ids: Vec<Uuid> = records.iter().map(|record| record.id.as_uuid()).collect();
    let rows: Vec<Row> = attachments::table
        .filter(attachments::subject_id.eq(subject.as_uuid()))
        .filter(attachments::record_id.eq_any(ids))
        .order((attachments::record_id, attachments::version, attachments::dek_version.desc()))
        .distinct_on((attachments::record_id, attachments::version))
        .select(Row::as_select())
        .load(conn)
        .await?;
    rows.into_iter().map(|row| stored(subject, row)).collect()
}

/// Every sealed form that was ever stored of a person's files, the newest of each first.
pub(crate) async fn every_stream(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
) -> Result<Vec<StoredAttachment>, StoreError> {
    let rows: Vec<Row> = attachments::table
        .filter(attachments::subject_id.eq(subject.as_uuid()))
        .order((attachments::record_id, attachments::version, attachments::dek_version.desc()))
        .select(Row::as_select())
        .load(conn)
        .await?;
    rows.into_iter().map(|row| stored(subject, row)).collect()
}

fn stored(subject: SubjectId, row: Row) -> Result<StoredAttachment, StoreError> {
    let broken = || StoreError::Inconsistent { table: TABLE };
    Ok(StoredAttachment {
        subject,
        record: RecordId::from_uuid(row.record_id),
        version: RecordVersion::new(number(row.version, TABLE)?).ok_or_else(broken)?,
        class: word(&row.class, TABLE)?,
        stream: SealedStream {
            dek_version: number(row.dek_version, TABLE)?,
            header: row.header.try_into().map_err(|_| broken())?,
            sealed_bytes: counter(row.sealed_bytes, TABLE)?,
            content_hash: bytes32(row.content_hash, TABLE)?,
        },
        stored_at: row.stored_at,
    })
}
