//! Restrictions: what a person asked to be spared.

use audit_log::{ContentHash, Event, Moves};
use records_model::{ActorId, Restriction, RestrictionId, RestrictionKind, RestrictionScope, Set, SubjectId};

use crate::ask::{Asking, ask, narrowing_will, widening_will};
use crate::ledger::Ledger;
use crate::self_dealing::{SelfDealing, refuse};
use crate::{
    Answer, Change, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan, SubjectNeed, Tools,
};

/// Adds a restriction; it beats every consent from this moment.
#[derive(Debug, Clone)]
pub struct AddRestriction {
    /// Who records it.
    pub actor: ActorId,
    /// Whose.
    pub subject: SubjectId,
    /// Why it is in force.
    pub kind: RestrictionKind,
    /// What it forbids.
    pub scope: RestrictionScope,
    /// What it does not forbid.
    pub unless: Vec<RestrictionScope>,
}

/// Lifts a restriction. This may widen, so it is only ever the person's own wish.
#[derive(Debug, Clone)]
pub struct LiftRestriction {
    /// Who records it.
    pub actor: ActorId,
    /// Whose.
    pub subject: SubjectId,
    /// Which.
    pub restriction: RestrictionId,
}

/// The outcome of either.
#[derive(Debug, Clone)]
pub struct RestrictionChanged {
    /// Whether the actor may record it.
    pub answer: Answer,
    /// The restriction, if the change was recorded.
    pub restriction: Option<RestrictionId>,
}

impl Operation for AddRestriction {
    type Outcome = RestrictionChanged;

    fn needs(&self) -> Needs {
        Needs::decision(self.actor, SubjectNeed::new(self.subject, LockMode::Exclusive))
    }

    fn plan(
        &self,
        facts: &LoadedFacts,
        tools: &mut Tools<'_>,
    ) -> Result<Plan<RestrictionChanged>, OperationError> {
        facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        let (answer, entry) = match ask(facts, &mut ledger, &narrowing_will(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => {
                return Ok(ledger.finish(RestrictionChanged { answer, restriction: None }));
            }
        };
        let id = RestrictionId::generate(ledger.tools.arrival, ledger.tools.rng);
        let restriction = Restriction {
            id,
            kind: self.kind,
            scope: self.scope,
            unless: self.unless.clone(),
            starts_at: ledger.tools.now,
            lifted_at: None,
        };
        let canonical =
            serde_json::to_vec(&restriction).map_err(|_| OperationError::Stored("restriction"))?;
        ledger.change(Change::PutRestriction { subject: self.subject, restriction });
        let mut entry = entry.becoming(Event::RestrictionAdded, Moves::Subject);
        entry.content = Some(ContentHash::of(&canonical));
        entry.preimage.categories = self.scope.categories;
        ledger.enter(entry)?;
        Ok(ledger.finish(RestrictionChanged { answer, restriction: Some(id) }))
    }
}

impl Operation for LiftRestriction {
    type Outcome = RestrictionChanged;

    fn needs(&self) -> Needs {
        Needs::decision(self.actor, SubjectNeed::new(self.subject, LockMode::Exclusive))
    }

    fn plan(
        &self,
        facts: &LoadedFacts,
        tools: &mut Tools<'_>,
    ) -> Result<Plan<RestrictionChanged>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let in_force = |one: &&Restriction| one.id == self.restriction && one.lifted_at.is_none();
        let found = subject.restrictions.iter().find(in_force).ok_or(OperationError::UnknownRestriction)?;
        let mut ledger = Ledger::open(facts, tools)?;
        if keeps_out(found, facts) {
            let answer = refuse(facts, &mut ledger, &widening_will(), SelfDealing::Restriction)?;
            return Ok(ledger.finish(RestrictionChanged { answer, restriction: None }));
        }
        let (answer, entry) = match ask(facts, &mut ledger, &widening_will(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => {
                return Ok(ledger.finish(RestrictionChanged { answer, restriction: None }));
            }
        };
        ledger.change(Change::LiftRestriction { subject: self.subject, restriction: self.restriction });
        let mut entry = entry.becoming(Event::RestrictionLifted, Moves::Subject);
        entry.content = Some(ContentHash::of(self.restriction.as_uuid().as_bytes()));
        ledger.enter(entry)?;
        Ok(ledger.finish(RestrictionChanged { answer, restriction: Some(self.restriction) }))
    }
}

/// Whether a restriction names the very person who acts, or their role. Who acts for themselves lifts their own.
fn keeps_out(restriction: &Restriction, facts: &LoadedFacts) -> bool {
    facts.actor.as_ref().is_some_and(|actor| {
        let is_the_person = facts.subject.as_ref().is_some_and(|subject| subject.id == actor.subject);
        let names = restriction.scope.actor == Some(actor.actor.id)
            || restriction.scope.roles.contains(actor.actor.role);
        names && !is_the_person
    })
}
