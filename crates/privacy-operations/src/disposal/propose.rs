//! Proposing: what a review finds due.

use std::collections::BTreeSet;

use audit_log::{Event, Moves};
use records_model::{ActorId, DisposalId, RetentionClass, Set, SubjectId};
use retention::RetentionDecision;

use super::{content_of, is_officer, refuse_kept};
use crate::ask::{Asking, ask};
use crate::ledger::{EntryDraft, Ledger};
use crate::review::{floor_for_disposal, keeping, reviewed};
use crate::{
    Answer, Change, DisposalBlock, Load, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan,
    RecordSelection, SubjectFacts, SubjectNeed, Tools,
};

/// Which classes are proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueClasses {
    /// Whatever may go today and was not proposed yet; nothing is an answer too.
    All,
    /// This one, and an error says what keeps it.
    One(RetentionClass),
}

/// Proposes to destroy what the retention schedule no longer keeps (P-57, P-71). The proposal of a privacy officer
/// or director is the first of the two approvals.
#[derive(Debug, Clone)]
pub struct ProposeDisposal {
    /// Who proposes.
    pub actor: ActorId,
    /// Whose records.
    pub subject: SubjectId,
    /// Which of them.
    pub classes: DueClasses,
}

/// One class that was proposed.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The disposal.
    pub id: DisposalId,
    /// What the review said of the class.
    pub review: RetentionDecision,
}

/// The outcome of proposing.
#[derive(Debug, Clone)]
pub struct DisposalProposed {
    /// Whether the actor may propose.
    pub answer: Answer,
    /// What was proposed, one class each.
    pub proposals: Vec<Proposal>,
    /// Approvals still missing of each.
    pub approvals_missing: usize,
}

impl Operation for ProposeDisposal {
    type Outcome = DisposalProposed;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Exclusive)
            .with_records(RecordSelection::Heads)
            .with(Load::Retention)
            .with(Load::Disposals);
        Needs::decision(self.actor, subject)
    }

    fn plan(
        &self,
        facts: &LoadedFacts,
        tools: &mut Tools<'_>,
    ) -> Result<Plan<DisposalProposed>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let role = facts.actor.as_ref().ok_or(OperationError::UnknownActor)?.actor.role;
        let mut ledger = Ledger::open(facts, tools)?;
        let approvals_missing = if is_officer(role) { 1 } else { 2 };
        let (answer, entry) = match ask(facts, &mut ledger, &keeping(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => {
                return Ok(ledger.finish(DisposalProposed {
                    answer,
                    proposals: Vec::new(),
                    approvals_missing,
                }));
            }
        };
        let due = self.due(subject, ledger.tools)?;
        let mut proposals = Vec::with_capacity(due.len());
        for review in due {
            let id = DisposalId::generate(ledger.tools.arrival, ledger.tools.rng);
            if let Some(floor) = floor_for_disposal(subject, &review) {
                ledger.change(Change::PutFloor { subject: self.subject, floor });
            }
            let class = review.class();
            ledger.change(Change::PutDisposal { subject: self.subject, id, class, proposed_by: self.actor });
            // From here on the class is blocked, so the entry moves what decisions rest on.
            let mut proposed =
                EntryDraft { content: Some(content_of(id)), moves: Moves::Subject, ..(*entry).clone() };
            if is_officer(role) {
                ledger.change(Change::PutApproval { subject: self.subject, id, officer: self.actor });
                proposed = proposed.becoming(Event::DisposalApproved, Moves::Subject);
            }
            ledger.enter(proposed.about(records_of(subject, class)))?;
            proposals.push(Proposal { id, review });
        }
        if proposals.is_empty() {
            ledger.enter(*entry)?;
        }
        Ok(ledger.finish(DisposalProposed { answer, proposals, approvals_missing }))
    }
}

/// The records of one class.
pub(super) fn records_of(subject: &SubjectFacts, class: RetentionClass) -> BTreeSet<records_model::RecordId> {
    subject.records.iter().filter(|record| record.class == class).map(|record| record.id).collect()
}

impl ProposeDisposal {
    fn due(
        &self,
        subject: &SubjectFacts,
        tools: &Tools<'_>,
    ) -> Result<Vec<RetentionDecision>, DisposalBlock> {
        let waits = |class| subject.disposals.iter().any(|one| one.class == class && one.is_open());
        let reviews = reviewed(subject, tools);
        match self.classes {
            DueClasses::All => Ok(reviews
                .into_iter()
                .filter(|review| refuse_kept(review).is_ok() && !waits(review.class()))
                .collect()),
            DueClasses::One(class) => {
                let found = reviews.into_iter().find(|review| review.class() == class);
                let review = found.ok_or(DisposalBlock::Nothing { class })?;
                refuse_kept(&review)?;
                if waits(class) { Err(DisposalBlock::Proposed) } else { Ok(vec![review]) }
            }
        }
    }
}
