//! Records: what is stored about a person, one item at a time.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::vocabulary::vocabulary;
use crate::{ActorId, Category, Context, Field, RecordId, RetentionClass, Set, SubjectId};

vocabulary! {
    /// What sort of item a record is.
    ContentKind, "content kind" {
        /// Names and ways of contact.
        ContactDetails = "contact-details",
        /// Date of birth.
        BirthDate = "birth-date",
        /// A condition or diagnosis.
        Condition = "condition",
        /// An allergy or intolerance.
        Allergy = "allergy",
        /// A medication ordered or taken.
        Medication = "medication",
        /// A medication given here.
        Administration = "administration",
        /// A vaccination.
        Immunization = "immunization",
        /// A procedure done.
        Procedure = "procedure",
        /// A visit.
        Encounter = "encounter",
        /// A progress note or other note.
        Note = "note",
        /// A measurement or laboratory result.
        Result = "result",
        /// A diagnostic report.
        Report = "report",
        /// A document.
        Document = "document",
        /// A plan of care.
        CarePlan = "care-plan",
        /// Who takes part in the care.
        CareTeam = "care-team",
        /// Where imported items come from.
        ProvenanceStatement = "provenance-statement",
        /// An outcome or follow-up.
        FollowUp = "follow-up",
        /// An invoice or claim.
        Invoice = "invoice",
        /// What a payer settled.
        Settlement = "settlement",
        /// A stay and its preferences.
        Stay = "stay",
        /// A photograph or video.
        Image = "image",
        /// A testimonial.
        Testimonial = "testimonial",
        /// A cell product given to a person.
        CellProduct = "cell-product",
        /// An event of the website.
        WebEvent = "web-event",
        /// An entry of the staff register.
        StaffEntry = "staff-entry",
        /// Received from elsewhere, sort unknown.
        Other = "other",
    }
}

impl ContentKind {
    /// Whether it is a medical act, which moves the retention anchor (P-20: a follow-up does, an invoice does
    /// not).
    #[must_use]
    pub const fn is_medical_act(self) -> bool {
        matches!(
            self,
            Self::Administration
                | Self::Immunization
                | Self::Procedure
                | Self::Encounter
                | Self::Note
                | Self::Result
                | Self::Report
                | Self::FollowUp
                | Self::CellProduct
                | Self::Medication
        )
    }
}

vocabulary! {
    /// Whether a record is codes, words, or both.
    ContentForm, "content form" {
        /// Codes and measured values only.
        Coded = "coded",
        /// Free text, a document or an image.
        FreeText = "free-text",
        /// Both.
        Mixed = "mixed",
    }
}

vocabulary! {
    /// What the retention period of a record is counted from.
    AnchorEvent, "anchor event" {
        /// The person's last medical act.
        LastMedicalAct = "last-medical-act",
        /// The date of the document.
        DocumentDate = "document-date",
        /// The end of the stay.
        EndOfStay = "end-of-stay",
        /// The event itself.
        Event = "event",
        /// The last contact.
        LastContact = "last-contact",
        /// The end of the consent that it proves.
        ConsentEnd = "consent-end",
        /// The end of employment.
        EndOfEmployment = "end-of-employment",
        /// The case was closed.
        CaseClosed = "case-closed",
    }
}

/// Version of a record, from 1; a correction is an addendum with the next number (P-18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct RecordVersion(u32);

impl RecordVersion {
    /// The first version.
    pub const FIRST: Self = Self(1);

    /// The version with this number; `None` for 0.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        if number == 0 { None } else { Some(Self(number)) }
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The version after this one; `None` after the last number.
    #[must_use]
    pub const fn next(self) -> Option<Self> {
        match self.0.checked_add(1) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }
}

impl TryFrom<u32> for RecordVersion {
    type Error = RecordError;
    fn try_from(number: u32) -> Result<Self, Self::Error> {
        Self::new(number).ok_or(RecordError::VersionZero)
    }
}

impl From<RecordVersion> for u32 {
    fn from(version: RecordVersion) -> Self {
        version.0
    }
}

/// Where an imported record came from; the same place again changes nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceIdentity {
    /// The system it came from.
    pub system: String,
    /// The kind of resource there.
    pub resource: String,
    /// Its id there.
    pub id: String,
}

impl fmt::Debug for SourceIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SourceIdentity({}, ..)", self.resource)
    }
}

vocabulary! {
    /// Whether an imported record says who wrote it.
    ExternalAuthor, "external author" {
        /// It does.
        Known = "known",
        /// It does not.
        NotStated = "not-stated",
    }
}

/// Who wrote a record, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "origin", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Provenance {
    /// Written here: the author and the time are always known (P-16).
    Authored {
        /// Who wrote it.
        author: ActorId,
        /// When.
        at: DateTime<Utc>,
    },
    /// Received from elsewhere.
    External {
        /// Where from.
        source: SourceIdentity,
        /// Whether it says who wrote it.
        author: ExternalAuthor,
    },
}

/// What can be said of a record without opening it.
///
/// Bound into the sealed content: id, subject, version, category, kind, class, and what it reveals. Not bound: the
/// form, the context, where it came from and the anchor, which moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordHead {
    /// The record.
    pub id: RecordId,
    /// The person it is about.
    pub subject: SubjectId,
    /// Its version.
    pub version: RecordVersion,
    /// Its category.
    pub category: Category,
    /// What sort of item it is.
    pub kind: ContentKind,
    /// Codes, words, or both.
    pub form: ContentForm,
    /// Where it was collected (P-5).
    pub context: Context,
    /// With what it is kept and destroyed.
    pub class: RetentionClass,
    /// A value in it reveals health although its category does not say so.
    pub reveals_health: bool,
    /// It holds genetic results.
    pub genetic: bool,
    /// Who wrote it.
    pub provenance: Provenance,
    /// What its retention is counted from.
    pub anchor: AnchorEvent,
    /// When that was.
    pub anchor_at: DateTime<Utc>,
}

/// The text of one field, wiped from memory when dropped. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct FieldValue(Zeroizing<String>);

impl FieldValue {
    /// Takes a text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FieldValue(..)")
    }
}

impl From<String> for FieldValue {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for FieldValue {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}

/// The fields of one record, at most as many as its category has.
pub type RecordContent = BTreeMap<Field, FieldValue>;

/// A record whose fields belong to its category; card numbers are refused where none may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    head: RecordHead,
    content: RecordContent,
}

/// Why a record is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// A field that its category does not have.
    #[error("a record of category {category} has no field `{field}`")]
    FieldOutsideCategory {
        /// The category.
        category: Category,
        /// The field.
        field: Field,
    },
    /// No field at all.
    #[error("a record needs at least one field")]
    Empty,
    /// A card number in payment, travel or contact data.
    #[error(
        "the field `{field}` looks like it holds a payment card number; store the payment processor's token instead"
    )]
    CardNumber {
        /// The field.
        field: Field,
    },
    /// Version 0.
    #[error("versions are counted from 1")]
    VersionZero,
}

impl Record {
    /// Puts a record together.
    ///
    /// # Errors
    ///
    /// [`RecordError`] if there is no field, a field is not of the category, or a field of a category that is
    /// not medical holds a card number. In clinical text the writer decides (mask it, or confirm that it is
    /// none), so that a note is never lost.
    pub fn new(head: RecordHead, content: RecordContent) -> Result<Self, RecordError> {
        if content.is_empty() {
            return Err(RecordError::Empty);
        }
        let allowed = Field::of_category(head.category);
        for (field, value) in &content {
            if !allowed.contains(*field) {
                return Err(RecordError::FieldOutsideCategory { category: head.category, field: *field });
            }
            if !head.category.is_medical() && crate::find_card_number(value.as_str()).is_some() {
                return Err(RecordError::CardNumber { field: *field });
            }
        }
        Ok(Self { head, content })
    }

    /// What can be said of it without opening it.
    #[must_use]
    pub const fn head(&self) -> &RecordHead {
        &self.head
    }

    /// Its fields.
    #[must_use]
    pub const fn content(&self) -> &RecordContent {
        &self.content
    }

    /// Which fields it has.
    #[must_use]
    pub fn fields(&self) -> Set<Field> {
        self.content.keys().copied().collect()
    }

    /// Its two parts.
    #[must_use]
    pub fn into_parts(self) -> (RecordHead, RecordContent) {
        (self.head, self.content)
    }
}
