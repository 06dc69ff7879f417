//! What holds for every item, every hold and every day.

use chrono::Days;
use jurisdiction::testing::arb_date;
use proptest::prelude::*;

use super::*;
use crate::testing::{arb_hold, arb_item_facts};
use crate::{RetentionState, SecondaryUses, disposal_plan};

fn at(date: NaiveDate) -> LocalMoment {
    noon(date).unwrap()
}

proptest! {
    /// What is known of an item holds until the day that the review names, holds or not.
    #[test]
    fn facts_hold_until_the_day_that_is_named(facts in arb_item_facts(), today in arb_date(), later in 0_u64..4_000, hold in arb_hold()) {
        let now = schedule().review(&facts, &[], at(today));
        let then = today + Days::new(later);
        let after = schedule().review(&facts, &[], at(then));
        prop_assert_eq!(now.facts() - after.facts(), Set::EMPTY, "no day takes one away");
        if now.facts_until().is_none_or(|until| then < until) {
            prop_assert_eq!(now.facts(), after.facts());
        }
        let held = schedule().review(&facts, &[hold], at(today));
        prop_assert_eq!(held.facts(), now.facts());
    }

    /// P-71: every item has an answer with a reason that cites a clause.
    #[test]
    fn every_review_has_a_reason(facts in arb_item_facts(), today in arb_date()) {
        prop_assert!(!schedule().review(&facts, &[], at(today)).reasons().is_empty());
    }

    /// P-72: whatever is planned for destruction has no floor that is not over, and no hold.
    #[test]
    fn nothing_is_planned_before_its_floor_or_under_a_hold(
        facts in arb_item_facts(), holds in proptest::collection::vec(arb_hold(), 0..3), today in arb_date(),
    ) {
        let decision = schedule().review(&facts, &holds, at(today));
        if disposal_plan(vec![((), decision.clone())], officers(), at(today)).is_ok() {
            prop_assert!(decision.floor_until().is_none_or(|until| until < today));
            let now = at(today).now();
            let in_force = |hold: &&LegalHold| {
                hold.starts_at <= now && hold.released_at.is_none_or(|released| released > now)
            };
            let covers = |hold: &LegalHold| hold.classes.is_empty() || hold.classes.contains(facts.class);
            prop_assert!(!holds.iter().filter(in_force).any(covers));
        }
    }

    /// P-77: a hold in force always blocks, whatever else is true.
    #[test]
    fn a_hold_in_force_always_blocks_disposal(facts in arb_item_facts(), today in arb_date()) {
        let decision = schedule().review(&facts, &[hold("2020-01-01", None)], at(today));
        prop_assert_eq!(decision.state(), RetentionState::Held);
        prop_assert!(disposal_plan(vec![((), decision)], officers(), at(today)).is_err());
    }

    /// P-20: a further medical act never moves a date earlier.
    #[test]
    fn a_further_act_never_lets_the_record_go_earlier(
        facts in arb_item_facts(), act in arb_date(), today in arb_date(),
    ) {
        let facts = ItemFacts { class: RetentionClass::Clinical, ..facts };
        let later = ItemFacts { anchors: facts.anchors.latest(AnchorEvent::LastMedicalAct, act), ..facts };
        let (before, after) =
            (schedule().review(&facts, &[], at(today)), schedule().review(&later, &[], at(today)));
        if let (Some(before), Some(after)) = (before.floor_until(), after.floor_until()) {
            prop_assert!(after >= before);
        }
    }

    /// Time only moves an item on: once it may go, it may go on every later day.
    #[test]
    fn what_may_go_today_may_go_tomorrow(facts in arb_item_facts(), today in arb_date()) {
        let facts = ItemFacts { cancelled_on: facts.cancelled_on.filter(|on| *on <= today), ..facts };
        let tomorrow = today + Days::new(1);
        if schedule().review(&facts, &[], at(today)).is_disposable() {
            prop_assert!(schedule().review(&facts, &[], at(tomorrow)).is_disposable());
        }
    }

    /// Secondary uses are off from the ceiling on, and whenever the item is no longer active.
    #[test]
    fn secondary_uses_are_off_past_the_ceiling_and_after_cancellation(facts in arb_item_facts(), today in arb_date()) {
        let decision = schedule().review(&facts, &[], at(today));
        let past = decision.ceiling_at().is_some_and(|ceiling| ceiling < today);
        let cancelled = facts.cancelled_on.is_some_and(|on| on <= today);
        if past || cancelled || decision.state() != RetentionState::Active {
            prop_assert_eq!(decision.secondary_uses(), SecondaryUses::Off);
        }
    }

    /// knowing that the person is a minor never lets the record go earlier than for an adult.
    #[test]
    fn the_rule_on_minors_only_ever_keeps_longer(facts in arb_item_facts(), today in arb_date()) {
        let adult = ItemFacts { age: Age::AdultThroughout, ..facts };
        let (known, plain) = (schedule().review(&facts, &[], at(today)), schedule().review(&adult, &[], at(today)));
        if let Some(from) = known.disposable_from() {
            prop_assert!(plain.disposable_from().is_some_and(|plain| plain <= from));
        }
    }
}
