//! Key states as they are stored, and the row of the keystore.

use std::fmt;

use thiserror::Error;

use super::{DekId, EpochId, WrappedKey};

/// Where a data key stands in the keystore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoredKeyState {
    /// Seals and opens.
    Active,
    /// Opens only: a later version seals.
    DecryptOnly,
    /// Opens only, and a legal hold forbids its destruction.
    Held,
    /// Its destruction has been written down and begun; it opens nothing more.
    ShredPending,
    /// Its bytes are gone; the row stays as a tombstone.
    Destroyed,
}

/// A text that is no state of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a key is active, decrypt-only, held, shred-pending or destroyed")]
pub struct UnknownKeyState;

impl StoredKeyState {
    /// Every state.
    pub const ALL: &'static [Self] =
        &[Self::Active, Self::DecryptOnly, Self::Held, Self::ShredPending, Self::Destroyed];

    /// The frozen code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::DecryptOnly => "decrypt-only",
            Self::Held => "held",
            Self::ShredPending => "shred-pending",
            Self::Destroyed => "destroyed",
        }
    }

    /// The state with this code.
    ///
    /// # Errors
    ///
    /// [`UnknownKeyState`] if there is none.
    pub fn parse(text: &str) -> Result<Self, UnknownKeyState> {
        Self::ALL.iter().copied().find(|state| state.code() == text).ok_or(UnknownKeyState)
    }

    /// Whether a key in this state may open content.
    #[must_use]
    pub const fn opens(self) -> bool {
        matches!(self, Self::Active | Self::DecryptOnly | Self::Held)
    }

    /// Whether a key may go from this state to that one: forward only, a held key back to reading only, and
    /// nothing comes back from its destruction. A key that seals, or is held, is never shredded directly.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Active | Self::Held, Self::DecryptOnly)
                | (Self::DecryptOnly, Self::Held | Self::ShredPending)
                | (Self::ShredPending, Self::Destroyed)
        )
    }
}

impl fmt::Display for StoredKeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// One row of the keystore: which key, how it stands, and its wrapped bytes unless they are destroyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeystoreRow {
    id: DekId,
    state: StoredKeyState,
    wrapped: Option<WrappedKey>,
}

/// Why there can be no such row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeystoreRowError {
    /// A destroyed key with bytes left.
    #[error("a destroyed key still has its wrapped bytes")]
    BytesRemain,
    /// A key that is not destroyed, without bytes.
    #[error("the wrapped bytes of a key that is {state} are missing")]
    BytesMissing {
        /// The state.
        state: StoredKeyState,
    },
}

impl KeystoreRow {
    /// Puts a row together: exactly a destroyed key has no bytes.
    ///
    /// # Errors
    ///
    /// [`KeystoreRowError`] if bytes and state do not fit.
    pub const fn new(
        id: DekId,
        state: StoredKeyState,
        wrapped: Option<WrappedKey>,
    ) -> Result<Self, KeystoreRowError> {
        match (state, &wrapped) {
            (StoredKeyState::Destroyed, Some(_)) => Err(KeystoreRowError::BytesRemain),
            (StoredKeyState::Destroyed, None) | (_, Some(_)) => Ok(Self { id, state, wrapped }),
            (_, None) => Err(KeystoreRowError::BytesMissing { state }),
        }
    }

    /// What stays of a destroyed key.
    pub(crate) const fn tombstone(id: DekId) -> Self {
        Self { id, state: StoredKeyState::Destroyed, wrapped: None }
    }

    /// Which key.
    #[must_use]
    pub const fn id(&self) -> &DekId {
        &self.id
    }

    /// How it stands.
    #[must_use]
    pub const fn state(&self) -> StoredKeyState {
        self.state
    }

    /// The wrapped bytes, unless they are destroyed.
    #[must_use]
    pub const fn wrapped(&self) -> Option<&WrappedKey> {
        self.wrapped.as_ref()
    }

    /// The epoch that wraps it, unless it is destroyed.
    #[must_use]
    pub fn epoch(&self) -> Option<EpochId> {
        self.wrapped.as_ref().map(WrappedKey::epoch)
    }
}
