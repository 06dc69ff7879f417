//! Proposing: what a review finds due.

use std::collections::BTreeSet;

use audit_log::{Event, Moves};
use records_model::{ActorId, DisposalId, RetentionClass, Set, SubjectId};
use retention::RetentionDecision;

use super::{content_of, going, is_officer, refuse_kept};
use crate::ask::{Asking, ask};
use crate::ledger::{EntryDraft, Ledger};
use crate::review::{class_review, floor_for_disposal, item_floor_for_disposal, item_reviews, keeping};
use crate::{
    Answer, Change, DisposalBlock, DisposalExtent, Load, LoadedFacts, LockMode, Needs, Operation,
    OperationError, Plan, RecordSelection, SubjectFacts, SubjectNeed, Tools,
};

/// Which classes are proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueClasses {
    /// Whatever may go today, unless something of its class waits already; nothing is an answer too.
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

/// One class that was proposed, or items of it.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// The disposal.
    pub id: DisposalId,
    /// How much of the class.
    pub extent: DisposalExtent,
    /// What the review said of the class, or of the item that ended first.
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
        for (review, extent) in due {
            let id = DisposalId::generate(ledger.tools.arrival, ledger.tools.rng);
            put_floors(subject, &review, &extent, &mut ledger);
            let class = review.class();
            let going = going(subject, class, &extent);
            let (who, proposed_by) = (self.subject, self.actor);
            let put = Change::PutDisposal { subject: who, id, class, extent: extent.clone(), proposed_by };
            ledger.change(put);
            // A class that is to go is blocked from here on, so the entry moves what decisions rest on.
            let mut proposed =
                EntryDraft { content: Some(content_of(id)), moves: Moves::Subject, ..(*entry).clone() };
            if is_officer(role) {
                ledger.change(Change::PutApproval { subject: who, id, officer: self.actor });
                proposed = proposed.becoming(Event::DisposalApproved, Moves::Subject);
            }
            ledger.enter(proposed.about(going))?;
            proposals.push(Proposal { id, extent, review });
        }
        if proposals.is_empty() {
            ledger.enter(*entry)?;
        }
        Ok(ledger.finish(DisposalProposed { answer, proposals, approvals_missing }))
    }
}

/// The floors without which nothing is destroyed: of the class, or of each item that goes.
fn put_floors(
    subject: &SubjectFacts,
    review: &RetentionDecision,
    extent: &DisposalExtent,
    ledger: &mut Ledger<'_, '_>,
) {
    let DisposalExtent::Items(items) = extent else {
        if let Some(floor) = floor_for_disposal(subject, review) {
            ledger.change(Change::PutFloor { subject: subject.id, floor });
        }
        return;
    };
    let reviews = item_reviews(subject, review.class(), ledger.tools);
    for (id, review) in reviews.iter().filter(|(id, _)| items.contains(id)) {
        let records = subject.records.iter().filter(|record| record.id == *id);
        for floor in records.filter_map(|record| item_floor_for_disposal(subject, record, review)) {
            ledger.change(Change::PutItemFloor { subject: subject.id, record: *id, floor });
        }
    }
}

impl ProposeDisposal {
    fn due(
        &self,
        subject: &SubjectFacts,
        tools: &Tools<'_>,
    ) -> Result<Vec<(RetentionDecision, DisposalExtent)>, DisposalBlock> {
        let waits =
            |class: &RetentionClass| subject.disposals.iter().any(|one| one.class == *class && one.is_open());
        let held: BTreeSet<RetentionClass> = subject.records.iter().map(|record| record.class).collect();
        match self.classes {
            DueClasses::All => {
                let due = held.iter().filter(|class| !waits(class));
                Ok(due.filter_map(|class| due_of(subject, *class, tools).ok()).collect())
            }
            DueClasses::One(class) if !held.contains(&class) => Err(DisposalBlock::Nothing { class }),
            DueClasses::One(class) => {
                let due = due_of(subject, class, tools)?;
                if waits(&class) { Err(DisposalBlock::Proposed) } else { Ok(vec![due]) }
            }
        }
    }
}

/// What of a class may go today: the items that have ended, where they end one by one, or else all of it; or what keeps it.
fn due_of(
    subject: &SubjectFacts,
    class: RetentionClass,
    tools: &Tools<'_>,
) -> Result<(RetentionDecision, DisposalExtent), DisposalBlock> {
    if !class.ends_item_by_item() {
        let whole = class_review(subject, class, tools);
        return refuse_kept(&whole).map(|()| (whole, DisposalExtent::Class));
    }
    let reviews = item_reviews(subject, class, tools);
    let kept = reviews.iter().find_map(|(_, review)| refuse_kept(review).err());
    let ended: Vec<_> = reviews.into_iter().filter(|(_, review)| refuse_kept(review).is_ok()).collect();
    let items = ended.iter().map(|(record, _)| *record).collect();
    let first = ended.into_iter().map(|(_, review)| review).min_by_key(RetentionDecision::disposable_from);
    let nothing = || kept.unwrap_or(DisposalBlock::Nothing { class });
    first.map(|review| (review, DisposalExtent::Items(items))).ok_or_else(nothing)
}
