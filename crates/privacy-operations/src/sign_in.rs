//! What staff do at the door, as the log tells it: signing in, setting how somebody does, taking the log along.

use std::fmt;

use audit_log::{ContentHash, Event, Moves, Outcome};
use records_model::{ActorId, Role, Set};

use crate::ask::{Asking, ask};
use crate::ledger::{EntryDraft, Ledger};
use crate::oversight::oversight;
use crate::staff::staff_register;
use crate::{
    Answer, Change, KeystoreNeed, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan, Tools,
};

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

/// What came of asking to take the log along.
#[derive(Debug, Clone)]
pub enum LogTaken {
    /// It stands in the log who takes it along.
    Entered,
    /// The policy says no; that stands in the log too.
    Refused(Box<Answer>),
}

/// Enters that the log is being exported, before its first line is handed out.
///
/// Whoever of the clinic does it oversees the log, and the policy is asked. The system itself, at the clinic's own
/// console or by a clock, only carries it where it is kept safe: the export names nobody.
#[derive(Debug, Clone, Copy)]
pub struct ExportLog {
    /// Who takes it along.
    pub actor: ActorId,
}

impl Operation for ExportLog {
    type Outcome = LogTaken;

    fn needs(&self) -> Needs {
        Needs::without_subject(self.actor)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<LogTaken>, OperationError> {
        let by_system = facts.actor.as_ref().is_some_and(|actor| actor.actor.role == Role::System);
        let mut ledger = Ledger::open(facts, tools)?;
        let entry = if by_system {
            EntryDraft::event(Event::LogExported, Moves::None)
        } else {
            match ask(facts, &mut ledger, &oversight(), Set::EMPTY)? {
                Asking::Permitted(_, entry) => entry.becoming(Event::LogExported, Moves::None),
                Asking::Refused(answer) => return Ok(ledger.finish(LogTaken::Refused(Box::new(answer)))),
            }
        };
        ledger.enter(entry)?;
        Ok(ledger.finish(LogTaken::Entered))
    }
}

/// The hash of a password; it holds its salt and cost.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// Shows nothing of it.
impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

impl PasswordHash {
    /// A hash that was made.
    #[must_use]
    pub const fn new(hash: String) -> Self {
        Self(hash)
    }

    /// The hash as it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Sets how somebody of the staff signs in, which ends every session they have. Whoever keeps the staff register does
/// it, and it stands in the log who did.
#[derive(Debug, Clone)]
pub struct SetLogin {
    /// Who sets it.
    pub actor: ActorId,
    /// For whom.
    pub staff: ActorId,
    /// The name they sign in with; the first one stays.
    pub login: String,
    /// The hash of their password.
    pub hash: PasswordHash,
}

impl Operation for SetLogin {
    type Outcome = Answer;

    fn needs(&self) -> Needs {
        let actor = (self.staff, LockMode::Exclusive);
        Needs {
            clinic: LockMode::Shared,
            actor,
            by: Some(self.actor),
            subject: None,
            keystore: KeystoreNeed::Nothing,
        }
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Answer>, OperationError> {
        // Whether it may be set is asked of whoever sets it; the entry is about whom it is for.
        let asking = LoadedFacts { actor: facts.by.clone(), ..facts.clone() };
        let mut asked_by = Ledger::open(&asking, tools)?;
        let (answer, entry) = match ask(&asking, &mut asked_by, &staff_register(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(asked_by.finish(answer)),
        };
        drop(asked_by);
        let mut ledger = Ledger::open(facts, tools)?;
        let (actor, login, hash) = (self.staff, self.login.clone(), self.hash.clone());
        ledger.change(Change::PutLogin { actor, login, hash });
        let mut entry = entry.becoming(Event::SettingsChanged, Moves::None);
        entry.content = Some(ContentHash::of(b"login"));
        entry.preimage.by = Some(self.actor);
        ledger.enter(entry)?;
        Ok(ledger.finish(answer))
    }
}
