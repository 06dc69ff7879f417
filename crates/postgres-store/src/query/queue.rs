//! The queue of people whose charts wait for a consent.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use records_model::{ClinicId, SubjectId, SubjectKind};
use uuid::Uuid;

use super::{SubjectLine, in_clinic};
use crate::{Store, StoreError};

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = SqlUuid)]
    subject_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    registered_at: DateTime<Utc>,
}

const WAITING: &str = "SELECT s.subject_id, s.registered_at FROM resguardo.subjects s \
    WHERE s.clinic_id = $1 AND s.kind = 'patient' AND NOT EXISTS ( \
        SELECT 1 FROM resguardo.consents c LEFT JOIN resguardo.consent_ends e USING (subject_id, consent_id) \
        WHERE c.subject_id = s.subject_id AND e.consent_id IS NULL AND c.form <> 'tacit' \
        AND (c.expires_at IS NULL OR c.expires_at > $2)) \
    ORDER BY s.registered_at DESC, s.subject_id LIMIT $3";

impl Store {
    /// Patients without any consent in force, more than notice by conduct, newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn people_without_consent(
        &self,
        clinic: ClinicId,
        now: DateTime<Utc>,
        count: u32,
    ) -> Result<Vec<SubjectLine>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let query = diesel::sql_query(WAITING).bind::<SqlUuid, _>(clinic.as_uuid());
            let query = query.bind::<Timestamptz, _>(now).bind::<BigInt, _>(i64::from(count));
            let rows: Vec<Waiting> = query.load(conn).await?;
            let line = |row: Waiting| SubjectLine {
                id: SubjectId::from_uuid(row.subject_id),
                kind: SubjectKind::Patient,
                registered_at: row.registered_at,
            };
            Ok(rows.into_iter().map(line).collect())
        })
    }
}
