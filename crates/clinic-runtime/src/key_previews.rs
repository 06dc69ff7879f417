//! What sharing out or wrapping the key in force would come to. It is about nobody: nothing is decided, entered or written,
//! and no service is asked. What is about a person is an operation ([`privacy_operations::PreviewRotation`]).

use chrono::{DateTime, Utc};
use crypto_vault::EpochId;
use privacy_operations::RecoveryStep;

use crate::epoch_key::apart;
use crate::{EpochKeySource, KeyAccess, Runtime, RuntimeError};

/// What sharing the keys out would come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharingPreview {
    /// The epoch whose key would be shared out.
    pub epoch: EpochId,
    /// When shares of it were handed out last. They bring the keys back whatever is handed out later.
    pub handed_out: Option<DateTime<Utc>>,
}

/// What having a key wrapped would come to.
#[derive(Debug)]
pub struct WrappingPreview {
    /// The epoch in force.
    pub epoch: EpochId,
    /// Where the key would be kept then.
    pub to: EpochKeySource,
    /// Whether the service has it already, from a run that was stopped.
    pub is_wrapped: bool,
}

impl Runtime {
    /// What [`Runtime::share_out`] would come to.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the index key does not open, as it would be then.
    pub async fn would_share_out(&self) -> Result<SharingPreview, RuntimeError> {
        let epoch = self.index_root().await.map(|_| self.epoch_id())?;
        let state = self.store().keystore_state(self.clinic()).await?;
        let split = state
            .recoveries
            .iter()
            .filter(|line| line.step == RecoveryStep::Split && line.epoch == epoch.number());
        Ok(SharingPreview { epoch, handed_out: split.map(|line| line.at).max() })
    }

    /// What [`Runtime::wrap_key`] would come to, as far as that can be told without the service.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] as it would be then.
    pub async fn would_wrap_key(
        &self,
        from: &EpochKeySource,
        access: KeyAccess,
    ) -> Result<WrappingPreview, RuntimeError> {
        let to = self.wrapping(from, access)?;
        let held = self.epoch_id();
        let in_file = apart(from, EpochKeySource::load).await?.map(|key| key.id());
        if in_file != Some(held) {
            return Err(RuntimeError::AnotherEpochInForce { held, in_file });
        }
        let wrapped = to.wrapped_epoch()?;
        if wrapped.is_some_and(|epoch| epoch != held) {
            return Err(RuntimeError::EpochsUnfinished);
        }
        Ok(WrappingPreview { epoch: held, to, is_wrapped: wrapped.is_some() })
    }
}
