//! What the clinic's settings say to the rules over the log.

use std::ops::Range;

use audit_log::{DutyHours, Names, Thresholds};
use chrono::{DateTime, Datelike as _, Days, TimeDelta, Utc};
use privacy_notice::LookNames;

use crate::House;

impl House {
    /// Whether a person is shown the names of those who looked.
    #[must_use]
    pub const fn look_names(&self) -> Names {
        match self.settings.oversight.look_names {
            LookNames::Hidden => Names::Hidden,
            LookNames::Shown => Names::Shown,
        }
    }

    /// How long a broken glass may wait for its review.
    #[must_use]
    pub fn review_within(&self) -> TimeDelta {
        TimeDelta::hours(i64::from(self.settings.oversight.review_hours))
    }

    /// Where the rules over the log begin to speak.
    #[must_use]
    pub fn alert_thresholds(&self) -> Thresholds {
        let limits = self.settings.oversight.alerts;
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let minutes = |number: u32| TimeDelta::minutes(i64::from(number));
        Thresholds {
            duty_grace: minutes(limits.duty_grace_minutes),
            volume_multiple: u64::from(limits.volume_multiple),
            volume_people_min: u64::from(limits.volume_people_min),
            volume_without_habit: u64::from(limits.volume_without_habit),
            outside_duty_acts_min: count(limits.outside_duty_acts_min),
            contact_people_max: count(limits.contact_people_max),
            denials_min: count(limits.denials_min),
            denials_within: minutes(limits.denials_within_minutes),
            fold_within: TimeDelta::days(i64::from(limits.fold_within_days)),
            ..Thresholds::default()
        }
    }

    /// The stretches in which the clinic is at work between two instants, as its own clock counts them; none if it
    /// names no hours.
    #[must_use]
    pub fn duty_between(&self, since: DateTime<Utc>, until: DateTime<Utc>) -> Option<DutyHours> {
        let spans = self.settings.duty_hours.spans();
        let first = self.zone.date_of(since);
        let days = first.iter_days().take_while(|day| *day <= self.zone.date_of(until) + Days::new(1));
        let mut stretches: Vec<Range<DateTime<Utc>>> = days
            .flat_map(|day| spans.iter().map(move |span| (day, span)))
            .filter(|(day, span)| span.days.contains(&day.weekday()))
            .map(|(day, span)| {
                self.zone.instant_of(day.and_time(span.from))..self.zone.instant_of(day.and_time(span.until))
            })
            .filter(|stretch| stretch.start < stretch.end)
            .collect();
        stretches.sort_by_key(|stretch| (stretch.start, stretch.end));
        // Spans that touch or overlap are one stretch.
        stretches.dedup_by(|next, before| {
            let joins = next.start <= before.end;
            if joins {
                before.end = before.end.max(next.end);
            }
            joins
        });
        if spans.is_empty() { None } else { DutyHours::new(stretches).ok() }
    }
}
