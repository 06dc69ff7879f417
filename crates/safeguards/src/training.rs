//! Which training the clinic asks of its staff (section 5.3, P-58).

use chrono::NaiveDate;
use records_model::TrainingRecord;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a list of required modules cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TrainingError {
    /// Not a module and its version.
    #[error("a training module is a name, a hyphen and a version from 1, such as privacy-basics-3")]
    Module,
    /// No module at all: then everybody would count as trained.
    #[error("at least one training module must be required (policy section 5.3)")]
    NothingRequired,
}

/// One module that staff need, in this version or a later one; written `privacy-basics-3`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RequiredModule {
    name: String,
    version_min: u32,
}

impl RequiredModule {
    /// Reads a module with the lowest version that counts.
    ///
    /// # Errors
    ///
    /// [`TrainingError::Module`] if the text has another form.
    pub fn parse(text: &str) -> Result<Self, TrainingError> {
        let (name, version_min) = name_and_version(text).ok_or(TrainingError::Module)?;
        Ok(Self { name: name.to_owned(), version_min })
    }

    /// Whether the record is of this module, in a version that counts.
    #[must_use]
    pub fn is_met_by(&self, record: &TrainingRecord) -> bool {
        name_and_version(&record.module)
            .is_some_and(|(name, version)| name == self.name && version >= self.version_min)
    }
}

impl TryFrom<String> for RequiredModule {
    type Error = TrainingError;
    fn try_from(text: String) -> Result<Self, TrainingError> {
        Self::parse(&text)
    }
}

impl From<RequiredModule> for String {
    fn from(module: RequiredModule) -> Self {
        format!("{}-{}", module.name, module.version_min)
    }
}

fn name_and_version(text: &str) -> Option<(&str, u32)> {
    let (name, version) = text.rsplit_once('-')?;
    let version = version.parse().ok().filter(|version| *version >= 1)?;
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (!name.is_empty() && name.len() <= 64 && name.bytes().all(fits)).then_some((name, version))
}

/// Every module that staff need; never none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredTraining(Vec<RequiredModule>);

impl RequiredTraining {
    /// Reads the list of the clinic's settings (`staff.required-modules`).
    ///
    /// # Errors
    ///
    /// [`TrainingError`]: a module that cannot be read, or none at all.
    pub fn parse<T: AsRef<str>>(modules: &[T]) -> Result<Self, TrainingError> {
        if modules.is_empty() {
            return Err(TrainingError::NothingRequired);
        }
        modules.iter().map(|text| RequiredModule::parse(text.as_ref())).collect::<Result<_, _>>().map(Self)
    }

    /// The first day on which these records no longer cover every module; `None` if they do not cover it
    /// today. The expiry day itself no longer counts.
    #[must_use]
    pub fn covered_until(&self, records: &[TrainingRecord], today: NaiveDate) -> Option<NaiveDate> {
        let valid = |record: &&TrainingRecord| record.completed_on <= today && today < record.expires_on;
        let until = |module: &RequiredModule| {
            records
                .iter()
                .filter(valid)
                .filter(|record| module.is_met_by(record))
                .map(|record| record.expires_on)
                .max()
        };
        // `Option` orders `None` first, so one module that is not covered decides.
        self.0.iter().map(until).min().flatten()
    }
}
