//! The keystore itself: wrappings of every epoch, and what one epoch still lacks.

use chrono::NaiveDate;
use crypto_vault::{EpochId, KeystoreRow, StoredKeyState, WrappedKey};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Date, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{KeyWrappings, KeystoreFacts, KeystoreNeed};
use records_model::{ClinicId, SubjectId};
use uuid::Uuid;

use super::subject::{KeyRow, keystore_row};
use crate::StoreError;
use crate::schema::{deks, wrappings};

/// Living keys that are not wrapped under an epoch, `$1`; `$among` narrows the wrappings that are looked at.
macro_rules! not_wrapped {
    ($among:literal) => {
        concat!(
            "FROM keystore.deks d WHERE d.clinic_id = resguardo.current_clinic() \
             AND d.state NOT IN ('shred-pending', 'destroyed') AND NOT EXISTS (SELECT 1 FROM keystore.wrappings w \
             WHERE (w.subject_id, w.class, w.version) = (d.subject_id, d.class, d.version) AND w.epoch = $1",
            $among,
            ")"
        )
    };
}

/// All of them.
const NOT_WRAPPED: &str = not_wrapped!("");

/// Those of the people whose ids come after `$2`. The wrappings are narrowed too, or every chunk of a rotation would
/// pass over all that the chunks before it wrapped.
pub(crate) const NOT_WRAPPED_AFTER: &str =
    concat!(not_wrapped!(" AND w.subject_id > $2"), " AND d.subject_id > $2");

/// A process whose epoch is closed neither reads nor writes.
pub(super) async fn refuse_closed_epoch(conn: &mut AsyncPgConnection) -> Result<(), StoreError> {
    let closed = diesel::dsl::sql::<Nullable<Integer>>(
        "(SELECT epoch FROM keystore.epoch_closings WHERE clinic_id = resguardo.current_clinic() \
         AND epoch = resguardo.current_epoch())",
    );
    let closed: Option<i32> = diesel::select(closed).get_result(conn).await?;
    match closed {
        None => Ok(()),
        Some(epoch) => Err(StoreError::EpochClosed { epoch: u32::try_from(epoch).unwrap_or_default() }),
    }
}

pub(super) async fn facts(
    conn: &mut AsyncPgConnection,
    clinic: ClinicId,
    need: &KeystoreNeed,
) -> Result<KeystoreFacts, StoreError> {
    match need {
        KeystoreNeed::Nothing => Ok(KeystoreFacts::NotAsked),
        KeystoreNeed::WrappingsOf(people) => {
            Ok(KeystoreFacts::Wrappings(wrappings_of(conn, clinic, people).await?))
        }
        KeystoreNeed::NotWrappedUnder(epoch) => {
            Ok(KeystoreFacts::NotWrapped(count_not_wrapped(conn, *epoch).await?))
        }
    }
}

/// How many living keys this epoch does not wrap.
pub(crate) async fn count_not_wrapped(
    conn: &mut AsyncPgConnection,
    epoch: EpochId,
) -> Result<u64, StoreError> {
    let row: CountRow = diesel::sql_query(format!("SELECT count(*) AS count {NOT_WRAPPED}"))
        .bind::<Integer, _>(crate::commit::stored_number(epoch.number())?)
        .get_result(conn)
        .await?;
    super::counter(row.count, "keystore.deks")
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The keys of these people with their bytes of every epoch.
pub(crate) async fn wrappings_of(
    conn: &mut AsyncPgConnection,
    clinic: ClinicId,
    people: &[SubjectId],
) -> Result<Vec<KeyWrappings>, StoreError> {
    type Row = (Uuid, String, i32, Option<NaiveDate>, String, Option<Vec<u8>>);
    let ids: Vec<Uuid> = people.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<Row> = deks::table
        .left_join(
            wrappings::table.on(wrappings::subject_id
                .eq(deks::subject_id)
                .and(wrappings::class.eq(deks::class))
                .and(wrappings::version.eq(deks::version))),
        )
        .filter(deks::subject_id.eq_any(ids))
        .order((deks::subject_id, deks::class, deks::version, wrappings::epoch))
        .select((
            deks::subject_id,
            deks::class,
            deks::version,
            deks::month,
            deks::state,
            wrappings::wrapped.nullable(),
        ))
        .load(conn)
        .await?;
    let mut keys: Vec<KeyWrappings> = Vec::new();
    for (subject, class, version, month, state, bytes) in rows {
        // The row without its bytes, whatever its state: which epochs wrap it is what is asked.
        let bare = KeyRow { class, version, month, state: "destroyed".to_owned(), wrapped: None };
        let id = *keystore_row((clinic, SubjectId::from_uuid(subject)), bare)?.id();
        let broken = || StoreError::Inconsistent { table: "keystore.wrappings" };
        let wrapped = bytes.map(|bytes| WrappedKey::parse(&bytes)).transpose().map_err(|_| broken())?;
        if let Some(last) = keys.last_mut().filter(|last| last.id == id) {
            last.wrappings.extend(wrapped);
        } else {
            let state = StoredKeyState::parse(&state).map_err(|_| broken())?;
            keys.push(KeyWrappings { id, state, wrappings: wrapped.into_iter().collect() });
        }
    }
    Ok(keys)
}

#[derive(QueryableByName)]
pub(crate) struct ItemRow {
    #[diesel(sql_type = SqlUuid)]
    subject_id: Uuid,
    #[diesel(sql_type = Text)]
    class: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Nullable<Date>)]
    month: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Nullable<Binary>)]
    wrapped: Option<Vec<u8>>,
}

/// Every data key of the clinic as one epoch wraps it, in order. One that is being destroyed and is not wrapped under
/// it is left out: it goes with the epoch before.
pub(crate) async fn items(
    conn: &mut AsyncPgConnection,
    clinic: ClinicId,
    epoch: EpochId,
) -> Result<Vec<KeystoreRow>, StoreError> {
    let rows: Vec<ItemRow> = diesel::sql_query(
        "SELECT d.subject_id, d.class::text, d.version, d.month, d.state, w.wrapped FROM keystore.deks d \
         LEFT JOIN keystore.wrappings w ON (w.subject_id, w.class, w.version) = (d.subject_id, d.class, d.version) \
             AND w.epoch = $1 \
         WHERE d.clinic_id = resguardo.current_clinic() AND NOT (d.state = 'shred-pending' AND w.wrapped IS NULL) \
         ORDER BY d.subject_id, d.class::text, d.version",
    )
    .bind::<Integer, _>(crate::commit::stored_number(epoch.number())?)
    .load(conn)
    .await?;
    let is_bare = |row: &ItemRow| row.wrapped.is_none() && row.state != StoredKeyState::Destroyed.code();
    if rows.iter().any(is_bare) {
        return Err(StoreError::OtherEpoch { held: epoch.number() });
    }
    let row = |row: ItemRow| {
        let ItemRow { subject_id, class, version, month, state, wrapped } = row;
        let key = KeyRow { class, version, month, state, wrapped };
        keystore_row((clinic, SubjectId::from_uuid(subject_id)), key)
    };
    rows.into_iter().map(row).collect()
}
