//! Retention floors and legal holds.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{FloorRow, StoredRecord};
use records_model::{AnchorEvent, HoldId, LegalHold, RecordId, SubjectId};
use uuid::Uuid;

use super::{json, word};
use crate::StoreError;
use crate::schema::{legal_hold_releases, legal_holds, retention_floors};

/// What keeps a person's records.
#[derive(Default)]
pub(super) struct KeptFor {
    pub(super) floors: Vec<FloorRow>,
    pub(super) item_floors: Vec<(RecordId, FloorRow)>,
    pub(super) item_anchors: Vec<(RecordId, AnchorEvent, DateTime<Utc>)>,
    pub(super) holds: Vec<LegalHold>,
}

/// What keeps a person's records: of classes, of these records, and by order of an authority.
pub(super) async fn kept_for(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
    records: &[StoredRecord],
) -> Result<KeptFor, StoreError> {
    Ok(KeptFor {
        floors: floors(conn, subject).await?,
        item_floors: item_floors(conn, subject, records).await?,
        item_anchors: item_anchors(conn, subject, records).await?,
        holds: holds(conn, subject).await?,
    })
}

/// Until when each class of a person's records must be kept.
async fn floors(conn: &mut AsyncPgConnection, subject: SubjectId) -> Result<Vec<FloorRow>, StoreError> {
    let rows: Vec<(String, String, DateTime<Utc>, NaiveDate)> = retention_floors::table
        .filter(retention_floors::subject_id.eq(subject.as_uuid()))
        .order(retention_floors::class)
        .select((
            retention_floors::class,
            retention_floors::anchor,
            retention_floors::anchor_at,
            retention_floors::keep_through,
        ))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(class, anchor, anchor_at, keep_through)| {
            let (class, anchor) = (word(&class, "retention_floors")?, word(&anchor, "retention_floors")?);
            Ok(FloorRow { class, anchor, anchor_at, keep_through })
        })
        .collect()
}

/// Until when each of these records must be kept, where the items of their class end one by one.
async fn item_floors(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
    records: &[StoredRecord],
) -> Result<Vec<(RecordId, FloorRow)>, StoreError> {
    const TABLE: &str = "item_floors";
    use crate::schema::item_floors::dsl;
    let items = records.iter().filter(|record| record.class.ends_item_by_item());
    let ids: Vec<Uuid> = items.map(|record| record.id.as_uuid()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(Uuid, String, String, DateTime<Utc>, NaiveDate)> = dsl::item_floors
        .filter(dsl::subject_id.eq(subject.as_uuid()))
        .filter(dsl::record_id.eq_any(ids))
        .order(dsl::record_id)
        .select((dsl::record_id, dsl::class, dsl::anchor, dsl::anchor_at, dsl::keep_through))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(record, class, anchor, anchor_at, keep_through)| {
            let (class, anchor) = (word(&class, TABLE)?, word(&anchor, TABLE)?);
            Ok((RecordId::from_uuid(record), FloorRow { class, anchor, anchor_at, keep_through }))
        })
        .collect()
}

/// What each of these records is counted from, over all its versions, where the items of their class end one by one.
async fn item_anchors(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
    loaded: &[StoredRecord],
) -> Result<Vec<(RecordId, AnchorEvent, DateTime<Utc>)>, StoreError> {
    use crate::schema::records::dsl;
    let items = loaded.iter().filter(|record| record.class.ends_item_by_item());
    let ids: Vec<Uuid> = items.map(|record| record.id.as_uuid()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(Uuid, String, Option<DateTime<Utc>>)> = dsl::records
        .filter(dsl::subject_id.eq(subject.as_uuid()))
        .filter(dsl::record_id.eq_any(ids))
        .group_by((dsl::record_id, dsl::anchor))
        .select((dsl::record_id, dsl::anchor, diesel::dsl::max(dsl::anchor_at)))
        .load(conn)
        .await?;
    let anchors = rows.into_iter().filter_map(|(record, anchor, at)| Some((record, anchor, at?)));
    anchors
        .map(|(record, anchor, at)| Ok((RecordId::from_uuid(record), word(&anchor, "records")?, at)))
        .collect()
}

#[derive(Queryable)]
struct HoldRow {
    hold_id: Uuid,
    classes: serde_json::Value,
    authority: String,
    starts_at: DateTime<Utc>,
    released_at: Option<DateTime<Utc>>,
}

/// The legal holds on a person's records, released ones included.
async fn holds(conn: &mut AsyncPgConnection, subject: SubjectId) -> Result<Vec<LegalHold>, StoreError> {
    let holds = holds_of_many(conn, &[subject.as_uuid()]).await?;
    Ok(holds.into_iter().map(|(_, hold)| hold).collect())
}

/// The legal holds on the records of these people, released ones included.
pub(crate) async fn holds_of_many(
    conn: &mut AsyncPgConnection,
    people: &[Uuid],
) -> Result<Vec<(Uuid, LegalHold)>, StoreError> {
    let rows: Vec<(Uuid, HoldRow)> = legal_holds::table
        .left_join(
            legal_hold_releases::table.on(legal_hold_releases::subject_id
                .eq(legal_holds::subject_id)
                .and(legal_hold_releases::hold_id.eq(legal_holds::hold_id))),
        )
        .filter(legal_holds::subject_id.eq_any(people))
        .select((
            legal_holds::subject_id,
            (
                legal_holds::hold_id,
                legal_holds::classes,
                legal_holds::authority,
                legal_holds::starts_at,
                legal_hold_releases::released_at.nullable(),
            ),
        ))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(subject, row)| {
            let hold = LegalHold {
                id: HoldId::from_uuid(row.hold_id),
                classes: json(row.classes, "legal_holds")?,
                authority: row.authority,
                starts_at: row.starts_at,
                released_at: row.released_at,
            };
            Ok((subject, hold))
        })
        .collect()
}
