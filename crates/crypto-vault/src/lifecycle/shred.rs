//! The steps of shredding one key, read off what is on file, so that a crash between any two of them only means
//! that the next run goes on.

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::key::{KeystoreRow, StoredKeyState};

/// What is on file about the destruction of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShredFacts {
    /// When the intent was entered in the log.
    pub intent_logged_at: Option<DateTime<Utc>>,
    /// The key's row.
    pub key: KeystoreRow,
    /// Search tokens that are left of what it protected.
    pub tokens_left: u64,
    /// When the erasure ledger took the key up.
    pub ledger_at: Option<DateTime<Utc>>,
    /// When the certificate was written.
    pub certificate_at: Option<DateTime<Utc>>,
}

/// What is to be done next. The order is the order of the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ShredStep {
    /// Enter the intent in the log.
    LogIntent,
    /// Enter the key in the erasure ledger, which a restore replays: before the bytes go, so that no copy of the
    /// data can bring back what is being destroyed.
    EnterLedger,
    /// [`KeystoreRow::begin_shred`]: floors and holds are checked, and the key opens nothing more.
    BeginShred,
    /// [`KeystoreRow::destroy`]: the wrapped bytes go.
    DestroyKey,
    /// Remove the search tokens and whatever is cached.
    RemoveTokens,
    /// Write the certificate.
    WriteCertificate,
    /// Nothing.
    Done,
}

/// What is on file contradicts the order of the steps: nobody goes on before a person has looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ShredConflict {
    /// A key that seals or is held.
    #[error("a key that is {state} is not shredded")]
    NotRetired {
        /// Its state.
        state: StoredKeyState,
    },
    /// Something was done before what has to come first.
    #[error("`{done:?}` was done, and `{missing:?}`, which comes first, was not")]
    OutOfOrder {
        /// What was done.
        done: ShredStep,
        /// What is missing.
        missing: ShredStep,
    },
}

impl ShredFacts {
    /// The next step.
    ///
    /// # Errors
    ///
    /// [`ShredConflict`] if a later step was done without an earlier one, or the key is not one to shred.
    pub fn next_step(&self) -> Result<ShredStep, ShredConflict> {
        let state = self.key.state();
        if matches!(state, StoredKeyState::Active | StoredKeyState::Held) {
            return Err(ShredConflict::NotRetired { state });
        }
        let done = [
            (ShredStep::LogIntent, self.intent_logged_at.is_some()),
            (ShredStep::EnterLedger, self.ledger_at.is_some()),
            (ShredStep::BeginShred, state != StoredKeyState::DecryptOnly),
            (ShredStep::DestroyKey, state == StoredKeyState::Destroyed),
            // That no tokens are left is no sign of work done: there may have been none.
            (ShredStep::RemoveTokens, self.tokens_left == 0),
            (ShredStep::WriteCertificate, self.certificate_at.is_some()),
        ];
        let Some((missing, _)) = done.into_iter().find(|(_, is_done)| !is_done) else {
            return Ok(ShredStep::Done);
        };
        let later = |(step, is_done): &(ShredStep, bool)| {
            *is_done && *step > missing && *step != ShredStep::RemoveTokens
        };
        match done.into_iter().find(later) {
            Some((done, _)) => Err(ShredConflict::OutOfOrder { done, missing }),
            None => Ok(missing),
        }
    }
}
