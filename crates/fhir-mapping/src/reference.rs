//! Who is who in a bundle: entries by `fullUrl` and by type and id, and the one patient.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;

use crate::error::Problem;

/// Where a reference leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// To an entry of the bundle.
    Entry(usize),
    /// To a resource contained in the same one, or to a party outside the bundle.
    Elsewhere,
    /// To an entry that is not there.
    Missing,
    /// To a patient who is not there.
    ForeignPatient,
}

/// The entries of one bundle, by what refers to them.
#[derive(Debug, Default)]
pub(crate) struct Directory {
    by_url: HashMap<String, usize>,
    /// `Type/id` of each entry, by its index.
    names: Vec<String>,
    by_name: HashMap<String, usize>,
    patient: usize,
    /// `system|value` of the patient's identifiers.
    patient_tokens: Vec<String>,
}

impl Directory {
    /// Adds the next entry.
    pub(crate) fn add(
        &mut self,
        full_url: Option<&str>,
        name: String,
    ) -> Result<(), (&'static str, Problem)> {
        let entry = self.names.len();
        match self.by_name.entry(name.clone()) {
            Slot::Occupied(known) => {
                return Err(("resource.id", Problem::DuplicateId { first: *known.get() }));
            }
            Slot::Vacant(free) => free.insert(entry),
        };
        if let Some(url) = full_url {
            match self.by_url.entry(url.to_owned()) {
                Slot::Occupied(known) => {
                    return Err(("fullUrl", Problem::DuplicateId { first: *known.get() }));
                }
                Slot::Vacant(free) => free.insert(entry),
            };
        }
        self.names.push(name);
        Ok(())
    }

    /// Says which entry is the patient, and by which identifiers it may be referred to.
    pub(crate) fn set_patient(&mut self, entry: usize, tokens: Vec<String>) {
        self.patient = entry;
        self.patient_tokens = tokens;
    }

    pub(crate) const fn patient(&self) -> usize {
        self.patient
    }

    /// `Type/id` of an entry.
    pub(crate) fn name(&self, entry: usize) -> &str {
        self.names.get(entry).map(String::as_str).unwrap_or_default()
    }

    /// Where a reference leads.
    pub(crate) fn resolve(&self, reference: &str) -> Target {
        if reference.starts_with('#') {
            return Target::Elsewhere;
        }
        let versionless = reference.split("/_history/").next().unwrap_or(reference);
        if let Some(entry) = self.by_url.get(versionless).or_else(|| self.by_name.get(versionless)) {
            return Target::Entry(*entry);
        }
        if let Some(token) = reference.strip_prefix("Patient?identifier=") {
            let known = self.patient_tokens.iter().any(|own| own == token);
            return if known { Target::Entry(self.patient) } else { Target::ForeignPatient };
        }
        if reference.starts_with("Patient/")
            || reference.starts_with("Patient?")
            || reference.contains("/Patient/")
        {
            return Target::ForeignPatient;
        }
        if reference.starts_with("urn:") { Target::Missing } else { Target::Elsewhere }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> Directory {
        let mut directory = Directory::default();
        directory.add(Some("urn:uuid:1"), "Patient/p".to_owned()).unwrap();
        directory.add(Some("urn:uuid:2"), "Encounter/e".to_owned()).unwrap();
        directory.set_patient(0, vec!["http://clinic|7".to_owned()]);
        directory
    }

    #[test]
    fn the_patient_is_found_by_url_by_name_and_by_identifier() {
        for reference in
            ["urn:uuid:1", "Patient/p", "Patient/p/_history/3", "Patient?identifier=http://clinic|7"]
        {
            assert_eq!(directory().resolve(reference), Target::Entry(0), "{reference}");
        }
    }

    #[test]
    fn another_patient_is_told_from_a_missing_entry_and_from_a_party_outside() {
        for reference in ["Patient/q", "Patient?identifier=http://clinic|8", "http://other/fhir/Patient/p"] {
            assert_eq!(directory().resolve(reference), Target::ForeignPatient, "{reference}");
        }
        assert_eq!(directory().resolve("urn:uuid:3"), Target::Missing);
        assert_eq!(directory().resolve("Practitioner?identifier=x|1"), Target::Elsewhere);
        assert_eq!(directory().resolve("#local"), Target::Elsewhere);
    }

    #[test]
    fn the_same_id_twice_names_the_first() {
        let mut directory = directory();
        let again = directory.add(Some("urn:uuid:3"), "Encounter/e".to_owned()).unwrap_err();
        assert_eq!(again, ("resource.id", Problem::DuplicateId { first: 1 }));
        let url = directory.add(Some("urn:uuid:2"), "Encounter/f".to_owned()).unwrap_err();
        assert_eq!(url, ("fullUrl", Problem::DuplicateId { first: 1 }));
    }
}
