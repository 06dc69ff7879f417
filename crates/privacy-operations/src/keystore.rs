//! What is entered about the keystore as a whole: recoveries, backups, copies. No key passes through here.

use audit_log::{ContentHash, Event, Moves};
use chrono::{DateTime, Utc};
use records_model::{ActorId, BackupId, HoldId, RecoveryId, Set};
use serde::Serialize;

use crate::ask::{Asking, ask};
use crate::ledger::Ledger;
use crate::review::keeping;
use crate::{
    Answer, Change, KeyChange, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan, Tools,
};

/// Which step of a recovery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecoveryStep {
    /// The keys were shared out among people.
    Split,
    /// The shares were tried, and gave the keys in use.
    Verified,
    /// Every share of an epoch was collected and destroyed.
    Destroyed,
}

impl RecoveryStep {
    /// The stored code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Split => "split",
            Self::Verified => "verified",
            Self::Destroyed => "destroyed",
        }
    }

    /// The step with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        [Self::Split, Self::Verified, Self::Destroyed].into_iter().find(|step| step.code() == code)
    }
}

/// One fact about the keystore as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum KeystoreFact {
    /// A step of a recovery.
    Recovery {
        /// Its id.
        id: RecoveryId,
        /// Which step.
        step: RecoveryStep,
        /// The epoch whose key is shared out.
        epoch: u32,
        /// The version of the index root that is shared out with it.
        index_version: u32,
        /// How many people are needed.
        needed: u8,
        /// How many there are.
        holders: u8,
    },
    /// A backup of the data is being taken. Entered before, so that none exists that is not counted.
    Backup {
        /// Its id.
        id: BackupId,
        /// When it is to be destroyed.
        expires_at: DateTime<Utc>,
        /// The version of the search tokens in it.
        index_version: u32,
    },
    /// That backup stands whole where it was to be written.
    BackupWritten {
        /// Its id.
        id: BackupId,
    },
    /// A copy of the keystore was read back and opened whole.
    Copy {
        /// The id stamped into it.
        id: uuid::Uuid,
        /// The epoch under which it opened.
        epoch: u32,
        /// How many keys opened.
        live: u64,
        /// SHA-256 over its rows.
        digest: [u8; 32],
        /// Where it is.
        place: String,
    },
    /// The key of an epoch has to stay, because an authority asked for what only older copies of the keystore open.
    EpochHold {
        /// Its id.
        id: HoldId,
        /// Which epoch.
        epoch: u32,
        /// Who asked for it, and under which number.
        authority: String,
    },
    /// A hold on an epoch is over.
    EpochHoldReleased {
        /// Which.
        id: HoldId,
    },
}

/// Enters a fact about the keystore, if the actor is one who keeps records.
#[derive(Debug, Clone)]
pub struct EnterKeystoreFact {
    /// Who acts.
    pub actor: ActorId,
    /// What is entered.
    pub fact: KeystoreFact,
}

impl Operation for EnterKeystoreFact {
    type Outcome = Answer;

    fn needs(&self) -> Needs {
        let clinic = match self.fact {
            // A disposal that is being carried out is waited for: its certificate counts this backup, or its rows are
            // gone before the backup is begun. And an epoch is closed under the same lock, before a hold or not at all.
            KeystoreFact::Backup { .. }
            | KeystoreFact::EpochHold { .. }
            | KeystoreFact::EpochHoldReleased { .. } => LockMode::Exclusive,
            KeystoreFact::Recovery { .. }
            | KeystoreFact::Copy { .. }
            | KeystoreFact::BackupWritten { .. } => LockMode::Shared,
        };
        Needs { clinic, ..Needs::without_subject(self.actor) }
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Answer>, OperationError> {
        let mut ledger = Ledger::open(facts, tools)?;
        match ask(facts, &mut ledger, &keeping(), Set::EMPTY)? {
            Asking::Refused(answer) => Ok(ledger.finish(answer)),
            Asking::Permitted(answer, mut entry) => {
                let canonical = serde_json::to_vec(&self.fact);
                let canonical = canonical.map_err(|_| OperationError::Stored("keystore fact"))?;
                entry.content = Some(ContentHash::of(&canonical));
                ledger.change(Change::Keep(KeyChange::PutFact(self.fact.clone())));
                ledger.enter(entry.becoming(Event::KeyEvent, Moves::None))?;
                Ok(ledger.finish(answer))
            }
        }
    }
}
