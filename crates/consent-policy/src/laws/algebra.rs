//! Box algebra against membership of points.

use std::sync::LazyLock;

use chrono::DateTime;
use proptest::prelude::*;
use records_model::testing::{arb_set, arb_word};
use records_model::{ConsentForm, Fact, Set};

use crate::cuboid::Cuboid;
use crate::testing::{arb_facts, arb_request, arb_request_near};
use crate::{Engine, Facts, Request, Scope, Witness};

fn arb_scope() -> impl Strategy<Value = Scope> {
    let first = (arb_set(), arb_set(), arb_set(), arb_set());
    let second = (arb_set(), arb_set(), arb_set(), arb_set());
    (first, second).prop_map(
        |((actions, roles, purposes, categories), (recipients, countries, grounds, details))| {
            let some =
                Scope { actions, roles, purposes, categories, recipients, countries, grounds, details };
            // An empty set would make every box empty; here it stands for any, which also makes boxes overlap.
            let any = Scope::any().masks();
            let masks = some.masks();
            let mut widened = any;
            for (mask, own) in widened.iter_mut().zip(masks) {
                if own != 0 {
                    *mask = own;
                }
            }
            Scope::from_masks(widened)
        },
    )
}

fn arb_cuboid() -> impl Strategy<Value = Cuboid> {
    let facts = (arb_set::<Fact>(), arb_set::<Fact>());
    (arb_scope(), facts, arb_word::<ConsentForm>(), any::<bool>()).prop_filter_map(
        "not empty",
        |(scope, (present, absent), form, below)| {
            let cuboid = Cuboid::of(&scope)?.with_facts(present, absent - present)?;
            if below { cuboid.below(form) } else { cuboid.at_least(form) }
        },
    )
}

fn holds(cuboid: &Cuboid, request: &Request, facts: &Facts) -> bool {
    request.categories.iter().next().is_some_and(|category| {
        cuboid.scope().contains(request, category)
            && facts.present.contains_all(cuboid.present)
            && !facts.present.intersects(cuboid.absent)
            && cuboid.forms().contains(facts.consent)
    })
}

/// A point, mostly inside one of the cuboids.
fn arb_point(cuboids: &[Cuboid]) -> impl Strategy<Value = (Request, Facts)> + use<> {
    let witnesses: Vec<Witness> = cuboids.iter().filter_map(|c| Witness::of(c, None)).collect();
    let inside = (proptest::sample::select(witnesses), arb_set::<Fact>())
        .prop_map(|(w, more)| (w.request, Facts::new(w.facts.consent, w.facts.present | more)));
    let one =
        |request: Request| Request { categories: request.categories.iter().take(1).collect(), ..request };
    prop_oneof![inside, (arb_request().prop_map(one), arb_facts())]
}

static ENGINE: LazyLock<Engine> = LazyLock::new(super::example_engine);
static PERMITTED: LazyLock<Vec<(usize, Cuboid)>> = LazyLock::new(|| ENGINE.policy().permitted_boxes());

proptest! {
    #[test]
    fn the_decision_table_permits_exactly_what_the_engine_permits(
        (request, facts) in arb_request_near(ENGINE.policy().rules()),
    ) {
        for category in request.categories.iter() {
            let request = Request { categories: Set::one(category), ..request.clone() };
            let decision = ENGINE.decide(&request, &facts, DateTime::UNIX_EPOCH);
            let facts = facts.as_of(DateTime::UNIX_EPOCH);
            let lines: Vec<usize> =
                PERMITTED.iter().filter(|(_, c)| holds(c, &request, &facts)).map(|(rule, _)| *rule).collect();
            prop_assert_eq!(!lines.is_empty(), decision.is_permit());
            prop_assert!(lines.iter().all(|rule| decision.rules.contains(*rule)));
        }
    }

    #[test]
    fn meet_and_minus_are_what_they_say_of_every_point(
        (left, right, (request, facts)) in (arb_cuboid(), arb_cuboid())
            .prop_flat_map(|(l, r)| (Just(l), Just(r), arb_point(&[l, r]))),
    ) {
        let (in_left, in_right) = (holds(&left, &request, &facts), holds(&right, &request, &facts));
        prop_assert_eq!(left.meet(&right).is_some_and(|m| holds(&m, &request, &facts)), in_left && in_right);
        let pieces = left.minus(&right);
        let count = pieces.iter().filter(|piece| holds(piece, &request, &facts)).count();
        prop_assert_eq!(count, usize::from(in_left && !in_right), "disjoint and exact");
        if left.contains(&right) {
            prop_assert!(in_left || !in_right);
        }
    }

    #[test]
    fn a_join_holds_exactly_what_the_two_hold(
        (left, right, (request, facts)) in (arb_cuboid(), arb_set::<Fact>(), any::<proptest::sample::Index>())
            .prop_flat_map(|(whole, facts, pick)| {
                // Two halves of one cuboid, cut along a fact, or two pieces of it.
                let cut = facts.iter().next().and_then(|f| whole.with_facts(Set::one(f), Set::EMPTY));
                let mut pieces = cut.map_or_else(Vec::new, |cut| whole.minus(&cut));
                pieces.extend(cut);
                pieces.push(whole);
                let left = pieces[pick.index(pieces.len())];
                let right = pieces[0];
                (Just(left), Just(right), arb_point(&[left, right, whole]))
            }),
    ) {
        if let Some(joined) = left.join(&right) {
            let either = holds(&left, &request, &facts) || holds(&right, &request, &facts);
            prop_assert_eq!(holds(&joined, &request, &facts), either);
        }
    }

    #[test]
    fn uncovered_finds_a_point_if_and_only_if_there_is_one(
        (whole, others) in (arb_cuboid(), proptest::collection::vec(arb_cuboid(), 0..6)),
    ) {
        let left = whole.minus_all(&others);
        match whole.uncovered(&others) {
            None => prop_assert!(left.is_empty()),
            Some(found) => {
                prop_assert!(!left.is_empty());
                let witness = Witness::of(&found, None).unwrap();
                prop_assert!(holds(&whole, &witness.request, &witness.facts));
                prop_assert!(!others.iter().any(|other| holds(other, &witness.request, &witness.facts)));
            }
        }
    }
}

#[test]
fn a_box_minus_itself_is_nothing_and_two_halves_cover_it() {
    let whole = Cuboid::of(&Scope::any()).unwrap();
    assert!(whole.minus(&whole).is_empty());
    let halves = [
        whole.with_facts(Set::one(Fact::Training), Set::EMPTY).unwrap(),
        whole.with_facts(Set::EMPTY, Set::one(Fact::Training)).unwrap(),
    ];
    assert_eq!(whole.uncovered(&halves), None);
    assert_eq!(whole.uncovered(&halves[..1]), Some(halves[1]));
}
