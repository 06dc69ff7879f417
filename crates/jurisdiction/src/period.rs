//! Retention periods as rows: how long, from what, and which way a missing date moves.

use chrono::{Datelike, NaiveDate};
use records_model::{AnchorEvent, ClauseId, RetentionClass, Set};

use crate::{Citation, Direction, PeriodUnit, RowId, add_months_back, add_months_forward};

/// What a retention period is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeriodStart {
    /// The date of an event of the record or of the person.
    Anchor(AnchorEvent),
    /// The last day of the calendar year after the event: not earlier than an annual return for it is due.
    EndOfNextYear(AnchorEvent),
    /// The day on which the person comes of age.
    Majority {
        /// Age in completed years.
        age_years: u8,
    },
    /// The day on which the data was cancelled, or its purpose ended.
    Cancellation,
}

/// One row: keep at least, at most, or locked away so long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodRow {
    /// Its id.
    pub id: RowId,
    /// The classes it speaks of.
    pub classes: Set<RetentionClass>,
    /// Which way it binds.
    pub direction: Direction,
    /// How long, in `unit`.
    pub amount: u32,
    /// The unit.
    pub unit: PeriodUnit,
    /// Counted from.
    pub start: PeriodStart,
    /// The clause of the policy it stands in, if it does.
    pub clause: Option<ClauseId>,
    /// Where it is written.
    pub citation: Citation,
}

impl PeriodRow {
    /// The last day of the period, given the date of its start: an anchor, a date of birth for
    /// [`PeriodStart::Majority`], or a cancellation.
    ///
    /// A floor is kept *through* this day; a ceiling allows this day and no later one. A missing date moves a
    /// floor forward and a ceiling back (LAW.md, M-3, M-4). `None` past the last date that the calendar holds.
    #[must_use]
    pub fn last_day(&self, start: NaiveDate) -> Option<NaiveDate> {
        let from = match self.start {
            PeriodStart::Anchor(_) | PeriodStart::Cancellation => start,
            PeriodStart::EndOfNextYear(_) => NaiveDate::from_ymd_opt(start.year().checked_add(1)?, 12, 31)?,
            PeriodStart::Majority { age_years } => add_months_forward(start, u32::from(age_years) * 12)?,
        };
        let months = match self.unit {
            PeriodUnit::Day => return from.checked_add_days(chrono::Days::new(u64::from(self.amount))),
            PeriodUnit::Month => self.amount,
            PeriodUnit::Year => self.amount.checked_mul(12)?,
        };
        match self.direction {
            Direction::Floor | Direction::Blocking => add_months_forward(from, months),
            Direction::Ceiling => add_months_back(from, months),
        }
    }
}
