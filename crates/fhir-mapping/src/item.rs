//! What an import yields: the items of one patient, and a report of what was counted.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use records_model::{
    AnchorEvent, BirthDate, Category, ContentForm, ContentKind, Context, CountryCode, EmailAddress,
    ExternalAuthor, PersonName, PhoneNumber, RecordContent, RetentionClass, SourceIdentity,
};
use serde::Serialize;

/// What the caller decides about an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportOptions {
    /// Name of the system that the bundle comes from; if absent, the system of the patient's first identifier.
    pub source: Option<String>,
    /// The date at the clinic.
    pub today: NaiveDate,
}

/// One bundle, read: a typed plan of what to store. Nothing in it is a consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedBundle {
    /// The system that the items come from.
    pub source_system: String,
    /// The person.
    pub patient: ImportedPatient,
    /// Every item: first those of the patient, then one for each further entry, in the order of the bundle.
    pub items: Vec<ImportedItem>,
    /// What was counted.
    pub report: ImportReport,
}

/// The person whom the bundle is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedPatient {
    /// Where from.
    pub identity: SourceIdentity,
    /// Official name, else the usual one, else the first that is not an old one.
    pub name: PersonName,
    /// Date of birth, if all of it is stated.
    pub birth_date: Option<BirthDate>,
    /// Telephone numbers that could be put in E.164 form.
    pub phones: Vec<PhoneNumber>,
    /// E-mail addresses that are valid.
    pub emails: Vec<EmailAddress>,
    /// Country of residence, if stated as ISO 3166-1 alpha-2 or a form known here.
    pub residence_country: Option<CountryCode>,
}

/// One record to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedItem {
    /// With the clinic, what makes it the same item when it comes again.
    pub identity: SourceIdentity,
    /// Its category.
    pub category: Category,
    /// What sort of item it is.
    pub kind: ContentKind,
    /// Codes, words, or both.
    pub form: ContentForm,
    /// With what it is kept and destroyed.
    pub class: RetentionClass,
    /// A value in it reveals health although its category does not say so.
    pub reveals_health: bool,
    /// It holds genetic results.
    pub genetic: bool,
    /// Whether it says who wrote it, itself or through a Provenance of the bundle.
    pub author: ExternalAuthor,
    /// Where it was collected.
    pub context: Context,
    /// What its retention is counted from.
    pub anchor: AnchorEvent,
    /// When that was; never after the day of the import.
    pub anchor_at: DateTime<Utc>,
    /// Its fields, all of its category.
    pub content: RecordContent,
    /// Equal exactly if the content is equal, whatever the order of members and the white space were.
    pub fingerprint: Fingerprint,
}

/// SHA-256 of an item's content.
///
/// A birth date has few possible values, so its hash gives it away to whoever tries them all: **never store or
/// log a fingerprint as it is**. Store it through a keyed function (a blind index) or sealed. `Debug` hides it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub(crate) [u8; 32]);

impl Fingerprint {
    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(..)")
    }
}

/// What was counted in one bundle, or in several added up; it holds names of elements and numbers only.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ImportReport {
    /// Entries read.
    pub resources: usize,
    /// Entries of each resource type.
    pub by_type: BTreeMap<String, usize>,
    /// Items of each category.
    pub by_category: BTreeMap<Category, usize>,
    /// Entries of types that have no category here, kept sealed as unclassified.
    pub unclassified_types: BTreeMap<String, usize>,
    /// Elements that the policy does not name, by place, with how often each was left out.
    pub left_out: BTreeMap<String, usize>,
    /// Card numbers that were masked.
    pub card_numbers_masked: usize,
    /// Telephone numbers kept as given, because they could not be put in E.164 form.
    pub phones_not_normalised: usize,
    /// E-mail addresses kept as given, because they are not valid.
    pub emails_not_valid: usize,
    /// Items without a date of their own: counted from the person's last medical act.
    pub without_date: usize,
    /// Items dated after the day of the import: counted from that day.
    pub dated_in_future: usize,
    /// References to entries that are not in the bundle.
    pub references_unresolved: usize,
    /// Items without a subject, taken to be about the bundle's only patient.
    pub subjects_assumed: usize,
    /// Items that hold genetic results.
    pub genetic: usize,
    /// FHIR Consents: kept unclassified, never read as a permission.
    pub consents_not_read: usize,
}

impl ImportReport {
    /// Adds the counts of another bundle.
    pub fn add(&mut self, other: &Self) {
        add_all(&mut self.by_type, &other.by_type);
        add_all(&mut self.by_category, &other.by_category);
        add_all(&mut self.unclassified_types, &other.unclassified_types);
        add_all(&mut self.left_out, &other.left_out);
        self.resources += other.resources;
        self.card_numbers_masked += other.card_numbers_masked;
        self.phones_not_normalised += other.phones_not_normalised;
        self.emails_not_valid += other.emails_not_valid;
        self.without_date += other.without_date;
        self.dated_in_future += other.dated_in_future;
        self.references_unresolved += other.references_unresolved;
        self.subjects_assumed += other.subjects_assumed;
        self.genetic += other.genetic;
        self.consents_not_read += other.consents_not_read;
    }
}

fn add_all<K: Ord + Clone>(sum: &mut BTreeMap<K, usize>, other: &BTreeMap<K, usize>) {
    for (key, count) in other {
        *sum.entry(key.clone()).or_default() += count;
    }
}
