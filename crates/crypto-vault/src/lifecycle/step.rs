//! Single steps in the life of a data key: `Active -> DecryptOnly -> ShredPending -> Destroyed`, and held beside.

use chrono::{DateTime, Utc};
use records_model::{HoldId, LegalHold};
use thiserror::Error;

use super::SurvivorsResealed;
use crate::key::{DekId, KeystoreRow, StoredKeyState};

/// What makes it right to destroy a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShredGround {
    /// Everything under it is due.
    WholeClass,
    /// What must stay was sealed anew under a later version.
    SurvivorsResealed(SurvivorsResealed),
}

/// Why a key does not go to another state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyStepError {
    /// The state does not lead there.
    #[error("a key that is {from} does not become {to}")]
    Order {
        /// Where it stands.
        from: StoredKeyState,
        /// Where it was to go.
        to: StoredKeyState,
    },
    /// A legal hold forbids destruction.
    #[error("legal hold {hold} keeps the key")]
    Held {
        /// The first hold that does.
        hold: HoldId,
    },
    /// The survivors of another key were resealed.
    #[error("the proof that survivors were resealed is about another key")]
    GroundOfAnother,
}

impl KeystoreRow {
    /// The key opens from now on, and no longer seals.
    ///
    /// # Errors
    ///
    /// [`KeyStepError::Order`] unless it is active.
    pub fn retire(&self) -> Result<Self, KeyStepError> {
        self.step(StoredKeyState::Active, StoredKeyState::DecryptOnly)
    }

    /// A hold was placed on what it opens.
    ///
    /// # Errors
    ///
    /// [`KeyStepError::Order`] unless it opens only.
    pub fn hold(&self) -> Result<Self, KeyStepError> {
        self.step(StoredKeyState::DecryptOnly, StoredKeyState::Held)
    }

    /// The last hold was released.
    ///
    /// # Errors
    ///
    /// [`KeyStepError::Order`] unless it is held.
    pub fn release(&self) -> Result<Self, KeyStepError> {
        self.step(StoredKeyState::Held, StoredKeyState::DecryptOnly)
    }

    /// Its destruction begins: from now on it opens nothing.
    ///
    /// # Errors
    ///
    /// [`KeyStepError`] unless it opens only, no hold of its class is in force at `at`, and the ground is about
    /// this key.
    pub fn begin_shred(
        &self,
        ground: &ShredGround,
        holds: &[LegalHold],
        at: DateTime<Utc>,
    ) -> Result<Self, KeyStepError> {
        let next = self.step(StoredKeyState::DecryptOnly, StoredKeyState::ShredPending)?;
        self.check_holds(holds, at)?;
        match ground {
            ShredGround::SurvivorsResealed(proof) if proof.from() != self.id() => {
                Err(KeyStepError::GroundOfAnother)
            }
            ShredGround::WholeClass | ShredGround::SurvivorsResealed(_) => Ok(next),
        }
    }

    /// Its bytes go; the row stays as a tombstone. A hold that came in between still stops it.
    ///
    /// # Errors
    ///
    /// [`KeyStepError`] unless its destruction has begun and no hold of its class is in force at `at`.
    pub fn destroy(&self, holds: &[LegalHold], at: DateTime<Utc>) -> Result<Self, KeyStepError> {
        self.allowed(StoredKeyState::ShredPending, StoredKeyState::Destroyed)?;
        self.check_holds(holds, at)?;
        Ok(Self::tombstone(*self.id()))
    }

    fn step(&self, from: StoredKeyState, to: StoredKeyState) -> Result<Self, KeyStepError> {
        self.allowed(from, to)?;
        let bytes = self.wrapped().cloned();
        Self::new(*self.id(), to, bytes).map_err(|_| KeyStepError::Order { from: self.state(), to })
    }

    fn allowed(&self, from: StoredKeyState, to: StoredKeyState) -> Result<(), KeyStepError> {
        if self.state() == from && from.may_become(to) {
            Ok(())
        } else {
            Err(KeyStepError::Order { from: self.state(), to })
        }
    }

    fn check_holds(&self, holds: &[LegalHold], at: DateTime<Utc>) -> Result<(), KeyStepError> {
        let class = self.id().class();
        let keeps = |hold: &&LegalHold| {
            let in_force = hold.starts_at <= at && hold.released_at.is_none_or(|released| released > at);
            in_force && (hold.classes.is_empty() || hold.classes.contains(class))
        };
        holds.iter().find(keeps).map_or(Ok(()), |hold| Err(KeyStepError::Held { hold: hold.id }))
    }
}

impl DekId {
    /// Whether both are keys of one clinic, person and class, whatever version or month.
    #[must_use]
    pub fn is_of_same_class(&self, other: &Self) -> bool {
        (self.clinic(), self.subject(), self.class()) == (other.clinic(), other.subject(), other.class())
    }
}
