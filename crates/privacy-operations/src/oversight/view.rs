//! The accounting of disclosures and who looked: whether somebody may see what the log says about one person.

use std::sync::Arc;

use audit_log::{ContentHash, Suspension};
use chrono::{DateTime, Utc};
use crypto_vault::KeystoreRow;
use records_model::{
    Action, ActorId, Category, CountryClass, Detail, Ground, Purpose, RecipientClass, Set, SubjectId,
};

use super::work::oversight;
use crate::ask::{Asking, ask};
use crate::ledger::Ledger;
use crate::{
    Answer, Asked, Load, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan, Receiver,
    SubjectNeed, Tools,
};

/// What is wanted of the log about one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogView {
    /// Who was given their data (section 6, P-62).
    Accounting,
    /// Who looked at their record.
    Looks,
}

impl LogView {
    const fn code(self) -> &'static str {
        match self {
            Self::Accounting => "accounting",
            Self::Looks => "looks",
        }
    }
}

/// Why it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogAsking {
    /// The person asked for it: they look themselves, or whoever answers for privacy hands it to them. Either way
    /// it must be proved who asks.
    OwnRequest,
    /// Somebody oversees the log.
    Oversight,
}

/// Asks to see what the log says about one person. What is asked for is entered, like every reading.
#[derive(Debug, Clone)]
pub struct ViewLog {
    /// Who looks.
    pub actor: ActorId,
    /// About whom.
    pub subject: SubjectId,
    /// At what.
    pub view: LogView,
    /// Why.
    pub asking: LogAsking,
}

/// With what the log about the person is opened. Only a committed plan makes one.
#[derive(Debug, Clone)]
pub struct LogPermit {
    /// Their keys, wrapped.
    pub keys: Vec<KeystoreRow>,
    /// What authorities had suspended, past suspensions included.
    pub suspensions: Vec<Suspension>,
    /// The newest signed head of the log.
    pub checkpoint: Option<Arc<str>>,
    /// When it was permitted.
    pub now: DateTime<Utc>,
}

/// The outcome of asking.
#[derive(Debug, Clone)]
pub struct LogViewed {
    /// The answer.
    pub answer: Answer,
    /// The permit, if it is one; without it nothing can be opened.
    pub permit: Option<LogPermit>,
}

impl Operation for ViewLog {
    type Outcome = LogViewed;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Shared).with(Load::Suspensions);
        Needs::decision(self.actor, subject)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<LogViewed>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let now = tools.now;
        let mut ledger = Ledger::open(facts, tools)?;
        let asked = match self.asking {
            LogAsking::OwnRequest => own_request(),
            LogAsking::Oversight => oversight(),
        };
        match ask(facts, &mut ledger, &asked, Set::EMPTY)? {
            Asking::Refused(answer) => Ok(ledger.finish(LogViewed { answer, permit: None })),
            Asking::Permitted(answer, mut entry) => {
                entry.content = Some(ContentHash::of(self.view.code().as_bytes()));
                ledger.enter(*entry)?;
                let permit = LogPermit {
                    keys: subject.keys.clone(),
                    suspensions: subject.suspensions.clone(),
                    checkpoint: facts.clinic.checkpoint.clone(),
                    now,
                };
                Ok(ledger.finish(LogViewed { answer, permit: Some(permit) }))
            }
        }
    }
}

/// A person's own request for what the log says about them, answered to themselves.
fn own_request() -> Asked {
    let category = Set::one(Category::IdentityContact);
    Asked {
        receiver: Receiver::Class(RecipientClass::ThePerson, CountryClass::Domestic),
        detail: Detail::Existence,
        ..Asked::internal(Action::Read, Purpose::Rights, Ground::OwnRequest, category)
    }
}
