//! An authority's statement that suspends a person's accounting for a time.

use std::fmt;

use audit_log::{Event, Moves, Recipient, RecipientId, Statement, Suspension};
use chrono::{DateTime, Utc};
use crypto_vault::{SealedTable, SideField};
use records_model::{ActorId, ProviderId, RecipientClass, RetentionClass, Set, SubjectId, SuspensionId};

use crate::ask::{Asking, ask};
use crate::card::refuse_card_number;
use crate::evidence::{check_reason, legal_papers};
use crate::ledger::Ledger;
use crate::{
    Answer, Change, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan, SubjectNeed, Tools,
};

/// Suspends the disclosures to an authority from a person's accounting, as long as the statement says.
///
/// Nothing leaves the log. A written statement holds until the instant it names, an oral one thirty days at most
/// ([`Suspension::ORAL_DAYS_MAX`]); when its time is over, what it hid comes back by itself.
#[derive(Clone)]
pub struct SuspendAccounting {
    /// Who takes the statement down.
    pub actor: ActorId,
    /// Whose accounting.
    pub subject: SubjectId,
    /// Which authority, if it is in the register; none stands for every authority.
    pub authority: Option<ProviderId>,
    /// When the statement was made; it may not lie ahead.
    pub stated_at: DateTime<Utc>,
    /// In which form, and until when.
    pub statement: Statement,
    /// What was stated and by whom, in 3 to 2000 characters; stored sealed.
    pub words: String,
}

/// Shows everything but the words.
impl fmt::Debug for SuspendAccounting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SuspendAccounting")
            .field("actor", &self.actor)
            .field("subject", &self.subject)
            .field("authority", &self.authority)
            .field("stated_at", &self.stated_at)
            .field("statement", &self.statement)
            .finish_non_exhaustive()
    }
}

/// A suspension to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSuspension {
    /// Its id.
    pub id: SuspensionId,
    /// Whose accounting, which authority, from when, until when.
    pub suspension: Suspension,
    /// The subject of the suspension.
    pub subject: SubjectId,
    /// In which form the statement was made.
    pub statement: Statement,
    /// Who took it down.
    pub recorded_by: ActorId,
    /// Version of the accounting key.
    pub dek_version: u32,
    /// The words, sealed.
    pub words: Vec<u8>,
}

/// The outcome.
#[derive(Debug, Clone)]
pub struct Suspended {
    /// Whether the actor may enter it.
    pub answer: Answer,
    /// Its id and the first instant at which it no longer holds, if it was entered.
    pub suspension: Option<(SuspensionId, DateTime<Utc>)>,
}

impl Operation for SuspendAccounting {
    type Outcome = Suspended;

    fn needs(&self) -> Needs {
        Needs::decision(self.actor, SubjectNeed::new(self.subject, LockMode::Exclusive))
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Suspended>, OperationError> {
        facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        check_reason(&self.words)?;
        refuse_card_number(&self.words)?;
        let suspension = self.suspension(tools.now)?;
        let mut ledger = Ledger::open(facts, tools)?;
        let (answer, mut entry) = match ask(facts, &mut ledger, &legal_papers(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(ledger.finish(Suspended { answer, suspension: None })),
        };
        let id = SuspensionId::generate(ledger.tools.arrival, ledger.tools.rng);
        let (dek_version, words) = ledger.seal_side(
            RetentionClass::Accounting,
            SealedTable::Evidence,
            id.as_uuid(),
            (SideField::Narrative, self.words.trim().as_bytes()),
        )?;
        ledger.change(Change::PutSuspension(Box::new(NewSuspension {
            id,
            suspension,
            subject: self.subject,
            statement: self.statement,
            recorded_by: self.actor,
            dek_version,
            words,
        })));
        // The entry names the authority, so that the log alone tells whose disclosures are hidden.
        entry.preimage.recipient = Some(suspension.authority());
        ledger.enter(entry.becoming(Event::SuspensionPlaced, Moves::None))?;
        Ok(ledger.finish(Suspended { answer, suspension: Some((id, suspension.until())) }))
    }
}

impl SuspendAccounting {
    fn suspension(&self, now: DateTime<Utc>) -> Result<Suspension, OperationError> {
        let authority =
            Recipient { class: RecipientClass::Authority, id: self.authority.map(RecipientId::Provider) };
        if self.stated_at > now {
            return Err(OperationError::Period("a statement is taken down when it was made, not before"));
        }
        let suspension = Suspension::new(self.subject, authority, self.stated_at, self.statement)
            .map_err(|_| OperationError::Period("a suspension ends after the statement was made"))?;
        if suspension.until() <= now {
            return Err(OperationError::Period(
                "this suspension would be over already; nothing is hidden by it",
            ));
        }
        Ok(suspension)
    }
}
