//! What staff do at the door, as the log tells it: signing in, and taking the log along. Nothing is asked of the
//! policy here, so the entries carry no request.

use audit_log::{Event, Moves, Outcome};
use records_model::ActorId;

use crate::ledger::{EntryDraft, Ledger};
use crate::{LoadedFacts, Needs, Operation, OperationError, Plan, Tools};

/// How a sign-in under a known name ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInOutcome {
    /// The password was right: a session may be opened once this is committed.
    SignedIn,
    /// The password was wrong.
    WrongPassword,
}

impl SignInOutcome {
    /// As the entry says it.
    const fn logged(self) -> Outcome {
        match self {
            Self::SignedIn => Outcome::Permit,
            Self::WrongPassword => Outcome::Deny,
        }
    }
}

/// Enters that somebody signed in, or failed to.
#[derive(Debug, Clone, Copy)]
pub struct SignIn {
    /// Whose name was given.
    pub actor: ActorId,
    /// How it ended.
    pub outcome: SignInOutcome,
}

impl Operation for SignIn {
    type Outcome = ();

    fn needs(&self) -> Needs {
        Needs::without_subject(self.actor)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<()>, OperationError> {
        let mut ledger = Ledger::open(facts, tools)?;
        let outcome = self.outcome.logged();
        ledger.enter(EntryDraft { outcome, ..EntryDraft::event(Event::SignIn, Moves::None) })?;
        Ok(ledger.finish(()))
    }
}

/// Enters that the log is being exported, before its first line is handed out.
#[derive(Debug, Clone, Copy)]
pub struct ExportLog {
    /// Who takes it along.
    pub actor: ActorId,
}

impl Operation for ExportLog {
    type Outcome = ();

    fn needs(&self) -> Needs {
        Needs::without_subject(self.actor)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<()>, OperationError> {
        let mut ledger = Ledger::open(facts, tools)?;
        ledger.enter(EntryDraft::event(Event::LogExported, Moves::None))?;
        Ok(ledger.finish(()))
    }
}
