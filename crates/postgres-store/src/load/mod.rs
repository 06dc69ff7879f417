//! Loads what an operation needs: rows become domain values here and nowhere else.

mod actor;
mod attachment;
mod consent;
mod disposal;
mod evidence;
mod keeping;
mod keystore;
mod oversight;
mod record;
mod retention;
mod rows;
mod subject;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use consent_policy::RowPredicate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{ClinicFacts, LoadedFacts, Needs, SecretRow, SecretRowKind};
use records_model::{Category, ClinicId, Set};

use crate::StoreError;
use crate::documents::DocumentCache;
pub(crate) use crate::row::{bytes32, counter, json, number, word};
pub(crate) use attachment::every_stream;
pub(crate) use consent::restrictions_of_all;
pub(crate) use disposal::of_many as disposals_of_many;
pub(crate) use evidence::CASE_NOW;
pub(crate) use keeping::blocks_of_many;
pub(crate) use keystore::{NOT_WRAPPED_AFTER, count_not_wrapped, items};
pub(crate) use oversight::{AlertRow, judged_alerts, stored_alert};
pub(crate) use record::{every_seal, every_version};
pub(crate) use retention::holds_of_many;
pub(crate) use subject::{age_mark, key_id, keys_of, keys_of_many};

/// Everything that `needs` asks for; the locks are held.
pub(crate) async fn facts(
    conn: &mut AsyncPgConnection,
    documents: &DocumentCache,
    clinic: ClinicId,
    needs: &Needs,
    now: DateTime<Utc>,
) -> Result<LoadedFacts, StoreError> {
    keystore::refuse_closed_epoch(conn).await?;
    let clinic_facts = clinic_facts(conn, documents, clinic).await?;
    let actor = actor::facts(conn, clinic, needs.actor.0).await?;
    let by = match needs.by {
        Some(id) => actor::facts(conn, clinic, id).await?,
        None => None,
    };
    let subject = match &needs.subject {
        Some(need) => subject::facts(conn, clinic, need, needs.actor.0, now).await?,
        None => None,
    };
    let bearer = match needs.subject.as_ref().and_then(|need| need.source) {
        Some(token) => subject::bearer(conn, clinic, token).await?,
        None => None,
    };
    let keystore = keystore::facts(conn, clinic, &needs.keystore).await?;
    Ok(LoadedFacts { clinic: clinic_facts, actor, by, subject, bearer, keystore })
}

/// The records that the rows choose, and how many of each sort they leave; nothing if the person is not on file.
pub(crate) async fn permitted_records(
    conn: &mut AsyncPgConnection,
    facts: &mut LoadedFacts,
    categories: Set<Category>,
    rows: &RowPredicate,
) -> Result<(), StoreError> {
    if let Some(person) = &mut facts.subject {
        person.records = record::permitted(conn, person.id, categories, rows).await?;
        person.held_back = record::held_back(conn, person.id, categories, rows).await?;
    }
    Ok(())
}

async fn clinic_facts(
    conn: &mut AsyncPgConnection,
    documents: &DocumentCache,
    clinic: ClinicId,
) -> Result<ClinicFacts, StoreError> {
    use crate::schema::{clinics, log_checkpoints};
    let generation: Option<i64> = clinics::table
        .find(clinic.as_uuid())
        .select(clinics::facts_generation)
        .first(conn)
        .await
        .optional()?;
    let note: Option<String> = log_checkpoints::table
        .filter(log_checkpoints::clinic_id.eq(clinic.as_uuid()))
        .order((log_checkpoints::tree_size.desc(), log_checkpoints::signed_at.desc()))
        .select(log_checkpoints::note)
        .first(conn)
        .await
        .optional()?;
    Ok(ClinicFacts {
        id: clinic,
        generation: counter(generation.unwrap_or_default(), "clinics")?,
        documents: documents.in_force(conn, clinic).await?,
        secrets: secrets(conn, clinic).await?,
        checkpoint: note.map(Arc::from),
    })
}

/// The clinic's wrapped secrets, every version, under every epoch.
pub(crate) async fn secrets(
    conn: &mut AsyncPgConnection,
    clinic: ClinicId,
) -> Result<Vec<SecretRow>, StoreError> {
    use crate::schema::clinic_secrets::dsl;
    const TABLE: &str = "keystore.clinic_secrets";
    type Row = (String, i32, i32, Vec<u8>, Vec<u8>);
    let rows: Vec<Row> = dsl::clinic_secrets
        .filter(dsl::clinic_id.eq(clinic.as_uuid()))
        .order((dsl::kind, dsl::version, dsl::epoch))
        .select((dsl::kind, dsl::version, dsl::epoch, dsl::wrapped, dsl::check_value))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(kind, version, epoch, wrapped, check_value)| {
            let kind = SecretRowKind::parse(&kind).ok_or(StoreError::Inconsistent { table: TABLE })?;
            let (version, epoch) = (number(version, TABLE)?, number(epoch, TABLE)?);
            Ok(SecretRow { kind, version, epoch, wrapped, check_value })
        })
        .collect()
}
