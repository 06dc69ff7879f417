//! FHIR R4 transaction bundles in: the only crate that knows FHIR.
//!
//! [`read_bundle`] takes the bytes of one bundle about one patient and gives a typed plan: the person, the
//! records to store, each in its data category, and a report of everything that was counted or left out. It
//! does no I/O and reads no clock, stores nothing, and makes no consent: a FHIR `Consent` is kept unclassified
//! and never read as a permission.
//!
//! # Which resource lands where
//!
//! | resource | category | kind |
//! |---|---|---|
//! | Patient | identity-contact; birth-date; emergency-contact for each `contact`; medical-history if deceased | contact-details, birth-date, other |
//! | Condition, `AllergyIntolerance`, Immunization | medical-history | condition, allergy, immunization |
//! | Observation: laboratory, imaging, exam, procedure, or no category | laboratory | result |
//! | Observation: vital-signs, survey, activity, therapy | outcomes | result |
//! | Observation: social-history | medical-history | result |
//! | `MedicationRequest`, Medication, `MedicationAdministration` | medications | medication, administration |
//! | Procedure, Encounter, `CarePlan`, `CareTeam`, Provenance | treatment-notes | by name |
//! | `DiagnosticReport` with results, or of a diagnostic section | laboratory | report |
//! | `DiagnosticReport` that is a plain note | treatment-notes | note |
//! | `DocumentReference`: text; other; laboratory, imaging, pathology; image or video | treatment-notes; laboratory; clinical-images | note, document, image |
//! | Claim, `ExplanationOfBenefit` | payment, revealing health | invoice, settlement |
//! | any other type | unclassified: sealed, counted, read by nobody | other |
//!
//! Genetic results (by section, profile, LOINC code or words; a doubtful one counts) carry the flag `genetic`,
//! and as observations they always land in laboratory.
//!
//! # What an item holds
//!
//! The fields that a list shows (code, words, value, unit, date, status, author, dose, note) stand apart; the
//! rest of the resource, filtered, is the canonical JSON in `source-document`. Plain text attachments are
//! decoded into `note` and not kept a second time. References inside the bundle are named by type and id.
//! `meta.versionId` and `meta.lastUpdated` are no content: they change with every export.
//!
//! # What is left out
//!
//! Whatever the policy does not name, counted by element: of a Patient everything without a field here; of all
//! resources government identifiers, race, ethnicity, religion, marital status, birth place, photographs,
//! geolocation and the like, wherever they are nested, the answers of observations that ask for them, the
//! patient's name shown with a reference, narratives that were generated from the data, and elements that FHIR
//! R4 does not define. Government numbers and card numbers are masked in texts. A clinical note is otherwise
//! kept word by word: it is the author's statement, and may mention what no field may hold.
//!
//! # Why no FHIR library
//!
//! The generated type libraries model all of FHIR (some 150 resource types, thousands of types) to read and
//! write any of it. Needed here is the opposite: a small, strict subset of seventeen types, faults that name a
//! path without repeating a value, decimals as written, and the remaining JSON to be filtered as JSON.

mod bundle;
mod clinical;
mod date;
mod document;
mod draft;
mod elements;
mod error;
mod extract;
mod filter;
mod fingerprint;
mod genetic;
mod item;
mod json;
mod map;
mod medication;
mod observation;
mod patient;
mod payment;
mod phone;
mod reference;
mod resource;
#[cfg(any(test, feature = "proptest"))]
pub mod testing;
mod unnamed;

pub use bundle::read_bundle;
pub use error::{BundleError, Expected, Problem};
pub use item::{Fingerprint, ImportOptions, ImportReport, ImportedBundle, ImportedItem, ImportedPatient};
