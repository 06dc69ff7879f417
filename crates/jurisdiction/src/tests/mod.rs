//! Tests that need whole profiles.

mod calendars;
mod documents;
mod properties;
mod transfers;
mod worked;

use std::sync::OnceLock;

use chrono::{DateTime, NaiveDate, Utc};

use crate::testing::fixture_law;
use crate::{
    Adjustments, ClinicZone, Deadline, DeadlineError, DeadlineRequest, ExtensionGiven, LawBook, PauseCause,
    PauseGiven, ProfileFamily, Right, StartEvent, Step,
};

/// Read once: properties ask it thousands of times.
fn law() -> &'static LawBook {
    static LAW: OnceLock<LawBook> = OnceLock::new();
    LAW.get_or_init(|| fixture_law().unwrap())
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn family(name: &str) -> ProfileFamily {
    ProfileFamily::parse(name).unwrap()
}

fn monterrey() -> ClinicZone {
    ClinicZone::parse("America/Monterrey").unwrap()
}

/// Eleven in the morning at Monterrey, in winter and in summer time alike the same date in UTC.
fn received(date: &str) -> DateTime<Utc> {
    format!("{date}T17:00:00Z").parse().unwrap()
}

fn ask(right: Right, date: &str, families: &[&str]) -> DeadlineRequest {
    DeadlineRequest {
        right,
        step: Step::Answer,
        event: StartEvent::Receipt,
        started_at: received(date),
        families: law().select(families.iter().copied()).unwrap(),
    }
}

fn answer_by(right: Right, date: &str, families: &[&str]) -> Deadline {
    law().deadline(&ask(right, date, families), monterrey(), &Adjustments::default()).unwrap()
}

fn adjusted(request: &DeadlineRequest, adjustments: &Adjustments) -> Result<Deadline, DeadlineError> {
    law().deadline(request, monterrey(), adjustments)
}

fn extended(name: &str, told_on: &str) -> Adjustments {
    let extensions = vec![ExtensionGiven { family: family(name), told_on: day(told_on) }];
    Adjustments { extensions, pauses: Vec::new() }
}

fn paused(cause: PauseCause, from: &str, until: Option<&str>) -> Adjustments {
    let pauses = vec![PauseGiven { cause, from: day(from), until: until.map(day) }];
    Adjustments { extensions: Vec::new(), pauses }
}

fn due_of(deadline: &Deadline, name: &str) -> NaiveDate {
    deadline.terms().find(|term| term.family().as_str() == name).unwrap().due()
}
