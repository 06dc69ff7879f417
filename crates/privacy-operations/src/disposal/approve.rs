//! Approving: by a different person.

use audit_log::{Event, Moves};
use chrono::{DateTime, Utc};
use records_model::{ActorId, DisposalId, Ground, Purpose, Set, SubjectId};

use super::{content_of, is_officer, open_disposal};
use crate::ask::{Asking, ask};
use crate::file::existence;
use crate::ledger::Ledger;
use crate::self_dealing::{SelfDealing, refuse};
use crate::{
    Answer, Change, DisposalBlock, Load, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan,
    SubjectNeed, Tools,
};

/// Approves a disposal that somebody else proposed or approved (P-57).
#[derive(Debug, Clone)]
pub struct ApproveDisposal {
    /// Who approves.
    pub actor: ActorId,
    /// Whose records.
    pub subject: SubjectId,
    /// Which disposal.
    pub disposal: DisposalId,
}

/// The outcome of approving.
#[derive(Debug, Clone)]
pub struct DisposalApproved {
    /// Whether the actor may approve.
    pub answer: Answer,
    /// Approvals still missing.
    pub approvals_missing: usize,
    /// Before this instant it is not carried out.
    pub not_before: DateTime<Utc>,
}

impl Operation for ApproveDisposal {
    type Outcome = DisposalApproved;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Exclusive).with(Load::Disposals);
        Needs::decision(self.actor, subject)
    }

    fn plan(
        &self,
        facts: &LoadedFacts,
        tools: &mut Tools<'_>,
    ) -> Result<Plan<DisposalApproved>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let actor = facts.actor.as_ref().ok_or(OperationError::UnknownActor)?;
        let disposal = open_disposal(subject, self.disposal)?;
        let mut ledger = Ledger::open(facts, tools)?;
        let (missing, not_before) = (disposal.approvals_missing(), disposal.not_before);
        let outcome = |answer, approvals_missing| DisposalApproved { answer, approvals_missing, not_before };
        let asked = existence(Purpose::Oversight, Ground::LegalDuty);
        let (answer, mut entry) = match ask(facts, &mut ledger, &asked, Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(ledger.finish(outcome(answer, missing))),
        };
        if !is_officer(actor.actor.role) {
            return Err(DisposalBlock::NotAnOfficer.into());
        }
        if disposal.approvers().contains(&actor.subject) {
            let answer = refuse(facts, &mut ledger, &asked, SelfDealing::Disposal)?;
            return Ok(ledger.finish(outcome(answer, missing)));
        }
        ledger.change(Change::PutApproval { subject: self.subject, id: self.disposal, officer: self.actor });
        entry.content = Some(content_of(self.disposal));
        ledger.enter(entry.becoming(Event::DisposalApproved, Moves::None))?;
        Ok(ledger.finish(outcome(answer, missing.saturating_sub(1))))
    }
}
