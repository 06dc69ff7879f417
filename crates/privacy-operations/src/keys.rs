//! A person's keys, opened for one operation, and the tools that every plan may use.

use std::collections::BTreeMap;

use chacha20::ChaCha20Rng;
use chrono::{DateTime, NaiveDate, Utc};
use crypto_vault::{
    Active, DecryptKey, Dek, DekId, EpochKey, KeyVersion, KeystoreRow, OpenedDek, Salt, SearchKeys,
    StoredKeyState,
};
use records_model::{ClinicId, RetentionClass, SubjectId};

use crate::{House, OperationError};

/// What a plan may use besides the loaded facts: rules, keys, time and randomness, all brought by the caller.
pub struct Tools<'a> {
    /// The clinic's documents, verified.
    pub house: &'a House,
    /// The key that wraps every data key.
    pub epoch: &'a EpochKey,
    /// The keys of the clinic's blind indexes.
    pub search: &'a SearchKeys,
    /// Version of the blind indexes.
    pub index_version: u32,
    /// The instant at which the operation arrived; ids are made from it.
    pub arrival: DateTime<Utc>,
    /// The instant of the decision, read after the locks.
    pub now: DateTime<Utc>,
    /// Randomness.
    pub rng: &'a mut ChaCha20Rng,
}

impl Tools<'_> {
    /// Today's date at the clinic.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.moment().today()
    }

    /// What a decision needs of them.
    #[must_use]
    pub const fn moment(&self) -> Moment<'_> {
        Moment { house: self.house, now: self.now }
    }
}

/// By which documents, and when.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The clinic's documents, verified.
    pub house: &'a House,
    /// The instant of the decision, read after the locks.
    pub now: DateTime<Utc>,
}

impl Moment<'_> {
    /// The date at the clinic.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.house.zone.date_of(self.now)
    }
}

/// The data keys of one person, opened.
pub struct KeyRing {
    clinic: ClinicId,
    subject: SubjectId,
    keys: Vec<OpenedDek>,
    /// The last version of each class, destroyed ones included: a number is never used again.
    last: BTreeMap<RetentionClass, KeyVersion>,
}

impl KeyRing {
    /// Opens the stored keys of a person that still open something; the rows hold the destroyed ones too.
    ///
    /// # Errors
    ///
    /// [`OperationError::Unwrap`] if a key was wrapped for another place or under another epoch.
    pub fn open(
        clinic: ClinicId,
        subject: SubjectId,
        epoch: &EpochKey,
        rows: &[KeystoreRow],
    ) -> Result<Self, OperationError> {
        let opened = rows.iter().filter(|row| row.state().opens()).map(|row| epoch.open_dek(row));
        let mut last = BTreeMap::new();
        for id in rows.iter().map(KeystoreRow::id) {
            let version = last.entry(id.class()).or_insert(id.version());
            *version = id.version().max(*version);
        }
        Ok(Self { clinic, subject, keys: opened.collect::<Result<_, _>>()?, last })
    }

    /// A ring without keys, for a person who is being entered.
    #[must_use]
    pub const fn empty(clinic: ClinicId, subject: SubjectId) -> Self {
        Self { clinic, subject, keys: Vec::new(), last: BTreeMap::new() }
    }

    /// The key under which new content of this class is sealed.
    ///
    /// # Errors
    ///
    /// [`OperationError::KeyMissing`] if there is none.
    pub fn active(&self, class: RetentionClass) -> Result<&Dek<Active>, OperationError> {
        self.keys
            .iter()
            .filter_map(OpenedDek::active)
            .filter(|dek| dek.id().class() == class)
            .max_by_key(|dek| dek.id().version())
            .ok_or(OperationError::KeyMissing(class))
    }

    /// The key of this class and version.
    ///
    /// # Errors
    ///
    /// [`OperationError::KeyMissing`] if there is none.
    pub fn version(&self, class: RetentionClass, version: u32) -> Result<&OpenedDek, OperationError> {
        self.keys
            .iter()
            .find(|dek| dek.id().class() == class && dek.id().version().number() == version)
            .ok_or(OperationError::KeyMissing(class))
    }

    /// Makes a key of a class, if there is none that seals; the row to store if one was made. After a disposal it
    /// has the number after the destroyed key's.
    ///
    /// # Errors
    ///
    /// [`OperationError::KeyId`] for a class whose keys are monthly.
    pub fn ensure(
        &mut self,
        class: RetentionClass,
        tools: &mut Tools<'_>,
    ) -> Result<Option<KeystoreRow>, OperationError> {
        if self.active(class).is_ok() {
            return Ok(None);
        }
        let version = match self.last.get(&class) {
            None => KeyVersion::FIRST,
            Some(last) => last.next().ok_or(OperationError::Range)?,
        };
        let id = DekId::new(self.clinic, self.subject, class, version, None)?;
        let dek = Dek::generate(id, tools.rng);
        let wrapped = tools.epoch.wrap_dek(&dek, Salt::generate(tools.rng));
        let row = KeystoreRow::new(id, StoredKeyState::Active, Some(wrapped))?;
        self.keys.push(OpenedDek::Active(dek));
        self.last.insert(class, version);
        Ok(Some(row))
    }
}
