//! Staff and other actors: who may act, how fit they are to see records, in whose care they take part.

use audit_log::{Event, Moves};
use chrono::{DateTime, Utc};
use records_model::{
    Action, Actor, ActorId, Category, Detail, Ground, Purpose, RetentionClass, Role, Set, SubjectId,
    SubjectKind,
};

use crate::ask::{Asking, ask, own_will};
use crate::change::ClearanceEntry;
use crate::ledger::Ledger;
use crate::register::{PersonDetails, put_person};
use crate::{
    Answer, Asked, Change, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan, SubjectNeed, Tools,
};

/// What is asked before the staff register is written (policy section 5.3).
fn staff_register() -> Asked {
    let category = Set::one(Category::StaffRecord);
    let asked = Asked::internal(Action::Write, Purpose::Oversight, Ground::LegalDuty, category);
    Asked { detail: Detail::Existence, ..asked }
}

/// Enrols a staff member: the person, their staff key, and the actor.
#[derive(Debug, Clone)]
pub struct EnrolStaff {
    /// Who enrols.
    pub actor: ActorId,
    /// The new actor.
    pub id: ActorId,
    /// The person's new id.
    pub subject: SubjectId,
    /// Their role.
    pub role: Role,
    /// Who they are.
    pub person: PersonDetails,
}

impl Operation for EnrolStaff {
    type Outcome = Answer;

    fn needs(&self) -> Needs {
        Needs::without_subject(self.actor)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Answer>, OperationError> {
        let mut ledger = Ledger::open(facts, tools)?;
        let (answer, entry) = match ask(facts, &mut ledger, &staff_register(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(ledger.finish(answer)),
        };
        let ids = put_person(&mut ledger, self.subject, SubjectKind::Staff, (&self.person, self.actor))?;
        let pseudonym = ledger.new_actor_pseudonym()?;
        let actor = Actor { id: self.id, role: self.role };
        ledger.change(Change::PutActor { actor, subject: self.subject, pseudonym });
        ledger.enter(entry.becoming(Event::PersonRegistered, Moves::None).about(ids))?;
        Ok(ledger.finish(answer))
    }
}

/// Lets a person act for themselves, as in the portal.
#[derive(Debug, Clone)]
pub struct AdmitPerson {
    /// Who admits.
    pub actor: ActorId,
    /// The new actor.
    pub id: ActorId,
    /// The person.
    pub subject: SubjectId,
}

impl Operation for AdmitPerson {
    type Outcome = Answer;

    fn needs(&self) -> Needs {
        Needs::decision(self.actor, SubjectNeed::new(self.subject, LockMode::Exclusive))
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Answer>, OperationError> {
        facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        match ask(facts, &mut ledger, &own_will(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => {
                ledger.ensure_key(RetentionClass::Staff)?;
                let pseudonym = ledger.new_actor_pseudonym()?;
                let actor = Actor { id: self.id, role: Role::Person };
                ledger.change(Change::PutActor { actor, subject: self.subject, pseudonym });
                ledger.enter(entry.becoming(Event::PersonRegistered, Moves::None))?;
                Ok(ledger.finish(answer))
            }
            Asking::Refused(answer) => Ok(ledger.finish(answer)),
        }
    }
}

/// Enters something about a staff member's clearance.
#[derive(Debug, Clone)]
pub struct RecordClearance {
    /// Who enters it.
    pub actor: ActorId,
    /// About whom.
    pub staff: ActorId,
    /// What.
    pub entry: ClearanceEntry,
}

impl Operation for RecordClearance {
    type Outcome = Answer;

    fn needs(&self) -> Needs {
        Needs {
            clinic: LockMode::Shared,
            actor: (self.staff, LockMode::Exclusive),
            by: Some(self.actor),
            subject: None,
        }
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Answer>, OperationError> {
        // The entry stands in the chain of whom it is about; whether it may be made is asked of whoever makes it.
        let asking = LoadedFacts { actor: facts.by.clone(), ..facts.clone() };
        let mut ledger = Ledger::open(facts, tools)?;
        match ask(&asking, &mut ledger, &staff_register(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => {
                ledger.change(Change::PutClearance { actor: self.staff, entry: self.entry.clone() });
                let mut entry = entry.becoming(Event::ClearanceChanged, Moves::Actor);
                entry.preimage.by = Some(self.actor);
                ledger.enter(entry)?;
                Ok(ledger.finish(answer))
            }
            Asking::Refused(answer) => Ok(ledger.finish(answer)),
        }
    }
}

/// Enters who takes part in whose care.
#[derive(Debug, Clone)]
pub struct RecordCareRelation {
    /// Who enters it.
    pub actor: ActorId,
    /// The patient.
    pub subject: SubjectId,
    /// The staff member.
    pub staff: ActorId,
    /// Until when; open if none.
    pub ends_at: Option<DateTime<Utc>>,
}

impl Operation for RecordCareRelation {
    type Outcome = Answer;

    fn needs(&self) -> Needs {
        Needs::decision(self.actor, SubjectNeed::new(self.subject, LockMode::Exclusive))
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Answer>, OperationError> {
        facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        if self.ends_at.is_some_and(|end| end <= tools.now) {
            return Err(OperationError::Period("a care relation must end later than now, or stay open"));
        }
        let mut ledger = Ledger::open(facts, tools)?;
        let category = Set::one(Category::IdentityContact);
        let asked = Asked::internal(Action::Write, Purpose::Scheduling, Ground::Contract, category);
        match ask(facts, &mut ledger, &asked, Set::EMPTY)? {
            Asking::Permitted(answer, entry) => {
                ledger.change(Change::PutCareRelation {
                    subject: self.subject,
                    actor: self.staff,
                    starts_at: ledger.tools.now,
                    ends_at: self.ends_at,
                });
                ledger.enter(entry.becoming(Event::CareRelationChanged, Moves::Subject))?;
                Ok(ledger.finish(answer))
            }
            Asking::Refused(answer) => Ok(ledger.finish(answer)),
        }
    }
}
