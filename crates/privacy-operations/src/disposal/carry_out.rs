//! Carrying out: the only operation that destroys.

use audit_log::{Event, Moves};
use crypto_vault::{KeystoreRow, StoredKeyState};
use records_model::{ActorId, DisposalId, RetentionClass, Set, SubjectId};

use super::{content_of, going, open_disposal, refuse_kept, reviews_of};
use crate::ask::{Asking, ask};
use crate::ledger::Ledger;
use crate::review::keeping;
use crate::{
    Answer, Change, DisposalBlock, DisposalExtent, DisposalRow, Load, LoadedFacts, LockMode, Needs,
    Operation, OperationError, Plan, RecordSelection, SubjectFacts, SubjectNeed, Tools,
};

/// Destroys what was proposed and approved, once nothing keeps it (P-57, P-71): its log entry and the destruction
/// are one transaction. Where only items of a class go, what stays was sealed under other keys before
/// ([`crate::ResealSurvivors`]); if it was not, nothing is destroyed.
#[derive(Debug, Clone)]
pub struct CarryOutDisposal {
    /// Who carries it out.
    pub actor: ActorId,
    /// Whose records.
    pub subject: SubjectId,
    /// Which disposal.
    pub disposal: DisposalId,
}

/// The outcome of carrying out.
#[derive(Debug, Clone)]
pub struct DisposalDone {
    /// Whether the actor may.
    pub answer: Answer,
    /// The class that went.
    pub class: RetentionClass,
    /// How many records went with it.
    pub records: usize,
}

impl Operation for CarryOutDisposal {
    type Outcome = DisposalDone;

    fn needs(&self) -> Needs {
        needs(self.actor, self.subject)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<DisposalDone>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let disposal = open_disposal(subject, self.disposal)?;
        let class = disposal.class;
        let records = going(subject, class, &disposal.extent);
        let mut ledger = Ledger::open(facts, tools)?;
        let (answer, mut entry) = match ask(facts, &mut ledger, &keeping(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(ledger.finish(DisposalDone { answer, class, records: 0 })),
        };
        if let Some(block) = blocks(subject, disposal, ledger.tools).into_iter().next() {
            return Err(block.into());
        }
        ledger.change(Change::Dispose { subject: self.subject, id: self.disposal });
        entry.content = Some(content_of(self.disposal));
        let gone = records.len();
        ledger.enter(entry.becoming(Event::DisposalDone, Moves::Subject).about(records))?;
        Ok(ledger.finish(DisposalDone { answer, class, records: gone }))
    }
}

/// What both carrying out and its preview need.
pub(super) fn needs(actor: ActorId, subject: SubjectId) -> Needs {
    let subject = SubjectNeed::new(subject, LockMode::Exclusive)
        .with_records(RecordSelection::Heads)
        .with(Load::Retention)
        .with(Load::Disposals);
    Needs::decision(actor, subject)
}

/// Everything that stops a disposal now, in the order in which it is worth settling.
pub(super) fn blocks(
    subject: &SubjectFacts,
    disposal: &DisposalRow,
    tools: &Tools<'_>,
) -> Vec<DisposalBlock> {
    let class = disposal.class;
    let missing = disposal.approvals_missing();
    let approvals = (missing > 0).then_some(DisposalBlock::Approvals { missing });
    let reviews = reviews_of(subject, class, &disposal.extent, tools);
    let kept = if reviews.is_empty() {
        Some(DisposalBlock::Nothing { class })
    } else {
        reviews.iter().find_map(|review| refuse_kept(review).err())
    };
    let until = disposal.not_before;
    let waiting = (tools.now < until).then_some(DisposalBlock::Waiting { until });
    let held = holds_a_key(subject, disposal).then_some(DisposalBlock::KeyHeld);
    [approvals, kept, held, waiting].into_iter().flatten().collect()
}

/// Whether a key of what goes is held.
fn holds_a_key(subject: &SubjectFacts, disposal: &DisposalRow) -> bool {
    let going = going(subject, disposal.class, &disposal.extent);
    let goes = |version: u32| match disposal.extent {
        DisposalExtent::Class => true,
        DisposalExtent::Items(_) => {
            subject.records.iter().any(|one| going.contains(&one.id) && one.dek_version == version)
        }
    };
    let held = |key: &&KeystoreRow| key.id().class() == disposal.class && key.state() == StoredKeyState::Held;
    subject.keys.iter().filter(held).any(|key| goes(key.id().version().number()))
}
