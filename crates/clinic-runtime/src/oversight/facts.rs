//! What the rules over the log know of the staff; all of it is on file, nothing is guessed.

use std::collections::{BTreeMap, BTreeSet};

use audit_log::{ContactToken, StaffFacts};
use chrono::{DateTime, Utc};
use postgres_store::ActorLine;
use privacy_operations::House;
use records_model::SubjectId;

use crate::{Runtime, RuntimeError};

impl Runtime {
    /// Duty hours, own records, and telephones or e-mail addresses that staff share with a person.
    pub(super) async fn staff_facts(
        &self,
        house: &House,
        (since, now): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<(Vec<ActorLine>, StaffFacts), RuntimeError> {
        let (store, clinic) = (self.store(), self.clinic());
        let staff: Vec<ActorLine> =
            store.actors(clinic).await?.into_iter().filter(|line| line.actor.role.is_staff()).collect();
        let mut contacts: BTreeMap<SubjectId, BTreeSet<ContactToken>> = BTreeMap::new();
        for (subject, token) in store.staff_contacts(clinic).await? {
            contacts.entry(subject).or_default().insert(token);
        }
        let mut facts = StaffFacts::default();
        let hours = house.duty_between(since, now);
        for line in &staff {
            facts.own_person.insert(line.actor.id, line.subject);
            facts.duty.extend(hours.clone().map(|hours| (line.actor.id, hours)));
            facts
                .staff_contacts
                .extend(contacts.get(&line.subject).map(|tokens| (line.actor.id, tokens.clone())));
        }
        // Whoever works here is counted once, as staff.
        for line in &staff {
            contacts.remove(&line.subject);
        }
        facts.subject_contacts = contacts;
        Ok((staff, facts))
    }
}
