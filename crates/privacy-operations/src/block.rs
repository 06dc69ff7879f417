//! Granting a cancellation or an objection whose records stay on file, and lifting what it ordered.

use audit_log::{ContentHash, Event, Moves};
use records_model::{ActorId, BlockId, CaseId, Ground, Purpose, RetentionClass, Set, SubjectId};
use rights_requests::{Case, Explanation, IdentityProof, Outcome, RefusalGround, Right};

use crate::ask::{Asking, ask, widening_will};
use crate::file::existence;
use crate::ledger::Ledger;
use crate::{
    Answer, BlockExtent, BlockRow, CaseRow, Change, EvidenceKind, KeepingChange, Load, LoadedFacts, LockMode,
    Needs, NewCaseStep, Operation, OperationError, Plan, SubjectFacts, SubjectNeed, Tools,
};

/// What is granted of a request whose records a law keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Granting {
    /// The cancellation: the classes are locked away until they may be destroyed.
    Cancellation,
    /// The cancellation in part: a law keeps the classes in use, and every secondary use of them ends.
    CancellationInPart {
        /// Why not the rest, in words for the person.
        explanation: Explanation,
    },
    /// The objection: every secondary use of the classes ends.
    Objection,
}

impl Granting {
    /// The right that it answers.
    #[must_use]
    pub const fn right(&self) -> Right {
        match self {
            Self::Cancellation | Self::CancellationInPart { .. } => Right::Cancellation,
            Self::Objection => Right::Opposition,
        }
    }

    /// How far it keeps the classes away.
    #[must_use]
    pub const fn extent(&self) -> BlockExtent {
        match self {
            Self::Cancellation => BlockExtent::Blocked,
            Self::CancellationInPart { .. } | Self::Objection => BlockExtent::SecondaryUses,
        }
    }

    fn outcome(&self) -> Outcome {
        match self {
            Self::Cancellation | Self::Objection => Outcome::Granted,
            Self::CancellationInPart { explanation } => {
                Outcome::Partly { ground: RefusalGround::LegalBar, explanation: explanation.clone() }
            }
        }
    }
}

/// Answers a cancellation or an objection and carries the answer out in the same transaction: the next decision
/// finds the classes kept away (P-71; LAW.md, M-5 and R-09).
#[derive(Debug, Clone)]
pub struct GrantBlock {
    /// Who answers.
    pub actor: ActorId,
    /// Whose records.
    pub subject: SubjectId,
    /// Which request.
    pub case: CaseId,
    /// Which classes.
    pub classes: Set<RetentionClass>,
    /// What is granted.
    pub granting: Granting,
}

/// Lifts such an order, for a person who comes back. This widens, so it is only ever the person's own wish.
#[derive(Debug, Clone)]
pub struct LiftBlock {
    /// Who records it.
    pub actor: ActorId,
    /// Whose records.
    pub subject: SubjectId,
    /// Which order.
    pub block: BlockId,
}

/// The outcome of either.
#[derive(Debug, Clone)]
pub struct BlockChanged {
    /// Whether the actor may record it.
    pub answer: Answer,
    /// The order, if the change was recorded.
    pub block: Option<BlockId>,
}

impl Operation for GrantBlock {
    type Outcome = BlockChanged;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Exclusive).with(Load::Cases);
        Needs::decision(self.actor, subject)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<BlockChanged>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        // Answering a request is the work of whoever oversees privacy; that it came in, anybody may have entered.
        let asked = existence(Purpose::Oversight, Ground::LegalDuty);
        let (answer, entry) = match ask(facts, &mut ledger, &asked, Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(ledger.finish(BlockChanged { answer, block: None })),
        };
        if self.classes.is_empty() {
            return Err(OperationError::NoClass);
        }
        let row = subject.cases.iter().find(|row| row.id == self.case).ok_or(OperationError::UnknownCase)?;
        let answered = self.answered(row, subject, ledger.tools)?;
        let id = BlockId::generate(ledger.tools.arrival, ledger.tools.rng);
        ledger.change(Change::KeepAway(KeepingChange::PutStep(Box::new(NewCaseStep {
            subject: self.subject,
            case: self.case,
            step_no: row.steps.checked_add(1).ok_or(OperationError::Range)?,
            taken_by: self.actor,
            document: serde_json::to_value(&answered).map_err(|_| OperationError::Stored("case"))?,
        }))));
        let block = BlockRow {
            id,
            case: self.case,
            classes: self.classes,
            extent: self.granting.extent(),
            starts_at: ledger.tools.now,
            lifted_at: None,
        };
        let recorded_by = self.actor;
        ledger.change(Change::KeepAway(KeepingChange::PutBlock {
            subject: self.subject,
            block,
            recorded_by,
        }));
        ledger.enter((*entry).clone().becoming(Event::RequestStep, Moves::None))?;
        let mut entry = entry.becoming(Event::RecordsBlocked, Moves::Subject);
        entry.content = Some(ContentHash::of(id.as_uuid().as_bytes()));
        ledger.enter(entry)?;
        Ok(ledger.finish(BlockChanged { answer, block: Some(id) }))
    }
}

impl GrantBlock {
    /// The case once it is answered and the answer carried out.
    fn answered(
        &self,
        row: &CaseRow,
        subject: &SubjectFacts,
        tools: &Tools<'_>,
    ) -> Result<Case, OperationError> {
        let case: Case =
            serde_json::from_value(row.document.clone()).map_err(|_| OperationError::Stored("case"))?;
        let (right, now) = (self.granting.right(), tools.now);
        let verified = match proof(subject, tools).filter(|_| case.proof().is_none()) {
            Some(proof) => case.verify(proof, now)?,
            None => case,
        };
        Ok(verified.answer(right, self.granting.outcome(), now, &tools.house.law)?.execute(right, now)?)
    }
}

/// The newest proof of identity in force; one that names who acts for the person shows their authority too.
fn proof(subject: &SubjectFacts, tools: &Tools<'_>) -> Option<IdentityProof> {
    let now = tools.now;
    let in_force = subject
        .evidence
        .iter()
        .filter(|row| row.kind == EvidenceKind::IdentityProof && row.starts_at <= now && now < row.ends_at);
    let newest = in_force.max_by_key(|row| row.starts_at)?;
    Some(IdentityProof { identity: newest.id, authority: newest.actor.map(|_| newest.id) })
}

impl Operation for LiftBlock {
    type Outcome = BlockChanged;

    fn needs(&self) -> Needs {
        Needs::decision(self.actor, SubjectNeed::new(self.subject, LockMode::Exclusive))
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<BlockChanged>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        let (answer, entry) = match ask(facts, &mut ledger, &widening_will(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(ledger.finish(BlockChanged { answer, block: None })),
        };
        // After the decision: whoever may not lift an order does not learn here which there are.
        let in_force = |one: &&BlockRow| one.id == self.block && one.lifted_at.is_none();
        subject.kept.blocks.iter().find(in_force).ok_or(OperationError::UnknownBlock)?;
        let lifted = KeepingChange::LiftBlock { subject: self.subject, block: self.block };
        ledger.change(Change::KeepAway(lifted));
        let mut entry = entry.becoming(Event::RecordsUnblocked, Moves::Subject);
        entry.content = Some(ContentHash::of(self.block.as_uuid().as_bytes()));
        ledger.enter(entry)?;
        Ok(ledger.finish(BlockChanged { answer, block: Some(self.block) }))
    }
}
