//! By when: one term for every profile that applies, the earliest of them, and how each was counted.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

mod term;

pub use term::{Term, TermReading};

use crate::{
    Bound, ClinicZone, CountError, LawBook, PauseCause, ProfileFamily, Right, RowRef, StartEvent, Step,
    earliest_ceiling, zone_tables,
};

/// By when something has to be done for a right, asked of a [`LawBook`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadlineRequest {
    /// The right.
    pub right: Right,
    /// What has to be done.
    pub step: Step,
    /// The event that starts the clock; rows that count from another event do not apply.
    pub event: StartEvent,
    /// When that event was.
    pub started_at: DateTime<Utc>,
    /// The families of profiles that apply.
    pub families: BTreeSet<ProfileFamily>,
}

/// What happened to the clocks after they started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Adjustments {
    /// Extensions, each of one family's term.
    pub extensions: Vec<ExtensionGiven>,
    /// Pauses; each stops the clocks of the profiles that know its cause.
    pub pauses: Vec<PauseGiven>,
}

/// One extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtensionGiven {
    /// Whose term.
    pub family: ProfileFamily,
    /// Date at the clinic on which the person was told.
    pub told_on: NaiveDate,
}

/// One pause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PauseGiven {
    /// Why.
    pub cause: PauseCause,
    /// Date at the clinic on which the clock was stopped; the first day that does not count is the next one.
    pub from: NaiveDate,
    /// Date on which the person answered. While it is open, no date moves: it moves when the answer is there.
    pub until: Option<NaiveDate>,
}

/// By when, with its derivation.
///
/// The dates are computed from the terms, never stored beside them, so they cannot disagree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "DeadlineParts")]
pub struct Deadline {
    right: Right,
    step: Step,
    event: StartEvent,
    started_at: DateTime<Utc>,
    started_on: NaiveDate,
    zone: ClinicZone,
    zone_tables: String,
    first: Term,
    others: Vec<Term>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeadlineParts {
    right: Right,
    step: Step,
    event: StartEvent,
    started_at: DateTime<Utc>,
    started_on: NaiveDate,
    zone: ClinicZone,
    zone_tables: String,
    first: Term,
    others: Vec<Term>,
}

/// Why there is no deadline.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DeadlineError {
    /// No profile that applies has a row for it.
    #[error(
        "no profile that applies sets a time for the step {step} of the right {right}, counted from {event}"
    )]
    NoTerm {
        /// The right.
        right: Right,
        /// The step.
        step: Step,
        /// The start event.
        event: StartEvent,
    },
    /// An extension of a family that has no term here.
    #[error("{family} sets no time here, so there is nothing to extend")]
    NothingToExtend {
        /// The family.
        family: ProfileFamily,
    },
    /// An extension that the row does not know.
    #[error("{row} knows no extension")]
    NotExtendable {
        /// The row.
        row: RowRef,
    },
    /// One extension too many.
    #[error("{row} may be extended {times} time(s), and was")]
    ExtendedAlready {
        /// The row.
        row: RowRef,
        /// How often it may be.
        times: u32,
    },
    /// The person was told after the term had ended.
    #[error("the extension of {row} was told on {told_on}, after the term ended on {last_day}")]
    ExtendedTooLate {
        /// The row.
        row: RowRef,
        /// When the person was told.
        told_on: NaiveDate,
        /// Last day on which it could be told.
        last_day: NaiveDate,
    },
    /// An extension or pause dated before the start, or a pause that ends before it begins.
    #[error("an extension or a pause is dated before the clock started, or ends before it begins")]
    Backwards,
    /// The stored derivation does not fit its own start.
    #[error("the date of the start event is not the date of its instant at the clinic")]
    StartDate,
    /// The term cannot be counted.
    #[error(transparent)]
    Count(#[from] CountError),
}

impl LawBook {
    /// Counts every term that applies; the version of each law in force on the date of the start event governs.
    ///
    /// - `zone`: the clinic's time zone, in which the start event gets its date.
    /// - `adjustments`: extensions and pauses; each moves only the terms that know it (LAW.md, M-2).
    ///
    /// # Errors
    ///
    /// [`DeadlineError`] if no profile sets a time, or an adjustment is not one that its row allows. A pause
    /// that began after a term had ended does not revive that term; it is no error.
    pub fn deadline(
        &self,
        request: &DeadlineRequest,
        zone: ClinicZone,
        adjustments: &Adjustments,
    ) -> Result<Deadline, DeadlineError> {
        let DeadlineRequest { right, step, event, started_at, families } = request;
        let started_on = zone.date_of(*started_at);
        adjustments.check(started_on)?;
        let mut terms = Vec::new();
        for profile in self.all_in_force(families, started_on) {
            if let Some(row) = profile.deadline(*right, *step).filter(|row| row.event == *event) {
                terms.push(Term::derive(self, profile, row, started_on, adjustments)?);
            }
        }
        let extends = |term: &Term, extension: &ExtensionGiven| term.family() == &extension.family;
        if let Some(stray) =
            adjustments.extensions.iter().find(|given| !terms.iter().any(|term| extends(term, given)))
        {
            return Err(DeadlineError::NothingToExtend { family: stray.family.clone() });
        }
        let mut terms = terms.into_iter();
        let first =
            terms.next().ok_or(DeadlineError::NoTerm { right: *right, step: *step, event: *event })?;
        Ok(Deadline {
            right: *right,
            step: *step,
            event: *event,
            started_at: *started_at,
            started_on,
            zone,
            zone_tables: zone_tables().to_owned(),
            first,
            others: terms.collect(),
        })
    }
}

impl Adjustments {
    fn check(&self, started_on: NaiveDate) -> Result<(), DeadlineError> {
        let backwards = self.extensions.iter().any(|extension| extension.told_on < started_on)
            || self
                .pauses
                .iter()
                .any(|pause| pause.from < started_on || pause.until.is_some_and(|until| until < pause.from));
        if backwards { Err(DeadlineError::Backwards) } else { Ok(()) }
    }
}

impl Deadline {
    /// Every term, in the order of the families.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        std::iter::once(&self.first).chain(&self.others)
    }

    fn committed(&self) -> Bound {
        let term = &self.first;
        let start = Bound { on: term.due(), rows: vec![term.row().clone()] };
        earliest_ceiling(self.terms().map(|term| (term.due(), term.row().clone()))).unwrap_or(start)
    }

    /// The earliest date over the promise and every profile: the last day on which it is in time, to the end of
    /// that day at the clinic (LAW.md, M-1).
    #[must_use]
    pub fn committed_due(&self) -> NaiveDate {
        self.committed().on
    }

    /// The rows that set [`Deadline::committed_due`]; ties keep all of them.
    #[must_use]
    pub fn set_by(&self) -> Vec<RowRef> {
        self.committed().rows
    }

    /// The strict reading, on which alarms run; never later than [`Deadline::committed_due`].
    #[must_use]
    pub fn safe_due(&self) -> NaiveDate {
        self.terms().map(Term::safe).min().unwrap_or_else(|| self.first.safe())
    }

    /// The right.
    #[must_use]
    pub const fn right(&self) -> Right {
        self.right
    }

    /// What has to be done.
    #[must_use]
    pub const fn step(&self) -> Step {
        self.step
    }

    /// The event that started the clock.
    #[must_use]
    pub const fn event(&self) -> StartEvent {
        self.event
    }

    /// When that was.
    #[must_use]
    pub const fn started_at(&self) -> DateTime<Utc> {
        self.started_at
    }

    /// The date of that at the clinic.
    #[must_use]
    pub const fn started_on(&self) -> NaiveDate {
        self.started_on
    }

    /// The clinic's time zone.
    #[must_use]
    pub const fn zone(&self) -> ClinicZone {
        self.zone
    }

    /// Version of the time zone tables that gave the date.
    #[must_use]
    pub fn zone_tables(&self) -> &str {
        &self.zone_tables
    }
}

impl TryFrom<DeadlineParts> for Deadline {
    type Error = DeadlineError;

    fn try_from(parts: DeadlineParts) -> Result<Self, Self::Error> {
        // Tables change; a date stored under older ones stands, but never a day or more off.
        let distance = (parts.zone.date_of(parts.started_at) - parts.started_on).num_days().abs();
        if distance > 1 {
            return Err(DeadlineError::StartDate);
        }
        let DeadlineParts { right, step, event, started_at, started_on, zone, zone_tables, first, others } =
            parts;
        Ok(Self { right, step, event, started_at, started_on, zone, zone_tables, first, others })
    }
}
