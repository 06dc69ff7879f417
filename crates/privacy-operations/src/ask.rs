//! Asking the policy before a change: a refusal is entered at once, a permit becomes the entry of the change.

use std::collections::BTreeSet;

use audit_log::{Event, Moves};
use records_model::{Action, Category, Fact, Ground, Purpose, RecordId, Set};

use crate::judge::judge;
use crate::ledger::{EntryDraft, Ledger};
use crate::{Answer, Asked, LoadedFacts, OperationError};

/// What came of asking.
pub(crate) enum Asking {
    /// It may be done; the entry of the change names the rules that allow it.
    Permitted(Answer, Box<EntryDraft>),
    /// It may not; the refusal is in the ledger.
    Refused(Answer),
}

/// Asks, and enters a refusal.
pub(crate) fn ask(
    facts: &LoadedFacts,
    ledger: &mut Ledger<'_, '_>,
    asked: &Asked,
    about: Set<Fact>,
) -> Result<Asking, OperationError> {
    let judgement = judge(facts, asked, about, ledger.tools)?;
    let answer = judgement.answer(ledger.tools);
    let draft = judgement.entry(Event::Decision, BTreeSet::new(), ledger.tools);
    if judgement.is_permit() {
        return Ok(Asking::Permitted(answer, Box::new(draft)));
    }
    ledger.enter(draft)?;
    Ok(Asking::Refused(answer))
}

impl EntryDraft {
    /// The entry of the change that was permitted.
    pub(crate) fn becoming(self, event: Event, moves: Moves) -> Self {
        Self { event, moves, ..self }
    }

    /// The same entry, about these records.
    pub(crate) fn about(mut self, records: BTreeSet<RecordId>) -> Self {
        self.preimage.records = records;
        self
    }
}

/// What is asked before a person's will that narrows is recorded: a withdrawal, a restriction, a request
/// (section 6). Whoever of the staff is told writes it down.
pub(crate) fn narrowing_will() -> Asked {
    will(Action::Write)
}

/// What is asked before a person's will that widens is recorded: a consent, the lift of a restriction, a proof of
/// identity. Whoever would use it must not be who records it, so the policy leaves it to the person and to
/// the front desk (sections 4.2 and 6).
pub(crate) fn widening_will() -> Asked {
    will(Action::Collect)
}

fn will(action: Action) -> Asked {
    Asked::internal(action, Purpose::Rights, Ground::OwnRequest, Set::one(Category::IdentityContact))
}
