//! The next epoch: every wrapped key is opened under the old epoch key and wrapped under the new one.

use thiserror::Error;

use crate::envelope::Salt;
use crate::key::{
    EpochId, EpochKey, IndexRootId, KeystoreRow, KeystoreRowError, SecretId, StoredKeyState, UnwrapError,
    WrappedKey,
};

/// The epoch keys are not in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("epoch {to} does not come right after epoch {from}")]
pub struct RotationOrder {
    /// The epoch that ends.
    pub from: EpochId,
    /// The epoch that was to begin.
    pub to: EpochId,
}

/// Why a key was not wrapped for the next epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RotationError {
    /// It does not open.
    #[error("{0}")]
    Unwrap(#[from] UnwrapError),
    /// The row cannot be put together.
    #[error("{0}")]
    Row(#[from] KeystoreRowError),
}

/// A rotation from one epoch to the next. It may stop anywhere and be run again: what is wrapped already is left as
/// it stands.
pub struct EpochRotation<'a> {
    from: &'a EpochKey,
    to: &'a EpochKey,
}

impl<'a> EpochRotation<'a> {
    /// A rotation between these keys.
    ///
    /// # Errors
    ///
    /// [`RotationOrder`] unless one epoch comes right after the other.
    pub fn new(from: &'a EpochKey, to: &'a EpochKey) -> Result<Self, RotationOrder> {
        if from.id().next() == Some(to.id()) {
            Ok(Self { from, to })
        } else {
            Err(RotationOrder { from: from.id(), to: to.id() })
        }
    }

    /// The row for the next epoch; its state does not change. A key that is being or was destroyed is left as it
    /// stands, and so goes with the epoch at the latest.
    ///
    /// # Errors
    ///
    /// [`RotationError`] if the key does not open under either epoch key.
    pub fn rewrap(&self, row: &KeystoreRow, salt: Salt) -> Result<KeystoreRow, RotationError> {
        let live = row.state() != StoredKeyState::ShredPending;
        match row.wrapped().filter(|_| live) {
            Some(wrapped) if wrapped.epoch() == self.to.id() => {
                // Opened before it counts as done: a wrapping that somebody else put there is found here.
                self.to.open_dek(row)?;
                Ok(row.clone())
            }
            Some(wrapped) => {
                let wrapped = self.from.rewrap_dek(row.id(), wrapped, self.to, salt)?;
                Ok(KeystoreRow::new(*row.id(), row.state(), Some(wrapped))?)
            }
            None => Ok(row.clone()),
        }
    }

    /// The root of a clinic's blind indexes for the next epoch.
    ///
    /// # Errors
    ///
    /// [`UnwrapError`] if it does not open under the old epoch key.
    pub fn rewrap_index_root(
        &self,
        id: IndexRootId,
        wrapped: &WrappedKey,
        salt: Salt,
    ) -> Result<WrappedKey, UnwrapError> {
        self.from.open_index_root(id, wrapped).map(|root| self.to.wrap_index_root(&root, salt))
    }

    /// A secret for the next epoch.
    ///
    /// # Errors
    ///
    /// [`UnwrapError`] if it does not open under the old epoch key.
    pub fn rewrap_secret(
        &self,
        id: SecretId,
        wrapped: &WrappedKey,
        salt: Salt,
    ) -> Result<WrappedKey, UnwrapError> {
        self.from.open_secret(id, wrapped).map(|secret| self.to.wrap_secret(&secret, salt))
    }
}
