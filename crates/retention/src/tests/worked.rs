//! The worked examples of LAW.md, sections 2.2 and 5.

use records_model::Fact;

use super::*;
use crate::{DisposalError, OverdueReport, Reason, RetentionState, SecondaryUses, disposal_plan};

#[test]
fn a_clinical_record_is_kept_through_2028_03_15_and_disposable_from_2028_03_16() {
    let facts = clinical("2021-03-15");
    let before = review(&facts, "2028-03-15");
    assert_eq!((before.state(), before.floor_until()), (RetentionState::Active, Some(day("2028-03-15"))));
    assert_eq!(before.disposable_from(), Some(day("2028-03-16")));
    let after = review(&facts, "2028-03-16");
    assert_eq!((after.state(), after.secondary_uses()), (RetentionState::Disposable, SecondaryUses::Off));
    let Reason::KeptThrough { rows, clause, .. } = &before.reasons()[0] else { panic!("{before:?}") };
    assert_eq!((rows[0].to_string().as_str(), clause.to_string().as_str()), ("CLINIC-POLICY/R-02", "P-72"));
    let since = |decision: &RetentionDecision| {
        decision.reasons().iter().find_map(|reason| match reason {
            Reason::NothingKeepsIt { since, .. } => Some(*since),
            _ => None,
        })
    };
    assert_eq!((since(&before), since(&after)), (None, Some(day("2028-03-16"))));
}

/// P-72: nobody can destroy it earlier, in any role.
#[test]
fn an_administrator_cannot_delete_at_six_years_and_364_days() {
    let facts = clinical("2021-03-15");
    let plan = disposal_plan(vec![("record", review(&facts, "2028-03-14"))], officers(), on("2028-03-14"));
    let error = plan.unwrap_err();
    assert_eq!(error.to_string(), "item 0 is active and is kept through 2028-03-15");
    let in_time =
        disposal_plan(vec![("record", review(&facts, "2028-03-16"))], officers(), on("2028-03-16")).unwrap();
    assert_eq!((in_time.items()[0].item, in_time.planned_on()), ("record", day("2028-03-16")));
}

#[test]
fn a_plan_needs_two_persons_items_and_reviews_of_the_same_day() {
    let old = review(&clinical("2015-01-01"), "2022-03-01");
    let one = Approvals { second: officers().first, ..officers() };
    let plan = |approvals, today: &str| disposal_plan(vec![((), old.clone())], approvals, on(today));
    assert_eq!(plan(one, "2022-03-01").unwrap_err(), DisposalError::SameApprover);
    assert!(matches!(plan(officers(), "2022-03-02"), Err(DisposalError::Stale { position: 0, .. })));
    assert!(plan(officers(), "2022-03-01").is_ok());
    assert_eq!(
        disposal_plan::<()>(Vec::new(), officers(), on("2022-03-01")).unwrap_err(),
        DisposalError::Empty
    );
}

/// majority and seven years for a child, the last act and seven years for a youth of 17.
#[test]
fn the_record_of_a_minor_is_kept_until_seven_years_after_majority() {
    let child = ItemFacts { age: born("2015-05-10"), ..clinical("2021-03-15") };
    assert_eq!(review(&child, "2026-01-01").floor_until(), Some(day("2040-05-10")));
    let grown = ItemFacts { age: born("1990-05-10"), ..clinical("2021-03-15") };
    assert_eq!(review(&grown, "2026-01-01").floor_until(), Some(day("2028-03-15")));
    // Of age on 1 March of a common year, and a missing 29 February moves forward.
    let leap = ItemFacts { age: born("2008-02-29"), ..clinical("2021-03-15") };
    assert_eq!(review(&leap, "2026-01-01").floor_until(), Some(day("2033-03-01")));
}

#[test]
fn nothing_is_destroyed_while_the_age_is_not_known() {
    let facts = ItemFacts { age: Age::Unknown, ..clinical("2001-03-15") };
    let decision = review(&facts, "2026-01-01");
    assert_eq!((decision.state(), decision.disposable_from()), (RetentionState::Active, None));
    assert!(decision.reasons().iter().any(|reason| matches!(reason, Reason::AgeUnknown { .. })));
}

#[test]
fn a_leap_day_moves_a_floor_forward_and_a_ceiling_back() {
    assert_eq!(review(&clinical("2024-02-29"), "2026-01-01").floor_until(), Some(day("2031-03-01")));
    let visit = item(RetentionClass::Website, &[(AnchorEvent::Event, "2024-02-29")]);
    assert_eq!(review(&visit, "2025-01-01").ceiling_at(), Some(day("2026-02-28")));
}

/// P-74: at the latest on the day; the day after, it is overdue.
#[test]
fn website_data_goes_on_the_last_day_and_is_overdue_on_the_next() {
    let visit = item(RetentionClass::Website, &[(AnchorEvent::Event, "2024-03-10")]);
    let states = ["2026-03-09", "2026-03-10", "2026-03-11"].map(|today| review(&visit, today).state());
    assert_eq!(states, [RetentionState::Active, RetentionState::Disposable, RetentionState::Overdue]);
}

/// P-20: a medical act moves the date.
#[test]
fn a_later_act_moves_the_floor_and_an_earlier_one_does_not() {
    let facts = clinical("2021-03-15");
    let moved =
        |date| ItemFacts { anchors: facts.anchors.latest(AnchorEvent::LastMedicalAct, day(date)), ..facts };
    assert_eq!(review(&moved("2022-06-01"), "2026-01-01").floor_until(), Some(day("2029-06-01")));
    assert_eq!(review(&moved("2019-06-01"), "2026-01-01").floor_until(), Some(day("2028-03-15")));
}

/// M-5: a floor beyond a ceiling keeps it, with secondary uses off, and says which row overrode which.
#[test]
fn a_mark_of_debt_is_kept_beyond_its_ceiling_only_for_a_floor() {
    let text = include_str!("../../../../fixtures/clinics/elicells/retention.toml").replace(
        "class = \"payment\"\nclause = \"P-73\"\n",
        "class = \"payment\"\nclause = \"P-73\"\nceilings = [\"MX-LFPDPPP-2025/R-08\"]\n",
    );
    let schedule = RetentionSchedule::parse("retention.toml", &text, &law()).unwrap();
    let facts = item(
        RetentionClass::Payment,
        &[(AnchorEvent::DocumentDate, "2018-05-04"), (AnchorEvent::Event, "2018-05-04")],
    );
    let decision = schedule.review(&facts, &[], on("2026-01-01"));
    assert_eq!((decision.state(), decision.secondary_uses()), (RetentionState::Retained, SecondaryUses::Off));
    assert_eq!(
        (decision.ceiling_at(), decision.floor_until()),
        (Some(day("2024-05-04")), Some(day("2028-05-04")))
    );
    assert_eq!(decision.facts(), Set::one(Fact::SecondaryUseHeld));
    let overridden = decision.reasons().iter().find_map(|reason| match reason {
        Reason::CeilingOverridden { ceiling, by, .. } => Some((ceiling[0].to_string(), by[0].to_string())),
        _ => None,
    });
    assert_eq!(overridden, Some(("MX-LFPDPPP-2025/R-08".to_owned(), "MX-RECORDS/R-06".to_owned())));
}

/// cancelled data is locked away for liabilities, never destroyed at once.
#[test]
fn cancelled_data_is_blocked_for_its_period_and_then_goes() {
    let facts = ItemFacts { cancelled_on: Some(day("2025-06-01")), ..clinical("2021-03-15") };
    let decision = review(&facts, "2026-01-01");
    assert_eq!(
        (decision.state(), decision.floor_until()),
        (RetentionState::Blocked, Some(day("2035-06-01")))
    );
    assert_eq!(decision.facts(), Set::of(&[Fact::Blocked, Fact::SecondaryUseHeld]));
    assert_eq!(review(&facts, "2035-06-02").state(), RetentionState::Disposable);
    // Before the day of cancellation it changes nothing.
    assert_eq!(review(&facts, "2025-05-31").state(), RetentionState::Active);
}

/// Somebody who comes back years after their floor has passed is no blocked chart: only what somebody did blocks.
#[test]
fn a_floor_that_passed_blocks_nothing_and_a_proposal_does_until_something_newer_is_on_file() {
    let old = clinical("2001-03-15");
    let passed = review(&old, "2026-01-01");
    assert_eq!(passed.state(), RetentionState::Overdue);
    assert_eq!(passed.facts(), Set::one(Fact::SecondaryUseHeld));

    let proposed = ItemFacts { proposal: Proposal::Waiting, ..old };
    let both = Set::of(&[Fact::Blocked, Fact::SecondaryUseHeld]);
    assert_eq!(review(&proposed, "2026-01-01").facts(), both);
    let newer = ItemFacts { proposal: Proposal::Waiting, ..clinical("2025-12-30") };
    assert_eq!(review(&newer, "2026-01-01").facts(), Set::EMPTY);

    let cancelled = ItemFacts { cancelled_on: Some(day("2010-06-01")), ..old };
    assert_eq!(review(&cancelled, "2026-01-01").facts(), both, "cancelled, and what blocks it has run out");
}

/// M-5: what is kept against the person's wish serves nothing else, and says so.
#[test]
fn what_is_kept_without_secondary_uses_is_retained() {
    let facts = ItemFacts { secondary_uses: SecondaryUses::Off, ..clinical("2021-03-15") };
    let decision = review(&facts, "2026-01-01");
    assert_eq!((decision.state(), decision.secondary_uses()), (RetentionState::Retained, SecondaryUses::Off));
    assert_eq!(decision.facts(), Set::one(Fact::SecondaryUseHeld));
}

/// P-77: a hold suspends disposal, and its release lets the schedule run on.
#[test]
fn a_hold_keeps_what_is_overdue_until_it_is_released() {
    let facts = clinical("2015-01-01");
    let held = schedule().review(&facts, &[hold("2020-01-01", None)], on("2026-01-01"));
    assert_eq!(held.state(), RetentionState::Held);
    assert_eq!(held.reasons().last().unwrap().clause().to_string(), "P-77");
    let refused = disposal_plan(vec![((), held)], officers(), on("2026-01-01")).unwrap_err();
    assert!(matches!(refused, DisposalError::Kept { state: RetentionState::Held, .. }));
    let released = schedule().review(&facts, &[hold("2020-01-01", Some("2025-12-31"))], on("2026-01-01"));
    assert_eq!(released.state(), RetentionState::Overdue);
}

#[test]
fn the_name_is_kept_as_long_as_the_longest_class_it_serves() {
    let acts = [(AnchorEvent::LastMedicalAct, "2021-03-15"), (AnchorEvent::DocumentDate, "2022-01-10")];
    assert_eq!(
        review(&item(RetentionClass::Identity, &acts), "2026-01-01").floor_until(),
        Some(day("2032-01-10"))
    );
    // Nothing has begun that bears the name: neither an act nor, by itself, the age of a minor.
    for age in [Age::AdultThroughout, born("2015-05-10"), Age::Unknown] {
        let none = review(&ItemFacts { age, ..item(RetentionClass::Identity, &[]) }, "2045-01-01");
        assert_eq!(
            (none.state(), none.floor_until(), none.disposable_from()),
            (RetentionState::Active, None, None)
        );
        assert!(!none.reasons().is_empty());
    }
    let child = ItemFacts { age: born("2015-05-10"), ..item(RetentionClass::Identity, &acts) };
    assert_eq!(review(&child, "2026-01-01").floor_until(), Some(day("2040-05-10")));
}

#[test]
fn an_open_consent_keeps_its_evidence_without_an_end() {
    let decision = review(&item(RetentionClass::ConsentEvidence, &[]), "2099-01-01");
    assert_eq!((decision.state(), decision.disposable_from()), (RetentionState::Active, None));
    assert!(matches!(decision.reasons(), [Reason::AnchorMissing { .. }]));
}

/// P-71: the promise report counts what should be gone, and names the clauses.
#[test]
fn the_report_counts_overdue_items_and_names_the_broken_clauses() {
    let mut report = OverdueReport::default();
    let visit = |date| review(&item(RetentionClass::Website, &[(AnchorEvent::Event, date)]), "2026-03-11");
    report.extend(&[visit("2024-03-10"), visit("2023-01-01"), visit("2025-01-01")]);
    report.extend(&[review(&clinical("2021-03-15"), "2026-03-11")]);
    let website = report.classes()[&RetentionClass::Website];
    assert_eq!((report.overdue(), website.reviewed, website.overdue), (2, 3, 2));
    assert_eq!(website.oldest_dispose_by, Some(day("2025-01-01")));
    assert_eq!(report.broken_clauses().iter().map(ToString::to_string).collect::<Vec<_>>(), ["P-74"]);
}
