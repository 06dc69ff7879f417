//! Strategies for property tests of this crate and of crates that embed it, and the profiles of the fixtures.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use records_model::testing::arb_word;

pub use proptest;

use crate::{
    Adjustments, ClinicZone, DeadlineRequest, LawBook, PauseCause, PauseGiven, ProfileFamily, ProfileId,
    Right, RowId, RowRef, StartEvent, Step,
};

/// The files of `fixtures/profiles`, with the promise of the clinic Elicells.
pub const FIXTURE_FILES: &[(&str, &str)] = &[
    ("calendars.toml", include_str!("../../../fixtures/profiles/calendars.toml")),
    ("clinic-policy-elicells.toml", include_str!("../../../fixtures/profiles/clinic-policy-elicells.toml")),
    ("mx-lfpdppp-2010.toml", include_str!("../../../fixtures/profiles/mx-lfpdppp-2010.toml")),
    ("mx-lfpdppp-2025.toml", include_str!("../../../fixtures/profiles/mx-lfpdppp-2025.toml")),
    ("mx-records.toml", include_str!("../../../fixtures/profiles/mx-records.toml")),
    ("cell-traceability.toml", include_str!("../../../fixtures/profiles/cell-traceability.toml")),
    ("es-records.toml", include_str!("../../../fixtures/profiles/es-records.toml")),
    ("us-hipaa.toml", include_str!("../../../fixtures/profiles/us-hipaa.toml")),
    ("eu-gdpr.toml", include_str!("../../../fixtures/profiles/eu-gdpr.toml")),
    ("uk-gdpr.toml", include_str!("../../../fixtures/profiles/uk-gdpr.toml")),
    ("ca-pipeda.toml", include_str!("../../../fixtures/profiles/ca-pipeda.toml")),
    ("ca-qc-25.toml", include_str!("../../../fixtures/profiles/ca-qc-25.toml")),
    ("us-ca-ccpa.toml", include_str!("../../../fixtures/profiles/us-ca-ccpa.toml")),
    ("us-wa-mhmda.toml", include_str!("../../../fixtures/profiles/us-wa-mhmda.toml")),
    ("br-lgpd.toml", include_str!("../../../fixtures/profiles/br-lgpd.toml")),
];

/// All profiles of the fixtures, read anew.
///
/// # Errors
///
/// [`crate::DocumentError`] if a fixture is broken; the tests of this crate fail then.
pub fn fixture_law() -> Result<LawBook, crate::DocumentError> {
    LawBook::parse(FIXTURE_FILES)
}

/// Any date from 2024 to 2039, so that both versions of the Mexican law and leap years are met.
pub fn arb_date() -> impl Strategy<Value = NaiveDate> {
    (0..5844_u64).prop_map(|days| {
        NaiveDate::from_ymd_opt(2024, 1, 1)
            .and_then(|first| first.checked_add_days(Days::new(days)))
            .unwrap_or_default()
    })
}

/// Any instant from 2024 to 2039, to the second.
pub fn arb_start() -> impl Strategy<Value = DateTime<Utc>> {
    (0..504_921_600_i64)
        .prop_map(|seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(1_704_067_200 + seconds))
}

/// One of a few zones on both sides of UTC, with and without summer time.
pub fn arb_zone() -> impl Strategy<Value = ClinicZone> {
    proptest::sample::select(vec![
        "America/Monterrey",
        "Atlantic/Canary",
        "Pacific/Auckland",
        "America/Sao_Paulo",
    ])
    .prop_filter_map("a zone of the tables", |name| ClinicZone::parse(name).ok())
}

/// A reference to one of a few rows that exist nowhere.
pub fn arb_row_ref() -> impl Strategy<Value = RowRef> {
    ("[A-C]", "[1-4]").prop_filter_map("an id", |(profile, row)| {
        Some(RowRef { profile: ProfileId::parse(&profile).ok()?, row: RowId::parse(&row).ok()? })
    })
}

/// The promise, and any families besides.
pub fn arb_families(law: &LawBook) -> impl Strategy<Value = BTreeSet<ProfileFamily>> + use<> {
    let all: BTreeSet<ProfileFamily> =
        law.profiles().iter().map(|profile| profile.family().clone()).collect();
    let promise: Vec<ProfileFamily> =
        all.iter().filter(|family| family.as_str() == "CLINIC-POLICY").cloned().collect();
    proptest::sample::subsequence(all.into_iter().collect::<Vec<_>>(), 0..=8)
        .prop_map(move |families| families.into_iter().chain(promise.clone()).collect())
}

prop_compose! {
    /// Any question "by when must this be answered", under the promise and any families besides.
    pub fn arb_answer_request(law: &LawBook)(
        right in arb_word::<Right>(),
        started_at in arb_start(),
        families in arb_families(law),
    ) -> DeadlineRequest {
        DeadlineRequest { right, step: Step::Answer, event: StartEvent::Receipt, started_at, families }
    }
}

/// Up to two pauses within 40 days of `start`; a quarter are still open.
pub fn arb_pauses(start: NaiveDate) -> impl Strategy<Value = Adjustments> {
    let pause = (arb_word::<PauseCause>(), 0..40_u64, proptest::option::weighted(0.75, 0..30_u64));
    proptest::collection::vec(pause, 0..3).prop_map(move |pauses| {
        let day = |days| start.checked_add_days(Days::new(days)).unwrap_or(start);
        let pauses = pauses
            .into_iter()
            .map(|(cause, from, length)| PauseGiven {
                cause,
                from: day(from),
                until: length.map(|l| day(from + l)),
            })
            .collect();
        Adjustments { extensions: Vec::new(), pauses }
    })
}
