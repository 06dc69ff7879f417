//! One profile's term: what moved it and how it was counted.

use chrono::NaiveDate;
use records_model::ClauseId;
use serde::{Deserialize, Serialize};

use super::{Adjustments, DeadlineError, ExtensionGiven, PauseGiven};
use crate::count::{Count, Counted};
use crate::{
    CalendarId, Citation, CountFrom, DeadlineRow, LawBook, PauseEffect, Profile, ProfileFamily, Roll,
    RollRule, RowRef, SkippedDay, Standing, TermUnit,
};

/// One profile's term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    row: RowRef,
    family: ProfileFamily,
    standing: Standing,
    clause: Option<ClauseId>,
    citation: Citation,
    unit: TermUnit,
    amount: u32,
    extensions: Vec<ExtensionGiven>,
    extended_by: u32,
    pauses: Vec<PauseGiven>,
    reading: TermReading,
    strict: TermReading,
}

/// One way of counting a term.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermReading {
    /// The date it is counted from: the start event, or the end of a pause that restarts the term.
    pub counted_from: NaiveDate,
    /// Whether that date is itself the first day counted.
    pub first_day: CountFrom,
    /// The calendar, if one was needed.
    pub calendar: Option<CalendarId>,
    /// Every day that did not count.
    pub skipped: Vec<SkippedDay>,
    /// Whether it ended on a free day and moved.
    pub roll: Option<Roll>,
    /// The last day in time.
    pub due: NaiveDate,
}

/// What has moved a term so far.
#[derive(Default)]
struct Moved {
    extensions: Vec<ExtensionGiven>,
    pauses: Vec<(PauseEffect, PauseGiven)>,
}

/// What happened to a clock, to be taken in the order of the dates.
enum Happening<'a> {
    Extended(&'a ExtensionGiven),
    Paused(PauseEffect, &'a PauseGiven),
}

impl Happening<'_> {
    const fn date(&self) -> NaiveDate {
        match self {
            Self::Extended(given) => given.told_on,
            Self::Paused(_, given) => given.from,
        }
    }
}

impl Term {
    pub(super) fn derive(
        law: &LawBook,
        profile: &Profile,
        row: &DeadlineRow,
        started_on: NaiveDate,
        adjustments: &Adjustments,
    ) -> Result<Self, DeadlineError> {
        let reference = profile.reference(&row.id);
        let mut happenings: Vec<Happening<'_>> = Vec::new();
        for given in adjustments.extensions.iter().filter(|given| given.family == *profile.family()) {
            happenings.push(Happening::Extended(given));
        }
        for given in &adjustments.pauses {
            if let Some(rule) = row.pauses.iter().find(|rule| rule.causes.contains(given.cause)) {
                happenings.push(Happening::Paused(rule.effect, given));
            }
        }
        happenings.sort_by_key(Happening::date);
        let mut moved = Moved::default();
        for happening in happenings {
            let last_day = read(law, row, started_on, &moved, Reading::Plain)?.due;
            match happening {
                Happening::Extended(given) => {
                    check_extension(&reference, row, &moved, given, last_day)?;
                    moved.extensions.push(given.clone());
                }
                // A clock that has run out cannot be stopped, and an open pause has moved nothing yet.
                Happening::Paused(effect, given) if given.from <= last_day && given.until.is_some() => {
                    moved.pauses.push((effect, given.clone()));
                }
                Happening::Paused(..) => {}
            }
        }
        let reading = read(law, row, started_on, &moved, Reading::Plain)?;
        let strict = read(law, row, started_on, &moved, Reading::Strict)?;
        Ok(Self {
            row: reference,
            family: profile.family().clone(),
            standing: profile.standing(),
            clause: row.clause,
            citation: row.citation.clone(),
            unit: row.unit,
            amount: row.amount,
            extended_by: extended_by(row, &moved),
            extensions: moved.extensions,
            pauses: moved.pauses.into_iter().map(|(_, pause)| pause).collect(),
            reading,
            strict,
        })
    }

    /// The row it comes from.
    #[must_use]
    pub const fn row(&self) -> &RowRef {
        &self.row
    }

    /// The law or promise, whatever its version.
    #[must_use]
    pub const fn family(&self) -> &ProfileFamily {
        &self.family
    }

    /// What gives it its force.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// The clause of the policy, if it is a promise.
    #[must_use]
    pub const fn clause(&self) -> Option<ClauseId> {
        self.clause
    }

    /// Where its number is written.
    #[must_use]
    pub const fn citation(&self) -> &Citation {
        &self.citation
    }

    /// How long it is, in [`Term::unit`], without extensions.
    #[must_use]
    pub const fn amount(&self) -> u32 {
        self.amount
    }

    /// Its unit.
    #[must_use]
    pub const fn unit(&self) -> TermUnit {
        self.unit
    }

    /// How much longer extensions made it, in [`Term::unit`].
    #[must_use]
    pub const fn extended_by(&self) -> u32 {
        self.extended_by
    }

    /// The extensions that moved it.
    #[must_use]
    pub fn extensions(&self) -> &[ExtensionGiven] {
        &self.extensions
    }

    /// The pauses that moved it.
    #[must_use]
    pub fn pauses(&self) -> &[PauseGiven] {
        &self.pauses
    }

    /// How it was counted.
    #[must_use]
    pub const fn reading(&self) -> &TermReading {
        &self.reading
    }

    /// How the strict reading counts it.
    #[must_use]
    pub const fn strict(&self) -> &TermReading {
        &self.strict
    }

    /// Its last day.
    #[must_use]
    pub const fn due(&self) -> NaiveDate {
        self.reading.due
    }

    /// Its last day in the strict reading; never later than [`Term::due`].
    #[must_use]
    pub fn safe(&self) -> NaiveDate {
        self.strict.due.min(self.reading.due)
    }
}

fn check_extension(
    reference: &RowRef,
    row: &DeadlineRow,
    moved: &Moved,
    given: &ExtensionGiven,
    last_day: NaiveDate,
) -> Result<(), DeadlineError> {
    let Some(rule) = &row.extension else {
        return Err(DeadlineError::NotExtendable { row: reference.clone() });
    };
    if moved.extensions.len() >= usize::try_from(rule.times).unwrap_or(usize::MAX) {
        return Err(DeadlineError::ExtendedAlready { row: reference.clone(), times: rule.times });
    }
    if given.told_on > last_day {
        return Err(DeadlineError::ExtendedTooLate {
            row: reference.clone(),
            told_on: given.told_on,
            last_day,
        });
    }
    Ok(())
}

fn extended_by(row: &DeadlineRow, moved: &Moved) -> u32 {
    let times = u32::try_from(moved.extensions.len()).unwrap_or(u32::MAX);
    row.extension.as_ref().map_or(0, |rule| rule.amount.saturating_mul(times))
}

/// Which of the two readings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// As the row says.
    Plain,
    /// The strict calendar, the day of receipt counts, nothing rolls (LAW.md, section 3).
    Strict,
}

fn read(
    law: &LawBook,
    row: &DeadlineRow,
    started_on: NaiveDate,
    moved: &Moved,
    reading: Reading,
) -> Result<TermReading, DeadlineError> {
    let restarted = moved.pauses.iter().filter(|(effect, _)| *effect == PauseEffect::Restart);
    let counted_from = restarted.filter_map(|(_, pause)| pause.until).max().unwrap_or(started_on);
    let stopped: Vec<_> = moved
        .pauses
        .iter()
        .filter(|(effect, _)| *effect == PauseEffect::Stop)
        .filter_map(|(_, pause)| Some((pause.from, pause.until?)))
        .collect();
    let (calendar, first_day, roll) = match reading {
        Reading::Plain => (&row.calendar, row.from, row.roll),
        Reading::Strict => (
            row.strict_calendar.as_ref().map_or(&row.calendar, |_| &row.strict_calendar),
            CountFrom::SameDay,
            RollRule::None,
        ),
    };
    // Extensions are counted in one run with the term: a month after a month is not two months after the start.
    let amount = row.amount.saturating_add(extended_by(row, moved));
    let count = Count {
        unit: row.unit,
        amount,
        from: first_day,
        calendar: calendar.as_ref().and_then(|id| law.calendar(id)),
        roll,
        missing: row.missing,
        stopped: &stopped,
    };
    let Counted { due, skipped, roll } = count.run(counted_from)?;
    Ok(TermReading { counted_from, first_day, calendar: calendar.clone(), skipped, roll, due })
}
