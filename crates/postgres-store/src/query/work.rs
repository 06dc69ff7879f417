//! Queues of work and counts for the report.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Jsonb, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use privacy_operations::EvidenceKind;
use records_model::{ActorId, CaseId, ClinicId, EvidenceId, SubjectId};
use uuid::Uuid;

use super::in_clinic;
use crate::schema::{cases, evidence, evidence_reviews};
use crate::{Store, StoreError, load};

/// A rights request as stored.
#[derive(Debug, Clone)]
pub struct CaseLine {
    /// Its id.
    pub id: CaseId,
    /// Whose data it is about.
    pub subject: SubjectId,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// Its document, as `rights-requests` writes it.
    pub document: serde_json::Value,
}

/// Evidence that waits for the officer's verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewLine {
    /// Its id.
    pub id: EvidenceId,
    /// About whom.
    pub subject: SubjectId,
    /// What it shows.
    pub kind: EvidenceKind,
    /// Who recorded it.
    pub recorded_by: ActorId,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when.
    pub ends_at: DateTime<Utc>,
}

/// Counts over a clinic's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Tally {
    /// Patients on file.
    #[diesel(sql_type = BigInt)]
    pub patients: i64,
    /// Records on file, every version.
    #[diesel(sql_type = BigInt)]
    pub records: i64,
    /// Patients without any consent in force.
    #[diesel(sql_type = BigInt)]
    pub patients_without_consent: i64,
    /// Entries in the log.
    #[diesel(sql_type = BigInt)]
    pub log_entries: i64,
    /// Entries that wait for a place.
    #[diesel(sql_type = BigInt)]
    pub log_waiting: i64,
    /// Log entries that neither have a place nor wait for one: something wrote outside the protocol.
    #[diesel(sql_type = BigInt)]
    pub log_lost: i64,
    /// Broken glasses past their end without a verdict.
    #[diesel(sql_type = BigInt)]
    pub reviews_overdue: i64,
    /// Website records older than 24 months.
    #[diesel(sql_type = BigInt)]
    pub website_too_old: i64,
    /// Records of a class without a floor or a later review.
    #[diesel(sql_type = BigInt)]
    pub records_without_floor: i64,
}

const TALLY: &str = "SELECT \
    (SELECT count(*) FROM resguardo.subjects WHERE clinic_id = $1 AND kind = 'patient') AS patients, \
    (SELECT count(*) FROM resguardo.records WHERE clinic_id = $1) AS records, \
    (SELECT count(*) FROM resguardo.subjects s WHERE s.clinic_id = $1 AND s.kind = 'patient' AND NOT EXISTS ( \
        SELECT 1 FROM resguardo.consents c LEFT JOIN resguardo.consent_ends e USING (subject_id, consent_id) \
        WHERE c.subject_id = s.subject_id AND e.consent_id IS NULL AND c.form <> 'tacit' \
        AND (c.expires_at IS NULL OR c.expires_at > $2))) AS patients_without_consent, \
    (SELECT count(*) FROM resguardo.log_entries WHERE clinic_id = $1) AS log_entries, \
    (SELECT count(*) FROM resguardo.log_queue WHERE clinic_id = $1) AS log_waiting, \
    (SELECT count(*) FROM resguardo.log_entries WHERE clinic_id = $1) \
        - (SELECT count(*) FROM resguardo.log_queue WHERE clinic_id = $1) \
        - (SELECT count(*) FROM resguardo.log_positions WHERE clinic_id = $1) AS log_lost, \
    (SELECT count(*) FROM resguardo.evidence v LEFT JOIN resguardo.evidence_reviews r USING (subject_id, evidence_id) \
        WHERE v.clinic_id = $1 AND v.kind = 'break-glass' AND r.evidence_id IS NULL \
        AND v.ends_at < $2 - interval '72 hours') AS reviews_overdue, \
    (SELECT count(*) FROM resguardo.records WHERE clinic_id = $1 AND class = 'website' \
        AND anchor_at < $2 - interval '24 months') AS website_too_old, \
    (SELECT count(*) FROM resguardo.records r WHERE r.clinic_id = $1 AND r.class = 'clinical' AND NOT EXISTS ( \
        SELECT 1 FROM resguardo.retention_floors f WHERE f.subject_id = r.subject_id AND f.class = r.class)) \
        AS records_without_floor";

impl Store {
    /// Counts for the report and for the first page.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn tally(&self, clinic: ClinicId, now: DateTime<Utc>) -> Result<Tally, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let query = diesel::sql_query(TALLY).bind::<SqlUuid, _>(clinic.as_uuid());
            Ok(query.bind::<Timestamptz, _>(now).get_result(conn).await?)
        })
    }

    /// Every rights request, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn cases(&self, clinic: ClinicId) -> Result<Vec<CaseLine>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let rows: Vec<(Uuid, Uuid, DateTime<Utc>, serde_json::Value)> = cases::table
                .filter(cases::clinic_id.eq(clinic.as_uuid()))
                .order((cases::received_at, cases::case_id))
                .select((cases::case_id, cases::subject_id, cases::received_at, sql::<Jsonb>(load::CASE_NOW)))
                .load(conn)
                .await?;
            let line = |(id, subject, received_at, document)| CaseLine {
                id: CaseId::from_uuid(id),
                subject: SubjectId::from_uuid(subject),
                received_at,
                document,
            };
            Ok(rows.into_iter().map(line).collect())
        })
    }

    /// The evidence that waits for the officer's verdict, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn reviews_waiting(&self, clinic: ClinicId) -> Result<Vec<ReviewLine>, StoreError> {
        type Row = (Uuid, Uuid, String, Uuid, DateTime<Utc>, DateTime<Utc>);
        in_clinic!(self, clinic, async |conn| {
            let rows: Vec<Row> = evidence::table
                .left_join(
                    evidence_reviews::table.on(evidence_reviews::subject_id
                        .eq(evidence::subject_id)
                        .and(evidence_reviews::evidence_id.eq(evidence::evidence_id))),
                )
                .filter(evidence::clinic_id.eq(clinic.as_uuid()))
                .filter(evidence::kind.eq(EvidenceKind::BreakGlass.code()))
                .filter(evidence_reviews::evidence_id.is_null())
                .order(evidence::starts_at)
                .select((
                    evidence::evidence_id,
                    evidence::subject_id,
                    evidence::kind,
                    evidence::recorded_by,
                    evidence::starts_at,
                    evidence::ends_at,
                ))
                .load(conn)
                .await?;
            rows.into_iter()
                .map(|(id, subject, kind, by, starts_at, ends_at)| {
                    Ok(ReviewLine {
                        id: EvidenceId::from_uuid(id),
                        subject: SubjectId::from_uuid(subject),
                        kind: EvidenceKind::parse(&kind)
                            .ok_or(StoreError::Inconsistent { table: "evidence" })?,
                        recorded_by: ActorId::from_uuid(by),
                        starts_at,
                        ends_at,
                    })
                })
                .collect()
        })
    }
}
