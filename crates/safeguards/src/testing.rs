//! Strategies for property tests of this crate and of crates that embed it.

use chrono::{DateTime, Days, NaiveDate, TimeDelta};
use proptest::prelude::*;
use records_model::testing::{arb_actor_id, arb_instant};
use records_model::{BackgroundCheck, Clearance, SubjectId, TrainingRecord, Undertaking};

pub use proptest;

use crate::{CareRelation, RequiredTraining};

/// The two modules that [`arb_clearance`] draws from, as a clinic would require them; always there.
#[must_use]
pub fn required_training() -> Option<RequiredTraining> {
    RequiredTraining::parse(&["privacy-basics-2", "information-security-1"]).ok()
}

/// Any day of the 90 after 2026-01-01, so that two of them are often close.
pub fn arb_day() -> impl Strategy<Value = NaiveDate> {
    (0..90_u64).prop_map(|days| DateTime::UNIX_EPOCH.date_naive() + Days::new(20_454 + days))
}

prop_compose! {
    /// A training in one of the modules, in a version that counts or in one that does not.
    pub fn arb_training()(
        module in proptest::sample::select(vec![
            "privacy-basics-1", "privacy-basics-2", "privacy-basics-3",
            "information-security-1", "information-security-2", "first-aid-9",
        ]),
        completed_on in arb_day(),
        days in 1..120_u64,
    ) -> TrainingRecord {
        TrainingRecord { module: module.to_owned(), completed_on, expires_on: completed_on + Days::new(days) }
    }
}

prop_compose! {
    /// Any clearance; most people did not leave.
    pub fn arb_clearance()(
        trainings in proptest::collection::vec(arb_training(), 0..8),
        background_check in prop_oneof![
            1 => Just(BackgroundCheck::Missing),
            1 => Just(BackgroundCheck::NotClear),
            3 => arb_day().prop_map(|expires_on| BackgroundCheck::Clear { expires_on }),
        ],
        undertaking in prop_oneof![
            1 => Just(Undertaking::Missing),
            3 => arb_day().prop_map(|on| Undertaking::Signed { on }),
        ],
        left_on in proptest::option::weighted(0.2, arb_day()),
    ) -> Clearance {
        Clearance { trainings, background_check, undertaking, left_on }
    }
}

prop_compose! {
    /// A care relation of one of four actors and one of three people.
    pub fn arb_care_relation()(
        actor in arb_actor_id(),
        subject in arb_few_subjects(),
        from in arb_instant(),
        seconds in proptest::option::weighted(0.7, 1..40_000_000_i64),
    ) -> CareRelation {
        CareRelation { actor, subject, from, until: seconds.map(|seconds| from + TimeDelta::seconds(seconds)) }
    }
}

/// One of three people, so that relations often meet.
pub fn arb_few_subjects() -> impl Strategy<Value = SubjectId> {
    (101..=103_u32).prop_filter_map("an id", |number| format!("{number:032x}").parse().ok())
}
