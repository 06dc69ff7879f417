//! The nouns of a clinic's privacy policy.
//!
//! Everything here is a *word* or a *value*: which categories of data there are, which purposes, which
//! recipients, what a record is, who acts. No rule lives here; the crates that hold rules share these
//! nouns and never each other.
//!
//! - A [`Vocabulary`] is a closed list of words with frozen codes. A word that is not in the list cannot be
//!   read, stored or asked about.
//! - A value that exists is valid: there is one way in, also for JSON, and its error never repeats the text,
//!   because the text may be somebody's name.
//! - `Debug` of a value that identifies a person shows no part of it.
//!
//! ```
//! use records_model::{Category, Sensitivity, Set, Vocabulary};
//!
//! let asked: Set<Category> = Set::of(&[Category::Laboratory, Category::Travel]);
//! assert!(asked.iter().any(|category| category.sensitivity() == Sensitivity::Sensitive));
//! assert_eq!(Category::parse("laboratory"), Ok(Category::Laboratory));
//! ```

mod actor;
mod card;
mod category;
mod clause;
mod clearance;
mod contact;
mod fact;
mod field;
mod file;
mod id;
mod key_label;
mod purpose;
mod recipient;
mod record;
mod request;
mod restriction;
mod retention_class;
mod set;
mod subject;
mod vocabulary;

#[cfg(any(test, feature = "proptest"))]
pub mod testing;

pub use actor::{Actor, Role};
pub use card::{CardNumberFound, find_card_number, mask_card_numbers};
pub use category::{Category, CategoryGroup, Context, Sensitivity};
pub use clause::{ClauseId, ClauseIdError};
pub use clearance::{BackgroundCheck, Clearance, TrainingRecord, Undertaking};
pub use contact::{
    BirthDate, BirthDateError, CountryCode, CountryCodeError, EmailAddress, EmailAddressError, PhoneNumber,
    PhoneNumberError,
};
pub use fact::{Fact, Polarity};
pub use field::Field;
pub use file::{FileKind, FileLabel, FileName, FileNameError, MediaType, MediaTypeError};
pub use id::{
    ActorId, AlertId, BackupId, BlockId, CaseId, ClinicId, ConsentId, DisposalId, EntryId, EvidenceId,
    HoldId, NoticeVersionId, NoticeVersionIdError, PolicyVersionId, ProviderId, RecordId, RecoveryId,
    RestrictionId, RuleId, SubjectId, SuspensionId, TextIdError, UndescribedPurposeId,
};
pub use key_label::{KeyLabel, KeyLabelError};
pub use purpose::Purpose;
pub use recipient::{CountryClass, RecipientClass};
pub use record::{
    AnchorEvent, ContentForm, ContentKind, ExternalAuthor, FieldValue, Provenance, Record, RecordContent,
    RecordError, RecordHead, RecordVersion, SourceIdentity,
};
pub use request::{Action, ConsentForm, Detail, Ground};
pub use restriction::{LegalHold, Restriction, RestrictionKind, RestrictionScope};
pub use retention_class::RetentionClass;
pub use set::Set;
pub use subject::{PersonName, PersonNameError, SubjectKind};
pub use vocabulary::{UnknownWord, Vocabulary, nearest};
