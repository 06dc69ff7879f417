//! The certificate of a destroyed key: what still survives and until when, or that nothing does.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::DestroyedEpoch;
use crate::key::{DekId, EpochId, KeyVersion, KeystoreRow, StoredKeyState};

/// What the destruction covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coverage {
    /// Everything that was ever sealed under the key.
    WholeKey,
    /// Single rows: what had to stay was sealed anew under a later version first.
    Rows {
        /// How many rows were not.
        count: u64,
    },
}

/// Search tokens that were made of what the key protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexTokens {
    /// There were none.
    None,
    /// Tokens of this version of the blind indexes, removed from the tables and left in data backups.
    InBackups {
        /// The version.
        version: KeyVersion,
        /// When the last backup that holds them expires.
        last_expires_at: DateTime<Utc>,
        /// When the index key of this version was retired, if it was.
        retired_at: Option<DateTime<Utc>>,
    },
}

/// How sure the destruction is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateState {
    /// Something survives outside the keystore.
    Pending {
        /// The last epoch whose key still opens older copies of the keystore; `None` if no such key is left.
        epoch: Option<EpochId>,
        /// The version of the blind indexes whose tokens are in backups.
        index_version: Option<KeyVersion>,
        /// When the last backup with such tokens expires.
        backup_horizon: Option<DateTime<Utc>>,
    },
    /// Nothing that anybody holds opens it, or finds it, since then.
    Irrecoverable {
        /// Since when.
        at: DateTime<Utc>,
    },
}

/// Something that survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survivor {
    /// The wrapped key in an older copy of the keystore, for whoever holds the key of this epoch.
    WrappedKey {
        /// The epoch.
        epoch: EpochId,
    },
    /// Search tokens in data backups, for whoever holds the index key of this version.
    SearchTokens {
        /// The version.
        version: KeyVersion,
    },
}

/// What survives, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Survives {
    /// What.
    pub what: Survivor,
    /// Until when, at the latest; `None` until somebody acts: the end of an epoch has no date of its own.
    pub until: Option<DateTime<Utc>>,
}

/// Why there is no certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// The key has its bytes.
    #[error("a key that is {state} has no certificate")]
    NotDestroyed {
        /// Its state.
        state: StoredKeyState,
    },
    /// The last epoch that wrapped it comes before the first.
    #[error("a key first wrapped by epoch {first} was not last wrapped by epoch {last}")]
    Epochs {
        /// The first.
        first: EpochId,
        /// The last.
        last: EpochId,
    },
}

/// The certificate of one destroyed key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    key: DekId,
    coverage: Coverage,
    tokens: IndexTokens,
    destroyed_at: DateTime<Utc>,
    /// Every epoch that ever wrapped it, and when its key was destroyed: older copies of the keystore may be
    /// wrapped by any of them.
    epochs: BTreeMap<EpochId, Option<DateTime<Utc>>>,
}

impl Certificate {
    /// A certificate for a key that was destroyed at `destroyed_at` and had been wrapped by every epoch from the
    /// first to the last of `wrapped_by`.
    ///
    /// # Errors
    ///
    /// [`CertificateError`] if the key has its bytes, or the epochs are out of order.
    pub fn new(
        key: &KeystoreRow,
        coverage: Coverage,
        wrapped_by: (EpochId, EpochId),
        tokens: IndexTokens,
        destroyed_at: DateTime<Utc>,
    ) -> Result<Self, CertificateError> {
        if key.state() != StoredKeyState::Destroyed {
            return Err(CertificateError::NotDestroyed { state: key.state() });
        }
        let (first, last) = wrapped_by;
        if first > last {
            return Err(CertificateError::Epochs { first, last });
        }
        let epochs = std::iter::successors(Some(first), |epoch| epoch.next())
            .take_while(|epoch| *epoch <= last)
            .map(|epoch| (epoch, None))
            .collect();
        Ok(Self { key: *key.id(), coverage, tokens, destroyed_at, epochs })
    }

    /// Which key.
    #[must_use]
    pub const fn key(&self) -> &DekId {
        &self.key
    }

    /// What its destruction covers.
    #[must_use]
    pub const fn coverage(&self) -> Coverage {
        self.coverage
    }

    /// When its bytes went.
    #[must_use]
    pub const fn destroyed_at(&self) -> DateTime<Utc> {
        self.destroyed_at
    }

    /// Takes note that an epoch was destroyed with proof; one that never wrapped this key changes nothing.
    #[must_use]
    pub fn epoch_destroyed(mut self, ended: &DestroyedEpoch) -> Self {
        if let Some(ended_at) = self.epochs.get_mut(&ended.epoch()) {
            ended_at.get_or_insert(ended.at());
        }
        self
    }

    /// Takes note that the index key with which tokens were made was retired.
    #[must_use]
    pub fn index_retired(mut self, version: KeyVersion, at: DateTime<Utc>) -> Self {
        match &mut self.tokens {
            IndexTokens::InBackups { version: ours, retired_at, .. } if *ours == version => {
                retired_at.get_or_insert(at);
            }
            IndexTokens::InBackups { .. } | IndexTokens::None => {}
        }
        self
    }

    /// How sure the destruction is at `now`.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> CertificateState {
        let begun = self.destroyed_at.max(self.tokens_end());
        let end = self.epochs.values().try_fold(begun, |latest, ended| Some(latest.max((*ended)?)));
        if let Some(at) = end.filter(|at| *at <= now) {
            return CertificateState::Irrecoverable { at };
        }
        let (index_version, backup_horizon) = match self.tokens {
            IndexTokens::None => (None, None),
            IndexTokens::InBackups { version, last_expires_at, .. } => (Some(version), Some(last_expires_at)),
        };
        let epoch = self.open_epochs(now).last();
        CertificateState::Pending { epoch, index_version, backup_horizon }
    }

    /// What survives at `now`: nothing exactly if the destruction is irrecoverable, once the key is destroyed.
    #[must_use]
    pub fn survives(&self, now: DateTime<Utc>) -> Vec<Survives> {
        let wrapped = |epoch| Survives {
            what: Survivor::WrappedKey { epoch },
            until: self.epochs.get(&epoch).copied().flatten(),
        };
        let mut left: Vec<_> = self.open_epochs(now).map(wrapped).collect();
        if let IndexTokens::InBackups { version, .. } = self.tokens
            && self.tokens_end() > now
        {
            left.push(Survives { what: Survivor::SearchTokens { version }, until: Some(self.tokens_end()) });
        }
        left
    }

    /// Epochs that wrapped it and whose keys are not destroyed at `now`, ascending.
    fn open_epochs(&self, now: DateTime<Utc>) -> impl Iterator<Item = EpochId> {
        self.epochs.iter().filter(move |(_, ended)| ended.is_none_or(|at| at > now)).map(|(epoch, _)| *epoch)
    }

    /// When nobody finds anything by its tokens any more: their key was retired, or the last backup expired.
    fn tokens_end(&self) -> DateTime<Utc> {
        match self.tokens {
            IndexTokens::None => self.destroyed_at,
            IndexTokens::InBackups { last_expires_at, retired_at, .. } => {
                retired_at.map_or(last_expires_at, |retired| retired.min(last_expires_at))
            }
        }
    }
}
