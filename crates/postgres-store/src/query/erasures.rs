//! The erasure ledger, and what its certificates are worked out from.

use chrono::{DateTime, NaiveDate, Utc};
use crypto_vault::{DekId, EpochId, KeyVersion};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use privacy_operations::{DisposalBlock, OperationError};
use records_model::{ClinicId, DisposalId, RecordId, SubjectId};
use uuid::Uuid;

use super::in_clinic;
use crate::load::{key_id, number, word};
use crate::schema::{data_backups, deks, epoch_ends, erased_items, erasures};
use crate::{Store, StoreError, commit};

/// Why a key was destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasureGround {
    /// Everything under it was due.
    WholeClass,
    /// What had to stay was sealed anew under a later version first.
    SurvivorsResealed,
}

/// One destroyed key, as the ledger has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Which key.
    pub key: DekId,
    /// When its bytes went.
    pub erased_at: DateTime<Utc>,
    /// Why.
    pub ground: ErasureGround,
    /// Records that went with it.
    pub rows: u64,
    /// The first and the last epoch that wrapped it.
    pub epochs: (EpochId, EpochId),
    /// The version of the search tokens that went with it.
    pub index_version: Option<KeyVersion>,
}

/// An epoch whose key was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochEndRow {
    /// Which.
    pub epoch: EpochId,
    /// When.
    pub ended_at: DateTime<Utc>,
    /// Whether its end is proved.
    pub proved: Proof,
}

/// Whether an end is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// The only place that held the key destroyed it.
    Destroyed,
    /// Nobody can say whether a copy is left.
    Unproved,
}

/// A backup of the data, as far as it is on file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupRow {
    /// When it was begun.
    pub taken_at: DateTime<Utc>,
    /// When it is to be destroyed.
    pub expires_at: DateTime<Utc>,
    /// The version of the search tokens in it.
    pub index_version: KeyVersion,
}

/// What certificates are worked out from.
#[derive(Debug, Clone, Default)]
pub struct ErasureFile {
    /// The ledger, oldest first.
    pub erasures: Vec<Erasure>,
    /// Epochs that ended.
    pub ends: Vec<EpochEndRow>,
    /// Backups of the data.
    pub backups: Vec<BackupRow>,
}

#[derive(QueryableByName)]
struct Replayed {
    #[diesel(sql_type = BigInt)]
    gone: i64,
}

#[derive(QueryableByName)]
struct KeyGoing {
    #[diesel(sql_type = Text)]
    class: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Nullable<Date>)]
    month: Option<NaiveDate>,
    #[diesel(sql_type = Integer)]
    first_epoch: i32,
}

const KEYS_GOING: &str = "SELECT k.class::text, k.version, k.month, k.first_epoch FROM keystore.deks k \
    JOIN resguardo.disposals d ON (d.subject_id, d.class) = (k.subject_id, k.class) \
    WHERE (d.subject_id, d.disposal_id) = ($1, $2) AND k.state <> 'destroyed' \
        AND k.version = ANY (resguardo.keys_of_disposal($1, $2)) ORDER BY k.version";

type Row = (Uuid, String, i32, Option<NaiveDate>, DateTime<Utc>, String, i64, i32, i32, Option<i32>);
const TABLE: &str = "keystore.erasures";
const BROKEN: StoreError = StoreError::Inconsistent { table: TABLE };

impl Store {
    /// The records that were destroyed one by one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn erased_items(&self, clinic: ClinicId) -> Result<Vec<RecordId>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let rows: Vec<Uuid> =
                erased_items::table.select(erased_items::record_id).distinct().load(conn).await?;
            Ok::<_, StoreError>(rows.into_iter().map(RecordId::from_uuid).collect())
        })
    }

    /// The living keys that a disposal would destroy, as the schema has it, with the epoch that first wrapped each.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer, or a row breaks its own rules.
    pub async fn keys_going(
        &self,
        clinic: ClinicId,
        subject: SubjectId,
        disposal: DisposalId,
    ) -> Result<Vec<(DekId, EpochId)>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let rows: Vec<KeyGoing> = diesel::sql_query(KEYS_GOING)
                .bind::<SqlUuid, _>(subject.as_uuid())
                .bind::<SqlUuid, _>(disposal.as_uuid())
                .load(conn)
                .await?;
            let key = |row: KeyGoing| {
                let id = key_id((clinic, subject), word(&row.class, TABLE)?, row.version, row.month)?;
                Ok((id, epoch(row.first_epoch)?))
            };
            rows.into_iter().map(key).collect()
        })
    }

    /// What would stop a disposal now, asked of the one door of the schema in a transaction that is rolled back whatever
    /// it says: nothing is destroyed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn try_disposal(
        &self,
        clinic: ClinicId,
        subject: SubjectId,
        disposal: DisposalId,
    ) -> Result<Option<DisposalBlock>, StoreError> {
        let tried = in_clinic!(self, clinic, async |conn| {
            conn.batch_execute("SAVEPOINT tried").await?;
            commit::carry_out(conn, subject, disposal).await?;
            Ok::<_, StoreError>(conn.batch_execute("ROLLBACK TO SAVEPOINT tried").await?)
        });
        match tried {
            Ok(()) => Ok(None),
            Err(StoreError::Operation(OperationError::Disposal(block))) => Ok(Some(block)),
            Err(error) => Err(error),
        }
    }

    /// The erasure ledger of a clinic with what its certificates rest on.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer, or a row breaks its own rules.
    pub async fn erasure_file(&self, clinic: ClinicId) -> Result<ErasureFile, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let of_key = deks::subject_id
                .eq(erasures::subject_id)
                .and(deks::class.eq(erasures::class))
                .and(deks::version.eq(erasures::version));
            let rows: Vec<Row> = erasures::table
                .left_join(deks::table.on(of_key))
                .order((erasures::erased_at, erasures::class, erasures::version))
                .select((
                    erasures::subject_id,
                    erasures::class,
                    erasures::version,
                    deks::month.nullable(),
                    erasures::erased_at,
                    erasures::ground,
                    erasures::rows_count,
                    erasures::first_epoch,
                    erasures::last_epoch,
                    erasures::index_version,
                ))
                .load(conn)
                .await?;
            let ends: Vec<(i32, DateTime<Utc>, String)> = epoch_ends::table
                .order(epoch_ends::epoch)
                .select((epoch_ends::epoch, epoch_ends::ended_at, epoch_ends::outcome))
                .load(conn)
                .await?;
            let backups: Vec<(DateTime<Utc>, DateTime<Utc>, i32)> = data_backups::table
                .order(data_backups::taken_at)
                .select((data_backups::taken_at, data_backups::expires_at, data_backups::index_version))
                .load(conn)
                .await?;
            Ok(ErasureFile {
                erasures: rows.into_iter().map(|row| erasure(clinic, row)).collect::<Result<_, _>>()?,
                ends: ends.into_iter().map(end).collect::<Result<_, StoreError>>()?,
                backups: backups.into_iter().map(backup).collect::<Result<_, StoreError>>()?,
            })
        })
    }

    /// Removes again what the erasure ledger names; how many rows had come back with an older copy of the data.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn replay_erasures(&self, clinic: ClinicId) -> Result<u64, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let query = diesel::sql_query("SELECT resguardo.replay_erasures() AS gone");
            let replayed: Replayed = query.get_result(conn).await?;
            Ok(replayed.gone.unsigned_abs())
        })
    }
}

fn epoch(stored: i32) -> Result<EpochId, StoreError> {
    EpochId::new(number(stored, TABLE)?).ok_or(BROKEN)
}

fn version(stored: i32) -> Result<KeyVersion, StoreError> {
    KeyVersion::new(number(stored, TABLE)?).ok_or(BROKEN)
}

fn erasure(clinic: ClinicId, row: Row) -> Result<Erasure, StoreError> {
    let (subject, class, key_version, month, erased_at, ground, rows, first, last, index) = row;
    let key = key_id((clinic, SubjectId::from_uuid(subject)), word(&class, TABLE)?, key_version, month)?;
    Ok(Erasure {
        key,
        erased_at,
        ground: match ground.as_str() {
            "whole-class" => ErasureGround::WholeClass,
            "survivors-resealed" => ErasureGround::SurvivorsResealed,
            _ => return Err(BROKEN),
        },
        rows: rows.unsigned_abs(),
        epochs: (epoch(first)?, epoch(last)?),
        index_version: index.map(version).transpose()?,
    })
}

fn end((number, ended_at, outcome): (i32, DateTime<Utc>, String)) -> Result<EpochEndRow, StoreError> {
    let proved = match outcome.as_str() {
        "destroyed" => Proof::Destroyed,
        "unproved" => Proof::Unproved,
        _ => return Err(BROKEN),
    };
    Ok(EpochEndRow { epoch: epoch(number)?, ended_at, proved })
}

fn backup(
    (taken_at, expires_at, index): (DateTime<Utc>, DateTime<Utc>, i32),
) -> Result<BackupRow, StoreError> {
    Ok(BackupRow { taken_at, expires_at, index_version: version(index)? })
}
