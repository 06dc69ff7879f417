//! Every version of a clinic's notice, old ones included: `notice.toml` (P-87).

use std::fmt::Write as _;

use chrono::NaiveDate;
use records_model::NoticeVersionId;
use serde::Deserialize;
use thiserror::Error;

use crate::{ClauseCatalogue, ContentHash, Language, NoticeVersion};

/// Why an archive of notices cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// Not the form that is expected; the message names line, column and what would be valid.
    #[error("the notice versions cannot be read: {0}")]
    Form(#[from] toml::de::Error),
    /// No version at all.
    #[error("an archive holds at least one notice version")]
    Empty,
    /// Twice the same id.
    #[error("the notice version {0} stands twice")]
    Twice(NoticeVersionId),
    /// Two versions of one language could hold on the same first day.
    #[error("{0} and {1} could begin on the same day; two versions cannot share an interval")]
    SharedInterval(NoticeVersionId, NoticeVersionId),
    /// `superseded-by` names another version than the next one, or is missing.
    #[error("{0} must say that the version after it supersedes it, and the newest version nothing")]
    Succession(NoticeVersionId),
    /// The date changed and the text did not (P-89).
    #[error("{0} and {1} have the same text; the date changes if and only if the text does")]
    SameText(NoticeVersionId, NoticeVersionId),
}

/// Every version of a clinic's notice, by language and by date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeArchive(Vec<NoticeVersion>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArchiveDraft {
    version: Vec<NoticeVersion>,
}

impl NoticeArchive {
    /// Reads a `notice.toml`.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`]: the form, with line and column, or the first versions that cannot stand together.
    pub fn parse(text: &str) -> Result<Self, ArchiveError> {
        Self::of(toml::from_str::<ArchiveDraft>(text)?.version)
    }

    /// An archive of these versions, in any order.
    ///
    /// # Errors
    ///
    /// As [`NoticeArchive::parse`].
    pub fn of(mut versions: Vec<NoticeVersion>) -> Result<Self, ArchiveError> {
        if versions.is_empty() {
            return Err(ArchiveError::Empty);
        }
        versions.sort_by_key(|version| (version.language, version.effective_from.for_duties()));
        for (at, version) in versions.iter().enumerate() {
            if versions.iter().skip(at + 1).any(|other| other.id == version.id) {
                return Err(ArchiveError::Twice(version.id.clone()));
            }
            let next = versions.get(at + 1).filter(|next| next.language == version.language);
            check_succession(version, next)?;
        }
        Ok(Self(versions))
    }

    /// The versions, by language and by date.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &NoticeVersion> + Clone {
        self.0.iter()
    }

    /// One version, old or new.
    #[must_use]
    pub fn get(&self, id: &NoticeVersionId) -> Option<&NoticeVersion> {
        self.0.iter().find(|version| version.id == *id)
    }

    /// The version whose duties bind the clinic on that day; `None` before the first one.
    #[must_use]
    pub fn in_force(&self, language: Language, day: NaiveDate) -> Option<&NoticeVersion> {
        self.newest(language, |version| version.effective_from.for_duties() <= day)
    }

    /// The version on which the clinic may rest a claim on that day.
    #[must_use]
    pub fn in_force_for_claims(&self, language: Language, day: NaiveDate) -> Option<&NoticeVersion> {
        self.newest(language, |version| version.effective_from.for_claims() <= day)
    }

    /// How many versions no longer have the text they were published with: `text_of` gives the archived text,
    /// or `None` if it is lost. This is the evidence of P-87: an old version can be handed out unchanged.
    #[must_use]
    pub fn mismatches(&self, text_of: impl Fn(&NoticeVersion) -> Option<String>) -> u64 {
        let changed = |version: &&NoticeVersion| {
            text_of(version).is_none_or(|text| ContentHash::of(&text) != version.content_hash)
        };
        self.iter().filter(changed).map(|_| 1).sum()
    }

    fn newest(&self, language: Language, holds: impl Fn(&NoticeVersion) -> bool) -> Option<&NoticeVersion> {
        self.0.iter().rev().find(|version| version.language == language && holds(version))
    }
}

fn check_succession(version: &NoticeVersion, next: Option<&NoticeVersion>) -> Result<(), ArchiveError> {
    if version.superseded_by.as_ref() != next.map(|next| &next.id) {
        return Err(ArchiveError::Succession(version.id.clone()));
    }
    let Some(next) = next else { return Ok(()) };
    if next.effective_from.for_duties() <= version.effective_from.for_claims() {
        return Err(ArchiveError::SharedInterval(version.id.clone(), next.id.clone()));
    }
    if next.content_hash == version.content_hash {
        return Err(ArchiveError::SameText(version.id.clone(), next.id.clone()));
    }
    Ok(())
}

/// The notice that a catalogue makes: every promise under its section, in one language. It is this text that
/// the server shows and that a version's content hash is taken of.
///
/// One line a promise, its section first, so that two versions compare line by line.
#[must_use]
pub fn notice_text(catalogue: &ClauseCatalogue, language: Language) -> String {
    catalogue.iter().fold(String::new(), |mut text, clause| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} {} {}", clause.section, clause.id, clause.promise.get(language));
        text
    })
}
