//! Counting one term: from a day, in a unit, over the free days of a calendar.

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Calendar, CountFrom, FreeDay, MissingDay, RollRule, TermUnit, add_months_back};

/// A day that was not counted, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case", deny_unknown_fields)]
pub enum SkippedDay {
    /// It is free in the calendar.
    Free {
        /// The day.
        on: NaiveDate,
        /// Why it is free.
        because: FreeDay,
    },
    /// The clock stood still.
    Paused {
        /// The day.
        on: NaiveDate,
    },
}

/// A term that ended on a free day and moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roll {
    /// Where it would have ended.
    pub from: NaiveDate,
    /// Why that day is free.
    pub because: FreeDay,
}

/// Why a term cannot be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CountError {
    /// Past the last date that the calendar can hold: the start is no real date.
    #[error("the term ends after the last date that a calendar can hold")]
    OutOfCalendar,
}

/// How one term is counted.
pub(crate) struct Count<'a> {
    pub(crate) unit: TermUnit,
    pub(crate) amount: u32,
    pub(crate) from: CountFrom,
    pub(crate) calendar: Option<&'a Calendar>,
    pub(crate) roll: RollRule,
    pub(crate) missing: MissingDay,
    /// Each from the day after the first to the second, both dates at the clinic.
    pub(crate) stopped: &'a [(NaiveDate, NaiveDate)],
}

/// A counted term.
pub(crate) struct Counted {
    pub(crate) due: NaiveDate,
    pub(crate) skipped: Vec<SkippedDay>,
    pub(crate) roll: Option<Roll>,
}

impl Count<'_> {
    /// Counts from the date of the start event.
    pub(crate) fn run(&self, start: NaiveDate) -> Result<Counted, CountError> {
        let mut skipped = Vec::new();
        let end = match self.unit {
            TermUnit::CalendarDay | TermUnit::BusinessDay => self.days(start, &mut skipped)?,
            TermUnit::Month => self.months(start, &mut skipped)?,
        };
        let (due, roll) = match self.roll {
            RollRule::None => (end, None),
            RollRule::NextWorkingDay => self.rolled(end)?,
        };
        Ok(Counted { due, skipped, roll })
    }

    fn days(&self, start: NaiveDate, skipped: &mut Vec<SkippedDay>) -> Result<NaiveDate, CountError> {
        let mut day = start;
        let mut left = self.amount;
        // Counting from the same day looks at the start itself first.
        let mut look_first = self.from == CountFrom::SameDay && left > 0;
        while left > 0 {
            if !std::mem::take(&mut look_first) {
                day = next(day)?;
            }
            if self.is_stopped(day) {
                skipped.push(SkippedDay::Paused { on: day });
            } else if let Some(because) = self.free(day) {
                skipped.push(SkippedDay::Free { on: day, because });
            } else {
                left -= 1;
            }
        }
        Ok(day)
    }

    /// Only business days look at the calendar while counting; other units use it to roll.
    fn free(&self, day: NaiveDate) -> Option<FreeDay> {
        match self.unit {
            TermUnit::BusinessDay => self.calendar.and_then(|calendar| calendar.free_day(day)),
            TermUnit::CalendarDay | TermUnit::Month => None,
        }
    }

    fn months(&self, start: NaiveDate, skipped: &mut Vec<SkippedDay>) -> Result<NaiveDate, CountError> {
        let mut end = add_months_back(start, self.amount).ok_or(CountError::OutOfCalendar)?;
        if self.missing == MissingDay::NextWorkingDay && end.day() != start.day() {
            end = self.rolled(next(end)?)?.0;
        }
        // Every day on which the clock stood still comes on top, once.
        let mut day = start;
        while day < end {
            day = next(day)?;
            if self.is_stopped(day) {
                skipped.push(SkippedDay::Paused { on: day });
                end = next(end)?;
            }
        }
        Ok(end)
    }

    fn rolled(&self, end: NaiveDate) -> Result<(NaiveDate, Option<Roll>), CountError> {
        let Some(calendar) = self.calendar else { return Ok((end, None)) };
        let Some(because) = calendar.free_day(end) else { return Ok((end, None)) };
        let mut day = end;
        while !calendar.is_working(day) {
            day = next(day)?;
        }
        Ok((day, Some(Roll { from: end, because })))
    }

    fn is_stopped(&self, day: NaiveDate) -> bool {
        self.stopped.iter().any(|(from, until)| *from < day && day <= *until)
    }
}

fn next(day: NaiveDate) -> Result<NaiveDate, CountError> {
    day.checked_add_days(Days::new(1)).ok_or(CountError::OutOfCalendar)
}
