//! The profiles and calendars that were read, and questions to them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use records_model::Sensitivity;
use thiserror::Error;

use crate::document::read_document;
use crate::profile::RawDocument;
use crate::{
    Calendar, CalendarId, DocumentError, NeededForm, NoConsentRow, PeriodRow, Profile, ProfileFamily, RowRef,
    TransferFinding, TransferRequest, consent,
};

/// Every profile and calendar that applies somewhere in a clinic, checked against each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LawBook {
    calendars: BTreeMap<CalendarId, Calendar>,
    profiles: Vec<Profile>,
}

/// A name that is neither a profile nor a family of profiles.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no profile and no family of profiles is called `{name}`")]
pub struct UnknownProfile {
    /// The name asked for: an id of a law, never a person's data.
    pub name: String,
}

impl LawBook {
    /// Reads files of calendars and profiles, given as (name of the file, its text), in any order;
    /// only a computed calendar stands after the calendars that it is computed from.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] names the file and the line of the first unknown key or word, of a row that breaks a
    /// rule, of a calendar that does not exist, and of a profile whose dates overlap another version's.
    pub fn parse(files: &[(&str, &str)]) -> Result<Self, DocumentError> {
        let mut documents = Vec::new();
        let mut calendars: Vec<Calendar> = Vec::new();
        for (file, text) in files {
            let mut document: RawDocument = read_document(file, text)?;
            for raw in document.calendar.drain(..) {
                let span = raw.id.span();
                let calendar = raw.check(file, text, &calendars)?;
                if calendars.iter().any(|other| other.id() == calendar.id()) {
                    return Err(DocumentError::at(
                        file,
                        text,
                        span,
                        "a calendar with this id was read before",
                    ));
                }
                calendars.push(calendar);
            }
            documents.push((*file, *text, document));
        }
        let calendars: BTreeMap<_, _> = calendars.into_iter().map(|c| (c.id().clone(), c)).collect();
        let mut profiles: Vec<Profile> = Vec::new();
        for (file, text, document) in documents {
            let Some(profile) = document.check(file, text, &|id| calendars.contains_key(id))? else {
                continue;
            };
            let problem = if profiles.iter().any(|other| other.id() == profile.id()) {
                "a profile with this id was read before"
            } else if profiles
                .iter()
                .any(|other| other.family() == profile.family() && other.overlaps(&profile))
            {
                "another version of this family is in force on some of the same days"
            } else {
                profiles.push(profile);
                continue;
            };
            let head = text.find("[profile]").unwrap_or_default();
            return Err(DocumentError::at(file, text, head..head, problem));
        }
        profiles.sort_by(|a, b| a.id().cmp(b.id()));
        Ok(Self { calendars, profiles })
    }

    /// The families that these names stand for: a name is a family, or the id of one version of it.
    ///
    /// A setting may thus name `MX-LFPDPPP-2025`, and a request received in 2024 still falls under the version
    /// of 2010 (LAW.md, M-15).
    ///
    /// # Errors
    ///
    /// [`UnknownProfile`] at the first name that is neither.
    pub fn select<'a>(
        &self,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<BTreeSet<ProfileFamily>, UnknownProfile> {
        names
            .into_iter()
            .map(|name| {
                self.profiles
                    .iter()
                    .find(|profile| profile.id().as_str() == name || profile.family().as_str() == name)
                    .map(|profile| profile.family().clone())
                    .ok_or_else(|| UnknownProfile { name: name.to_owned() })
            })
            .collect()
    }

    /// The version of a family in force on this day.
    #[must_use]
    pub fn in_force(&self, family: &ProfileFamily, on: NaiveDate) -> Option<&Profile> {
        self.profiles.iter().find(|profile| profile.family() == family && profile.is_in_force(on))
    }

    /// The versions of these families in force on this day, in the order of the families.
    pub fn all_in_force<'a>(
        &'a self,
        families: &'a BTreeSet<ProfileFamily>,
        on: NaiveDate,
    ) -> impl Iterator<Item = &'a Profile> {
        families.iter().filter_map(move |family| self.in_force(family, on))
    }

    /// All profiles, by id.
    #[must_use]
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// A calendar.
    #[must_use]
    pub fn calendar(&self, id: &CalendarId) -> Option<&Calendar> {
        self.calendars.get(id)
    }

    /// The period that a reference names, and its profile.
    #[must_use]
    pub fn period(&self, reference: &RowRef) -> Option<&PeriodRow> {
        let profile = self.profiles.iter().find(|profile| *profile.id() == reference.profile)?;
        profile.periods().iter().find(|row| row.id == reference.row)
    }

    /// How every law that applies stands to a transfer abroad (LAW.md 2.4). Each needs a mechanism of its own, so a
    /// further law never opens one (M-8).
    #[must_use]
    pub fn transfer(&self, request: &TransferRequest<'_>) -> TransferFinding {
        TransferFinding::of(request, |family| self.in_force(family, request.on))
    }

    /// The form of consent that data of this sensitivity needs on this day: the highest that any of the
    /// profiles in force asks for (LAW.md, M-6). A further profile never lowers it.
    ///
    /// # Errors
    ///
    /// [`NoConsentRow`] if none of them says anything: then nothing can be decided on consent.
    pub fn needed_form(
        &self,
        families: &BTreeSet<ProfileFamily>,
        sensitivity: Sensitivity,
        on: NaiveDate,
    ) -> Result<NeededForm, NoConsentRow> {
        consent::needed_form(self.all_in_force(families, on), sensitivity)
    }
}
