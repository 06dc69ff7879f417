//! Which bodies of rules apply to a person, by where they live (P-93).

use std::collections::BTreeMap;
use std::fmt;

use records_model::CountryCode;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a text of the clinic's settings is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NameError {
    /// Not the id of a profile.
    #[error("a profile is written in letters, digits, dots and hyphens, at most 64 of them")]
    Profile,
    /// Not a place of residence.
    #[error("a residence is a country such as MX, or a country and a part of it such as CA-QC (ISO 3166-2)")]
    Residence,
    /// Not the name of a time zone.
    #[error("a time zone is written as in the IANA list, such as America/Monterrey")]
    TimeZone,
    /// Not the name of a file beside the settings.
    #[error("a file is named by letters, digits, dots and hyphens, without a folder")]
    File,
}

/// Declares a short text with one way in.
macro_rules! name {
    ($(#[$meta:meta])* $name:ident, $error:ident, $fits:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads the text.
            ///
            /// # Errors
            ///
            /// [`NameError`] says what form it has.
            pub fn parse(text: &str) -> Result<Self, NameError> {
                let fits: fn(&str) -> bool = $fits;
                if fits(text) { Ok(Self(text.to_owned())) } else { Err(NameError::$error) }
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

fn is_plain(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
        && !text.starts_with('.')
}

name! {
    /// The name of a law: a family of profiles such as `MX-LFPDPPP`, or one version of it. That it exists is
    /// checked where the profiles are at hand (`LawBook::select`).
    ProfileName, Profile, is_plain
}

name! {
    /// The name of an IANA time zone. That the zone exists is checked by whoever holds the tables.
    TimeZoneName, TimeZone, |text| {
        (1..=64).contains(&text.len())
            && text.split('/').all(|part| {
                !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+'))
            })
    }
}

name! {
    /// The name of a file in the clinic's folder.
    FileName, File, is_plain
}

name! {
    /// Where somebody lives: a country (`MX`) or a part of one (`CA-QC`, ISO 3166-2).
    Residence, Residence, |text| {
        let (country, part) = text.split_once('-').unwrap_or((text, "A"));
        country.len() == 2
            && country.bytes().all(|b| b.is_ascii_uppercase())
            && (1..=3).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    }
}

impl Residence {
    /// Somewhere in a country.
    #[must_use]
    pub fn country(country: CountryCode) -> Self {
        Self(country.as_str().to_owned())
    }

    /// The country alone.
    fn country_part(&self) -> &str {
        self.0.get(..2).unwrap_or(&self.0)
    }
}

/// Which profiles apply to whom: the clinic's own promise and the law of its country to everybody, the law of
/// the home to who lives there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OriginProfiles {
    /// The profile of the clinic's own policy: a promise, not a law, so no transfer hangs on it.
    pub promise: ProfileName,
    /// The laws that apply to every person, in this order.
    pub always: Vec<ProfileName>,
    /// Rules on keeping records, which apply to every person too; no transfer hangs on them.
    #[serde(default)]
    pub records: Vec<ProfileName>,
    /// The laws that apply on top, by residence.
    #[serde(default)]
    pub residence: BTreeMap<Residence, Vec<ProfileName>>,
}

impl OriginProfiles {
    /// The laws of a person who lives there: `always`, then the country's, then the part's, each once. Each of
    /// them needs its own mechanism before data leaves the country (M-8).
    ///
    /// A residence without an entry adds nothing and never takes anything away.
    #[must_use]
    pub fn origins_of(&self, residence: &Residence) -> Vec<ProfileName> {
        self.collect(Vec::new(), residence)
    }

    /// Everything that sets dates for that person: the clinic's promise, the rules on records, then
    /// [`origins_of`](Self::origins_of).
    #[must_use]
    pub fn applying_to(&self, residence: &Residence) -> Vec<ProfileName> {
        let first = std::iter::once(&self.promise).chain(&self.records).cloned().collect();
        self.collect(first, residence)
    }

    fn collect(&self, mut found: Vec<ProfileName>, residence: &Residence) -> Vec<ProfileName> {
        let country = Residence(residence.country_part().to_owned());
        let by_place =
            [&country, residence].into_iter().filter_map(|place| self.residence.get(place)).flatten();
        for profile in self.always.iter().chain(by_place) {
            if !found.contains(profile) {
                found.push(profile.clone());
            }
        }
        found
    }
}
