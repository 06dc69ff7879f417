//! Who acted, and whether they were fit to read at that instant.

use std::collections::HashMap;

use audit_log::Pseudonym;
use chrono::{DateTime, Utc};
use postgres_store::{Snapshot, StaffFile};
use privacy_notice::evidence::Office;
use privacy_operations::{ClearanceEntry, House, KeyRing, OperationError, open_actor_pseudonym};
use records_model::{BackgroundCheck, Clearance, Fact, Role, Set, Undertaking};
use safeguards::clearance_facts;

use crate::{Runtime, RuntimeError};

/// Every actor under the name by which the log knows them.
pub(super) struct Staff {
    by_pseudonym: HashMap<Pseudonym, StaffFile>,
    /// Whether some names cannot be opened any more, because their keys were destroyed.
    has_forgotten: bool,
    office: Office,
}

/// How fit a reader was.
pub(super) enum Reader {
    /// Not staff, or nobody whom the log can still name.
    NotJudged,
    /// Staff, with what their clearance gave at that instant.
    Staff(Set<Fact>),
    /// Somebody whom no register of the clinic knows.
    Unknown,
}

impl Staff {
    pub(super) async fn load(
        runtime: &Runtime,
        snapshot: &mut Snapshot,
        (house, now): (&House, DateTime<Utc>),
    ) -> Result<Self, RuntimeError> {
        let files = snapshot.staff().await?;
        let today = house.zone.date_of(now);
        let in_office = |file: &StaffFile| {
            let left_on = clearance_at(file, now).left_on;
            file.line.actor.role == Role::PrivacyOfficer && left_on.is_none_or(|last| today <= last)
        };
        let office = if files.iter().any(in_office) { Office::Held } else { Office::Vacant };
        let mut staff = Self { by_pseudonym: HashMap::new(), has_forgotten: false, office };
        for file in files {
            let ring = KeyRing::open(runtime.clinic(), file.line.subject, runtime.epoch(), &file.keys)?;
            let sealed = (&ring, file.pseudonym.as_slice());
            match open_actor_pseudonym(runtime.clinic(), file.line.subject, sealed) {
                Ok(pseudonym) => drop(staff.by_pseudonym.insert(pseudonym, file)),
                Err(OperationError::KeyMissing(_)) if file.keys.iter().any(|key| !key.state().opens()) => {
                    staff.has_forgotten = true;
                }
                // A name that was altered is nobody's: what stands in the log under the true one is not vouched for.
                Err(_) => {}
            }
        }
        Ok(staff)
    }

    /// Whether somebody holds the office of privacy officer.
    pub(super) const fn office(&self) -> Office {
        self.office
    }

    /// Whoever reads in the log under this name at this instant.
    pub(super) fn reader(&self, name: Option<Pseudonym>, at: DateTime<Utc>, house: &House) -> Reader {
        match name.and_then(|name| self.by_pseudonym.get(&name)) {
            Some(file) if file.line.actor.role.is_staff() => {
                let today = house.zone.date_of(at);
                Reader::Staff(clearance_facts(&clearance_at(file, at), &house.training, today).0)
            }
            Some(_) => Reader::NotJudged,
            None if self.has_forgotten => Reader::NotJudged,
            None => Reader::Unknown,
        }
    }
}

/// What was on file about an actor at that instant: trainings gather, the newest of everything else counts.
fn clearance_at(file: &StaffFile, at: DateTime<Utc>) -> Clearance {
    let mut clearance = Clearance {
        trainings: Vec::new(),
        background_check: BackgroundCheck::Missing,
        undertaking: Undertaking::Missing,
        left_on: None,
    };
    for (_, entry) in file.entries.iter().filter(|(recorded_at, _)| *recorded_at <= at) {
        match entry {
            ClearanceEntry::Training(training) => clearance.trainings.push(training.clone()),
            ClearanceEntry::BackgroundClear { expires_on, .. } => {
                clearance.background_check = BackgroundCheck::Clear { expires_on: *expires_on };
            }
            ClearanceEntry::BackgroundNotClear { .. } => {
                clearance.background_check = BackgroundCheck::NotClear;
            }
            ClearanceEntry::Undertaking { on } => clearance.undertaking = Undertaking::Signed { on: *on },
            ClearanceEntry::Left { on } => clearance.left_on = Some(*on),
        }
    }
    clearance
}
