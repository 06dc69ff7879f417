//! Who acts, and everything that was ever entered about their clearance.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use crypto_vault::KeystoreRow;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use privacy_operations::ClearanceEntry;
use records_model::{Actor, ActorId, RetentionClass, SubjectId, TrainingRecord};
use uuid::Uuid;

use super::Snapshot;
use crate::schema::{actors, clearance_entries};
use crate::{ActorLine, StoreError, load};

/// One actor with their history.
#[derive(Debug)]
pub struct StaffFile {
    /// Who, in which role.
    pub line: ActorLine,
    /// The name under which the log knows them, sealed with their staff key.
    pub pseudonym: Vec<u8>,
    /// Their staff keys, wrapped; a destroyed key keeps its row.
    pub keys: Vec<KeystoreRow>,
    /// What was entered about their clearance and when, oldest first.
    pub entries: Vec<(DateTime<Utc>, ClearanceEntry)>,
}

type EntryRow = (Uuid, String, Option<String>, NaiveDate, Option<NaiveDate>, DateTime<Utc>);
type ActorRow = (Uuid, String, Uuid, Vec<u8>);

impl Snapshot {
    /// Every actor.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn staff(&mut self) -> Result<Vec<StaffFile>, StoreError> {
        let mut entries = self.clearances().await?;
        let rows: Vec<ActorRow> = actors::table
            .filter(actors::clinic_id.eq(self.clinic.as_uuid()))
            .select((actors::actor_id, actors::role, actors::subject_id, actors::pseudonym))
            .load(&mut self.conn)
            .await?;
        let people: Vec<SubjectId> = rows.iter().map(|row| SubjectId::from_uuid(row.2)).collect();
        let mut keys: HashMap<SubjectId, Vec<KeystoreRow>> = HashMap::new();
        let classes = [RetentionClass::Staff];
        for (subject, key) in load::keys_of_many(&mut self.conn, self.clinic, &people, &classes).await? {
            keys.entry(subject).or_default().push(key);
        }
        rows.into_iter()
            .map(|(id, role, subject, pseudonym)| {
                let (id, subject) = (ActorId::from_uuid(id), SubjectId::from_uuid(subject));
                let line = ActorLine { actor: Actor { id, role: load::word(&role, "actors")? }, subject };
                let keys = keys.remove(&subject).unwrap_or_default();
                let entries = entries.remove(&id).unwrap_or_default();
                Ok(StaffFile { line, pseudonym, keys, entries })
            })
            .collect()
    }

    async fn clearances(
        &mut self,
    ) -> Result<HashMap<ActorId, Vec<(DateTime<Utc>, ClearanceEntry)>>, StoreError> {
        let rows: Vec<EntryRow> = clearance_entries::table
            .filter(clearance_entries::clinic_id.eq(self.clinic.as_uuid()))
            .order((clearance_entries::actor_id, clearance_entries::entry_no))
            .select((
                clearance_entries::actor_id,
                clearance_entries::kind,
                clearance_entries::module,
                clearance_entries::done_on,
                clearance_entries::expires_on,
                clearance_entries::recorded_at,
            ))
            .load(&mut self.conn)
            .await?;
        let mut entries: HashMap<ActorId, Vec<_>> = HashMap::new();
        for row in rows {
            let (actor, recorded_at) = (ActorId::from_uuid(row.0), row.5);
            entries.entry(actor).or_default().push((recorded_at, clearance_entry(row)?));
        }
        Ok(entries)
    }
}

fn clearance_entry(row: EntryRow) -> Result<ClearanceEntry, StoreError> {
    let (_, kind, module, on, expires_on, _) = row;
    match (kind.as_str(), module, expires_on) {
        ("training", Some(module), Some(expires_on)) => {
            Ok(ClearanceEntry::Training(TrainingRecord { module, completed_on: on, expires_on }))
        }
        ("background-clear", None, Some(expires_on)) => {
            Ok(ClearanceEntry::BackgroundClear { on, expires_on })
        }
        ("background-not-clear", None, None) => Ok(ClearanceEntry::BackgroundNotClear { on }),
        ("undertaking", None, None) => Ok(ClearanceEntry::Undertaking { on }),
        ("left", None, None) => Ok(ClearanceEntry::Left { on }),
        _ => Err(StoreError::Inconsistent { table: "clearance_entries" }),
    }
}
