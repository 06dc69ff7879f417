//! What stays of a class of which items go: sealed under other keys, before the keys of what goes are destroyed.

use std::collections::BTreeSet;

use crypto_vault::{DekId, KeystoreRow, StoredKeyState, YearMonth};
use records_model::{ActorId, DisposalId, RecordId, RetentionClass, Set, SubjectId};

use super::carry_out::blocks;
use super::{going, open_disposal};
use crate::ask::{Asking, ask};
use crate::custody::ask_custody;
use crate::custody_records::{seal_anew, succeed};
use crate::ledger::Ledger;
use crate::{
    Answer, KeyRing, Load, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan, RecordSelection,
    StoredRecord, SubjectFacts, SubjectNeed, Tools,
};

/// Seals what stays under keys that seal nothing of what goes, some records at a time. Where new keys are needed, the
/// first step makes them and seals nothing. Classes whose items end one by one hold no files.
///
/// Stopped anywhere, it is run again and goes on. It is refused while anything stops the disposal.
#[derive(Debug, Clone)]
pub struct ResealSurvivors {
    /// Who carries the disposal out.
    pub actor: ActorId,
    /// Whose records.
    pub subject: SubjectId,
    /// The disposal's class.
    pub class: RetentionClass,
    /// Which disposal.
    pub disposal: DisposalId,
    /// How many versions of records, at most.
    pub at_most: usize,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct SurvivorsResealed {
    /// Whether the actor may.
    pub answer: Answer,
    /// How many versions of records were sealed anew.
    pub changed: usize,
    /// How many wait still.
    pub waiting: usize,
}

impl Operation for ResealSurvivors {
    type Outcome = SurvivorsResealed;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Exclusive)
            .with_records(RecordSelection::EveryVersion(self.class))
            .with(Load::Retention)
            .with(Load::Disposals);
        Needs::decision(self.actor, subject)
    }

    fn plan(
        &self,
        facts: &LoadedFacts,
        tools: &mut Tools<'_>,
    ) -> Result<Plan<SurvivorsResealed>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let disposal = open_disposal(subject, self.disposal)?;
        let mut ledger = Ledger::open(facts, tools)?;
        let going = going(subject, self.class, &disposal.extent);
        let (answer, entry) = match ask(facts, &mut ledger, &ask_custody(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => {
                return Ok(ledger.finish(SurvivorsResealed { answer, changed: 0, waiting: 0 }));
            }
        };
        if let Some(block) = blocks(subject, disposal, ledger.tools).into_iter().next() {
            return Err(block.into());
        }
        let worn = worn_keys(subject, self.class, &going);
        let waiting = waiting(subject, &going, &worn);
        let sealing = sealing_keys(&waiting, &worn);
        if !sealing.is_empty() {
            succeed(&mut ledger, &entry, &subject.keys, &sealing)?;
            return Ok(ledger.finish(SurvivorsResealed { answer, changed: 0, waiting: waiting.len() }));
        }
        let ring = KeyRing::open(facts.clinic.id, self.subject, ledger.tools.epoch, &subject.keys)?;
        let chosen = waiting.iter().take(self.at_most).copied();
        let changed = seal_anew(&mut ledger, &entry, &ring, chosen)?;
        Ok(ledger.finish(SurvivorsResealed { answer, changed, waiting: waiting.len() - changed }))
    }
}

/// The keys that may seal something of what goes: in the place of each of its keys, that one and the versions before.
fn worn_keys<'s>(
    subject: &'s SubjectFacts,
    class: RetentionClass,
    going: &BTreeSet<RecordId>,
) -> Vec<&'s KeystoreRow> {
    let going = subject.records.iter().filter(|record| going.contains(&record.id));
    let versions: BTreeSet<u32> = going.map(|record| record.dek_version).collect();
    let of_class = || subject.keys.iter().filter(|key| key.id().class() == class);
    let last: Vec<&DekId> =
        of_class().map(KeystoreRow::id).filter(|id| versions.contains(&id.version().number())).collect();
    let is_worn = |id: &DekId| last.iter().any(|l| l.month() == id.month() && id.version() <= l.version());
    of_class().filter(|key| is_worn(key.id())).collect()
}

/// What stays and is sealed under worn keys.
fn waiting<'s>(
    subject: &'s SubjectFacts,
    going: &BTreeSet<RecordId>,
    worn: &[&KeystoreRow],
) -> Vec<&'s StoredRecord> {
    let is_worn = |version: u32| worn.iter().any(|key| key.id().version().number() == version);
    let staying = subject.records.iter().filter(|record| !going.contains(&record.id));
    staying.filter(|record| is_worn(record.dek_version)).collect()
}

/// The worn keys that seal still in a place where something waits: a later one has to take over.
fn sealing_keys(waiting: &[&StoredRecord], worn: &[&KeystoreRow]) -> Vec<DekId> {
    let versions: BTreeSet<u32> = waiting.iter().map(|record| record.dek_version).collect();
    let waits_in = |month: Option<YearMonth>| {
        let mut here = worn.iter().filter(|key| key.id().month() == month);
        here.any(|key| versions.contains(&key.id().version().number()))
    };
    let sealing = worn.iter().filter(|key| key.state() == StoredKeyState::Active);
    sealing.map(|key| *key.id()).filter(|id| waits_in(id.month())).collect()
}
