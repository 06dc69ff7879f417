//! A person's keys, opened for one operation, and the tools that every plan may use.

use std::collections::BTreeMap;

use chacha20::ChaCha20Rng;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use crypto_vault::{
    Active, DecryptKey, Dek, DekId, EpochKey, KeyVersion, KeystoreRow, OpenedDek, Salt, SearchKeys,
    StoredKeyState, YearMonth, has_monthly_keys,
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

/// Which key seals: the one of a class, or of a month of it where keys are monthly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPlace {
    pub(crate) class: RetentionClass,
    pub(crate) month: Option<YearMonth>,
}

impl KeyPlace {
    /// The place of what is counted from `anchor_at`: what is counted from one month ends together, and with it that
    /// month's key.
    ///
    /// # Errors
    ///
    /// [`OperationError::Range`] for a month that no key can have.
    pub fn of(
        class: RetentionClass,
        anchor_at: DateTime<Utc>,
        moment: Moment<'_>,
    ) -> Result<Self, OperationError> {
        if !has_monthly_keys(class) {
            return Ok(Self { class, month: None });
        }
        let day = moment.house.zone.date_of(anchor_at);
        let (year, month) = (u16::try_from(day.year()), u8::try_from(day.month()));
        let month = year.ok().zip(month.ok()).and_then(|(year, month)| YearMonth::new(year, month));
        Ok(Self { class, month: Some(month.ok_or(OperationError::Range)?) })
    }

    /// The place of this key.
    #[must_use]
    pub const fn of_key(id: &DekId) -> Self {
        Self { class: id.class(), month: id.month() }
    }
}

impl From<RetentionClass> for KeyPlace {
    /// The place of a class whose keys are not monthly; of another there is no such key.
    fn from(class: RetentionClass) -> Self {
        Self { class, month: None }
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

    /// The key under which new content is sealed in this place.
    ///
    /// # Errors
    ///
    /// [`OperationError::KeyMissing`] if there is none.
    pub fn active(&self, place: impl Into<KeyPlace>) -> Result<&Dek<Active>, OperationError> {
        let place = place.into();
        self.keys
            .iter()
            .filter_map(OpenedDek::active)
            .filter(|dek| KeyPlace::of_key(dek.id()) == place)
            .max_by_key(|dek| dek.id().version())
            .ok_or(OperationError::KeyMissing(place.class))
    }

    /// A key and the one that seals in its place now; the same one if it seals still.
    ///
    /// # Errors
    ///
    /// [`OperationError::KeyMissing`] if there is none.
    pub fn succession(
        &self,
        class: RetentionClass,
        version: u32,
    ) -> Result<(&OpenedDek, &Dek<Active>), OperationError> {
        let from = self.version(class, version)?;
        Ok((from, self.active(KeyPlace::of_key(from.id()))?))
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

    /// Makes a key for a place, if there is none that seals; the row to store if one was made. After a disposal it
    /// has the number after the destroyed key's, and versions of several months are counted together.
    ///
    /// # Errors
    ///
    /// [`OperationError::KeyId`] for a class whose keys are monthly and no month, [`OperationError::Range`] if
    /// numbers have run out.
    pub fn ensure(
        &mut self,
        place: impl Into<KeyPlace>,
        tools: &mut Tools<'_>,
    ) -> Result<Option<KeystoreRow>, OperationError> {
        let KeyPlace { class, month } = place.into();
        if self.active(KeyPlace { class, month }).is_ok() {
            return Ok(None);
        }
        let version = match self.last.get(&class) {
            None => KeyVersion::FIRST,
            Some(last) => last.next().ok_or(OperationError::Range)?,
        };
        let id = DekId::new(self.clinic, self.subject, class, version, month)?;
        let dek = Dek::generate(id, tools.rng);
        let wrapped = tools.epoch.wrap_dek(&dek, Salt::generate(tools.rng));
        let row = KeystoreRow::new(id, StoredKeyState::Active, Some(wrapped))?;
        self.keys.push(OpenedDek::Active(dek));
        self.last.insert(class, version);
        Ok(Some(row))
    }
}
