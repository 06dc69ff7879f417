//! Looking at the work of privacy: open cases, emergency accesses to review, charts without consent, the log.

use audit_log::{ContentHash, Event};
use records_model::{Action, ActorId, Category, Detail, Ground, Purpose, Set};

use crate::ask::{Asking, ask};
use crate::ledger::Ledger;
use crate::{Answer, Asked, LoadedFacts, Needs, Operation, OperationError, Plan, Tools};

/// Which list of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkList {
    /// What is due today, of every kind.
    Today,
    /// Rights requests.
    Cases,
    /// Patients without a consent in force.
    WithoutConsent,
    /// The log.
    Log,
    /// Emergency accesses that wait for a review.
    Reviews,
    /// Patterns in the log that somebody should look at.
    Alerts,
    /// What was destroyed.
    Erasures,
    /// What was proposed for destruction.
    Disposals,
}

impl WorkList {
    const fn code(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Cases => "cases",
            Self::WithoutConsent => "without-consent",
            Self::Log => "log",
            Self::Reviews => "reviews",
            Self::Alerts => "alerts",
            Self::Erasures => "erasures",
            Self::Disposals => "disposals",
        }
    }
}

/// Asks whether this actor may see a list of work that concerns many people (section 5, P-54). The list tells that
/// people are on file and what they asked for, so it is decided and entered like a reading.
#[derive(Debug, Clone)]
pub struct OverseeWork {
    /// Who looks.
    pub actor: ActorId,
    /// At what.
    pub list: WorkList,
}

impl Operation for OverseeWork {
    type Outcome = Answer;

    fn needs(&self) -> Needs {
        Needs::without_subject(self.actor)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Answer>, OperationError> {
        let mut ledger = Ledger::open(facts, tools)?;
        match ask(facts, &mut ledger, &oversight(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => {
                let mut entry = entry.becoming(Event::Decision, audit_log::Moves::None);
                entry.content = Some(ContentHash::of(self.list.code().as_bytes()));
                ledger.enter(entry)?;
                Ok(ledger.finish(answer))
            }
            Asking::Refused(answer) => Ok(ledger.finish(answer)),
        }
    }
}

/// What is asked before anybody oversees the log: to know that something exists, and not what it says.
pub(crate) fn oversight() -> Asked {
    let category = Set::one(Category::IdentityContact);
    Asked {
        detail: Detail::Existence,
        ..Asked::internal(Action::Read, Purpose::Oversight, Ground::LegalDuty, category)
    }
}
