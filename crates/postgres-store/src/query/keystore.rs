//! The keystore as it stands: epochs, keys by state, copies, recoveries. No key is opened here.

use chrono::{DateTime, Utc};
use crypto_vault::{CopyId, EpochHold, EpochId, KeystoreRow};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{RecoveryStep, StoredRecord};
use records_model::{ClinicId, HoldId, RecordId, SubjectId};
use uuid::Uuid;

use super::in_clinic;
use crate::commit::stored_number;
use crate::load::{self, counter, number};
use crate::schema::{copies, data_backups, epoch_hold_releases, epoch_holds, recoveries};
use crate::{Store, StoreError};

/// One epoch of a clinic's keystore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochLine {
    /// Which.
    pub epoch: EpochId,
    /// Living keys that it wraps.
    pub wrapped: u64,
    /// Since when nothing is wrapped under it.
    pub closed_at: Option<DateTime<Utc>>,
    /// When its key was given up, and whether that is proved.
    pub ended: Option<(DateTime<Utc>, EpochOutcome)>,
}

/// Whether the end of an epoch is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EpochOutcome {
    /// The only place that held the key destroyed it.
    Destroyed,
    /// Somebody may remember the passphrase.
    Unproved,
}

/// A copy of the keystore that was read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyLine {
    /// Which.
    pub id: CopyId,
    /// The epoch under which it opened.
    pub epoch: u32,
    /// How many keys opened.
    pub live: u64,
    /// SHA-256 over its rows.
    pub digest: [u8; 32],
    /// When it was read back.
    pub verified_at: DateTime<Utc>,
    /// Where it is kept.
    pub place: String,
}

/// When the keys were shared out among people, or the shares tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecoveryLine {
    /// What was done.
    pub step: RecoveryStep,
    /// For which epoch.
    pub epoch: u32,
    /// The version of the index root that is shared out with its key.
    pub index_version: u32,
    /// How many people are needed.
    pub needed: u8,
    /// How many hold a share.
    pub holders: u8,
    /// When.
    pub at: DateTime<Utc>,
}

/// Everything that is on file about a clinic's keystore.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeystoreState {
    /// Its epochs, ascending.
    pub epochs: Vec<EpochLine>,
    /// How many keys there are in each state, by its code.
    pub states: Vec<(String, u64)>,
    /// Copies, newest first.
    pub copies: Vec<CopyLine>,
    /// Recoveries, newest first.
    pub recoveries: Vec<RecoveryLine>,
    /// Holds on an epoch.
    pub holds: Vec<EpochHold>,
    /// Backups of the data that are not to be destroyed yet: how many, and when the newest was taken.
    pub backups: (u64, Option<DateTime<Utc>>),
}

#[derive(QueryableByName)]
struct EpochRow {
    #[diesel(sql_type = Integer)]
    epoch: i32,
    #[diesel(sql_type = BigInt)]
    wrapped: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    closed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ended_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    outcome: Option<String>,
}

const EPOCHS: &str = "SELECT e.epoch, (SELECT count(*) FROM keystore.wrappings w JOIN keystore.deks d \
        USING (subject_id, class, version) WHERE w.epoch = e.epoch AND w.clinic_id = resguardo.current_clinic() \
        AND d.state NOT IN ('shred-pending', 'destroyed')) AS wrapped, c.closed_at, n.ended_at, n.outcome \
    FROM (SELECT DISTINCT epoch FROM keystore.clinic_secrets WHERE clinic_id = resguardo.current_clinic()) e \
    LEFT JOIN keystore.epoch_closings c ON c.clinic_id = resguardo.current_clinic() AND c.epoch = e.epoch \
    LEFT JOIN keystore.epoch_ends n ON n.clinic_id = resguardo.current_clinic() AND n.epoch = e.epoch ORDER BY e.epoch";

#[derive(QueryableByName)]
struct StateRow {
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    found: i64,
}

#[derive(QueryableByName)]
struct PersonRow {
    #[diesel(sql_type = SqlUuid)]
    subject_id: Uuid,
}

/// What is stored of one person: keys, versions of records, and all their seals.
type SealedRecords = (Vec<KeystoreRow>, Vec<StoredRecord>, Vec<(RecordId, Vec<u8>)>);

impl Store {
    /// The next people, by id, who have a living key that this epoch does not wrap; at most `limit`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn people_to_rewrap(
        &self,
        clinic: ClinicId,
        epoch: EpochId,
        after: Option<SubjectId>,
        limit: u32,
    ) -> Result<Vec<SubjectId>, StoreError> {
        let epoch = stored_number(epoch.number())?;
        let after = after.map_or(Uuid::nil(), SubjectId::as_uuid);
        in_clinic!(self, clinic, async |conn| {
            let sql = format!("SELECT DISTINCT d.subject_id {} ORDER BY 1 LIMIT $3", load::NOT_WRAPPED_AFTER);
            let rows: Vec<PersonRow> = diesel::sql_query(sql)
                .bind::<Integer, _>(epoch)
                .bind::<SqlUuid, _>(after)
                .bind::<BigInt, _>(i64::from(limit))
                .load(conn)
                .await?;
            Ok(rows.into_iter().map(|row| SubjectId::from_uuid(row.subject_id)).collect())
        })
    }

    /// The next people, by id, who have a record; at most `limit`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn people_with_records(
        &self,
        clinic: ClinicId,
        after: Option<SubjectId>,
        limit: u32,
    ) -> Result<Vec<SubjectId>, StoreError> {
        let after = after.map_or(Uuid::nil(), SubjectId::as_uuid);
        in_clinic!(self, clinic, async |conn| {
            let rows: Vec<PersonRow> = diesel::sql_query(
                "SELECT s.subject_id FROM resguardo.subjects s WHERE s.clinic_id = resguardo.current_clinic() \
                 AND s.subject_id > $1 AND EXISTS (SELECT 1 FROM resguardo.records r \
                     WHERE r.subject_id = s.subject_id) ORDER BY 1 LIMIT $2",
            )
            .bind::<SqlUuid, _>(after)
            .bind::<BigInt, _>(i64::from(limit))
            .load(conn)
            .await?;
            Ok(rows.into_iter().map(|row| SubjectId::from_uuid(row.subject_id)).collect())
        })
    }

    /// A person's keys, every version of their records as the newest seal has it, and every seal that was ever stored.
    ///
    /// # Errors
    ///
    /// [`StoreError::OtherEpoch`] if a living key is not wrapped under the epoch held here.
    pub async fn sealed_records(
        &self,
        clinic: ClinicId,
        subject: SubjectId,
    ) -> Result<SealedRecords, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let keys = load::keys_of(conn, clinic, subject, None).await?;
            Ok((keys, load::every_version(conn, subject).await?, load::every_seal(conn, subject).await?))
        })
    }

    /// Whether anything at all is wrapped under this epoch.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn is_wrapped_under(&self, clinic: ClinicId, epoch: EpochId) -> Result<bool, StoreError> {
        let epoch = stored_number(epoch.number())?;
        let query = "SELECT count(*) AS found FROM (SELECT 1 FROM keystore.wrappings WHERE epoch = $1 \
            AND clinic_id = resguardo.current_clinic() UNION ALL SELECT 1 FROM keystore.clinic_secrets \
            WHERE epoch = $1 AND clinic_id = resguardo.current_clinic() LIMIT 1) AS any_of_them";
        let found: Found = in_clinic!(self, clinic, async |conn| {
            Ok::<_, StoreError>(diesel::sql_query(query).bind::<Integer, _>(epoch).get_result(conn).await?)
        })?;
        Ok(found.found > 0)
    }

    /// How many living keys this epoch does not wrap.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn keys_not_wrapped(&self, clinic: ClinicId, epoch: EpochId) -> Result<u64, StoreError> {
        in_clinic!(self, clinic, async |conn| { load::count_not_wrapped(conn, epoch).await })
    }

    /// Every data key of the clinic as this epoch wraps it.
    ///
    /// # Errors
    ///
    /// [`StoreError::OtherEpoch`] if a living key is not wrapped under it.
    pub async fn data_keys(&self, clinic: ClinicId, epoch: EpochId) -> Result<Vec<KeystoreRow>, StoreError> {
        in_clinic!(self, clinic, async |conn| { load::items(conn, clinic, epoch).await })
    }

    /// Everything that is on file about the keystore.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn keystore_state(&self, clinic: ClinicId) -> Result<KeystoreState, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let epochs: Vec<EpochRow> = diesel::sql_query(EPOCHS).load(conn).await?;
            let states: Vec<StateRow> = diesel::sql_query(
                "SELECT state, count(*) AS count FROM keystore.deks \
                 WHERE clinic_id = resguardo.current_clinic() GROUP BY state ORDER BY state",
            )
            .load(conn)
            .await?;
            let own = clinic.as_uuid();
            let backups: (i64, Option<DateTime<Utc>>) = data_backups::table
                .filter(data_backups::clinic_id.eq(own))
                .filter(data_backups::expires_at.gt(diesel::dsl::now))
                .select((
                    diesel::dsl::count(data_backups::backup_id),
                    diesel::dsl::max(data_backups::taken_at),
                ))
                .first(conn)
                .await?;
            Ok(KeystoreState {
                epochs: epochs.iter().map(epoch_line).collect::<Result<_, _>>()?,
                states: states
                    .into_iter()
                    .map(|row| Ok((row.state, counter(row.count, DEKS)?)))
                    .collect::<Result<_, StoreError>>()?,
                copies: copies_on_file(conn, own).await?,
                recoveries: recoveries_on_file(conn, own).await?,
                holds: holds_on_file(conn, own).await?,
                backups: (counter(backups.0, "keystore.data_backups")?, backups.1),
            })
        })
    }
}

/// Copy, epoch, living keys, digest, when it was verified, where it is.
type StoredCopy = (Uuid, i32, i64, Vec<u8>, DateTime<Utc>, String);

async fn copies_on_file(conn: &mut AsyncPgConnection, clinic: Uuid) -> Result<Vec<CopyLine>, StoreError> {
    let rows: Vec<StoredCopy> = copies::table
        .filter(copies::clinic_id.eq(clinic))
        .order(copies::verified_at.desc())
        .select((
            copies::copy_id,
            copies::epoch,
            copies::live_count,
            copies::digest,
            copies::verified_at,
            copies::place,
        ))
        .load(conn)
        .await?;
    rows.into_iter().map(copy_line).collect()
}

/// Step, epoch, index version, needed, holders, when.
type StoredRecovery = (String, i32, i32, i32, i32, DateTime<Utc>);

async fn recoveries_on_file(
    conn: &mut AsyncPgConnection,
    clinic: Uuid,
) -> Result<Vec<RecoveryLine>, StoreError> {
    let rows: Vec<StoredRecovery> = recoveries::table
        .filter(recoveries::clinic_id.eq(clinic))
        .order(recoveries::taken_at.desc())
        .select((
            recoveries::step,
            recoveries::epoch,
            recoveries::index_version,
            recoveries::needed,
            recoveries::holders,
            recoveries::taken_at,
        ))
        .load(conn)
        .await?;
    rows.into_iter().map(recovery_line).collect()
}

async fn holds_on_file(conn: &mut AsyncPgConnection, clinic: Uuid) -> Result<Vec<EpochHold>, StoreError> {
    let rows: Vec<(Uuid, i32, Option<DateTime<Utc>>)> = epoch_holds::table
        .left_join(
            epoch_hold_releases::table.on(epoch_hold_releases::hold_id
                .eq(epoch_holds::hold_id)
                .and(epoch_hold_releases::clinic_id.eq(epoch_holds::clinic_id))),
        )
        .filter(epoch_holds::clinic_id.eq(clinic))
        .order(epoch_holds::placed_at)
        .select((epoch_holds::hold_id, epoch_holds::epoch, epoch_hold_releases::released_at.nullable()))
        .load(conn)
        .await?;
    rows.into_iter().map(hold_line).collect()
}

const DEKS: &str = "keystore.deks";

fn epoch_id(stored: i32, table: &'static str) -> Result<EpochId, StoreError> {
    EpochId::new(number(stored, table)?).ok_or(StoreError::Inconsistent { table })
}

fn epoch_line(row: &EpochRow) -> Result<EpochLine, StoreError> {
    const TABLE: &str = "keystore.epoch_ends";
    let outcome = match row.outcome.as_deref() {
        None => None,
        Some("destroyed") => Some(EpochOutcome::Destroyed),
        Some("unproved") => Some(EpochOutcome::Unproved),
        Some(_) => return Err(StoreError::Inconsistent { table: TABLE }),
    };
    Ok(EpochLine {
        epoch: epoch_id(row.epoch, TABLE)?,
        wrapped: counter(row.wrapped, DEKS)?,
        closed_at: row.closed_at,
        ended: row.ended_at.zip(outcome),
    })
}

fn copy_line(row: StoredCopy) -> Result<CopyLine, StoreError> {
    const TABLE: &str = "keystore.copies";
    let (id, epoch, live, digest, verified_at, place) = row;
    Ok(CopyLine {
        id: CopyId(id.into_bytes()),
        epoch: number(epoch, TABLE)?,
        live: counter(live, TABLE)?,
        digest: load::bytes32(digest, TABLE)?,
        verified_at,
        place,
    })
}

fn recovery_line(
    (step, epoch, index, needed, holders, at): StoredRecovery,
) -> Result<RecoveryLine, StoreError> {
    const TABLE: &str = "keystore.recoveries";
    let broken = StoreError::Inconsistent { table: TABLE };
    let step = RecoveryStep::parse(&step).ok_or(broken)?;
    let few = |stored: i32| u8::try_from(stored).map_err(|_| StoreError::Inconsistent { table: TABLE });
    Ok(RecoveryLine {
        step,
        epoch: number(epoch, TABLE)?,
        index_version: number(index, TABLE)?,
        needed: few(needed)?,
        holders: few(holders)?,
        at,
    })
}

fn hold_line((id, epoch, released_at): (Uuid, i32, Option<DateTime<Utc>>)) -> Result<EpochHold, StoreError> {
    let epoch = epoch_id(epoch, "keystore.epoch_holds")?;
    Ok(EpochHold { hold: HoldId::from_uuid(id), epoch, released_at })
}
