//! Typed evidence and rights requests.

use chrono::{DateTime, Utc};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Jsonb};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{CaseRow, EvidenceKind, EvidenceRow, ReviewVerdict};
use records_model::{ActorId, CaseId, EvidenceId, SubjectId};
use uuid::Uuid;

use crate::StoreError;
use crate::schema::{cases, evidence, evidence_reviews};

#[derive(Queryable)]
struct Row {
    evidence_id: Uuid,
    kind: String,
    recorded_by: Uuid,
    actor_id: Option<Uuid>,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    verdict: Option<String>,
}

/// Everything on file about a person that a decision may rest on; whether it is in force is the rules' to say.
pub(super) async fn rows(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
) -> Result<Vec<EvidenceRow>, StoreError> {
    let rows: Vec<Row> = evidence::table
        .left_join(
            evidence_reviews::table.on(evidence_reviews::subject_id
                .eq(evidence::subject_id)
                .and(evidence_reviews::evidence_id.eq(evidence::evidence_id))),
        )
        .filter(evidence::subject_id.eq(subject.as_uuid()))
        .order((evidence::starts_at, evidence::evidence_id))
        .select((
            evidence::evidence_id,
            evidence::kind,
            evidence::recorded_by,
            evidence::actor_id,
            evidence::starts_at,
            evidence::ends_at,
            evidence_reviews::verdict.nullable(),
        ))
        .load(conn)
        .await?;
    rows.iter().map(evidence_row).collect()
}

fn evidence_row(row: &Row) -> Result<EvidenceRow, StoreError> {
    Ok(EvidenceRow {
        id: EvidenceId::from_uuid(row.evidence_id),
        kind: EvidenceKind::parse(&row.kind).ok_or(StoreError::Inconsistent { table: "evidence" })?,
        recorded_by: ActorId::from_uuid(row.recorded_by),
        actor: row.actor_id.map(ActorId::from_uuid),
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        verdict: row.verdict.as_deref().map(verdict).transpose()?,
    })
}

fn verdict(code: &str) -> Result<ReviewVerdict, StoreError> {
    ReviewVerdict::parse(code).ok_or(StoreError::Inconsistent { table: "evidence_reviews" })
}

/// A case as it is now: after its newest step, or as it was opened.
pub(crate) const CASE_NOW: &str = "coalesce((SELECT s.step FROM resguardo.case_steps s \
    WHERE s.subject_id = cases.subject_id AND s.case_id = cases.case_id ORDER BY s.step_no DESC LIMIT 1), case_document)";
const STEPS: &str = "(SELECT count(*) FROM resguardo.case_steps s \
    WHERE s.subject_id = cases.subject_id AND s.case_id = cases.case_id)";

/// The rights requests about a person.
pub(super) async fn cases(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
) -> Result<Vec<CaseRow>, StoreError> {
    let rows: Vec<(Uuid, DateTime<Utc>, serde_json::Value, i64)> = cases::table
        .filter(cases::subject_id.eq(subject.as_uuid()))
        .order((cases::received_at, cases::case_id))
        .select((cases::case_id, cases::received_at, sql::<Jsonb>(CASE_NOW), sql::<BigInt>(STEPS)))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(id, received_at, document, steps)| {
            let steps = u32::try_from(steps).map_err(|_| StoreError::Inconsistent { table: "case_steps" })?;
            Ok(CaseRow { id: CaseId::from_uuid(id), received_at, document, steps })
        })
        .collect()
}
