//! Calendars of working days, read from rows: weekends, fixed dates, "first Monday of", single dates.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::document::Located;
use crate::{CalendarId, Confidence, DocumentError};

/// Why a day is free in a calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum FreeDay {
    /// A day of the weekend.
    Weekend,
    /// A holiday of the list.
    Holiday {
        /// Its name.
        name: String,
    },
}

/// A calendar of working days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    id: CalendarId,
    source: String,
    confidence: Confidence,
    days: Days,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Days {
    Own { weekend: Vec<Weekday>, holidays: Vec<Holiday> },
    FreeWhereAll(Vec<Calendar>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Holiday {
    name: String,
    rule: HolidayRule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HolidayRule {
    Fixed { month: u32, day: u32, cycle: Option<Cycle> },
    NthWeekday { month: u32, nth: u8, weekday: Weekday },
    Once(NaiveDate),
}

/// Every so many years from a first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cycle {
    from_year: i32,
    every_years: i32,
}

impl HolidayRule {
    fn falls_on(self, date: NaiveDate) -> bool {
        match self {
            Self::Fixed { month, day, cycle } => {
                (date.month(), date.day()) == (month, day)
                    && cycle.is_none_or(|cycle| {
                        date.year() >= cycle.from_year
                            && (date.year() - cycle.from_year) % cycle.every_years == 0
                    })
            }
            Self::NthWeekday { month, nth, weekday } => {
                date.month() == month && date.weekday() == weekday && date.day().div_ceil(7) == u32::from(nth)
            }
            Self::Once(on) => date == on,
        }
    }
}

impl Calendar {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &CalendarId {
        &self.id
    }

    /// Where its list comes from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// How sure the list is.
    #[must_use]
    pub const fn confidence(&self) -> Confidence {
        self.confidence
    }

    /// Why this day is free; `None` on a working day.
    ///
    /// A computed calendar is free where all its members are: it has the fewest free days, so a term counted
    /// with it ends no later than with any member.
    #[must_use]
    pub fn free_day(&self, date: NaiveDate) -> Option<FreeDay> {
        match &self.days {
            Days::Own { weekend, holidays } => {
                if weekend.contains(&date.weekday()) {
                    return Some(FreeDay::Weekend);
                }
                holidays
                    .iter()
                    .find(|holiday| holiday.rule.falls_on(date))
                    .map(|holiday| FreeDay::Holiday { name: holiday.name.clone() })
            }
            Days::FreeWhereAll(members) => {
                let mut first = None;
                for member in members {
                    let free = member.free_day(date)?;
                    first = first.or(Some(free));
                }
                first
            }
        }
    }

    /// Whether work is done on this day.
    #[must_use]
    pub fn is_working(&self, date: NaiveDate) -> bool {
        self.free_day(date).is_none()
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct RawCalendar {
    pub(crate) id: Located<CalendarId>,
    source: String,
    confidence: Confidence,
    #[serde(default)]
    weekend: Vec<Located<String>>,
    #[serde(default)]
    holidays: Vec<Located<RawHoliday>>,
    #[serde(default)]
    free_where_all: Vec<Located<CalendarId>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawHoliday {
    name: String,
    month: Option<u32>,
    day: Option<u32>,
    nth: Option<u8>,
    weekday: Option<String>,
    on: Option<NaiveDate>,
    from_year: Option<i32>,
    every_years: Option<i32>,
}

/// Most days a week that may be free: more would leave terms without an end.
const WEEKEND_DAYS_MAX: usize = 3;
/// Most holidays of one list, for the same reason.
const HOLIDAYS_MAX: usize = 60;

impl RawCalendar {
    /// Turns the raw form into a calendar; `known` are the calendars read before it.
    pub(crate) fn check(self, file: &str, text: &str, known: &[Calendar]) -> Result<Calendar, DocumentError> {
        let refuse = |span, problem: &str| Err(DocumentError::at(file, text, span, problem));
        let id_span = self.id.span();
        let computed = !self.free_where_all.is_empty();
        if computed && !(self.weekend.is_empty() && self.holidays.is_empty()) {
            return refuse(id_span, "a calendar has either days of its own or `free-where-all`, not both");
        }
        if !computed && self.weekend.is_empty() && self.holidays.is_empty() {
            return refuse(id_span, "a calendar needs `weekend`, `holidays` or `free-where-all`");
        }
        if self.weekend.len() > WEEKEND_DAYS_MAX || self.holidays.len() > HOLIDAYS_MAX {
            return refuse(id_span, "a calendar has at most 3 weekend days and 60 holidays");
        }
        let days = if computed {
            Days::FreeWhereAll(members(&self.free_where_all, file, text, known)?)
        } else {
            let weekend = self.weekend.iter().map(|day| weekday(day.get_ref()).ok_or(day.span()));
            let holidays = self.holidays.into_iter().map(|raw| {
                let span = raw.span();
                raw.into_inner().check().ok_or(span)
            });
            Days::Own {
                weekend: weekend
                    .collect::<Result<_, _>>()
                    .or_else(|span| refuse_list(file, text, span, "a weekday is written like `saturday`"))?,
                holidays: holidays.collect::<Result<_, _>>().or_else(|span| {
                    refuse_list(
                        file,
                        text,
                        span,
                        "a holiday is `month` and `day` (with `from-year` and `every-years` together), or `month`, \
                         `nth` (1 to 5) and `weekday`, or a date `on`",
                    )
                })?,
            }
        };
        Ok(Calendar { id: self.id.into_inner(), source: self.source, confidence: self.confidence, days })
    }
}

fn refuse_list<T>(
    file: &str,
    text: &str,
    span: std::ops::Range<usize>,
    problem: &str,
) -> Result<Vec<T>, DocumentError> {
    Err(DocumentError::at(file, text, span, problem))
}

/// The members of a computed calendar: calendars read before it, each with days of its own.
fn members(
    ids: &[Located<CalendarId>],
    file: &str,
    text: &str,
    known: &[Calendar],
) -> Result<Vec<Calendar>, DocumentError> {
    ids.iter()
        .map(|id| {
            known
                .iter()
                .find(|calendar| calendar.id == *id.get_ref() && matches!(calendar.days, Days::Own { .. }))
                .cloned()
                .ok_or_else(|| {
                    let problem = "not a calendar with days of its own that stands before this one";
                    DocumentError::at(file, text, id.span(), problem)
                })
        })
        .collect()
}

impl RawHoliday {
    fn check(self) -> Option<Holiday> {
        let cycle = match (self.from_year, self.every_years) {
            (None, None) => None,
            (Some(from_year), Some(every_years)) if every_years >= 1 => {
                Some(Cycle { from_year, every_years })
            }
            _ => return None,
        };
        let rule = match (self.month, self.day, self.nth, self.weekday.as_deref(), self.on, cycle) {
            // 2024 is a leap year, so that 29 February may be a holiday.
            (Some(month), Some(day), None, None, None, cycle)
                if NaiveDate::from_ymd_opt(2024, month, day).is_some() =>
            {
                HolidayRule::Fixed { month, day, cycle }
            }
            (Some(month @ 1..=12), None, Some(nth @ 1..=5), Some(name), None, None) => {
                HolidayRule::NthWeekday { month, nth, weekday: weekday(name)? }
            }
            (None, None, None, None, Some(on), None) => HolidayRule::Once(on),
            _ => return None,
        };
        Some(Holiday { name: self.name, rule })
    }
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "monday" => Weekday::Mon,
        "tuesday" => Weekday::Tue,
        "wednesday" => Weekday::Wed,
        "thursday" => Weekday::Thu,
        "friday" => Weekday::Fri,
        "saturday" => Weekday::Sat,
        "sunday" => Weekday::Sun,
        _ => return None,
    })
}
