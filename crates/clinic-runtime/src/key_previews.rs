//! What a change of keys would come to. Nothing is decided, entered or written, and no service is asked.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use crypto_vault::{DekId, EpochId, KeyVersion, KeyVersions, StoredKeyState};
use privacy_operations::{OperationError, RecoveryStep};
use records_model::{RetentionClass, SubjectId};

use crate::epoch_key::apart;
use crate::runtime::new_rng;
use crate::{EpochKeySource, KeyAccess, Runtime, RuntimeError};

/// What the next version of a person's key of one class would come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DekPreview {
    /// Each key that seals now, and the one that would follow it.
    pub keys: Vec<(DekId, DekId)>,
    /// Versions of records that are sealed already, and stay so.
    pub records: u64,
    /// Attached files of the same kind.
    pub files: u64,
}

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
    /// What [`privacy_operations::RotateKey`] would come to.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Operation`] as it would be then, if nobody is forbidden to.
    pub async fn would_rotate_key(
        &self,
        subject: SubjectId,
        class: RetentionClass,
    ) -> Result<DekPreview, RuntimeError> {
        let (keys, records, _) = self.store().sealed_records(self.clinic(), subject).await?;
        if keys.is_empty() {
            return Err(OperationError::UnknownSubject(subject).into());
        }
        let of_class = keys.into_iter().filter(|row| row.id().class() == class).collect();
        let mut versions = KeyVersions::new(of_class, KeyVersion::FIRST).map_err(OperationError::from)?;
        let seals = |row: &&crypto_vault::KeystoreRow| row.state() == StoredKeyState::Active;
        let sealing: Vec<DekId> = versions.rows().iter().filter(seals).map(|row| *row.id()).collect();
        if sealing.is_empty() {
            return Err(OperationError::KeyMissing(class).into());
        }
        let mut keys = Vec::new();
        for from in sealing {
            // The numbers come from the rotation itself; the key that it makes is dropped.
            let rotated =
                versions.rotate(&from, self.epoch(), &mut new_rng()?).map_err(OperationError::from)?;
            keys.push((from, *rotated.dek.id()));
            versions = rotated.versions;
        }
        let records = records.iter().filter(|record| record.class == class).count();
        let files = self.store().sealed_files(self.clinic(), subject).await?;
        let files = files.iter().filter(|file| file.class == class).map(|file| (file.record, file.version));
        let files = files.collect::<HashSet<_>>().len();
        Ok(DekPreview { keys, records: counted(records), files: counted(files) })
    }

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

fn counted(things: usize) -> u64 {
    u64::try_from(things).unwrap_or(u64::MAX)
}
