//! The example clinics, carried in the binary: a demonstration needs no other file.

use crate::ClinicFiles;

/// Which example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExampleClinic {
    /// The clinic in Nuevo León.
    Elicells,
    /// The invented second one, in another country.
    Brisa,
}

/// The documents of a clinic's folder.
macro_rules! clinic_folder {
    ($folder:literal: $($name:literal)+) => {
        &[$(($name, include_str!(concat!("../../../fixtures/clinics/", $folder, "/", $name)))),+]
    };
}

/// The jurisdiction profiles, which every clinic shares.
macro_rules! profiles {
    ($($name:literal)+) => {
        &[$((concat!("profiles/", $name), include_str!(concat!("../../../fixtures/profiles/", $name)))),+]
    };
}

type Files = &'static [(&'static str, &'static str)];

const ELICELLS: Files = clinic_folder!("elicells": "clinic.toml" "clauses.toml" "notice.toml" "policy.toml"
    "providers.toml" "retention.toml" "texts.es.toml" "texts.en.toml");

const BRISA: Files = clinic_folder!("brisa": "clinic.toml" "clauses.toml" "notice.toml" "policy.toml"
    "providers.toml" "retention.toml" "texts.es.toml" "texts.en.toml");

const PROFILES: Files = profiles!("br-lgpd.toml" "ca-pipeda.toml" "ca-qc-25.toml" "calendars.toml"
    "cell-traceability.toml" "es-records.toml" "eu-gdpr.toml" "mx-lfpdppp-2010.toml" "mx-lfpdppp-2025.toml" "mx-records.toml" "uk-gdpr.toml"
    "us-ca-ccpa.toml" "us-hipaa.toml" "us-wa-mhmda.toml");

/// Each clinic's own promises as a profile; both bear the same id, so a clinic has one.
const ELICELLS_PROMISES: Files = profiles!("clinic-policy-elicells.toml");
const BRISA_PROMISES: Files = profiles!("clinic-policy-brisa.toml");

/// The documents of an example clinic, profiles included.
#[must_use]
pub fn example_clinic(which: ExampleClinic) -> ClinicFiles {
    let (clinic, promises) = match which {
        ExampleClinic::Elicells => (ELICELLS, ELICELLS_PROMISES),
        ExampleClinic::Brisa => (BRISA, BRISA_PROMISES),
    };
    let owned = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
    clinic.iter().chain(promises).chain(PROFILES).map(owned).collect()
}
