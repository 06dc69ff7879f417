//! What carrying out would do, without doing it.

use records_model::{ActorId, DisposalId, RetentionClass, Set, SubjectId};

use super::carry_out::{blocks, needs};
use super::propose::records_of;
use super::{content_of, open_disposal};
use crate::ask::{Asking, ask};
use crate::ledger::Ledger;
use crate::review::keeping;
use crate::{Answer, DisposalBlock, LoadedFacts, Needs, Operation, OperationError, Plan, Tools};

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
    /// How many keys would go.
    pub keys: usize,
    /// What stops it today.
    pub blocks: Vec<DisposalBlock>,
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
                let nothing = Previewed { answer, class, records: 0, keys: 0, blocks: Vec::new() };
                Ok(ledger.finish(nothing))
            }
            Asking::Permitted(answer, mut entry) => {
                entry.content = Some(content_of(self.disposal));
                ledger.enter(*entry)?;
                let live = subject.keys.iter().filter(|key| key.id().class() == class && key.state().opens());
                let (keys, records) = (live.count(), records_of(subject, class).len());
                let blocks = blocks(subject, disposal, ledger.tools);
                Ok(ledger.finish(Previewed { answer, class, records, keys, blocks }))
            }
        }
    }
}
