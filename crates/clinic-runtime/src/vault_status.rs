//! How the keys of a clinic stand, and what should be done about them.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use crypto_vault::{EpochId, KEYSTORE_COPIES_MIN, RECOVERY_AGE_DAYS_MAX};
use postgres_store::{Clock, KeystoreState};
use privacy_operations::RecoveryStep;

use crate::rotation::copies_of;
use crate::{EpochKeySource, Runtime, RuntimeError};

/// How the keys of a clinic stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultStatus {
    /// The epoch whose key is held here.
    pub in_force: EpochId,
    /// What is on file.
    pub state: KeystoreState,
    /// When the recovery of this epoch was last verified.
    pub recovery_verified_at: Option<DateTime<Utc>>,
    /// What should be done.
    pub warnings: Vec<VaultWarning>,
}

/// Something that should be done about keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VaultWarning {
    /// If the key file is lost, everything is.
    RecoveryNeverVerified,
    /// The recovery was verified too long ago.
    RecoveryOld {
        /// How many days ago.
        days: i64,
    },
    /// Too few copies show the keystore as it is now.
    Copies {
        /// How many do.
        found: usize,
    },
    /// An earlier epoch has a key still.
    EarlierNotEnded {
        /// Which.
        epoch: EpochId,
    },
    /// A rotation was stopped.
    RotationStopped {
        /// To which epoch.
        epoch: EpochId,
    },
    /// Living keys that the epoch in force does not wrap.
    NotWrapped {
        /// How many.
        count: u64,
    },
}

impl fmt::Display for VaultWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RecoveryNeverVerified => f.write_str(
                "no recovery of this epoch was ever verified: if the key file is lost, everything is; share the keys \
                 out among people, and try the shares",
            ),
            Self::RecoveryOld { days } => {
                write!(f, "the recovery was last verified {days} days ago; try the shares again")
            }
            Self::Copies { found } => {
                write!(f, "{found} verified copies show the keystore as it is now; keep {KEYSTORE_COPIES_MIN}, in places of their own")
            }
            Self::EarlierNotEnded { epoch } => write!(
                f,
                "epoch {epoch} has not ended: start every server again, then `vault rotate-epoch --end-old`"
            ),
            Self::RotationStopped { epoch } => {
                write!(f, "the rotation to epoch {epoch} was stopped; run `vault rotate-epoch` again")
            }
            Self::NotWrapped { count } => {
                write!(f, "{count} keys are not wrapped under the epoch in force; run `vault rotate-epoch`")
            }
        }
    }
}

impl Runtime {
    /// How the keys stand at this clock.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the database does not answer, or a key does not open.
    pub async fn vault_status(
        &self,
        source: &EpochKeySource,
        clock: Clock,
    ) -> Result<VaultStatus, RuntimeError> {
        let state = self.store().keystore_state(self.clinic()).await?;
        let now = self.store().instant(clock).await?;
        let in_force = self.epoch_id();
        let mut warnings = Vec::new();
        let recovery_verified_at = last_trial(&state, in_force);
        warnings.extend(recovery_warning(recovery_verified_at, now));
        let count = self.store().keys_not_wrapped(self.clinic(), in_force).await?;
        let found = if count > 0 { 0 } else { copies_of(&state, &self.survey().await?).len() };
        if count > 0 {
            warnings.push(VaultWarning::NotWrapped { count });
        }
        if found < KEYSTORE_COPIES_MIN {
            warnings.push(VaultWarning::Copies { found });
        }
        let earlier = state.epochs.iter().filter(|line| line.epoch < in_force && line.ended.is_none());
        warnings.extend(earlier.map(|line| VaultWarning::EarlierNotEnded { epoch: line.epoch }));
        if let Some(epoch) = in_force.next().filter(|next| source.beside(*next).path().exists()) {
            warnings.push(VaultWarning::RotationStopped { epoch });
        }
        Ok(VaultStatus { in_force, state, recovery_verified_at, warnings })
    }

    /// What to say at every start: that no recovery of the epoch in force was verified, or too long ago.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the database does not answer.
    pub async fn recovery_warning(&self, clock: Clock) -> Result<Option<VaultWarning>, RuntimeError> {
        let state = self.store().keystore_state(self.clinic()).await?;
        let now = self.store().instant(clock).await?;
        Ok(recovery_warning(last_trial(&state, self.epoch_id()), now))
    }
}

fn last_trial(state: &KeystoreState, epoch: EpochId) -> Option<DateTime<Utc>> {
    let of_epoch = |line: &&postgres_store::RecoveryLine| {
        line.step == RecoveryStep::Verified && line.epoch == epoch.number()
    };
    state.recoveries.iter().filter(of_epoch).map(|line| line.at).max()
}

fn recovery_warning(last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<VaultWarning> {
    match last.map(|at| now - at) {
        None => Some(VaultWarning::RecoveryNeverVerified),
        Some(age) if age > TimeDelta::days(RECOVERY_AGE_DAYS_MAX) => {
            Some(VaultWarning::RecoveryOld { days: age.num_days() })
        }
        Some(_) => None,
    }
}
