//! What the rules need to know of the staff; all of it is declared by somebody, nothing is guessed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use records_model::{ActorId, SubjectId};
use thiserror::Error;

/// A keyed token of a whole address or a whole telephone number, as a blind index makes it. Tokens of surnames are
/// none: people who share a surname share nothing that is anybody's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContactToken([u8; 32]);

impl ContactToken {
    /// The token with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// Stretches of duty of one person, in order and apart from each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DutyHours(Vec<Range<DateTime<Utc>>>);

/// Why stretches are no duty hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DutyHoursError {
    /// One has no length.
    #[error("a stretch of duty must end after it begins")]
    Empty,
    /// Two overlap.
    #[error("two stretches of duty of one person overlap")]
    Overlap,
}

impl DutyHours {
    /// Puts stretches in order; each holds its start and not its end.
    ///
    /// # Errors
    ///
    /// [`DutyHoursError`] if one is empty or two overlap.
    pub fn new(mut stretches: Vec<Range<DateTime<Utc>>>) -> Result<Self, DutyHoursError> {
        stretches.sort_by_key(|stretch| (stretch.start, stretch.end));
        if stretches.iter().any(Range::is_empty) {
            return Err(DutyHoursError::Empty);
        }
        if stretches.array_windows().any(|[before, after]| after.start < before.end) {
            return Err(DutyHoursError::Overlap);
        }
        Ok(Self(stretches))
    }

    pub(super) fn stretches(&self) -> &[Range<DateTime<Utc>>] {
        &self.0
    }

    /// Which stretch an instant belongs to, the time for coming early and staying late included.
    pub(super) fn stretch_of(&self, at: DateTime<Utc>, grace: TimeDelta) -> Option<usize> {
        let inside = |stretch: &Range<DateTime<Utc>>| stretch.contains(&at);
        let nearby = |stretch: &Range<DateTime<Utc>>| {
            stretch.start.signed_duration_since(at) <= grace && at.signed_duration_since(stretch.end) <= grace
        };
        self.0.iter().position(inside).or_else(|| self.0.iter().position(nearby))
    }
}

/// Facts about the staff, as plain values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StaffFacts {
    /// When each was on duty. Whoever is not listed has no duty hours on file, and no rule about them speaks.
    pub duty: BTreeMap<ActorId, DutyHours>,
    /// Who of the staff is also a person whose data is held.
    pub own_person: BTreeMap<ActorId, SubjectId>,
    /// Relations that the staff declared: family, household, friends, former partners.
    pub declared_relations: BTreeSet<(ActorId, SubjectId)>,
    /// Addresses and telephone numbers of the staff.
    pub staff_contacts: BTreeMap<ActorId, BTreeSet<ContactToken>>,
    /// Addresses and telephone numbers of the people whose records are held.
    pub subject_contacts: BTreeMap<SubjectId, BTreeSet<ContactToken>>,
}

impl StaffFacts {
    /// How many people, of the staff and others, have each token.
    pub(super) fn people_by_token(&self) -> BTreeMap<ContactToken, usize> {
        let mut people = BTreeMap::new();
        for token in self.staff_contacts.values().chain(self.subject_contacts.values()).flatten() {
            *people.entry(*token).or_default() += 1;
        }
        people
    }
}
