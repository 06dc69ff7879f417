//! What carrying out would do, without doing it.

use std::collections::BTreeSet;

use records_model::{ActorId, DisposalId, RecordId, RetentionClass, Set, SubjectId};

use super::carry_out::{blocks, needs};
use super::{content_of, going, open_disposal};
use crate::ask::{Asking, ask};
use crate::ledger::Ledger;
use crate::review::keeping;
use crate::{
    Answer, DisposalBlock, LoadedFacts, Needs, Operation, OperationError, Plan, StoredOrigin, StoredRecord,
    SubjectFacts, Tools,
};

/// Asks what a disposal would destroy, and what still stops it. The look is decided and entered like every other.
#[derive(Debug, Clone)]
pub struct PreviewDisposal {
    /// Who asks.
    pub actor: ActorId,
    /// Whose records.
    pub subject: SubjectId,
    /// Which disposal.
    pub disposal: DisposalId,
}

/// What it would come to.
#[derive(Debug, Clone)]
pub struct Previewed {
    /// Whether the actor may know.
    pub answer: Answer,
    /// The class that would go.
    pub class: RetentionClass,
    /// How many records would go.
    pub records: usize,
    /// How many records of the class would stay.
    pub staying: usize,
    /// Whether tokens by which the person, or the source of a record, is found would go with them.
    pub tokens: Tokens,
    /// What stops it today.
    pub blocks: Vec<DisposalBlock>,
}

/// Whether search tokens stand for what would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tokens {
    /// None do.
    None,
    /// Some do, and backups of the data hold them too.
    Searchable,
}

impl Operation for PreviewDisposal {
    type Outcome = Previewed;

    fn needs(&self) -> Needs {
        needs(self.actor, self.subject)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Previewed>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let disposal = open_disposal(subject, self.disposal)?;
        let class = disposal.class;
        let mut ledger = Ledger::open(facts, tools)?;
        match ask(facts, &mut ledger, &keeping(), Set::EMPTY)? {
            Asking::Refused(answer) => {
                let (tokens, blocks) = (Tokens::None, Vec::new());
                let nothing = Previewed { answer, class, records: 0, staying: 0, tokens, blocks };
                Ok(ledger.finish(nothing))
            }
            Asking::Permitted(answer, mut entry) => {
                entry.content = Some(content_of(self.disposal));
                ledger.enter(*entry)?;
                let going = going(subject, class, &disposal.extent);
                let held = subject.records.iter().filter(|record| record.class == class).count();
                let (records, staying) = (going.len(), held - going.len());
                let tokens = tokens_of(subject, class, &going);
                let blocks = blocks(subject, disposal, ledger.tools);
                Ok(ledger.finish(Previewed { answer, class, records, staying, tokens, blocks }))
            }
        }
    }
}

fn tokens_of(subject: &SubjectFacts, class: RetentionClass, going: &BTreeSet<RecordId>) -> Tokens {
    let came_from_elsewhere = |record: &StoredRecord| matches!(record.origin, StoredOrigin::External { .. });
    let traced =
        subject.records.iter().any(|record| going.contains(&record.id) && came_from_elsewhere(record));
    if traced || class == RetentionClass::Identity { Tokens::Searchable } else { Tokens::None }
}
