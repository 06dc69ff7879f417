//! Staff and other actors: who may act, how fit they are to see records, in whose care they take part.

use audit_log::{ContentHash, Event, Moves};
use chrono::{DateTime, Utc};
use records_model::{
    Action, Actor, ActorId, Category, Detail, Ground, Purpose, RetentionClass, Role, Set, SubjectId,
    SubjectKind, Vocabulary as _,
};

use crate::ask::{Asking, ask, widening_will};
use crate::change::ClearanceEntry;
use crate::ledger::Ledger;
use crate::register::{PersonDetails, put_person};
use crate::self_dealing::{SelfDealing, refuse};
use crate::{
    Answer, Asked, Change, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan, SubjectNeed, Tools,
};

/// What is asked before the staff register is written (policy section 5.3).
pub(crate) fn staff_register() -> Asked {
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
        if !self.role.is_staff() {
            return Err(OperationError::NotAStaffRole);
        }
        let mut ledger = Ledger::open(facts, tools)?;
        let (answer, entry) = match ask(facts, &mut ledger, &staff_register(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(ledger.finish(answer)),
        };
        let ids = put_person(&mut ledger, self.subject, SubjectKind::Staff, (&self.person, self.actor))?;
        let pseudonym = ledger.new_actor_pseudonym()?;
        let actor = Actor { id: self.id, role: self.role };
        ledger.change(Change::PutActor { actor, subject: self.subject, pseudonym });
        let mut entry = entry.becoming(Event::PersonRegistered, Moves::None).about(ids);
        entry.content =
            Some(ContentHash::of(format!("{} {}", self.id.as_uuid(), self.role.code()).as_bytes()));
        ledger.enter(entry)?;
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
        match ask(facts, &mut ledger, &widening_will(), Set::EMPTY)? {
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
            actor: (self.staff, LockMode::Exclusive),
            by: Some(self.actor),
            ..Needs::without_subject(self.staff)
        }
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Answer>, OperationError> {
        // Whether it may be entered is asked of whoever enters it; the entry stands in the chain of whom it is about.
        let asking = LoadedFacts { actor: facts.by.clone(), ..facts.clone() };
        let mut asked_by = Ledger::open(&asking, tools)?;
        if self.actor == self.staff {
            let answer = refuse(&asking, &mut asked_by, &staff_register(), SelfDealing::Clearance)?;
            return Ok(asked_by.finish(answer));
        }
        let (answer, entry) = match ask(&asking, &mut asked_by, &staff_register(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(asked_by.finish(answer)),
        };
        drop(asked_by);
        let mut ledger = Ledger::open(facts, tools)?;
        ledger.change(Change::PutClearance { actor: self.staff, entry: self.entry.clone() });
        let mut entry = entry.becoming(Event::ClearanceChanged, Moves::Actor);
        entry.preimage.by = Some(self.actor);
        ledger.enter(entry)?;
        Ok(ledger.finish(answer))
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
        match ask(facts, &mut ledger, &care_register(), Set::EMPTY)? {
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

/// Ends somebody's part in a person's care: from this moment they treat them no more.
#[derive(Debug, Clone)]
pub struct EndCareRelation {
    /// Who enters it.
    pub actor: ActorId,
    /// The patient.
    pub subject: SubjectId,
    /// The staff member.
    pub staff: ActorId,
}

impl Operation for EndCareRelation {
    type Outcome = Answer;

    fn needs(&self) -> Needs {
        Needs::decision(self.actor, SubjectNeed::new(self.subject, LockMode::Exclusive))
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Answer>, OperationError> {
        facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        match ask(facts, &mut ledger, &care_register(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => {
                ledger.change(Change::EndCareRelation { subject: self.subject, actor: self.staff });
                ledger.enter(entry.becoming(Event::CareRelationChanged, Moves::Subject))?;
                Ok(ledger.finish(answer))
            }
            Asking::Refused(answer) => Ok(ledger.finish(answer)),
        }
    }
}

/// What is asked before it is entered who takes part in whose care.
fn care_register() -> Asked {
    let category = Set::one(Category::IdentityContact);
    Asked::internal(Action::Write, Purpose::Scheduling, Ground::Contract, category)
}
