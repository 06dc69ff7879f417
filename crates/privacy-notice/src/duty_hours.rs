//! When the clinic is at work; a look-up outside these hours is worth a second look (P-54).

use chrono::{Datelike, NaiveDateTime, NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

/// One span of the week, on the clinic's own clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DutySpan {
    /// Days on which it holds.
    pub days: Vec<Weekday>,
    /// First minute.
    pub from: NaiveTime,
    /// First minute that no longer counts.
    pub until: NaiveTime,
}

/// The clinic's duty hours.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DutyHours(Vec<DutySpan>);

impl DutyHours {
    /// Duty hours made of these spans.
    #[must_use]
    pub const fn new(spans: Vec<DutySpan>) -> Self {
        Self(spans)
    }

    /// The spans, as they were written.
    #[must_use]
    pub fn spans(&self) -> &[DutySpan] {
        &self.0
    }

    /// Whether the local instant lies in one of the spans.
    #[must_use]
    pub fn cover(&self, local: NaiveDateTime) -> bool {
        self.0.iter().any(|span| {
            span.days.contains(&local.weekday()) && span.from <= local.time() && local.time() < span.until
        })
    }

    /// The first span that ends before it begins, if there is one.
    pub(crate) fn backwards(&self) -> Option<&DutySpan> {
        self.0.iter().find(|span| span.until <= span.from || span.days.is_empty())
    }
}
