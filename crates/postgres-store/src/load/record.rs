//! Records: the newest version of each, with or without its sealed content.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use consent_policy::{RowMark, RowPredicate};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{HeldBack, RecordSelection, StoredOrigin, StoredRecord};
use records_model::{ActorId, Category, RecordId, RecordVersion, Set, SubjectId, Vocabulary};
use uuid::Uuid;

use super::rows::condition;
use super::{bytes32, counter, number, word};
use crate::StoreError;
use crate::schema::records;

const TABLE: &str = "records";

#[derive(Queryable)]
struct HeadRow {
    record_id: Uuid,
    version: i32,
    category: String,
    kind: String,
    form: String,
    context: String,
    class: String,
    reveals_health: bool,
    genetic: bool,
    anchor: String,
    anchor_at: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    dek_version: i32,
    content_hash: Vec<u8>,
    origin: OriginRow,
}

#[derive(Queryable)]
struct OriginRow {
    author_id: Option<Uuid>,
    external_author: Option<String>,
    source_system: Option<String>,
    source_resource: Option<String>,
    source_token: Option<Vec<u8>>,
    source_fingerprint: Option<Vec<u8>>,
}

type HeadColumns = (
    records::record_id,
    records::version,
    records::category,
    records::kind,
    records::form,
    records::context,
    records::class,
    records::reveals_health,
    records::genetic,
    records::anchor,
    records::anchor_at,
    records::recorded_at,
    records::dek_version,
    records::content_hash,
    (
        records::author_id,
        records::external_author,
        records::source_system,
        records::source_resource,
        records::source_token,
        records::source_fingerprint,
    ),
);

const HEAD: HeadColumns = (
    records::record_id,
    records::version,
    records::category,
    records::kind,
    records::form,
    records::context,
    records::class,
    records::reveals_health,
    records::genetic,
    records::anchor,
    records::anchor_at,
    records::recorded_at,
    records::dek_version,
    records::content_hash,
    (
        records::author_id,
        records::external_author,
        records::source_system,
        records::source_resource,
        records::source_token,
        records::source_fingerprint,
    ),
);

/// The newest versions of a person's records in these categories. The category of the newest version counts: an
/// older one may have stood elsewhere.
macro_rules! newest_in {
    ($subject:expr, $categories:expr) => {{
        let codes: Vec<&str> = $categories.iter().map(Vocabulary::code).collect();
        let newer = diesel::alias!(records as newer_versions);
        let has_newer = newer
            .filter(newer.field(records::subject_id).eq(records::subject_id))
            .filter(newer.field(records::record_id).eq(records::record_id))
            .filter(newer.field(records::version).gt(records::version));
        records::table
            .filter(records::subject_id.eq($subject.as_uuid()))
            .filter(records::category.eq_any(codes))
            .filter(diesel::dsl::not(diesel::dsl::exists(has_newer)))
    }};
}

/// The records that were asked for, newest version of each, oldest anchor first.
pub(super) async fn selected(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
    selection: &RecordSelection,
) -> Result<Vec<StoredRecord>, StoreError> {
    let newest = records::table
        .filter(records::subject_id.eq(subject.as_uuid()))
        .order((records::record_id, records::version.desc()))
        .distinct_on(records::record_id);
    let rows: Vec<(HeadRow, Vec<u8>)> = match selection {
        // What may be permitted is known only when everything else is loaded: see `permitted`.
        RecordSelection::None | RecordSelection::Permitted(_) => return Ok(Vec::new()),
        RecordSelection::Heads => {
            let heads: Vec<HeadRow> = newest.select(HEAD).load(conn).await?;
            heads.into_iter().map(|head| (head, Vec::new())).collect()
        }
        RecordSelection::EveryVersion(class) => {
            records::table
                .filter(records::subject_id.eq(subject.as_uuid()))
                .filter(records::class.eq(class.code()))
                .select((HEAD, records::sealed))
                .load(conn)
                .await?
        }
        RecordSelection::VersionsOf(record) => {
            records::table
                .filter(records::subject_id.eq(subject.as_uuid()))
                .filter(records::record_id.eq(record.as_uuid()))
                .select((HEAD, records::sealed))
                .load(conn)
                .await?
        }
        RecordSelection::Categories(categories) => {
            newest_in!(subject, *categories).select((HEAD, records::sealed)).load(conn).await?
        }
        RecordSelection::One(record) => {
            newest
                .filter(records::record_id.eq(record.as_uuid()))
                .select((HEAD, records::sealed))
                .load(conn)
                .await?
        }
    };
    let mut stored = in_order(conn, subject, rows).await?;
    if matches!(selection, RecordSelection::Heads) {
        for record in &mut stored {
            record.sealed.clear();
        }
    }
    Ok(stored)
}

/// The newest versions in these categories that the predicate chooses, oldest anchor first.
pub(super) async fn permitted(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
    categories: Set<Category>,
    rows: &RowPredicate,
) -> Result<Vec<StoredRecord>, StoreError> {
    let chosen = newest_in!(subject, categories).filter(condition(rows));
    let rows: Vec<(HeadRow, Vec<u8>)> = chosen.select((HEAD, records::sealed)).load(conn).await?;
    in_order(conn, subject, rows).await
}

/// How many newest versions in these categories the predicate does not choose, by category and marks.
pub(super) async fn held_back(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
    categories: Set<Category>,
    rows: &RowPredicate,
) -> Result<Vec<HeldBack>, StoreError> {
    let sorts = (records::category, records::reveals_health, records::genetic);
    let counted: Vec<(String, bool, bool, i64)> = newest_in!(subject, categories)
        .filter(diesel::dsl::not(condition(rows)))
        .group_by(sorts)
        .select((records::category, records::reveals_health, records::genetic, diesel::dsl::count_star()))
        .load(conn)
        .await?;
    let sort = |(category, reveals_health, genetic, count): (String, bool, bool, i64)| {
        let borne = [(RowMark::RevealsHealth, reveals_health), (RowMark::Genetic, genetic)];
        let about = borne.into_iter().filter(|(_, is_borne)| *is_borne).map(|(mark, _)| mark.fact());
        Ok(HeldBack {
            category: word(&category, TABLE)?,
            about: about.collect(),
            count: counter(count, TABLE)?,
        })
    };
    counted.into_iter().map(sort).collect()
}

/// The records as their newest seals have them, oldest anchor first.
async fn in_order(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
    rows: Vec<(HeadRow, Vec<u8>)>,
) -> Result<Vec<StoredRecord>, StoreError> {
    let stored = rows.into_iter().map(|(head, sealed)| stored_record(subject, head, sealed));
    let mut stored: Vec<StoredRecord> = stored.collect::<Result<_, _>>()?;
    put_newest_seals(conn, subject, &mut stored).await?;
    stored.sort_by_key(|record| (record.anchor_at, record.id));
    Ok(stored)
}

/// Record, its version, version of the key, content, and its hash.
type Seal = (Uuid, i32, i32, Vec<u8>, Vec<u8>);

/// Puts the newest seal of each record in the place of the one that it was written with.
async fn put_newest_seals(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
    stored: &mut [StoredRecord],
) -> Result<(), StoreError> {
    use crate::schema::record_seals::dsl;
    if stored.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = stored.iter().map(|record| record.id.as_uuid()).collect();
    let seals: Vec<Seal> = dsl::record_seals
        .filter(dsl::subject_id.eq(subject.as_uuid()))
        .filter(dsl::record_id.eq_any(ids))
        .order((dsl::record_id, dsl::version, dsl::dek_version.desc()))
        .distinct_on((dsl::record_id, dsl::version))
        .select((dsl::record_id, dsl::version, dsl::dek_version, dsl::sealed, dsl::content_hash))
        .load(conn)
        .await?;
    let mut newest = HashMap::new();
    for (record, version, dek_version, sealed, hash) in seals {
        let key = (RecordId::from_uuid(record), number(version, SEALS)?);
        newest.insert(key, (number(dek_version, SEALS)?, sealed, bytes32(hash, SEALS)?));
    }
    for record in stored {
        if let Some((dek_version, sealed, hash)) = newest.remove(&(record.id, record.version.number())) {
            (record.dek_version, record.sealed, record.content_hash) = (dek_version, sealed, hash);
        }
    }
    Ok(())
}

const SEALS: &str = "record_seals";

/// Every content that was ever sealed of a person's records, the first of each and those after it.
pub(crate) async fn every_seal(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
) -> Result<Vec<(RecordId, Vec<u8>)>, StoreError> {
    use crate::schema::record_seals::dsl;
    let mut seals: Vec<(Uuid, Vec<u8>)> = records::table
        .filter(records::subject_id.eq(subject.as_uuid()))
        .select((records::record_id, records::sealed))
        .load(conn)
        .await?;
    seals.extend(
        dsl::record_seals
            .filter(dsl::subject_id.eq(subject.as_uuid()))
            .select((dsl::record_id, dsl::sealed))
            .load::<(Uuid, Vec<u8>)>(conn)
            .await?,
    );
    Ok(seals.into_iter().map(|(record, sealed)| (RecordId::from_uuid(record), sealed)).collect())
}

/// Every version of every record, sealed.
pub(crate) async fn every_version(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
) -> Result<Vec<StoredRecord>, StoreError> {
    let rows: Vec<(HeadRow, Vec<u8>)> = records::table
        .filter(records::subject_id.eq(subject.as_uuid()))
        .order((records::record_id, records::version))
        .select((HEAD, records::sealed))
        .load(conn)
        .await?;
    let stored = rows.into_iter().map(|(head, sealed)| stored_record(subject, head, sealed));
    let mut stored: Vec<StoredRecord> = stored.collect::<Result<_, _>>()?;
    put_newest_seals(conn, subject, &mut stored).await?;
    Ok(stored)
}

fn stored_record(subject: SubjectId, row: HeadRow, sealed: Vec<u8>) -> Result<StoredRecord, StoreError> {
    Ok(StoredRecord {
        id: RecordId::from_uuid(row.record_id),
        subject,
        version: RecordVersion::new(number(row.version, TABLE)?)
            .ok_or(StoreError::Inconsistent { table: TABLE })?,
        category: word(&row.category, TABLE)?,
        kind: word(&row.kind, TABLE)?,
        form: word(&row.form, TABLE)?,
        context: word(&row.context, TABLE)?,
        class: word(&row.class, TABLE)?,
        reveals_health: row.reveals_health,
        genetic: row.genetic,
        origin: origin(row.origin, row.recorded_at)?,
        anchor: word(&row.anchor, TABLE)?,
        anchor_at: row.anchor_at,
        recorded_at: row.recorded_at,
        dek_version: number(row.dek_version, TABLE)?,
        sealed,
        content_hash: bytes32(row.content_hash, TABLE)?,
    })
}

fn origin(row: OriginRow, recorded_at: DateTime<Utc>) -> Result<StoredOrigin, StoreError> {
    match row {
        OriginRow { author_id: Some(author), source_token: None, .. } => {
            Ok(StoredOrigin::Authored { author: ActorId::from_uuid(author), at: recorded_at })
        }
        OriginRow {
            author_id: None,
            external_author: Some(author),
            source_system: Some(system),
            source_resource: Some(resource),
            source_token: Some(token),
            source_fingerprint: Some(fingerprint),
        } => Ok(StoredOrigin::External {
            system,
            resource,
            token: bytes32(token, TABLE)?,
            fingerprint: bytes32(fingerprint, TABLE)?,
            author: word(&author, TABLE)?,
        }),
        _ => Err(StoreError::Inconsistent { table: TABLE }),
    }
}
