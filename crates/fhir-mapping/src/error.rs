//! Why a bundle is refused.

use std::fmt;

use records_model::{BirthDateError, PersonNameError};
use thiserror::Error;

/// Why a bundle is refused. It is refused whole: nothing of it may be stored.
///
/// A message says where (`entry[17].resource.code.coding[0].system`) and what would be valid there; it never
/// repeats what stands there.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BundleError {
    /// Not JSON, or not UTF-8.
    #[error("not JSON: line {line}, column {column}; a bundle is one JSON object in UTF-8")]
    NotJson {
        /// Line, from 1.
        line: usize,
        /// Column, from 1; 0 before the first character of a line.
        column: usize,
    },
    /// JSON that can be read in two ways.
    #[error(
        "line {line}, column {column}: one object names a member twice, or gives a list where FHIR has a single value"
    )]
    Ambiguous {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// JSON of something else.
    #[error("resourceType: not a FHIR Bundle; valid is \"Bundle\"")]
    NotABundle,
    /// A search result, a document, ...
    #[error("type: not a transaction bundle; valid is \"transaction\"")]
    NotATransaction,
    /// Nobody to whom the entries belong.
    #[error("entry: no Patient in the bundle; a bundle holds exactly one")]
    NoPatient,
    /// More than one patient: the entries could land in the wrong chart.
    #[error(
        "entry[{second}].resource: a second Patient; the first is entry[{first}], and a bundle holds exactly one"
    )]
    SeveralPatients {
        /// Index of the first.
        first: usize,
        /// Index of the second.
        second: usize,
    },
    /// No `--source` and no identifier of the patient that names a system.
    #[error(
        "entry[{entry}].resource.identifier[0].system: the source system is not stated; pass --source NAME"
    )]
    SourceMissing {
        /// Index of the Patient.
        entry: usize,
    },
    /// The name given as source cannot be one.
    #[error("--source: a source system has 1 to {max} printable characters")]
    SourceName {
        /// Longest accepted, in bytes.
        max: usize,
    },
    /// One entry is broken.
    #[error("entry[{entry}].{path}: {problem}")]
    Entry {
        /// Index in `Bundle.entry`, from 0.
        entry: usize,
        /// Path from the entry on.
        path: String,
        /// What is wrong there.
        problem: Problem,
    },
}

/// What is wrong with one element, and what would be valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Problem {
    /// It must be there.
    #[error("missing; valid is {0}")]
    Missing(Expected),
    /// Something else stands there.
    #[error("wrong type of value; valid is {0}")]
    WrongType(Expected),
    /// A code that FHIR R4 does not have at this place.
    #[error("not a code of FHIR R4 here; valid are {}", OneOf(.0))]
    UnknownCode(&'static [&'static str]),
    /// Not a FHIR date or instant.
    #[error(
        "not a FHIR date; valid are YYYY, YYYY-MM, YYYY-MM-DD and YYYY-MM-DDThh:mm:ss with Z or an offset"
    )]
    Date,
    /// A date of birth that cannot be.
    #[error("{0}")]
    BirthDate(BirthDateError),
    /// A name that cannot be kept.
    #[error("{0}")]
    Name(PersonNameError),
    /// About a patient who is not in the bundle.
    #[error("refers to a patient who is not in the bundle; valid is a reference to the bundle's Patient")]
    ForeignPatient,
    /// About something that is no patient.
    #[error("does not refer to a patient; valid is a reference to the bundle's Patient")]
    SubjectNotPatient,
    /// Not an id.
    #[error("not a FHIR id; valid are 1 to 64 letters, digits, hyphens and dots")]
    IdForm,
    /// The same type and id, or the same fullUrl, twice.
    #[error("the same id as entry[{first}]; each id stands once in a bundle")]
    DuplicateId {
        /// Index of the first.
        first: usize,
    },
    /// Deletes or asks instead of writing.
    #[error("not a request that writes; valid are POST and PUT")]
    Method,
    /// Not base64.
    #[error("not base64; valid is base64 with padding")]
    Base64,
    /// Says plain text and is none.
    #[error("not UTF-8 text, although its contentType is text/plain")]
    NotText,
}

/// What would be valid at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// An object.
    Object,
    /// A list.
    List,
    /// A non-empty string.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A URI such as `http://loinc.org`.
    Uri,
    /// A coded concept.
    Concept,
    /// A reference.
    Reference,
    /// The name of a resource type.
    ResourceType,
    /// A date.
    Date,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Object => "an object",
            Self::List => "a list",
            Self::Text => "a string that is not empty",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Uri => "a URI such as \"http://loinc.org\"",
            Self::Concept => "a concept with a coding or a text",
            Self::Reference => "a reference such as {\"reference\": \"urn:uuid:...\"}",
            Self::ResourceType => "the name of a FHIR R4 resource type",
            Self::Date => "a FHIR date such as \"2024-03-01\"",
        })
    }
}

struct OneOf<'a>(&'a [&'static str]);

impl fmt::Display for OneOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, word) in self.0.iter().enumerate() {
            f.write_str(if position == 0 { "" } else { ", " })?;
            f.write_str(word)?;
        }
        Ok(())
    }
}

/// A problem inside an entry; the path grows outward as it is handed up, and only when something is wrong.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Innermost step last.
    path: String,
    problem: Problem,
}

impl Fault {
    pub(crate) const fn here(problem: Problem) -> Self {
        Self { path: String::new(), problem }
    }

    pub(crate) fn at(name: &str, problem: Problem) -> Self {
        Self::here(problem).under(name)
    }

    /// The same problem, seen from the object that has `name` as a member.
    pub(crate) fn under(mut self, name: &str) -> Self {
        let separator = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{name}{separator}{}", self.path);
        self
    }

    /// The same problem, seen from the list that has it at `index`.
    pub(crate) fn in_item(mut self, index: usize) -> Self {
        let separator = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("[{index}]{separator}{}", self.path);
        self
    }

    pub(crate) fn in_entry(self, entry: usize) -> BundleError {
        BundleError::Entry { entry, path: self.path, problem: self.problem }
    }
}

/// Line and column, both from 1, of a byte offset.
pub(crate) fn line_and_column(bytes: &[u8], offset: usize) -> (usize, usize) {
    let before = bytes.get(..offset).unwrap_or(bytes);
    let line = before.split(|b| *b == b'\n').count();
    let column = before.iter().rev().take_while(|b| **b != b'\n').count() + 1;
    (line, column)
}
