//! What is said of an edit is true of the decisions.

use std::sync::LazyLock;

use chrono::DateTime;
use proptest::prelude::*;
use proptest::sample::Index;
use records_model::{Category, Vocabulary};

use super::example_draft;
use crate::mutation::{Catch, Edit, Fate, Mutant, Trial};
use crate::testing::{arb_request_near, every_edit};
use crate::{Decision, Engine, PolicyDraft, VerifiedPolicy};

/// The example without what it says about itself, so that many edits survive.
static BARE: LazyLock<VerifiedPolicy> = LazyLock::new(|| {
    let bare = PolicyDraft { scenarios: Vec::new(), invariants: Vec::new(), ..example_draft() };
    bare.check().map_err(|error| error.to_string()).unwrap()
});
static MUTANTS: LazyLock<Vec<Mutant>> = LazyLock::new(|| Trial::new(&BARE).mutants());

fn edited(mutant: Mutant) -> Engine {
    Engine::new(VerifiedPolicy::proved(mutant.edit.apply(BARE.draft(), mutant.rule)))
}

fn same(one: &Decision, other: &Decision) -> bool {
    let fields = |category: &Category| one.fields_of(*category) == other.fields_of(*category);
    one.outcome == other.outcome && one.obligations == other.obligations && Category::ALL.iter().all(fields)
}

proptest! {
    // Each case is a proof over the whole domain.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_edit_that_is_called_dead_changes_no_decision_near_its_rule_and_a_survivor_shows_one(
        pick in any::<Index>(), (seed, extra) in arb_request_near(BARE.rules()), tries in
        proptest::collection::vec(arb_request_near(BARE.rules()), 40),
    ) {
        let mutant = MUTANTS[pick.index(MUTANTS.len())];
        let now = DateTime::UNIX_EPOCH;
        let (before, after) = (Engine::new(BARE.clone()), edited(mutant));
        match Trial::new(&BARE).fate(mutant) {
            Fate::Caught(_) | Fate::Unreadable => prop_assert!(mutant.edit.apply(BARE.draft(), mutant.rule).check().is_err()),
            Fate::Dead => {
                for (request, facts) in tries.into_iter().chain([(seed, extra)]) {
                    let (one, other) = (before.decide(&request, &facts, now), after.decide(&request, &facts, now));
                    prop_assert!(same(&one, &other), "{}", Trial::new(&BARE).sentence(mutant));
                }
            }
            Fate::Unguarded(change) | Fate::Doubled(change) | Fate::Survived(change) => {
                let witness = &change.witness;
                let one = before.decide(&witness.request, &witness.facts, now);
                let other = after.decide(&witness.request, &witness.facts, now);
                prop_assert!(!same(&one, &other), "{}: {witness}", Trial::new(&BARE).sentence(mutant));
            }
        }
    }
}

#[test]
fn every_edit_changes_its_rule_and_no_other_and_none_comes_twice() {
    let draft = example_draft();
    let mut seen = std::collections::BTreeSet::new();
    for (position, edit) in every_edit(&draft) {
        assert!(seen.insert((position, edit)), "{edit:?} comes twice");
        let rule = &draft.rules[position];
        assert_ne!(edit.of_rule(rule).as_ref(), Some(rule), "{edit:?} changes nothing");
        assert!(!edit.sentence(rule).is_empty());
    }
    // 105 words of dimensions and 27 facts twice, for each of 93 rules: fewer would mean that a kind was lost.
    assert!(seen.len() > 93 * 150, "{}", seen.len());
    let removed = Edit::RemoveRule.apply(&draft, 3);
    assert_eq!((removed.rules.len(), &removed.rules[3]), (draft.rules.len() - 1, &draft.rules[4]));
}

#[test]
fn an_edit_is_caught_by_the_scenario_that_shows_it_before_any_proof_is_made() {
    let policy = example_draft().check().unwrap();
    let trial = Trial::new(&policy);
    let rule = policy.rules().iter().position(|rule| rule.id.as_str() == "hotel").unwrap();
    let fate = |edit| trial.fate(Mutant { rule, edit }).catch();
    assert_eq!(fate(Edit::RemoveRule), Some(Catch::Scenario));
    let lot = records_model::Field::Lodging;
    assert_eq!(fate(Edit::ToggleField(lot)), Some(Catch::Scenario));
    let bare = Trial::new(&BARE);
    let hotel = records_model::Fact::ProviderContract;
    let never = bare.fate(Mutant { rule: 0, edit: Edit::RemoveRule });
    // Nothing permits a sale: without the rule it is refused because nobody allows it.
    assert!(matches!(never, Fate::Unguarded(_)), "{never:?}");
    let excluded = bare.fate(Mutant { rule, edit: Edit::ToggleExcluded(hotel) }).catch();
    assert_eq!(excluded, Some(Catch::Shape));
}
