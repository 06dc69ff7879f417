//! What a clinic settles about overseeing its log: what a person sees of those who looked, and when a pattern draws
//! attention (P-54).

use std::collections::BTreeSet;

use records_model::Role;
use serde::{Deserialize, Serialize};

use crate::{Bilingual, Language};

/// What a person is shown of those who looked at their record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LookNames {
    /// Role and unit only.
    #[default]
    Hidden,
    /// The name under which they sign in, too.
    Shown,
}

/// A unit of the clinic, by the roles that work in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Unit {
    /// Its name.
    pub name: Bilingual,
    /// Who works there.
    pub roles: Vec<Role>,
}

/// Where the rules over the log begin to speak.
///
/// No law and no sentence of the policy gives a number; a clinic moves them by what its verdicts say of each rule.
/// The defaults are the product's own choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct AlertLimits {
    /// How long before and after duty an act still counts as on duty, in minutes.
    pub duty_grace_minutes: u32,
    /// How many times the usual number of people an hour draws attention.
    pub volume_multiple: u32,
    /// Fewer people in one stretch of duty than this never do.
    pub volume_people_min: u32,
    /// While there is no habit yet, so many people in one stretch draw attention.
    pub volume_without_habit: u32,
    /// Acts outside duty, at so many different instants, draw attention.
    pub outside_duty_acts_min: u32,
    /// A telephone or e-mail that more people have than this is nobody's own.
    pub contact_people_max: u32,
    /// Refusals at so many different instants make a burst ...
    pub denials_min: u32,
    /// ... within so many minutes.
    pub denials_within_minutes: u32,
    /// Repeats that come within so many days of each other are one alert.
    pub fold_within_days: u32,
}

impl Default for AlertLimits {
    fn default() -> Self {
        Self {
            duty_grace_minutes: 60,
            volume_multiple: 3,
            volume_people_min: 15,
            volume_without_habit: 40,
            outside_duty_acts_min: 2,
            contact_people_max: 6,
            denials_min: 5,
            denials_within_minutes: 15,
            fold_within_days: 7,
        }
    }
}

/// What a clinic settles about overseeing its log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct OversightSettings {
    /// What a person is shown of those who looked.
    pub look_names: LookNames,
    /// Hours after its end within which a broken glass is reviewed (P-44).
    pub review_hours: u32,
    /// The units that a person is told, where the role alone says too little.
    pub units: Vec<Unit>,
    /// Where the rules over the log begin to speak.
    pub alerts: AlertLimits,
}

impl Default for OversightSettings {
    fn default() -> Self {
        Self {
            look_names: LookNames::Hidden,
            review_hours: 72,
            units: Vec::new(),
            alerts: AlertLimits::default(),
        }
    }
}

impl OversightSettings {
    /// The unit in which a role works, in one language.
    #[must_use]
    pub fn unit_of(&self, role: Role, language: Language) -> Option<&str> {
        self.units.iter().find(|unit| unit.roles.contains(&role)).map(|unit| unit.name.get(language))
    }

    /// Whether every unit has its name in both languages and no role works in two.
    pub(crate) fn is_sound(&self) -> bool {
        let mut seen = BTreeSet::new();
        let named = self.units.iter().all(|unit| !unit.name.is_incomplete());
        named && self.units.iter().flat_map(|unit| &unit.roles).all(|role| seen.insert(*role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clinic_moves_one_number_and_keeps_the_rest() {
        let text = "look-names = 'shown'\n[alerts]\ndenials-min = 9";
        let settings: OversightSettings = toml::from_str(text).unwrap();
        assert_eq!(settings.look_names, LookNames::Shown);
        assert_eq!(settings.alerts, AlertLimits { denials_min: 9, ..AlertLimits::default() });
        assert!(toml::from_str::<OversightSettings>("[alerts]\ndenials = 9").is_err());
    }

    #[test]
    fn a_role_works_in_one_unit() {
        let unit = |es: &str| Unit { name: Bilingual::new(es, "Ward"), roles: vec![Role::Nurse] };
        let one = OversightSettings { units: vec![unit("Piso")], ..OversightSettings::default() };
        assert!(one.is_sound());
        assert_eq!(one.unit_of(Role::Nurse, Language::Es), Some("Piso"));
        assert_eq!(one.unit_of(Role::Billing, Language::Es), None);
        let twice = OversightSettings { units: vec![unit("Piso"), unit("Otro")], ..one.clone() };
        let unnamed = OversightSettings { units: vec![unit(" ")], ..one };
        assert!(!twice.is_sound() && !unnamed.is_sound());
    }
}
