//! The end of an epoch: its key may be destroyed once four conditions hold, and what that proves.

use chrono::{DateTime, TimeDelta, Utc};
use records_model::HoldId;
use thiserror::Error;

use super::{KeystoreSurvey, VerifiedCopy};
use crate::key::EpochId;
use crate::recovery::RecoveryVerified;

/// How long a verified recovery counts, in days. The number is ours: a quarter.
pub const RECOVERY_AGE_DAYS_MAX: i64 = 90;

/// Copies of the keystore at the new epoch that must exist. The number is ours: one may be lost.
pub const KEYSTORE_COPIES_MIN: usize = 2;

/// A hold that names an epoch: what only its key opens must stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochHold {
    /// The hold.
    pub hold: HoldId,
    /// The epoch it names.
    pub epoch: EpochId,
    /// When it was released, if it was.
    pub released_at: Option<DateTime<Utc>>,
}

/// One condition that does not hold yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NotYet {
    /// (a) The keystore was not opened whole under the epoch after this one.
    #[error("the keystore was opened under epoch {found}, not under the one after epoch {ending}")]
    NotRewrapped {
        /// The epoch to be destroyed.
        ending: EpochId,
        /// The epoch under which the keystore opened.
        found: EpochId,
    },
    /// (b) Too few copies that show the keystore as it is now.
    #[error("{found} verified copies of the keystore exist at the new epoch, and {KEYSTORE_COPIES_MIN} must")]
    Copies {
        /// How many different ones there are.
        found: usize,
    },
    /// (c) A hold names the epoch.
    #[error("legal hold {hold} names the epoch")]
    Held {
        /// The hold.
        hold: HoldId,
    },
    /// (d) The recovery of the new epoch was never verified, or too long ago.
    #[error("the recovery of the new epoch was not verified within {RECOVERY_AGE_DAYS_MAX} days")]
    Recovery,
}

/// Leave to destroy the key of one epoch: it exists only while all four conditions hold.
#[derive(Debug, PartialEq, Eq)]
pub struct EpochDestruction {
    epoch: EpochId,
    survey: KeystoreSurvey,
}

impl EpochDestruction {
    /// Weighs the four conditions at `now`.
    ///
    /// # Errors
    ///
    /// Every condition that does not hold, in the order of [`NotYet`].
    pub fn prove(
        ending: EpochId,
        keystore: KeystoreSurvey,
        copies: &[VerifiedCopy],
        holds: &[EpochHold],
        recovery: Option<&RecoveryVerified>,
        now: DateTime<Utc>,
    ) -> Result<Self, Vec<NotYet>> {
        let mut not_yet = Vec::new();
        if ending.next() != Some(keystore.epoch()) {
            not_yet.push(NotYet::NotRewrapped { ending, found: keystore.epoch() });
        }
        let mut ids: Vec<_> = copies
            .iter()
            .filter(|copy| copy.shows(&keystore) && copy.at() <= now)
            .map(VerifiedCopy::id)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() < KEYSTORE_COPIES_MIN {
            not_yet.push(NotYet::Copies { found: ids.len() });
        }
        let in_force = |hold: &&EpochHold| {
            hold.epoch == ending && hold.released_at.is_none_or(|released| released > now)
        };
        not_yet.extend(holds.iter().filter(in_force).map(|hold| NotYet::Held { hold: hold.hold }));
        let fresh = |recovery: &RecoveryVerified| {
            let age = now - recovery.at();
            recovery.epoch() == keystore.epoch()
                && age >= TimeDelta::zero()
                && age <= TimeDelta::days(RECOVERY_AGE_DAYS_MAX)
        };
        if !recovery.is_some_and(fresh) {
            not_yet.push(NotYet::Recovery);
        }
        if not_yet.is_empty() { Ok(Self { epoch: ending, survey: keystore }) } else { Err(not_yet) }
    }

    /// The epoch whose key may go.
    #[must_use]
    pub const fn epoch(&self) -> EpochId {
        self.epoch
    }

    /// What remains, under the next epoch.
    #[must_use]
    pub const fn keystore(&self) -> &KeystoreSurvey {
        &self.survey
    }

    /// What the provider of the key answered. The leave is used up.
    #[must_use]
    pub const fn carried_out(self, outcome: DestructionOutcome) -> EpochEnd {
        match outcome {
            DestructionOutcome::Destroyed { at } => {
                EpochEnd::Destroyed(DestroyedEpoch { epoch: self.epoch, at })
            }
            DestructionOutcome::CannotProve { at } => EpochEnd::Unproved { epoch: self.epoch, at },
        }
    }
}

/// What a provider says about the end of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DestructionOutcome {
    /// The only place that held the key destroyed it and says so.
    Destroyed {
        /// When.
        at: DateTime<Utc>,
    },
    /// The key was given up, and nobody can say whether a copy is left: it derives from a passphrase that may be
    /// remembered.
    CannotProve {
        /// When.
        at: DateTime<Utc>,
    },
}

/// How an epoch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EpochEnd {
    /// Destroyed, with proof.
    Destroyed(DestroyedEpoch),
    /// Given up without proof: no certificate becomes irrecoverable by it.
    Unproved {
        /// The epoch.
        epoch: EpochId,
        /// When.
        at: DateTime<Utc>,
    },
}

/// An epoch whose key was destroyed with proof: by [`EpochDestruction::carried_out`], or as that was put on file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DestroyedEpoch {
    epoch: EpochId,
    at: DateTime<Utc>,
}

impl DestroyedEpoch {
    /// An end that [`EpochDestruction::carried_out`] proved before and that was put on file.
    #[must_use]
    pub const fn on_file(epoch: EpochId, at: DateTime<Utc>) -> Self {
        Self { epoch, at }
    }

    /// Which.
    #[must_use]
    pub const fn epoch(&self) -> EpochId {
        self.epoch
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }
}
