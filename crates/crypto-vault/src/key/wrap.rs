//! Wrapped keys: an envelope of version 1 around 32 bytes, under an epoch key and for one id.

use thiserror::Error;

use super::{EpochId, StoredKeyState};
use crate::envelope::{EnvelopeHeader, OVERHEAD_BYTES, OpenError};

/// A key under an epoch key, as it is stored: 112 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    epoch: EpochId,
    bytes: [u8; Self::LEN_BYTES],
}

/// Why bytes are no wrapped key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WrappedKeyError {
    /// Of another length.
    #[error("a wrapped key has {} bytes, not {len}", WrappedKey::LEN_BYTES)]
    Length {
        /// The length in bytes.
        len: usize,
    },
    /// No envelope of version 1.
    #[error("the wrapped key is damaged: {0}")]
    Envelope(#[from] OpenError),
    /// Epochs are counted from 1.
    #[error("the wrapped key names no epoch")]
    EpochZero,
}

impl WrappedKey {
    /// Length of every wrapped key, in bytes.
    pub const LEN_BYTES: usize = OVERHEAD_BYTES + 32;

    /// Reads a stored wrapped key; whether it opens, only its epoch key can say.
    ///
    /// # Errors
    ///
    /// [`WrappedKeyError`] if the bytes have another form.
    pub fn parse(stored: &[u8]) -> Result<Self, WrappedKeyError> {
        let bytes = stored.try_into().map_err(|_| WrappedKeyError::Length { len: stored.len() })?;
        let header = EnvelopeHeader::parse(stored)?;
        let epoch = EpochId::new(header.key_number()).ok_or(WrappedKeyError::EpochZero)?;
        Ok(Self { epoch, bytes })
    }

    /// The bytes as they are stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LEN_BYTES] {
        &self.bytes
    }

    /// The epoch whose key opens it.
    #[must_use]
    pub const fn epoch(&self) -> EpochId {
        self.epoch
    }

    pub(crate) const fn from_parts(epoch: EpochId, bytes: [u8; Self::LEN_BYTES]) -> Self {
        Self { epoch, bytes }
    }
}

/// Why a wrapped key did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UnwrapError {
    /// Its state forbids it.
    #[error("the key is {state} and opens nothing")]
    State {
        /// The state.
        state: StoredKeyState,
    },
    /// Wrapped by another epoch.
    #[error("the key is wrapped by epoch {found}, and the key of epoch {held} was given")]
    Epoch {
        /// The epoch that wraps it.
        found: EpochId,
        /// The epoch that was given.
        held: EpochId,
    },
    /// It was wrapped under another key, for another id, or was changed.
    #[error("the wrapped key does not open: {0}")]
    Envelope(#[from] OpenError),
}
