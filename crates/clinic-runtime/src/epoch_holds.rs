//! Holds on the key of an epoch: while an authority may ask for what only older copies of the keystore open, it stays.

use crypto_vault::EpochId;
use postgres_store::Clock;
use privacy_operations::{Answer, EnterKeystoreFact, KeystoreFact};
use records_model::{ActorId, HoldId};

use crate::runtime::new_rng;
use crate::{Runtime, RuntimeError};

impl Runtime {
    /// Holds the key of an epoch, and says under which number.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::NoSuchEpoch`] if there is none, or it is closed already.
    pub async fn hold_epoch(
        &self,
        actor: ActorId,
        (epoch, authority): (EpochId, String),
        clock: Clock,
    ) -> Result<(Answer, HoldId), RuntimeError> {
        let state = self.store().keystore_state(self.clinic()).await?;
        let stands = state.epochs.iter().any(|line| line.epoch == epoch && line.closed_at.is_none());
        if !stands {
            return Err(RuntimeError::NoSuchEpoch { epoch });
        }
        let id = HoldId::generate(self.store().instant(clock).await?, &mut new_rng()?);
        let fact = KeystoreFact::EpochHold { id, epoch: epoch.number(), authority };
        Ok((self.perform(&EnterKeystoreFact { actor, fact }, clock).await?, id))
    }

    /// Ends a hold on an epoch.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::NoSuchHold`] if there is none, or it was released already.
    pub async fn release_epoch(
        &self,
        actor: ActorId,
        hold: HoldId,
        clock: Clock,
    ) -> Result<Answer, RuntimeError> {
        let state = self.store().keystore_state(self.clinic()).await?;
        let stands = state.holds.iter().any(|one| one.hold == hold && one.released_at.is_none());
        if !stands {
            return Err(RuntimeError::NoSuchHold { hold });
        }
        let fact = KeystoreFact::EpochHoldReleased { id: hold };
        self.perform(&EnterKeystoreFact { actor, fact }, clock).await
    }
}
