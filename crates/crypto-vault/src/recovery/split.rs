//! Sharing out: Shamir's scheme over bytes, by the crate `vsss-rs`.

use chrono::NaiveDate;
use rand_core::CryptoRng;
use thiserror::Error;
use vsss_rs::Gf256;
use zeroize::{Zeroize, Zeroizing};

use super::share::{RecoveryShare, ShareLabel};
use super::{RecoveryError, SECRET_BYTES};
use crate::index::IndexRoot;
use crate::kdf::expand;
use crate::key::EpochKey;

/// How many of how many people bring the keys back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quorum {
    needed: u8,
    holders: u8,
}

/// Why there is no such quorum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a recovery has 2 to {} holders, and needs two of them or more", Quorum::HOLDERS_MAX)]
pub struct QuorumError;

impl Quorum {
    /// Two of three: one may be away, and nobody can do it alone.
    pub const TWO_OF_THREE: Self = Self { needed: 2, holders: 3 };
    /// Most people. The number is ours.
    pub const HOLDERS_MAX: u8 = 16;

    /// `needed` of `holders` people.
    ///
    /// # Errors
    ///
    /// [`QuorumError`] unless two at least are needed, and there are that many, and not more than the most.
    pub const fn new(needed: u8, holders: u8) -> Result<Self, QuorumError> {
        if needed >= 2 && needed <= holders && holders <= Self::HOLDERS_MAX {
            Ok(Self { needed, holders })
        } else {
            Err(QuorumError)
        }
    }

    /// How many are needed.
    #[must_use]
    pub const fn needed(self) -> u8 {
        self.needed
    }

    /// How many there are.
    #[must_use]
    pub const fn holders(self) -> u8 {
        self.holders
    }
}

impl Default for Quorum {
    fn default() -> Self {
        Self::TWO_OF_THREE
    }
}

/// Shares out the epoch key and the index root: one share a holder, from 1. Fewer than the quorum says learn
/// nothing about either.
///
/// ```
/// use crypto_vault::testing::{CountingRng, example_index_root_id};
/// use crypto_vault::{EpochId, EpochKey, IndexRoot, Quorum, recover, split_recovery};
///
/// let mut rng = CountingRng::new(1); // the product passes the runtime's own source of randomness
/// let epoch = EpochKey::generate(EpochId::FIRST, &mut rng);
/// let index = IndexRoot::generate(example_index_root_id(), &mut rng);
/// let date = chrono::NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
///
/// let mut shares = split_recovery(&epoch, &index, Quorum::TWO_OF_THREE, date, &mut rng)?;
/// shares.remove(1); // any two will do
/// assert_eq!(recover(&shares)?.epoch.id(), EpochId::FIRST);
/// # Ok::<(), crypto_vault::RecoveryError>(())
/// ```
///
/// # Errors
///
/// [`RecoveryError::Sharing`] if the scheme refuses, which no quorum makes it do.
pub fn split_recovery(
    epoch: &EpochKey,
    index: &IndexRoot,
    quorum: Quorum,
    date: NaiveDate,
    rng: &mut impl CryptoRng,
) -> Result<Vec<RecoveryShare>, RecoveryError> {
    let mut set = [0; 8];
    rng.fill_bytes(&mut set);
    let mut label =
        ShareLabel { index: index.id(), epoch: epoch.id(), quorum, date, set, key_check: [0; 16] };
    label.key_check = key_check(&label, epoch, index);
    let secret = secret(epoch, index);
    let (needed, holders) = (usize::from(quorum.needed()), usize::from(quorum.holders()));
    let values = Gf256::split_bytes(needed, holders, secret.as_slice(), rng);
    let mut values = values.map_err(|_| RecoveryError::Sharing)?;
    let share = |value: &Vec<u8>| {
        let (holder, value) = value.split_first()?;
        value.try_into().ok().map(|value| RecoveryShare::new(label, *holder, value))
    };
    let shares = values.iter().map(share).collect::<Option<Vec<_>>>();
    values.zeroize();
    shares.ok_or(RecoveryError::Sharing)
}

/// Epoch key, then index root.
pub(super) fn secret(epoch: &EpochKey, index: &IndexRoot) -> Zeroizing<[u8; SECRET_BYTES]> {
    let mut secret = Zeroizing::new([0; SECRET_BYTES]);
    let keys = epoch.bytes().expose().iter().chain(index.bytes().expose());
    secret.iter_mut().zip(keys).for_each(|(to, from)| *to = *from);
    secret
}

/// Recognises both keys for this label. Derived under the epoch key, so it says nothing about either.
pub(super) fn key_check(label: &ShareLabel, epoch: &EpochKey, index: &IndexRoot) -> [u8; 16] {
    let info: [&[u8]; 5] = [
        b"resguardo/vault/v1/recovery-check\0",
        &label.set,
        &label.epoch.number().to_be_bytes(),
        &label.index.encode(),
        index.bytes().expose(),
    ];
    let okm = expand::<1>(epoch.bytes().expose(), &info);
    let mut check = [0; 16];
    check.iter_mut().zip(okm.iter().flatten()).for_each(|(to, from)| *to = *from);
    check
}
