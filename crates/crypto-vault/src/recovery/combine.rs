//! Putting shares together: in memory only, and recognised before they are used.

use chrono::{DateTime, Utc};
use subtle::ConstantTimeEq;
use thiserror::Error;
use vsss_rs::Gf256;
use zeroize::{Zeroize, Zeroizing};

use super::share::{RecoveryShare, ShareLabel};
use super::split::{key_check, secret};
use crate::index::IndexRoot;
use crate::key::{EpochId, EpochKey, KeyBytes};

/// Why the keys did not come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecoveryError {
    /// The scheme refused.
    #[error("the keys cannot be shared out or put together")]
    Sharing,
    /// Fewer shares than the quorum says.
    #[error("{given} shares were given and {needed} are needed")]
    TooFew {
        /// How many different ones were given.
        given: usize,
        /// How many are needed.
        needed: u8,
    },
    /// Shares of two splits.
    #[error("the shares are of different splits: holder {holder} has another set than the first")]
    Mixed {
        /// The first holder with another set.
        holder: u8,
    },
    /// One share twice.
    #[error("the share of holder {holder} was given twice")]
    Twice {
        /// The holder.
        holder: u8,
    },
    /// What came out is not what was shared out: a share was forged.
    #[error("the shares do not give the keys that were shared out: at least one is false")]
    False,
    /// The keys came back, and are not those in use.
    #[error("the shares give other keys than those in use: share out the new ones")]
    OtherKeys,
}

/// Both keys, back in memory.
pub struct RecoveredKeys {
    /// The epoch key.
    pub epoch: EpochKey,
    /// The root of the clinic's blind indexes.
    pub index: IndexRoot,
}

/// The recovery of an epoch was tried and works. Made by [`verify_recovery`], and again from the row that was kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryVerified {
    epoch: EpochId,
    at: DateTime<Utc>,
    holders: Vec<u8>,
}

impl RecoveryVerified {
    /// A trial that was entered in the keystore's own list when [`verify_recovery`] had made it.
    #[must_use]
    pub const fn on_record(epoch: EpochId, at: DateTime<Utc>) -> Self {
        Self { epoch, at, holders: Vec::new() }
    }

    /// The epoch whose key came back.
    #[must_use]
    pub const fn epoch(&self) -> EpochId {
        self.epoch
    }

    /// When.
    #[must_use]
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Whose shares were used, in the order given; not known of a trial on record.
    #[must_use]
    pub fn holders(&self) -> &[u8] {
        &self.holders
    }
}

/// Brings both keys back. All shares given are used, also more than are needed, so a false one among them is found.
///
/// # Errors
///
/// [`RecoveryError`] if shares are too few, twice, of different splits or false.
pub fn recover(shares: &[RecoveryShare]) -> Result<RecoveredKeys, RecoveryError> {
    let label = common_label(shares)?;
    let mut values: Vec<Vec<u8>> =
        shares.iter().map(|share| [&[share.holder()], share.value().as_slice()].concat()).collect();
    let combined = Gf256::combine_bytes(values.as_slice());
    values.zeroize();
    let combined = Zeroizing::new(combined.map_err(|_| RecoveryError::Sharing)?);
    let (epoch, index) = combined.split_first_chunk::<32>().ok_or(RecoveryError::Sharing)?;
    let index: &[u8; 32] = index.try_into().map_err(|_| RecoveryError::Sharing)?;
    let mut epoch = Zeroizing::new(*epoch);
    let keys = RecoveredKeys {
        epoch: EpochKey::from_bytes(label.epoch, &mut epoch),
        index: IndexRoot::from_key(label.index, KeyBytes::copy_of(index)),
    };
    let fits: bool = key_check(label, &keys.epoch, &keys.index).ct_eq(&label.key_check).into();
    if fits { Ok(keys) } else { Err(RecoveryError::False) }
}

/// Tries a recovery against the keys in use: they are put together in memory, compared and wiped; nothing is written
/// and nothing is given out.
///
/// # Errors
///
/// [`RecoveryError`] as for [`recover`], or if other keys came back.
pub fn verify_recovery(
    shares: &[RecoveryShare],
    epoch: &EpochKey,
    index: &IndexRoot,
    now: DateTime<Utc>,
) -> Result<RecoveryVerified, RecoveryError> {
    let keys = recover(shares)?;
    let same = secret(&keys.epoch, &keys.index).ct_eq(secret(epoch, index).as_slice());
    let same_ids = keys.epoch.id() == epoch.id() && keys.index.id() == index.id();
    if !(bool::from(same) && same_ids) {
        return Err(RecoveryError::OtherKeys);
    }
    let holders = shares.iter().map(RecoveryShare::holder).collect();
    Ok(RecoveryVerified { epoch: epoch.id(), at: now, holders })
}

fn common_label(shares: &[RecoveryShare]) -> Result<&ShareLabel, RecoveryError> {
    let first = shares.first().ok_or(RecoveryError::TooFew { given: 0, needed: 2 })?;
    let label = first.label();
    if let Some(other) = shares.iter().find(|share| share.label() != label) {
        return Err(RecoveryError::Mixed { holder: other.holder() });
    }
    for (place, share) in shares.iter().enumerate() {
        if shares.iter().skip(place + 1).any(|other| other.holder() == share.holder()) {
            return Err(RecoveryError::Twice { holder: share.holder() });
        }
    }
    let needed = label.quorum.needed();
    if shares.len() < usize::from(needed) {
        return Err(RecoveryError::TooFew { given: shares.len(), needed });
    }
    Ok(label)
}
