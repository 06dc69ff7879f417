//! All versions of the data key of one class of one person: which seals, which opens, and what comes next.

use rand_core::CryptoRng;
use thiserror::Error;

use super::SurvivorsResealed;
use crate::envelope::Salt;
use crate::key::{
    Active, Dek, DekId, DekIdError, EpochKey, KeyVersion, KeystoreRow, KeystoreRowError, StoredKeyState,
    YearMonth,
};

/// The keys of one clinic, person and class, ascending by version, destroyed ones included: a number is never
/// given twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyVersions {
    rows: Vec<KeystoreRow>,
    minimum: KeyVersion,
}

/// Why rows are not the versions of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyVersionsError {
    /// Keys of two clinics, persons or classes.
    #[error("the keys are of different clinics, persons or retention classes")]
    Mixed,
    /// One number, two keys.
    #[error("there are two keys of version {version}")]
    Twice {
        /// The number.
        version: KeyVersion,
    },
    /// Two keys that seal, of one class or, where keys are monthly, of one month.
    #[error("the keys of versions {first} and {second} both seal")]
    BothSeal {
        /// The first of them.
        first: KeyVersion,
        /// The second.
        second: KeyVersion,
    },
    /// Every number was used.
    #[error("there is no version after the last one")]
    NoNext,
    /// No such key can be.
    #[error("{0}")]
    Id(#[from] DekIdError),
    /// No such row can be.
    #[error("{0}")]
    Row(#[from] KeystoreRowError),
}

/// Why content of a version does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VersionRefused {
    /// Everything was sealed anew under later versions: such content was put back from an older copy.
    #[error("content of version {version} is refused: everything was resealed from version {minimum} on")]
    BelowMinimum {
        /// Its version.
        version: KeyVersion,
        /// The lowest accepted one.
        minimum: KeyVersion,
    },
    /// No such key was ever made.
    #[error("there is no key of version {version}")]
    Unknown {
        /// The version.
        version: KeyVersion,
    },
    /// It no longer opens.
    #[error("the key of version {version} is {state}")]
    State {
        /// The version.
        version: KeyVersion,
        /// Its state.
        state: StoredKeyState,
    },
}

/// What a rotation gives: the key that seals from now on, and the rows as they are to be stored.
pub struct RotatedKey {
    /// The new key.
    pub dek: Dek<Active>,
    /// Every version, the earlier ones retired.
    pub versions: KeyVersions,
}

impl KeyVersions {
    /// Puts the versions together. `minimum` is the lowest version whose content is still accepted; it is stored
    /// with the class and only rises.
    ///
    /// # Errors
    ///
    /// [`KeyVersionsError`] if the rows are not the versions of one key.
    pub fn new(mut rows: Vec<KeystoreRow>, minimum: KeyVersion) -> Result<Self, KeyVersionsError> {
        rows.sort_by_key(|row| row.id().version());
        for (row, next) in rows.iter().zip(rows.iter().skip(1)) {
            if !row.id().is_of_same_class(next.id()) {
                return Err(KeyVersionsError::Mixed);
            }
            if row.id().version() == next.id().version() {
                return Err(KeyVersionsError::Twice { version: row.id().version() });
            }
        }
        let sealing = || rows.iter().filter(|row| row.state() == StoredKeyState::Active).map(KeystoreRow::id);
        for (place, first) in sealing().enumerate() {
            if let Some(second) = sealing().skip(place + 1).find(|id| id.month() == first.month()) {
                let (first, second) = (first.version(), second.version());
                return Err(KeyVersionsError::BothSeal { first, second });
            }
        }
        Ok(Self { rows, minimum })
    }

    /// The rows, ascending by version.
    #[must_use]
    pub fn rows(&self) -> &[KeystoreRow] {
        &self.rows
    }

    /// The lowest version whose content is accepted.
    #[must_use]
    pub const fn minimum(&self) -> KeyVersion {
        self.minimum
    }

    /// The key that seals, in this month where keys are monthly.
    #[must_use]
    pub fn sealing(&self, month: Option<YearMonth>) -> Option<&KeystoreRow> {
        let seals = |row: &&KeystoreRow| row.state() == StoredKeyState::Active && row.id().month() == month;
        self.rows.iter().find(seals)
    }

    /// The key for content that names this version. No other is tried.
    ///
    /// # Errors
    ///
    /// [`VersionRefused`] if the version is below the minimum, unknown, or no longer opens.
    pub fn opening(&self, version: KeyVersion) -> Result<&KeystoreRow, VersionRefused> {
        if version < self.minimum {
            return Err(VersionRefused::BelowMinimum { version, minimum: self.minimum });
        }
        let row = self.rows.iter().find(|row| row.id().version() == version);
        let row = row.ok_or(VersionRefused::Unknown { version })?;
        if row.state().opens() { Ok(row) } else { Err(VersionRefused::State { version, state: row.state() }) }
    }

    /// Makes the next version, wraps it, and retires the one that sealed until now (of this month, where keys are
    /// monthly; `place` then names the month, and its own version counts for nothing).
    ///
    /// # Errors
    ///
    /// [`KeyVersionsError`] if the place is another's or numbers have run out.
    pub fn rotate(
        &self,
        place: &DekId,
        epoch: &EpochKey,
        rng: &mut impl CryptoRng,
    ) -> Result<RotatedKey, KeyVersionsError> {
        let version = match self.rows.last() {
            None => KeyVersion::FIRST,
            Some(last) => last.id().version().next().ok_or(KeyVersionsError::NoNext)?,
        };
        let id = DekId::new(place.clinic(), place.subject(), place.class(), version, place.month())?;
        let dek = Dek::generate(id, rng);
        let wrapped = epoch.wrap_dek(&dek, Salt::generate(rng));
        let retired = |row: &KeystoreRow| {
            if row.id().month() == id.month() {
                row.retire().unwrap_or_else(|_| row.clone())
            } else {
                row.clone()
            }
        };
        let mut rows: Vec<_> = self.rows.iter().map(retired).collect();
        rows.push(KeystoreRow::new(id, StoredKeyState::Active, Some(wrapped))?);
        Ok(RotatedKey { dek, versions: Self::new(rows, self.minimum)? })
    }

    /// Refuses content of the resealed version and of every earlier one of these keys from now on.
    ///
    /// Where keys are monthly, versions of several months live side by side, so the minimum stays below the lowest
    /// version that still opens.
    #[must_use]
    pub fn raise_minimum(mut self, resealed: &SurvivorsResealed) -> Self {
        let is_ours = self.rows.iter().any(|row| row.id() == resealed.from());
        let older_open = self
            .rows
            .iter()
            .filter(|row| row.state().opens() && row.id() != resealed.from())
            .map(|row| row.id().version())
            .min();
        if let Some(lowest) = older_open.filter(|_| is_ours) {
            self.minimum = self.minimum.max(lowest.min(resealed.to().version()));
        }
        self
    }
}
