//! Consents with their ends, and restrictions with their lifts.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use consent_policy::{Consent, ConsentParts, EndCause, Ended, Signer};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::ConsentEvidence;
use records_model::{ClinicId, ConsentId, NoticeVersionId, Restriction, RestrictionId, SubjectId};
use uuid::Uuid;

use super::{json, word};
use crate::StoreError;
use crate::schema::{consent_ends, consents, restriction_lifts, restrictions};

#[derive(Queryable)]
struct ConsentRow {
    consent_id: Uuid,
    notice_version: String,
    form: String,
    atoms: serde_json::Value,
    minus: serde_json::Value,
    signer: String,
    starts_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    end: Option<(DateTime<Utc>, String)>,
}

/// Every consent of a person, ended ones included.
pub(super) async fn consents(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
) -> Result<Vec<Consent>, StoreError> {
    let rows: Vec<ConsentRow> = consents::table
        .left_join(
            consent_ends::table.on(consent_ends::subject_id
                .eq(consents::subject_id)
                .and(consent_ends::consent_id.eq(consents::consent_id))),
        )
        .filter(consents::subject_id.eq(subject.as_uuid()))
        .order((consents::given_at, consents::consent_id))
        .select((
            consents::consent_id,
            consents::notice_version,
            consents::form,
            consents::atoms,
            consents::minus,
            consents::signer,
            consents::starts_at,
            consents::expires_at,
            (consent_ends::ended_at, consent_ends::cause).nullable(),
        ))
        .load(conn)
        .await?;
    rows.into_iter().map(stored_consent).collect()
}

/// How each consent of a person was taken.
pub(super) async fn evidence(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
) -> Result<Vec<(ConsentId, ConsentEvidence)>, StoreError> {
    let rows: Vec<(Uuid, String)> = consents::table
        .filter(consents::subject_id.eq(subject.as_uuid()))
        .order(consents::consent_id)
        .select((consents::consent_id, consents::evidence))
        .load(conn)
        .await?;
    let broken = StoreError::Inconsistent { table: "consents" };
    rows.into_iter()
        .map(|(id, code)| Some((ConsentId::from_uuid(id), ConsentEvidence::parse(&code)?)))
        .collect::<Option<_>>()
        .ok_or(broken)
}

fn stored_consent(row: ConsentRow) -> Result<Consent, StoreError> {
    const TABLE: &str = "consents";
    let broken = || StoreError::Inconsistent { table: TABLE };
    let parts = ConsentParts {
        id: ConsentId::from_uuid(row.consent_id),
        atoms: json(row.atoms, TABLE)?,
        minus: json(row.minus, TABLE)?,
        form: word(&row.form, TABLE)?,
        starts_at: row.starts_at,
        expires_at: row.expires_at,
        ended: row.end.map(ended).transpose()?,
        notice: NoticeVersionId::parse(&row.notice_version).map_err(|_| broken())?,
        signer: match row.signer.as_str() {
            "person" => Signer::Person,
            "representative" => Signer::Representative,
            _ => return Err(broken()),
        },
    };
    Consent::try_from(parts).map_err(|_| broken())
}

fn ended((at, cause): (DateTime<Utc>, String)) -> Result<Ended, StoreError> {
    let cause = match cause.as_str() {
        "withdrawn" => EndCause::Withdrawn,
        "superseded" => EndCause::Superseded,
        "annulled" => EndCause::Annulled,
        _ => return Err(StoreError::Inconsistent { table: "consent_ends" }),
    };
    Ok(Ended { at, cause })
}

#[derive(Queryable)]
struct RestrictionRow {
    restriction_id: Uuid,
    kind: String,
    scope: serde_json::Value,
    unless: serde_json::Value,
    starts_at: DateTime<Utc>,
    lifted_at: Option<DateTime<Utc>>,
}

/// Every restriction of a person, lifted ones included.
pub(super) async fn restrictions(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
) -> Result<Vec<Restriction>, StoreError> {
    let rows: Vec<RestrictionRow> = restrictions::table
        .left_join(
            restriction_lifts::table.on(restriction_lifts::subject_id
                .eq(restrictions::subject_id)
                .and(restriction_lifts::restriction_id.eq(restrictions::restriction_id))),
        )
        .filter(restrictions::subject_id.eq(subject.as_uuid()))
        .order((restrictions::starts_at, restrictions::restriction_id))
        .select((
            restrictions::restriction_id,
            restrictions::kind,
            restrictions::scope,
            restrictions::unless,
            restrictions::starts_at,
            restriction_lifts::lifted_at.nullable(),
        ))
        .load(conn)
        .await?;
    rows.into_iter().map(restriction).collect()
}

/// Every restriction of everybody, lifted ones included.
pub(crate) async fn restrictions_of_all(
    conn: &mut AsyncPgConnection,
    clinic: ClinicId,
) -> Result<HashMap<SubjectId, Vec<Restriction>>, StoreError> {
    let rows: Vec<(Uuid, RestrictionRow)> = restrictions::table
        .left_join(
            restriction_lifts::table.on(restriction_lifts::subject_id
                .eq(restrictions::subject_id)
                .and(restriction_lifts::restriction_id.eq(restrictions::restriction_id))),
        )
        .filter(restrictions::clinic_id.eq(clinic.as_uuid()))
        .select((
            restrictions::subject_id,
            (
                restrictions::restriction_id,
                restrictions::kind,
                restrictions::scope,
                restrictions::unless,
                restrictions::starts_at,
                restriction_lifts::lifted_at.nullable(),
            ),
        ))
        .load(conn)
        .await?;
    let mut by_person: HashMap<SubjectId, Vec<Restriction>> = HashMap::new();
    for (subject, row) in rows {
        by_person.entry(SubjectId::from_uuid(subject)).or_default().push(restriction(row)?);
    }
    Ok(by_person)
}

fn restriction(row: RestrictionRow) -> Result<Restriction, StoreError> {
    const TABLE: &str = "restrictions";
    Ok(Restriction {
        id: RestrictionId::from_uuid(row.restriction_id),
        kind: word(&row.kind, TABLE)?,
        scope: json(row.scope, TABLE)?,
        unless: json(row.unless, TABLE)?,
        starts_at: row.starts_at,
        lifted_at: row.lifted_at,
    })
}
