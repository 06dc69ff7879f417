//! What older versions of keys seal still.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use records_model::{ClinicId, RetentionClass, SubjectId};
use uuid::Uuid;

use super::in_clinic;
use crate::load::{self, counter};
use crate::{Store, StoreError};

#[derive(QueryableByName)]
struct StaleRow {
    #[diesel(sql_type = SqlUuid)]
    subject_id: Uuid,
    #[diesel(sql_type = Text)]
    class: String,
    #[diesel(sql_type = BigInt)]
    records: i64,
    #[diesel(sql_type = BigInt)]
    files: i64,
}

/// What of a person and class an older version of their key seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StaleSeals {
    /// Whose.
    pub subject: SubjectId,
    /// Of which class.
    pub class: RetentionClass,
    /// How many versions of records.
    pub records: u64,
    /// How many attached files.
    pub files: u64,
}

/// Where a key has more than one version (of one month, where keys are monthly), versions of records, and their files,
/// that the newest does not seal.
const STALE: &str = "WITH k AS (SELECT subject_id, class, month, max(version) AS newest FROM keystore.deks \
        WHERE state = 'active' AND version > 1 AND clinic_id = resguardo.current_clinic() GROUP BY 1, 2, 3), \
    v AS (SELECT d.subject_id, d.class, d.version, k.newest FROM keystore.deks d JOIN k \
        ON k.subject_id = d.subject_id AND k.class = d.class AND k.month IS NOT DISTINCT FROM d.month \
        WHERE d.version < k.newest) \
    SELECT subject_id, class, sum(records)::bigint AS records, sum(files)::bigint AS files FROM ( \
        SELECT r.subject_id, r.class::text AS class, 1 AS records, 0 AS files FROM resguardo.records r \
        JOIN v ON (v.subject_id, v.class, v.version) = (r.subject_id, r.class, r.dek_version) \
        WHERE NOT EXISTS (SELECT 1 FROM resguardo.record_seals s \
            WHERE (s.subject_id, s.record_id, s.version, s.dek_version) = (r.subject_id, r.record_id, r.version, v.newest)) \
        UNION ALL SELECT a.subject_id, a.class::text, 0, 1 FROM resguardo.attachments a \
        JOIN v ON (v.subject_id, v.class, v.version) = (a.subject_id, a.class, a.dek_version) \
        WHERE NOT EXISTS (SELECT 1 FROM resguardo.attachments n \
            WHERE (n.subject_id, n.record_id, n.version) = (a.subject_id, a.record_id, a.version) \
            AND n.dek_version > a.dek_version)) AS stale \
    GROUP BY 1, 2 ORDER BY 1, 2";

impl Store {
    /// People and classes with records or files that an older version of their key seals, and how many each.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn to_reseal(&self, clinic: ClinicId) -> Result<Vec<StaleSeals>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let rows: Vec<StaleRow> = diesel::sql_query(STALE).load(conn).await?;
            let stale = |row: StaleRow| {
                Ok(StaleSeals {
                    subject: SubjectId::from_uuid(row.subject_id),
                    class: load::word(&row.class, "records")?,
                    records: counter(row.records, "records")?,
                    files: counter(row.files, "attachments")?,
                })
            };
            rows.into_iter().map(stale).collect()
        })
    }
}
