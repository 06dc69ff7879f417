//! A whole keystore, every key of it opened once under one epoch key; and copies that hold the same.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::key::{EpochId, EpochKey, IndexRootId, KeystoreRow, SecretId, UnwrapError, WrappedKey};

/// One wrapped key of a keystore.
#[derive(Debug, Clone, Copy)]
pub enum KeystoreItem<'a> {
    /// A data key.
    Dek(&'a KeystoreRow),
    /// The root of a clinic's blind indexes.
    IndexRoot(IndexRootId, &'a WrappedKey),
    /// A secret.
    Secret(SecretId, &'a WrappedKey),
}

/// Why a keystore is not whole under an epoch key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SurveyError {
    /// A key does not open; how many opened before it.
    #[error("after {opened} keys, one does not open: {cause}")]
    DoesNotOpen {
        /// Keys that opened before it.
        opened: u64,
        /// Why it does not.
        cause: UnwrapError,
    },
    /// One key, two rows.
    #[error("a key stands in the keystore twice")]
    Twice,
    /// The copy is not of this keystore.
    #[error("the copy holds other keys than the keystore")]
    CopyDiffers,
}

/// What was seen: every live key opened under the key of one epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeystoreSurvey {
    epoch: EpochId,
    live: u64,
    digest: [u8; 32],
}

impl KeystoreSurvey {
    /// Opens every key that opens anything. Keys that are being or were destroyed are part of the digest only.
    ///
    /// # Errors
    ///
    /// [`SurveyError`] at the first key that does not open under this epoch key, or stands there twice.
    pub fn open_all<'a>(
        epoch: &EpochKey,
        items: impl IntoIterator<Item = KeystoreItem<'a>>,
    ) -> Result<Self, SurveyError> {
        let mut live = 0;
        let mut seen = Vec::new();
        for item in items {
            let (id, rest) = described(&item);
            if open(epoch, &item).map_err(|cause| SurveyError::DoesNotOpen { opened: live, cause })? {
                live += 1;
            }
            seen.push((id, rest));
        }
        seen.sort_unstable();
        if seen.iter().zip(seen.iter().skip(1)).any(|((a, _), (b, _))| a == b) {
            return Err(SurveyError::Twice);
        }
        let mut hash = Sha256::new_with_prefix(b"resguardo/vault/v1/keystore\0");
        for part in seen.iter().flat_map(|(id, rest)| [id, rest]) {
            hash.update(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            hash.update(part);
        }
        Ok(Self { epoch: epoch.id(), live, digest: hash.finalize().into() })
    }

    /// The epoch whose key opened them.
    #[must_use]
    pub const fn epoch(&self) -> EpochId {
        self.epoch
    }

    /// How many keys opened.
    #[must_use]
    pub const fn live(&self) -> u64 {
        self.live
    }

    /// SHA-256 over all rows, whatever their order.
    #[must_use]
    pub const fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

/// Whether the item is live; an error if it is and does not open.
fn open(epoch: &EpochKey, item: &KeystoreItem<'_>) -> Result<bool, UnwrapError> {
    match item {
        KeystoreItem::Dek(row) if !row.state().opens() => Ok(false),
        KeystoreItem::Dek(row) => epoch.open_dek(row).map(|_| true),
        KeystoreItem::IndexRoot(id, wrapped) => epoch.open_index_root(*id, wrapped).map(|_| true),
        KeystoreItem::Secret(id, wrapped) => epoch.open_secret(*id, wrapped).map(|_| true),
    }
}

fn described(item: &KeystoreItem<'_>) -> (Vec<u8>, Vec<u8>) {
    let bytes = |wrapped: &WrappedKey| wrapped.as_bytes().to_vec();
    match item {
        KeystoreItem::Dek(row) => {
            let wrapped = row.wrapped().map(bytes).unwrap_or_default();
            (row.id().encode(), [row.state().code().as_bytes(), &[0], &wrapped].concat())
        }
        KeystoreItem::IndexRoot(id, wrapped) => (id.encode(), bytes(wrapped)),
        KeystoreItem::Secret(id, wrapped) => (id.encode(), bytes(wrapped)),
    }
}

/// The id that was stamped into a copy of the keystore when it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CopyId(pub [u8; 16]);

/// A copy of the keystore that was read back and opened whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifiedCopy {
    id: CopyId,
    survey: KeystoreSurvey,
    at: DateTime<Utc>,
}

impl VerifiedCopy {
    /// A copy whose own survey shows the same as the keystore's.
    ///
    /// # Errors
    ///
    /// [`SurveyError::CopyDiffers`] if epoch or content differ.
    pub fn of(
        id: CopyId,
        copy: KeystoreSurvey,
        keystore: &KeystoreSurvey,
        at: DateTime<Utc>,
    ) -> Result<Self, SurveyError> {
        if copy == *keystore { Ok(Self { id, survey: copy, at }) } else { Err(SurveyError::CopyDiffers) }
    }

    /// Which copy.
    #[must_use]
    pub const fn id(&self) -> CopyId {
        self.id
    }

    /// When it was read back.
    #[must_use]
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Whether it still shows the keystore as it is now.
    #[must_use]
    pub fn shows(&self, keystore: &KeystoreSurvey) -> bool {
        self.survey == *keystore
    }
}
