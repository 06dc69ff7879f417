//! Strategies for property tests of this crate and of crates that embed it.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use jurisdiction::testing::{arb_date, fixture_law};
use jurisdiction::{ClinicZone, DocumentError, LocalMoment, UnknownZone};
use proptest::prelude::*;
use records_model::testing::{arb_set, arb_word};
use records_model::{AnchorEvent, BirthDate, HoldId, LegalHold, RetentionClass, Vocabulary};

pub use proptest;

use crate::{Age, Anchors, ItemFacts, Proposal, RetentionSchedule, SecondaryUses};

/// The schedule of the clinic Elicells over all profiles of the fixtures.
///
/// # Errors
///
/// [`DocumentError`] if a fixture is broken; the tests of this crate fail then.
pub fn fixture_schedule() -> Result<RetentionSchedule, DocumentError> {
    let text = include_str!("../../../fixtures/clinics/elicells/retention.toml");
    RetentionSchedule::parse("retention.toml", text, &fixture_law()?)
}

/// Noon of this day at Monterrey.
///
/// # Errors
///
/// [`UnknownZone`] if the tables lost the zone.
pub fn noon(day: NaiveDate) -> Result<LocalMoment, UnknownZone> {
    let midnight = day.and_hms_opt(18, 0, 0).unwrap_or_default().and_utc();
    Ok(LocalMoment::new(midnight, ClinicZone::parse("America/Monterrey")?))
}

/// Any anchors: each event has happened in three of four cases.
pub fn arb_anchors() -> impl Strategy<Value = Anchors> {
    proptest::collection::vec(proptest::option::weighted(0.75, arb_date()), AnchorEvent::ALL.len()).prop_map(
        |dates| {
            let happened =
                AnchorEvent::ALL.iter().zip(dates).filter_map(|(event, date)| Some((*event, date?)));
            happened.fold(Anchors::none(), |anchors, (event, date)| anchors.latest(event, date))
        },
    )
}

/// Any age; most are known.
pub fn arb_age() -> impl Strategy<Value = Age> {
    prop_oneof![
        3 => (1940..2024_i32, 1..=12_u32, 1..=31_u32).prop_filter_map("a date", |(year, month, day)| {
            let date = NaiveDate::from_ymd_opt(year, month, day)?;
            BirthDate::parse(&date.to_string(), date).ok().map(Age::Born)
        }),
        1 => Just(Age::AdultThroughout),
        1 => Just(Age::Unknown),
    ]
}

prop_compose! {
    /// Any item; a third of them are cancelled.
    pub fn arb_item_facts()(
        class in arb_word::<RetentionClass>(),
        anchors in arb_anchors(),
        age in arb_age(),
        cancelled_on in proptest::option::weighted(0.33, arb_date()),
        secondary_uses in arb_word::<SecondaryUses>(),
        proposal in arb_word::<Proposal>(),
    ) -> ItemFacts {
        ItemFacts { class, anchors, age, cancelled_on, secondary_uses, proposal }
    }
}

prop_compose! {
    /// Any hold; half of them are released.
    pub fn arb_hold()(
        id in any::<u128>(),
        classes in arb_set::<RetentionClass>(),
        starts in 0..504_921_600_i64,
        released_after in proptest::option::of(0..100_000_000_i64),
    ) -> LegalHold {
        let starts_at: DateTime<Utc> = DateTime::UNIX_EPOCH + TimeDelta::seconds(1_704_067_200 + starts);
        LegalHold {
            id: HoldId::from_uuid(uuid::Uuid::from_u128(id)),
            classes,
            authority: "an authority".to_owned(),
            starts_at,
            released_at: released_after.map(|seconds| starts_at + TimeDelta::seconds(seconds)),
        }
    }
}
