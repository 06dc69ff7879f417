//! Taking a proposal back: one officer is enough, because it destroys nothing and opens what the proposal blocked.

use audit_log::{Event, Moves};
use records_model::{ActorId, DisposalId, Ground, Purpose, Set, SubjectId};

use super::{content_of, is_officer, open_disposal};
use crate::ask::{Asking, ask};
use crate::file::existence;
use crate::ledger::Ledger;
use crate::{
    Answer, Change, DisposalBlock, KeepingChange, Load, LoadedFacts, LockMode, Needs, Operation,
    OperationError, Plan, SubjectNeed, Tools,
};

/// Takes back a proposal to destroy, for instance because the person came back. It is final: the class is proposed
/// anew if it is to go after all.
#[derive(Debug, Clone)]
pub struct WithdrawDisposal {
    /// Who takes it back.
    pub actor: ActorId,
    /// Whose records.
    pub subject: SubjectId,
    /// Which disposal.
    pub disposal: DisposalId,
}

impl Operation for WithdrawDisposal {
    type Outcome = Answer;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Exclusive).with(Load::Disposals);
        Needs::decision(self.actor, subject)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Answer>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let actor = facts.actor.as_ref().ok_or(OperationError::UnknownActor)?;
        open_disposal(subject, self.disposal)?;
        let mut ledger = Ledger::open(facts, tools)?;
        let asked = existence(Purpose::Oversight, Ground::LegalDuty);
        let (answer, mut entry) = match ask(facts, &mut ledger, &asked, Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(ledger.finish(answer)),
        };
        if !is_officer(actor.actor.role) {
            return Err(DisposalBlock::NotAnOfficer.into());
        }
        let (subject, id, officer) = (self.subject, self.disposal, self.actor);
        ledger.change(Change::KeepAway(KeepingChange::WithdrawDisposal { subject, id, officer }));
        entry.content = Some(content_of(self.disposal));
        ledger.enter(entry.becoming(Event::RecordsUnblocked, Moves::Subject))?;
        Ok(ledger.finish(answer))
    }
}
