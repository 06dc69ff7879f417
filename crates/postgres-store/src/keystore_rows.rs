//! The rows of a clinic's keystore as text, for a copy, and back into an empty keystore.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use records_model::ClinicId;
use serde_json::Value;

use crate::query::in_clinic;
use crate::{Store, StoreError};

/// A table of the keystore, in the order in which its rows are read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeystoreTable {
    /// Data keys.
    Deks,
    /// Their bytes under the epoch in force.
    Wrappings,
    /// The clinic's secrets under the epoch in force.
    ClinicSecrets,
    /// The erasure ledger.
    Erasures,
    /// Epochs under which nothing is wrapped any more.
    EpochClosings,
    /// Epochs that ended.
    EpochEnds,
    /// Holds on an epoch.
    EpochHolds,
    /// Their ends.
    EpochHoldReleases,
    /// Copies that were verified.
    Copies,
    /// Recoveries.
    Recoveries,
    /// Records that were destroyed one by one.
    ErasedItems,
    /// Backups of the data.
    DataBackups,
    /// Those of them that stand whole.
    BackupEnds,
    /// The lowest versions of keys whose content is read still. Last: whether one counts depends on the data.
    KeyMinimums,
}

impl KeystoreTable {
    /// Every table, in that order.
    pub const ALL: [Self; 14] = [
        Self::Deks,
        Self::Wrappings,
        Self::ClinicSecrets,
        Self::Erasures,
        Self::EpochClosings,
        Self::EpochEnds,
        Self::EpochHolds,
        Self::EpochHoldReleases,
        Self::Copies,
        Self::Recoveries,
        Self::ErasedItems,
        Self::DataBackups,
        Self::BackupEnds,
        Self::KeyMinimums,
    ];

    /// Its name in the schema.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deks => "deks",
            Self::Wrappings => "wrappings",
            Self::ClinicSecrets => "clinic_secrets",
            Self::Erasures => "erasures",
            Self::EpochClosings => "epoch_closings",
            Self::EpochEnds => "epoch_ends",
            Self::EpochHolds => "epoch_holds",
            Self::EpochHoldReleases => "epoch_hold_releases",
            Self::Copies => "copies",
            Self::Recoveries => "recoveries",
            Self::ErasedItems => "erased_items",
            Self::DataBackups => "data_backups",
            Self::BackupEnds => "backup_ends",
            Self::KeyMinimums => "key_minimums",
        }
    }

    /// The table with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|table| table.name() == name)
    }

    /// Which rows a copy holds: an older epoch's bytes would keep alive what that epoch's end is to destroy.
    const fn condition(self) -> &'static str {
        match self {
            Self::Wrappings | Self::ClinicSecrets => "t.epoch = resguardo.current_epoch()",
            _ => "true",
        }
    }
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    line: String,
}

impl Store {
    /// Every row of the clinic's keystore as one moment shows it, of the wrapped ones those of the epoch in force.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn keystore_rows(&self, clinic: ClinicId) -> Result<Vec<(KeystoreTable, Value)>, StoreError> {
        // One statement, so one snapshot.
        let parts = KeystoreTable::ALL.map(|table| {
            let (name, only) = (table.name(), table.condition());
            format!(
                "SELECT '{name}' AS name, row_to_json(t)::text AS line FROM keystore.{name} t \
                 WHERE t.clinic_id = resguardo.current_clinic() AND {only}"
            )
        });
        let lines: Vec<Line> = in_clinic!(self, clinic, async |conn| {
            Ok::<_, StoreError>(diesel::sql_query(parts.join(" UNION ALL ")).load(conn).await?)
        })?;
        let read = |line: Line| {
            let table = KeystoreTable::parse(&line.name)?;
            Some((table, serde_json::from_str(&line.line).ok()?))
        };
        let rows: Option<Vec<_>> = lines.into_iter().map(read).collect();
        rows.ok_or(StoreError::Inconsistent { table: "keystore" })
    }

    /// Versions of records, seals of them and files whose key is not in the keystore at all, which is not the same as
    /// destroyed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn records_without_key(&self, clinic: ClinicId) -> Result<u64, StoreError> {
        let keyless: Found = in_clinic!(self, clinic, async |conn| {
            Ok::<_, StoreError>(diesel::sql_query(KEYLESS).get_result(conn).await?)
        })?;
        Ok(keyless.found.unsigned_abs())
    }
}

const KEYLESS: &str = "SELECT count(*) AS found FROM ( \
        SELECT subject_id, class::text, dek_version FROM resguardo.records \
        UNION ALL SELECT subject_id, class::text, dek_version FROM resguardo.record_seals \
        UNION ALL SELECT subject_id, class::text, dek_version FROM resguardo.attachments) AS r \
    WHERE NOT EXISTS (SELECT 1 FROM keystore.deks d \
        WHERE (d.subject_id, d.class::text, d.version) = (r.subject_id, r.class, r.dek_version))";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = BigInt)]
    found: i64,
}

/// How many clinics a database holds, over the owner's connection.
///
/// # Errors
///
/// [`StoreError`] if the database does not answer.
pub async fn count_clinics(owner: &mut AsyncPgConnection) -> Result<u64, StoreError> {
    let query = "SELECT count(*) AS found FROM resguardo.clinics";
    let clinics: Found = diesel::sql_query(query).get_result(owner).await?;
    Ok(clinics.found.unsigned_abs())
}

/// Writes the rows of a copy into a keystore that is empty, over the owner's connection. The lowest versions of keys come
/// after the data, with [`load_minimums`].
///
/// # Errors
///
/// [`StoreError`] if a row does not fit, or one of its keys is there already.
pub async fn load_keystore(
    owner: &mut AsyncPgConnection,
    clinic: ClinicId,
    rows: &[(KeystoreTable, Value)],
) -> Result<(), StoreError> {
    owner.batch_execute(&format!("SET resguardo.clinic_id = '{}'", clinic.as_uuid())).await?;
    let mut ordered: Vec<_> = rows.iter().filter(|(table, _)| *table != KeystoreTable::KeyMinimums).collect();
    ordered.sort_by_key(|(table, _)| *table);
    for (table, row) in ordered {
        let name = table.name();
        let insert = format!(
            "INSERT INTO keystore.{name} SELECT * FROM json_populate_record(NULL::keystore.{name}, $1::json)"
        );
        diesel::sql_query(insert).bind::<Text, _>(row.to_string()).execute(owner).await?;
    }
    Ok(())
}

/// Writes the lowest versions of keys of a copy, once the data are there. One that the data fall below is left out: they are
/// from before they were sealed anew, and would not open; sealing them anew enters it again.
///
/// # Errors
///
/// [`StoreError`] if a row does not fit.
pub async fn load_minimums(
    owner: &mut AsyncPgConnection,
    clinic: ClinicId,
    rows: &[(KeystoreTable, Value)],
) -> Result<(), StoreError> {
    owner.batch_execute(&format!("SET resguardo.clinic_id = '{}'", clinic.as_uuid())).await?;
    for (_, row) in rows.iter().filter(|(table, _)| *table == KeystoreTable::KeyMinimums) {
        diesel::sql_query(UNDER_NOTHING).bind::<Text, _>(row.to_string()).execute(owner).await?;
    }
    Ok(())
}

const UNDER_NOTHING: &str = "INSERT INTO keystore.key_minimums \
    SELECT m.* FROM json_populate_record(NULL::keystore.key_minimums, $1::json) m \
    WHERE NOT EXISTS (SELECT 1 FROM resguardo.records r WHERE r.subject_id = m.subject_id AND r.class = m.class \
        AND r.dek_version < m.minimum AND NOT EXISTS (SELECT 1 FROM resguardo.record_seals s \
            WHERE (s.subject_id, s.record_id, s.version) = (r.subject_id, r.record_id, r.version) \
            AND s.dek_version >= m.minimum)) \
    AND NOT EXISTS (SELECT 1 FROM resguardo.attachments a WHERE a.subject_id = m.subject_id AND a.class = m.class \
        AND a.dek_version < m.minimum AND NOT EXISTS (SELECT 1 FROM resguardo.attachments n \
            WHERE (n.subject_id, n.record_id, n.version) = (a.subject_id, a.record_id, a.version) \
            AND n.dek_version >= m.minimum))";
