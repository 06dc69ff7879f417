//! Worked examples, refusals and properties over the schedules of the fixtures.

mod documents;
mod properties;
mod worked;

use std::sync::OnceLock;

use chrono::NaiveDate;
use jurisdiction::{LawBook, LocalMoment};
use records_model::{ActorId, AnchorEvent, BirthDate, HoldId, LegalHold, RetentionClass, Set};
use uuid::Uuid;

use crate::testing::{fixture_schedule, noon};
use crate::{
    Age, Anchors, Approvals, ItemFacts, Proposal, RetentionDecision, RetentionSchedule, SecondaryUses,
};

/// Read once: properties ask it thousands of times.
fn schedule() -> &'static RetentionSchedule {
    static SCHEDULE: OnceLock<RetentionSchedule> = OnceLock::new();
    SCHEDULE.get_or_init(|| fixture_schedule().unwrap())
}

fn law() -> LawBook {
    jurisdiction::testing::fixture_law().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn on(text: &str) -> LocalMoment {
    noon(day(text)).unwrap()
}

fn born(text: &str) -> Age {
    Age::Born(BirthDate::parse(text, day("2026-01-01")).unwrap())
}

fn item(class: RetentionClass, anchors: &[(AnchorEvent, &str)]) -> ItemFacts {
    let anchors = anchors.iter().fold(Anchors::none(), |all, (event, date)| all.latest(*event, day(date)));
    ItemFacts {
        class,
        anchors,
        age: Age::AdultThroughout,
        cancelled_on: None,
        secondary_uses: SecondaryUses::Allowed,
        proposal: Proposal::None,
    }
}

/// A clinical record whose last medical act was on this day.
fn clinical(last_act: &str) -> ItemFacts {
    item(RetentionClass::Clinical, &[(AnchorEvent::LastMedicalAct, last_act)])
}

fn review(facts: &ItemFacts, today: &str) -> RetentionDecision {
    schedule().review(facts, &[], on(today))
}

fn hold(from: &str, released: Option<&str>) -> LegalHold {
    LegalHold {
        id: HoldId::from_uuid(Uuid::from_u128(7)),
        classes: Set::EMPTY,
        authority: "a court".to_owned(),
        starts_at: on(from).now(),
        released_at: released.map(|day| on(day).now()),
    }
}

fn officers() -> Approvals {
    Approvals {
        first: ActorId::from_uuid(Uuid::from_u128(1)),
        second: ActorId::from_uuid(Uuid::from_u128(2)),
    }
}
