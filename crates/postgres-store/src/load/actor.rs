//! Who acts, and what is on file about their fitness to see records.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::ActorFacts;
use records_model::{
    Actor, ActorId, BackgroundCheck, Clearance, ClinicId, RetentionClass, SubjectId, TrainingRecord,
    Undertaking,
};
use uuid::Uuid;

use super::{counter, subject, word};
use crate::StoreError;
use crate::schema::{actors, clearance_entries};

const TABLE: &str = "actors";

#[derive(Queryable)]
struct ActorRow {
    subject_id: Uuid,
    role: String,
    facts_generation: i64,
    pseudonym: Vec<u8>,
}

/// The actor, if enrolled.
pub(super) async fn facts(
    conn: &mut AsyncPgConnection,
    clinic: ClinicId,
    id: ActorId,
) -> Result<Option<ActorFacts>, StoreError> {
    let row: Option<ActorRow> = actors::table
        .find(id.as_uuid())
        .select((actors::subject_id, actors::role, actors::facts_generation, actors::pseudonym))
        .first(conn)
        .await
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let subject = SubjectId::from_uuid(row.subject_id);
    Ok(Some(ActorFacts {
        actor: Actor { id, role: word(&row.role, TABLE)? },
        subject,
        generation: counter(row.facts_generation, TABLE)?,
        clearance: clearance(conn, id).await?,
        pseudonym: row.pseudonym,
        keys: subject::keys_of(conn, clinic, subject, Some(RetentionClass::Staff)).await?,
    }))
}

type ClearanceRow = (String, Option<String>, NaiveDate, Option<NaiveDate>);

/// The entries added up: trainings gather, the newest of everything else counts.
async fn clearance(conn: &mut AsyncPgConnection, id: ActorId) -> Result<Clearance, StoreError> {
    let rows: Vec<ClearanceRow> = clearance_entries::table
        .filter(clearance_entries::actor_id.eq(id.as_uuid()))
        .order(clearance_entries::entry_no)
        .select((
            clearance_entries::kind,
            clearance_entries::module,
            clearance_entries::done_on,
            clearance_entries::expires_on,
        ))
        .load(conn)
        .await?;
    let mut clearance = Clearance {
        trainings: Vec::new(),
        background_check: BackgroundCheck::Missing,
        undertaking: Undertaking::Missing,
        left_on: None,
    };
    for row in rows {
        add(&mut clearance, row)?;
    }
    Ok(clearance)
}

fn add(clearance: &mut Clearance, row: ClearanceRow) -> Result<(), StoreError> {
    let (kind, module, done_on, expires_on) = row;
    match (kind.as_str(), module, expires_on) {
        ("training", Some(module), Some(expires_on)) => {
            clearance.trainings.push(TrainingRecord { module, completed_on: done_on, expires_on });
        }
        ("background-clear", None, Some(expires_on)) => {
            clearance.background_check = BackgroundCheck::Clear { expires_on };
        }
        ("background-not-clear", None, None) => clearance.background_check = BackgroundCheck::NotClear,
        ("undertaking", None, None) => clearance.undertaking = Undertaking::Signed { on: done_on },
        ("left", None, None) => clearance.left_on = Some(done_on),
        _ => return Err(StoreError::Inconsistent { table: "clearance_entries" }),
    }
    Ok(())
}
