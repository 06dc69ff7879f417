//! Time, leaving and damage only ever take clearance away.

use chrono::{Days, NaiveDate, TimeDelta};
use proptest::prelude::*;
use records_model::testing::{arb_actor_id, arb_instant};
use records_model::{BackgroundCheck, Clearance, Fact, Set, TrainingRecord, Undertaking};
use safeguards::testing::{
    arb_care_relation, arb_clearance, arb_day, arb_few_subjects, arb_training, required_training,
};
use safeguards::{
    OfficeTerm, RegisterEntry, RegisterKind, RequiredTraining, TrainingError, care_relation_facts,
    clearance_facts, office_holder, register_count,
};

proptest! {
    /// P-58, P-60: between one day and the next, nothing is gained that no paper of a later day gives.
    #[test]
    fn a_day_that_passes_adds_no_fact(clearance in arb_clearance(), today in arb_day(), days in 1..60_u64) {
        let required = required_training().unwrap();
        let later = today + Days::new(days);
        let mut of_today = clearance.clone();
        of_today.trainings.retain(|training| training.completed_on <= today);
        if matches!(of_today.undertaking, Undertaking::Signed { on } if on > today) {
            of_today.undertaking = Undertaking::Missing;
        }
        let (now, _) = clearance_facts(&of_today, &required, today);
        let (then, _) = clearance_facts(&of_today, &required, later);
        prop_assert!(now.contains_all(then));
    }

    /// P-58: taking a training away, or ending it sooner, never adds a fact.
    #[test]
    fn less_training_never_adds_a_fact(
        clearance in arb_clearance(), at in any::<prop::sample::Index>(), today in arb_day(),
    ) {
        let required = required_training().unwrap();
        let (all, _) = clearance_facts(&clearance, &required, today);
        if !clearance.trainings.is_empty() {
            let at = at.index(clearance.trainings.len());
            let mut fewer = clearance.clone();
            fewer.trainings.remove(at);
            prop_assert!(all.contains_all(clearance_facts(&fewer, &required, today).0));
            let mut sooner = clearance.clone();
            sooner.trainings[at].expires_on = sooner.trainings[at].expires_on - Days::new(1);
            prop_assert!(all.contains_all(clearance_facts(&sooner, &required, today).0));
        }
    }

    /// P-60: a check that is lost, lapsed or not clear never adds a fact.
    #[test]
    fn a_lost_check_or_undertaking_takes_exactly_its_own_fact(clearance in arb_clearance(), today in arb_day()) {
        let required = required_training().unwrap();
        let (all, _) = clearance_facts(&clearance, &required, today);
        for check in [BackgroundCheck::Missing, BackgroundCheck::NotClear, BackgroundCheck::Clear { expires_on: today }] {
            let lost = Clearance { background_check: check, ..clearance.clone() };
            prop_assert_eq!(clearance_facts(&lost, &required, today).0, all.without(Fact::BackgroundCheck));
        }
        let unsigned = Clearance { undertaking: Undertaking::Missing, ..clearance };
        prop_assert_eq!(clearance_facts(&unsigned, &required, today).0, all.without(Fact::Undertaking));
    }

    /// P-8: who left sees nothing from the day after, and everything they could see on the last day.
    #[test]
    fn who_left_has_nothing_from_the_day_after(clearance in arb_clearance(), last_day in arb_day(), days in 1..60_u64) {
        let required = required_training().unwrap();
        let stayed = Clearance { left_on: None, ..clearance.clone() };
        let left = Clearance { left_on: Some(last_day), ..clearance };
        prop_assert_eq!(clearance_facts(&left, &required, last_day + Days::new(days)), (Set::EMPTY, None));
        prop_assert_eq!(clearance_facts(&left, &required, last_day).0, clearance_facts(&stayed, &required, last_day).0);
    }

    /// The bound is exact: the same facts on the day before it, fewer on it.
    #[test]
    fn the_facts_hold_until_the_day_that_is_named(clearance in arb_clearance(), today in arb_day()) {
        let required = required_training().unwrap();
        let (facts, until) = clearance_facts(&clearance, &required, today);
        if let Some(until) = until {
            prop_assert!(until > today);
            let before = clearance_facts(&clearance, &required, until.pred_opt().unwrap()).0;
            prop_assert!(before.contains_all(facts));
            let on_it = clearance_facts(&clearance, &required, until).0;
            let renewed = clearance.trainings.iter().any(|training| training.completed_on > today);
            prop_assert!(renewed || !on_it.contains_all(facts));
        }
    }

    /// A training in another module, or in a version too old, counts for nothing.
    #[test]
    fn training_counts_only_in_the_module_and_from_the_version_required(training in arb_training()) {
        let required = RequiredTraining::parse(&["privacy-basics-2"]).unwrap();
        let covered = required.covered_until(std::slice::from_ref(&training), training.completed_on);
        let counts = matches!(training.module.as_str(), "privacy-basics-2" | "privacy-basics-3");
        prop_assert_eq!(covered, counts.then_some(training.expires_on));
    }

    /// The fact is there if and only if a relation of these two holds at that instant.
    #[test]
    fn only_a_relation_of_these_two_that_holds_now_gives_the_fact(
        relations in prop::collection::vec(arb_care_relation(), 0..6),
        actor in arb_actor_id(), subject in arb_few_subjects(), now in arb_instant(),
    ) {
        let expected = relations.iter().any(|r| {
            (r.actor, r.subject) == (actor, subject) && r.from <= now && r.until.is_none_or(|until| now < until)
        });
        let (facts, until) = care_relation_facts(&relations, actor, subject, now);
        prop_assert_eq!(facts.contains(Fact::CareRelation), expected);
        if let Some(until) = until {
            let just_before = until - TimeDelta::microseconds(1);
            prop_assert!(!care_relation_facts(&relations, actor, subject, just_before).0.is_empty());
        }
    }

    /// Ending a relation never adds a fact.
    #[test]
    fn an_ended_relation_never_adds_a_fact(
        relations in prop::collection::vec(arb_care_relation(), 1..6), at in any::<prop::sample::Index>(),
        actor in arb_actor_id(), subject in arb_few_subjects(), now in arb_instant(),
    ) {
        let mut ended = relations.clone();
        ended[at.index(relations.len())].until = Some(now);
        let before = care_relation_facts(&relations, actor, subject, now).0;
        prop_assert!(before.contains_all(care_relation_facts(&ended, actor, subject, now).0));
    }
}

#[cfg(test)]
mod support {
    use super::*;

    pub(super) fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }
}

use support::day;

#[test]
fn a_module_is_a_name_and_a_version_and_something_must_be_required() {
    for text in ["privacy-basics", "privacy-basics-0", "-3", "Privacy-3", "privacy basics-3", ""] {
        assert_eq!(RequiredTraining::parse(&[text]), Err(TrainingError::Module), "{text}");
    }
    assert_eq!(RequiredTraining::parse::<&str>(&[]), Err(TrainingError::NothingRequired));
}

#[test]
fn every_required_module_must_be_covered_and_the_first_to_lapse_sets_the_day() {
    let required = RequiredTraining::parse(&["a-1", "b-1"]).unwrap();
    let training = |module: &str, expires_on: &str| TrainingRecord {
        module: module.to_owned(),
        completed_on: day("2026-01-01"),
        expires_on: day(expires_on),
    };
    let today = day("2026-06-01");
    let a = training("a-1", "2026-12-01");
    assert_eq!(required.covered_until(std::slice::from_ref(&a), today), None);
    let both = [a, training("b-1", "2026-07-01"), training("b-2", "2026-09-01")];
    assert_eq!(required.covered_until(&both, today), Some(day("2026-09-01")));
    assert_eq!(required.covered_until(&both, day("2026-09-01")), None, "the day of expiry");
}

#[test]
fn an_entry_is_overdue_from_the_day_after_its_due_day() {
    let owner = "00000000-0000-0000-0000-000000000001".parse().unwrap();
    let entry = |kind, due: Option<&str>| RegisterEntry {
        kind,
        title: "door of the archive".to_owned(),
        owner,
        due_on: due.map(day),
    };
    let entries = [
        entry(RegisterKind::Premises, Some("2026-11-22")),
        entry(RegisterKind::Premises, None),
        entry(RegisterKind::Audit, Some("2020-01-01")),
    ];
    let overdue = |today| register_count(&entries, RegisterKind::Premises, day(today)).overdue;
    assert_eq!((overdue("2026-11-22"), overdue("2026-11-23")), (0, 1));
    assert_eq!(register_count(&entries, RegisterKind::Premises, day("2026-11-22")).entries, 2);
    assert_eq!(register_count(&entries, RegisterKind::Safeguard, day("2026-11-22")).entries, 0);
}

#[test]
fn the_office_is_vacant_between_two_terms() {
    let [first, second] = [1, 2].map(|n| format!("{n:032x}").parse().unwrap());
    let terms = [
        OfficeTerm { holder: first, from: day("2026-01-01"), until: Some(day("2026-06-01")) },
        OfficeTerm { holder: second, from: day("2026-07-01"), until: None },
    ];
    assert_eq!(office_holder(&terms, day("2026-05-31")), Some(first));
    assert_eq!(office_holder(&terms, day("2026-06-01")), None);
    assert_eq!(office_holder(&terms, day("2027-06-01")), Some(second));
}
