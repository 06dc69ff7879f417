//! Writes a plan: every change in order, in the transaction that decided it.

mod attachment;
mod disposal;
mod keeping;
mod keystore;
mod keystore_fact;
mod log;
mod oversight;
mod people;
mod record;
mod subject;
mod will;

pub(crate) use disposal::carry_out;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{ChainRow, Change, KeepingChange, KeyChange, SecretRow};
use records_model::ClinicId;
use uuid::Uuid;

use crate::StoreError;
use crate::schema::{actors, clinic_documents, clinic_secrets, clinics, subjects};

/// Where and when a change is written.
#[derive(Clone, Copy)]
pub(crate) struct Site {
    clinic: Uuid,
    now: DateTime<Utc>,
}

/// Writes all of them, or fails and leaves the transaction to be rolled back.
pub(crate) async fn changes(
    conn: &mut AsyncPgConnection,
    clinic: ClinicId,
    now: DateTime<Utc>,
    changes: Vec<Change>,
) -> Result<(), StoreError> {
    let site = Site { clinic: clinic.as_uuid(), now };
    for change in changes {
        write(conn, site, change).await?;
    }
    Ok(())
}

async fn write(conn: &mut AsyncPgConnection, site: Site, change: Change) -> Result<(), StoreError> {
    match change {
        Change::FoundClinic(clinic) => found_clinic(conn, site, clinic).await,
        Change::PutDocument { path, version_no, content, content_hash } => {
            put_document(conn, site, (path, version_no, content, content_hash)).await
        }
        Change::PutSecret(secret) => put_secret(conn, site, secret).await,
        Change::PutSubject { id, kind, residence, age } => {
            subject::put(conn, site, (id, kind), residence, age).await
        }
        Change::PutKey(key) => subject::put_key(conn, site, key).await,
        Change::PutSubjectPseudonym { subject, dek_version, sealed } => {
            subject::put_pseudonym(conn, site, subject, dek_version, sealed).await
        }
        Change::PutTokens { subject, index_version, tokens } => {
            subject::put_tokens(conn, site, subject, index_version, tokens).await
        }
        Change::PutRecords(records) => record::put(conn, site, records).await,
        Change::PutAttachment(attachment) => attachment::put(conn, site, *attachment).await,
        Change::PutFloor { subject, floor } => record::put_floor(conn, site, subject, floor).await,
        Change::PutItemFloor { subject, record, floor } => {
            record::put_item_floor(conn, site, (subject, record), floor).await
        }
        Change::PutActor { actor, subject, pseudonym } => {
            people::put_actor(conn, site, actor, subject, pseudonym).await
        }
        Change::PutLogin { actor, login, hash } => people::put_login(conn, site, actor, (login, hash)).await,
        Change::PutClearance { actor, entry } => people::put_clearance(conn, site, actor, entry).await,
        Change::EndCareRelation { subject, actor } => {
            people::end_care_relation(conn, site, subject, actor).await
        }
        Change::PutCareRelation { subject, actor, starts_at, ends_at } => {
            people::put_care_relation(conn, site, (subject, actor), (starts_at, ends_at)).await
        }
        Change::PutConsent { subject, consent, evidence, recorded_by, receipt } => {
            will::put_consent(conn, site, subject, &consent, (evidence, recorded_by, receipt)).await
        }
        Change::EndConsent { subject, consent, cause } => {
            will::end_consent(conn, site, subject, consent, cause).await
        }
        Change::PutRestriction { subject, restriction } => {
            will::put_restriction(conn, site, subject, restriction).await
        }
        Change::LiftRestriction { subject, restriction } => {
            will::lift_restriction(conn, site, subject, restriction).await
        }
        Change::PutEvidence(evidence) => will::put_evidence(conn, site, *evidence).await,
        Change::PutEvidenceReview { subject, id, reviewed_by, verdict } => {
            will::put_review(conn, site, (subject, id), reviewed_by, verdict).await
        }
        Change::PutSuspension(suspension) => oversight::put_suspension(conn, site, *suspension).await,
        Change::PutAlert(alert) => oversight::put_alert(conn, site, *alert).await,
        Change::PutAlertVerdict { owner, id, closing } => {
            oversight::put_verdict(conn, site, (owner, id), closing).await
        }
        Change::PutCase(case) => will::put_case(conn, site, *case).await,
        Change::KeepAway(change) => write_about_keeping(conn, site, change).await,
        Change::PutHold { subject, hold } => will::put_hold(conn, site, subject, hold).await,
        Change::PutDisposal { subject, id, class, extent, proposed_by } => {
            disposal::propose(conn, site, (subject, id), (class, extent), proposed_by).await
        }
        Change::PutApproval { subject, id, officer } => {
            disposal::approve(conn, site, (subject, id), officer).await
        }
        Change::Dispose { subject, id } => disposal::carry_out(conn, subject, id).await,
        Change::Keep(change) => write_about_keys(conn, site, change).await,
        Change::Raise(chain) => raise(conn, chain, site).await,
        Change::AppendEntries(entries) => log::append(conn, site, entries).await,
    }
}

async fn write_about_keeping(
    conn: &mut AsyncPgConnection,
    site: Site,
    change: KeepingChange,
) -> Result<(), StoreError> {
    match change {
        KeepingChange::PutStep(step) => keeping::put_step(conn, site, *step).await,
        KeepingChange::PutBlock { subject, block, recorded_by } => {
            keeping::put_block(conn, site, subject, (block, recorded_by)).await
        }
        KeepingChange::LiftBlock { subject, block } => keeping::lift_block(conn, site, subject, block).await,
        KeepingChange::WithdrawDisposal { subject, id, officer } => {
            disposal::withdraw(conn, site, (subject, id), officer).await
        }
    }
}

async fn write_about_keys(
    conn: &mut AsyncPgConnection,
    site: Site,
    change: KeyChange,
) -> Result<(), StoreError> {
    match change {
        KeyChange::PutWrappings(wrapped) => keystore::put_wrappings(conn, site, wrapped).await,
        KeyChange::RetireKey(key) => keystore::retire(conn, key).await,
        KeyChange::PutSeals(seals) => keystore::put_seals(conn, site, seals).await,
        KeyChange::RaiseMinimum { subject, class, minimum } => {
            keystore::raise_minimum(conn, site, (subject, class), minimum).await
        }
        KeyChange::CloseEpoch(epoch) => keystore::close_epoch(conn, site, epoch).await,
        KeyChange::EndEpoch(end) => keystore::end_epoch(conn, site, end).await,
        KeyChange::PutFact(fact) => keystore_fact::put(conn, site, fact).await,
    }
}

async fn found_clinic(conn: &mut AsyncPgConnection, site: Site, clinic: ClinicId) -> Result<(), StoreError> {
    diesel::insert_into(clinics::table)
        .values((clinics::clinic_id.eq(clinic.as_uuid()), clinics::created_at.eq(site.now)))
        .execute(conn)
        .await?;
    Ok(())
}

async fn put_document(
    conn: &mut AsyncPgConnection,
    site: Site,
    (path, version_no, content, hash): (String, u32, String, [u8; 32]),
) -> Result<(), StoreError> {
    use clinic_documents::dsl;
    diesel::insert_into(dsl::clinic_documents)
        .values((
            dsl::clinic_id.eq(site.clinic),
            dsl::path.eq(path),
            dsl::version_no.eq(stored_number(version_no)?),
            dsl::content.eq(content),
            dsl::content_hash.eq(hash.as_slice()),
            dsl::activated_at.eq(site.now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

async fn put_secret(conn: &mut AsyncPgConnection, site: Site, secret: SecretRow) -> Result<(), StoreError> {
    use clinic_secrets::dsl;
    diesel::insert_into(dsl::clinic_secrets)
        .values((
            dsl::clinic_id.eq(site.clinic),
            dsl::kind.eq(secret.kind.code()),
            dsl::version.eq(stored_number(secret.version)?),
            dsl::epoch.eq(stored_number(secret.epoch)?),
            dsl::wrapped.eq(secret.wrapped),
            dsl::check_value.eq(secret.check_value),
            dsl::created_at.eq(site.now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Raises a generation by one; the exclusive lock on that chain is held.
async fn raise(conn: &mut AsyncPgConnection, chain: ChainRow, site: Site) -> Result<(), StoreError> {
    let raised = match chain {
        ChainRow::Clinic => {
            diesel::update(clinics::table.find(site.clinic))
                .set(clinics::facts_generation.eq(clinics::facts_generation + 1))
                .execute(conn)
                .await?
        }
        ChainRow::Actor(actor) => {
            diesel::update(actors::table.find(actor.as_uuid()))
                .set(actors::facts_generation.eq(actors::facts_generation + 1))
                .execute(conn)
                .await?
        }
        ChainRow::Subject(subject) => {
            diesel::update(subjects::table.find(subject.as_uuid()))
                .set(subjects::facts_generation.eq(subjects::facts_generation + 1))
                .execute(conn)
                .await?
        }
    };
    // A chain that is not there cannot have been decided on: the plan and the tables disagree.
    if raised == 1 { Ok(()) } else { Err(diesel::result::Error::NotFound.into()) }
}

/// A number as Postgres' `integer` holds it.
pub(crate) fn stored_number(number: u32) -> Result<i32, StoreError> {
    i32::try_from(number).map_err(|_| StoreError::Inconsistent { table: "a version number" })
}
