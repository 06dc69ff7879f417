//! Counts over the tables.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Date, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use records_model::{ContentKind, RetentionClass, Vocabulary};

use super::Snapshot;
use crate::{StoreError, load};

/// What the counts depend on besides the rows.
#[derive(Debug, Clone)]
pub struct ConductQuestion {
    /// The instant that counts as now.
    pub now: DateTime<Utc>,
    /// Hours after its end within which a broken glass is reviewed.
    pub review_hours: i64,
    /// Name of the clinic's time zone, for legal days.
    pub time_zone: String,
    /// Classes that the retention schedule knows.
    pub scheduled: Vec<RetentionClass>,
    /// Website events of this day and of days before it are past their ceiling.
    pub website_through: NaiveDate,
}

/// Counts over one clinic's rows.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Conduct {
    /// Broken glasses past their review without a verdict.
    #[diesel(sql_type = BigInt)]
    pub reviews_overdue: i64,
    /// Medical acts that moved no retention floor: it is missing, or counts from an earlier act.
    #[diesel(sql_type = BigInt)]
    pub acts_without_anchor: i64,
    /// Records of a class that the schedule does not know.
    #[diesel(sql_type = BigInt)]
    pub records_unscheduled: i64,
    /// Website events past their ceiling.
    #[diesel(sql_type = BigInt)]
    pub website_past_ceiling: i64,
    /// Disposals that were carried out.
    #[diesel(sql_type = BigInt)]
    pub disposals_done: i64,
    /// Disposals carried out by fewer than two different officers.
    #[diesel(sql_type = BigInt)]
    pub disposals_unapproved: i64,
    /// Disposals carried out before the floor was passed.
    #[diesel(sql_type = BigInt)]
    pub disposals_early: i64,
    /// Disposals carried out under a legal hold.
    #[diesel(sql_type = BigInt)]
    pub disposals_under_hold: i64,
    /// Requests in the hands of whom they are about.
    #[diesel(sql_type = BigInt)]
    pub cases_in_conflict: i64,
    /// People without a place of residence.
    #[diesel(sql_type = BigInt)]
    pub people_without_residence: i64,
    /// Log entries that have no place and wait for none.
    #[diesel(sql_type = BigInt)]
    pub entries_lost: i64,
    /// Columns, in any clinic's tables, that hold an age.
    #[diesel(sql_type = BigInt)]
    pub age_columns: i64,
}

const CONDUCT: &str = "SELECT \
    (SELECT count(*) FROM resguardo.evidence v LEFT JOIN resguardo.evidence_reviews r USING (subject_id, evidence_id) \
        WHERE v.clinic_id = $1 AND v.kind = 'break-glass' AND r.evidence_id IS NULL \
        AND v.ends_at + make_interval(hours => $3::int) < $2) AS reviews_overdue, \
    (SELECT count(*) FROM resguardo.records r WHERE r.clinic_id = $1 AND r.class = 'clinical' \
        AND r.anchor = 'last-medical-act' AND r.kind = ANY ($4) AND NOT EXISTS ( \
        SELECT 1 FROM resguardo.retention_floors f WHERE f.subject_id = r.subject_id AND f.class = r.class \
        AND f.anchor_at >= r.anchor_at)) AS acts_without_anchor, \
    (SELECT count(*) FROM resguardo.records WHERE clinic_id = $1 AND class <> ALL ($5)) AS records_unscheduled, \
    (SELECT count(*) FROM (SELECT FROM resguardo.records WHERE clinic_id = $1 AND class = 'website' \
        GROUP BY subject_id, record_id HAVING (max(anchor_at) AT TIME ZONE $7)::date <= $6) AS past) \
        AS website_past_ceiling, \
    (SELECT count(*) FROM resguardo.disposal_outcomes WHERE clinic_id = $1) AS disposals_done, \
    (SELECT count(*) FROM resguardo.disposal_outcomes o WHERE o.clinic_id = $1 AND (SELECT count(DISTINCT officer_id) \
        FROM resguardo.disposal_approvals a WHERE a.subject_id = o.subject_id AND a.disposal_id = o.disposal_id) < 2) \
        AS disposals_unapproved, \
    (SELECT count(*) FROM resguardo.disposal_outcomes o \
        JOIN resguardo.disposals d USING (subject_id, disposal_id) \
        WHERE o.clinic_id = $1 AND ((o.destroyed_at AT TIME ZONE $7)::date <= o.kept_through OR EXISTS ( \
            SELECT 1 FROM resguardo.retention_floors f WHERE d.extent = 'class' AND (f.subject_id, f.class) = (d.subject_id, d.class) \
            AND f.anchor_at <= o.destroyed_at AND (o.destroyed_at AT TIME ZONE $7)::date <= f.keep_through) OR EXISTS ( \
            SELECT 1 FROM keystore.erased_items e JOIN resguardo.item_floors f USING (subject_id, record_id) \
            WHERE (e.subject_id, e.disposal_id) = (o.subject_id, o.disposal_id) \
            AND (o.destroyed_at AT TIME ZONE $7)::date <= f.keep_through))) AS disposals_early, \
    (SELECT count(*) FROM resguardo.disposal_outcomes o JOIN resguardo.disposals d USING (subject_id, disposal_id) \
        WHERE o.clinic_id = $1 AND EXISTS (SELECT 1 FROM resguardo.legal_holds h \
            LEFT JOIN resguardo.legal_hold_releases e USING (subject_id, hold_id) \
            WHERE h.subject_id = o.subject_id AND (h.classes = '[]' OR h.classes ? d.class::text) \
            AND h.starts_at <= o.destroyed_at AND (e.released_at IS NULL OR e.released_at > o.destroyed_at))) \
        AS disposals_under_hold, \
    (SELECT count(*) FROM resguardo.cases WHERE clinic_id = $1 \
        AND case_document ->> 'handler' = case_document ->> 'complaint_about') AS cases_in_conflict, \
    (SELECT count(*) FROM resguardo.subjects WHERE clinic_id = $1 AND subject_id <> $1 AND residence IS NULL) \
        AS people_without_residence, \
    (SELECT count(*) FROM resguardo.log_entries e WHERE e.clinic_id = $1 \
        AND NOT EXISTS (SELECT 1 FROM resguardo.log_positions p WHERE p.clinic_id = $1 AND p.entry_id = e.entry_id) \
        AND NOT EXISTS (SELECT 1 FROM resguardo.log_queue q WHERE q.clinic_id = $1 AND q.entry_id = e.entry_id)) \
        AS entries_lost, \
    (SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname IN ('resguardo', 'keystore') AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped \
        AND a.attname ~ '(^|_)(age|ages|edad|edades)(_|$)' AND (c.relname, a.attname) <> ('subjects', 'age_mark')) \
        AS age_columns";

#[derive(QueryableByName)]
struct TraceRow {
    #[diesel(sql_type = Text)]
    event: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Rows that an operation leaves behind, under the code of the log event that must stand for each.
const TRACES: &str = "SELECT 'consent-given' AS event, count(*) FROM resguardo.consents WHERE clinic_id = $1 \
    UNION ALL SELECT 'consent-ended', count(*) FROM resguardo.consent_ends WHERE clinic_id = $1 \
    UNION ALL SELECT 'restriction-added', count(*) FROM resguardo.restrictions WHERE clinic_id = $1 \
    UNION ALL SELECT 'restriction-lifted', count(*) FROM resguardo.restriction_lifts WHERE clinic_id = $1 \
    UNION ALL SELECT 'break-glass-opened', count(*) FROM resguardo.evidence WHERE clinic_id = $1 AND kind = 'break-glass' \
    UNION ALL SELECT 'evidence-recorded', count(*) FROM resguardo.evidence WHERE clinic_id = $1 AND kind <> 'break-glass' \
    UNION ALL SELECT 'break-glass-reviewed', count(*) FROM resguardo.evidence_reviews WHERE clinic_id = $1 \
    UNION ALL SELECT 'request-opened', count(*) FROM resguardo.cases WHERE clinic_id = $1 \
    UNION ALL SELECT 'request-step', count(*) FROM resguardo.case_steps WHERE clinic_id = $1 \
    UNION ALL SELECT 'records-blocked', count(*) FROM resguardo.record_blocks WHERE clinic_id = $1 \
    UNION ALL SELECT 'care-relation-changed', count(*) FROM resguardo.care_relations WHERE clinic_id = $1 \
    UNION ALL SELECT 'clearance-changed', count(*) FROM resguardo.clearance_entries WHERE clinic_id = $1 \
    UNION ALL SELECT 'hold-placed', count(*) FROM resguardo.legal_holds WHERE clinic_id = $1 \
    UNION ALL SELECT 'hold-released', count(*) FROM resguardo.legal_hold_releases WHERE clinic_id = $1";

impl Snapshot {
    /// Counts over the tables.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn conduct(&mut self, question: &ConductQuestion) -> Result<Conduct, StoreError> {
        let acts: Vec<&str> =
            ContentKind::ALL.iter().filter(|kind| kind.is_medical_act()).map(|kind| kind.code()).collect();
        let scheduled: Vec<&str> = question.scheduled.iter().map(|class| class.code()).collect();
        let query = diesel::sql_query(CONDUCT)
            .bind::<SqlUuid, _>(self.clinic.as_uuid())
            .bind::<Timestamptz, _>(question.now)
            .bind::<BigInt, _>(question.review_hours)
            .bind::<Array<Text>, _>(acts)
            .bind::<Array<Text>, _>(scheduled)
            .bind::<Date, _>(question.website_through)
            .bind::<Text, _>(question.time_zone.as_str());
        Ok(query.get_result(&mut self.conn).await?)
    }

    /// How many rows operations left behind, by the code of the log event that must stand for each.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn traces(&mut self) -> Result<Vec<(String, u64)>, StoreError> {
        let query = diesel::sql_query(TRACES).bind::<SqlUuid, _>(self.clinic.as_uuid());
        let rows: Vec<TraceRow> = query.load(&mut self.conn).await?;
        rows.into_iter().map(|row| Ok((row.event, load::counter(row.count, "log_entries")?))).collect()
    }
}
