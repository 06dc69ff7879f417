//! Writes what people want and what decisions rest on: consents, restrictions, evidence, requests, holds.

use consent_policy::{Consent, EndCause, Signer};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{ConsentEvidence, NewCase, NewEvidence, ReviewVerdict};
use records_model::{
    ActorId, ConsentId, EvidenceId, LegalHold, Restriction, RestrictionId, SubjectId, Vocabulary,
};

use super::{Site, stored_number};
use crate::StoreError;
use crate::schema::{
    cases, consent_ends, consents, evidence, evidence_reviews, legal_holds, restriction_lifts, restrictions,
};

pub(super) async fn put_consent(
    conn: &mut AsyncPgConnection,
    site: Site,
    subject: SubjectId,
    consent: &Consent,
    (evidence, recorded_by, receipt): (ConsentEvidence, ActorId, Vec<u8>),
) -> Result<(), StoreError> {
    let parts = consent.parts();
    let signer = match parts.signer {
        Signer::Person => "person",
        Signer::Representative => "representative",
    };
    diesel::insert_into(consents::table)
        .values((
            consents::subject_id.eq(subject.as_uuid()),
            consents::consent_id.eq(parts.id.as_uuid()),
            consents::clinic_id.eq(site.clinic),
            consents::notice_version.eq(parts.notice.as_str()),
            consents::form.eq(parts.form.code()),
            consents::atoms.eq(json(&parts.atoms)?),
            consents::minus.eq(json(&parts.minus)?),
            consents::evidence.eq(evidence.code()),
            consents::signer.eq(signer),
            consents::recorded_by.eq(recorded_by.as_uuid()),
            consents::given_at.eq(site.now),
            consents::starts_at.eq(parts.starts_at),
            consents::expires_at.eq(parts.expires_at),
            consents::receipt.eq(receipt),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn end_consent(
    conn: &mut AsyncPgConnection,
    site: Site,
    subject: SubjectId,
    consent: ConsentId,
    cause: EndCause,
) -> Result<(), StoreError> {
    let cause = match cause {
        EndCause::Withdrawn => "withdrawn",
        EndCause::Superseded => "superseded",
        EndCause::Annulled => "annulled",
    };
    diesel::insert_into(consent_ends::table)
        .values((
            consent_ends::subject_id.eq(subject.as_uuid()),
            consent_ends::consent_id.eq(consent.as_uuid()),
            consent_ends::clinic_id.eq(site.clinic),
            consent_ends::ended_at.eq(site.now),
            consent_ends::cause.eq(cause),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn put_restriction(
    conn: &mut AsyncPgConnection,
    site: Site,
    subject: SubjectId,
    restriction: Restriction,
) -> Result<(), StoreError> {
    diesel::insert_into(restrictions::table)
        .values((
            restrictions::subject_id.eq(subject.as_uuid()),
            restrictions::restriction_id.eq(restriction.id.as_uuid()),
            restrictions::clinic_id.eq(site.clinic),
            restrictions::kind.eq(restriction.kind.code()),
            restrictions::scope.eq(json(&restriction.scope)?),
            restrictions::unless.eq(json(&restriction.unless)?),
            restrictions::starts_at.eq(restriction.starts_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn lift_restriction(
    conn: &mut AsyncPgConnection,
    site: Site,
    subject: SubjectId,
    restriction: RestrictionId,
) -> Result<(), StoreError> {
    diesel::insert_into(restriction_lifts::table)
        .values((
            restriction_lifts::subject_id.eq(subject.as_uuid()),
            restriction_lifts::restriction_id.eq(restriction.as_uuid()),
            restriction_lifts::clinic_id.eq(site.clinic),
            restriction_lifts::lifted_at.eq(site.now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn put_evidence(
    conn: &mut AsyncPgConnection,
    site: Site,
    new: NewEvidence,
) -> Result<(), StoreError> {
    diesel::insert_into(evidence::table)
        .values((
            evidence::subject_id.eq(new.subject.as_uuid()),
            evidence::evidence_id.eq(new.id.as_uuid()),
            evidence::clinic_id.eq(site.clinic),
            evidence::kind.eq(new.kind.code()),
            evidence::recorded_by.eq(new.recorded_by.as_uuid()),
            evidence::actor_id.eq(new.actor.map(ActorId::as_uuid)),
            evidence::starts_at.eq(site.now),
            evidence::ends_at.eq(new.ends_at),
            evidence::reason.eq(new.reason),
            evidence::dek_version.eq(stored_number(new.dek_version)?),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn put_review(
    conn: &mut AsyncPgConnection,
    site: Site,
    (subject, id): (SubjectId, EvidenceId),
    reviewed_by: ActorId,
    verdict: ReviewVerdict,
) -> Result<(), StoreError> {
    diesel::insert_into(evidence_reviews::table)
        .values((
            evidence_reviews::subject_id.eq(subject.as_uuid()),
            evidence_reviews::evidence_id.eq(id.as_uuid()),
            evidence_reviews::clinic_id.eq(site.clinic),
            evidence_reviews::reviewed_by.eq(reviewed_by.as_uuid()),
            evidence_reviews::reviewed_at.eq(site.now),
            evidence_reviews::verdict.eq(verdict.code()),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn put_case(
    conn: &mut AsyncPgConnection,
    site: Site,
    new: NewCase,
) -> Result<(), StoreError> {
    diesel::insert_into(cases::table)
        .values((
            cases::subject_id.eq(new.subject.as_uuid()),
            cases::case_id.eq(new.id.as_uuid()),
            cases::clinic_id.eq(site.clinic),
            cases::received_at.eq(new.received_at),
            cases::case_document.eq(new.document),
            cases::words.eq(new.words),
            cases::dek_version.eq(stored_number(new.dek_version)?),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn put_hold(
    conn: &mut AsyncPgConnection,
    site: Site,
    subject: SubjectId,
    hold: LegalHold,
) -> Result<(), StoreError> {
    diesel::insert_into(legal_holds::table)
        .values((
            legal_holds::subject_id.eq(subject.as_uuid()),
            legal_holds::hold_id.eq(hold.id.as_uuid()),
            legal_holds::clinic_id.eq(site.clinic),
            legal_holds::classes.eq(json(&hold.classes)?),
            legal_holds::authority.eq(hold.authority),
            legal_holds::starts_at.eq(hold.starts_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Our own types always have a JSON form; one that does not is a defect to be seen, not hidden.
fn json(value: &impl serde::Serialize) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(value).map_err(|_| StoreError::Inconsistent { table: "a JSON column" })
}
