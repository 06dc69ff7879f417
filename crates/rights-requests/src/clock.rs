//! Whether an answer is, or was, in time: always computed, never set.

use chrono::NaiveDate;
use jurisdiction::Deadline;

use crate::{Case, RightItem, RightState};

/// How a clock stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// It runs.
    Running {
        /// Days left; 0 on the last day.
        days_left: i64,
    },
    /// It ran out, and nothing was done.
    Overdue {
        /// Days since the last day.
        days: i64,
    },
    /// It was done in time.
    InTime,
    /// It was done after the last day.
    Late {
        /// Days after the last day.
        days: i64,
    },
}

impl Clock {
    fn read(deadline: &Deadline, done_on: Option<NaiveDate>, today: NaiveDate) -> Self {
        let due = deadline.committed_due();
        match done_on {
            Some(done) if done > due => Self::Late { days: (done - due).num_days() },
            Some(_) => Self::InTime,
            None if today > due => Self::Overdue { days: (today - due).num_days() },
            None => Self::Running { days_left: (due - today).num_days() },
        }
    }

    /// Whether the committed date was missed.
    #[must_use]
    pub const fn is_missed(self) -> bool {
        matches!(self, Self::Overdue { .. } | Self::Late { .. })
    }
}

impl RightItem {
    /// How the clock of the answer stands; `today` is the date at the clinic.
    #[must_use]
    pub fn answer_clock(&self, today: NaiveDate) -> Clock {
        let zone = self.answer_by.zone();
        Clock::read(&self.answer_by, self.state.answered_at().map(|at| zone.date_of(at)), today)
    }

    /// How the clock of carrying it out stands; `None` if no law sets one, or nothing was granted.
    #[must_use]
    pub fn execution_clock(&self, today: NaiveDate) -> Option<Clock> {
        let deadline = self.execute_by.as_ref()?;
        let done_on = match &self.state {
            RightState::Executed { at, .. } => Some(deadline.zone().date_of(*at)),
            _ => None,
        };
        Some(Clock::read(deadline, done_on, today))
    }

    /// From this day on an alarm runs, as long as no answer went out: the strict reading.
    #[must_use]
    pub fn alarm_from(&self) -> Option<NaiveDate> {
        self.state.answered_at().is_none().then(|| self.answer_by.safe_due())
    }
}

/// How many answers are and were in time (P-69).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OnTimeReport {
    /// Answered in time.
    pub in_time: u64,
    /// Answered late.
    pub late: u64,
    /// Not answered, and past the date.
    pub overdue: u64,
    /// Not answered, and in time so far.
    pub running: u64,
}

impl OnTimeReport {
    /// Adds every right of a case, as it stands on this date at the clinic.
    pub fn add(&mut self, case: &Case, today: NaiveDate) {
        for item in case.items().values() {
            let count = match item.answer_clock(today) {
                Clock::Running { .. } => &mut self.running,
                Clock::Overdue { .. } => &mut self.overdue,
                Clock::InTime => &mut self.in_time,
                Clock::Late { .. } => &mut self.late,
            };
            *count += 1;
        }
    }

    /// Whether the promise to answer in time was broken at all.
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        self.late > 0 || self.overdue > 0
    }
}
