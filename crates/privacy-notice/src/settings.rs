//! The clinic as data: `clinic.toml`.

use records_model::{ClinicId, CountryCode};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    DutyHours, FileName, KeySettings, Language, Limits, Officer, OriginProfiles, OversightSettings,
    TimeZoneName,
};

/// Why a clinic's settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// Not the form that is expected; the message names line, column and what would be valid.
    #[error("the clinic's settings cannot be read: {0}")]
    Form(#[from] toml::de::Error),
    /// No name, or one that is too long.
    #[error("the clinic's name has between 1 and 120 characters")]
    Name,
    /// No language at all, or one twice.
    #[error("name each language once, the first being the one used where a person chose none")]
    Languages,
    /// No profile applies to everybody.
    #[error("`profiles.always` must name the profiles of the clinic's own country")]
    NoProfiles,
    /// The officer has no postal address.
    #[error("`officer.postal-address` must hold at least one line")]
    NoPostalAddress,
    /// A span of duty hours without days, or that ends before it begins.
    #[error("each of the `duty-hours` names its days, and ends after it begins")]
    DutyHours,
    /// A unit without a name in both languages, or a role in two units.
    #[error(
        "each of the `oversight.units` has a name in Spanish and in English, and each role works in one of them"
    )]
    Units,
    /// Nobody would need any training.
    #[error("`staff.required-modules` must name at least one training module (policy section 5.3)")]
    NoTraining,
}

/// The files that stand beside `clinic.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClinicFiles {
    /// The clause catalogue.
    pub clauses: FileName,
    /// The notice versions.
    pub notice: FileName,
    /// The policy document.
    pub policy: FileName,
    /// The provider register.
    pub providers: FileName,
    /// The retention schedule.
    pub retention: FileName,
    /// Spanish texts.
    pub texts_es: FileName,
    /// English texts.
    pub texts_en: FileName,
}

/// What the clinic asks of its staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StaffSettings {
    /// Training modules that everybody who sees personal data needs, each with the lowest version that
    /// counts, such as `privacy-basics-3`. Crate `safeguards` reads and judges them.
    pub required_modules: Vec<String>,
}

/// One clinic, read from its `clinic.toml`.
///
/// ```
/// let text = std::fs::read_to_string("../../fixtures/clinics/elicells/clinic.toml").unwrap();
/// let clinic = privacy_notice::ClinicSettings::parse(&text).unwrap();
/// assert_eq!(clinic.country.as_str(), "MX");
/// assert!(clinic.officer.email.address().is_none(), "the policy shows a placeholder only");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClinicSettings {
    /// The clinic's id, fixed for ever: it is bound into every sealed field.
    pub id: ClinicId,
    /// Its name.
    pub name: String,
    /// Its country.
    pub country: CountryCode,
    /// Its time zone; the legal day is the day there.
    pub time_zone: TimeZoneName,
    /// The languages it speaks; the first one where a person chose none.
    pub languages: Vec<Language>,
    /// How its privacy officer is reached.
    pub officer: Officer,
    /// What it asks of its staff.
    pub staff: StaffSettings,
    /// Which profiles apply to whom.
    pub profiles: OriginProfiles,
    /// When it is at work.
    pub duty_hours: DutyHours,
    /// How old evidence may grow before a promise counts as broken.
    pub limits: Limits,
    /// What it settles about overseeing its log.
    #[serde(default)]
    pub oversight: OversightSettings,
    /// How its epoch key is kept.
    #[serde(default)]
    pub keys: KeySettings,
    /// The files beside the settings.
    pub files: ClinicFiles,
}

impl ClinicSettings {
    /// Reads `clinic.toml`.
    ///
    /// # Errors
    ///
    /// [`SettingsError`]: the form, with line and column, or the first value that cannot be used. A
    /// placeholder instead of the officer's e-mail address is refused; leave the key out until there is one.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        toml::from_str::<Self>(text)?.checked()
    }

    fn checked(self) -> Result<Self, SettingsError> {
        let mut once = self.languages.clone();
        once.sort_unstable();
        once.dedup();
        if !(1..=120).contains(&self.name.trim().chars().count()) {
            return Err(SettingsError::Name);
        }
        if once.is_empty() || once.len() != self.languages.len() {
            return Err(SettingsError::Languages);
        }
        if self.profiles.always.is_empty() {
            return Err(SettingsError::NoProfiles);
        }
        if self.officer.postal_address.iter().all(|line| line.trim().is_empty()) {
            return Err(SettingsError::NoPostalAddress);
        }
        if self.duty_hours.backwards().is_some() {
            return Err(SettingsError::DutyHours);
        }
        if !self.oversight.is_sound() {
            return Err(SettingsError::Units);
        }
        if self.staff.required_modules.is_empty() {
            return Err(SettingsError::NoTraining);
        }
        Ok(self)
    }
}
