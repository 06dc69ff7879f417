//! Who may do something, what is left to be known, and what would open a refusal: against the engine.

use std::sync::LazyLock;

use chrono::DateTime;
use proptest::prelude::*;
use records_model::testing::arb_set;
use records_model::{Category, ConsentForm, Fact, Set, Vocabulary};

use super::example_engine;
use crate::testing::arb_request_near;
use crate::{Engine, Facts, PartialRequest, Region, Request, Scope};

static ENGINE: LazyLock<Engine> = LazyLock::new(example_engine);

/// A request near a rule, over one category.
fn arb_state() -> impl Strategy<Value = (Request, Facts)> {
    arb_request_near(ENGINE.policy().rules()).prop_filter_map("a category", |(request, facts)| {
        let categories = Set::one(request.categories.iter().next()?);
        Some((Request { categories, ..request }, facts.as_of(DateTime::UNIX_EPOCH)))
    })
}

/// What is known of a state: its words in the dimensions of the mask, and whether those facts hold.
fn known(request: &Request, facts: &Facts, dimensions: u8, settled: Set<Fact>) -> PartialRequest {
    let mut masks = Scope::any().masks();
    for (dimension, mask) in crate::scope::one(request).unwrap().into_iter().enumerate() {
        if dimensions & (1 << dimension) != 0 {
            masks[dimension] = mask;
        }
    }
    PartialRequest {
        scope: Scope::from_masks(masks),
        present: facts.present & settled,
        absent: settled - facts.present,
        forms: Set::full(),
    }
}

proptest! {
    #![proptest_config(super::fewer_cases())]

    #[test]
    fn a_state_is_permitted_if_and_only_if_what_was_left_to_be_known_holds_it(
        (request, facts) in arb_state(),
        dimensions in any::<u8>(),
        settled in arb_set::<Fact>(),
    ) {
        let asked = known(&request, &facts, dimensions, settled);
        let category = request.categories.iter().next().unwrap();
        let decision = ENGINE.decide(&request, &facts, DateTime::UNIX_EPOCH);

        let left = ENGINE.policy().residual(&asked);
        let holding = left.iter().filter(|region| region.contains(&request, category, &facts)).count();
        prop_assert_eq!(holding, usize::from(decision.is_permit()));

        let who = ENGINE.policy().who_can(&asked);
        let here: Vec<_> =
            who.iter().filter(|permitted| permitted.region.contains(&request, category, &facts)).collect();
        prop_assert_eq!(!here.is_empty(), decision.is_permit());
        let named: Vec<_> = ENGINE.rule_ids(&decision).collect();
        prop_assert!(here.iter().all(|permitted| named.contains(&&permitted.rule)));
        let opened = here.iter().fold(Set::EMPTY, |all, permitted| all | permitted.fields);
        prop_assert!(opened.contains_all(decision.any_fields()));
        let owed = here.iter().fold(Set::EMPTY, |all, permitted| all | permitted.obligations);
        prop_assert_eq!(owed, decision.obligations);
    }

    #[test]
    fn what_is_left_shares_no_state_and_stays_inside_what_is_known(
        (request, facts) in arb_state(),
        dimensions in any::<u8>(),
    ) {
        let asked = known(&request, &facts, dimensions, facts.present);
        let left: Vec<Region> = ENGINE.policy().residual(&asked);
        prop_assert!(Region::are_disjoint(&left));
        for region in left {
            let inside = region.scope().masks().into_iter().zip(asked.scope.masks());
            prop_assert!(inside.into_iter().all(|(mask, known)| mask & !known == 0));
            prop_assert!(region.present().contains_all(asked.present));
        }
    }
}

proptest! {
    #[test]
    fn a_single_change_opens_a_refusal_if_and_only_if_it_is_named((request, facts) in arb_state()) {
        let now = DateTime::UNIX_EPOCH;
        let permits = |request: &Request, facts: &Facts| ENGINE.decide(request, facts, now).is_permit();
        let openings = ENGINE.openings(&request, &facts, now);
        if permits(&request, &facts) {
            prop_assert!(openings.is_empty());
            return Ok(());
        }
        for fact in Fact::ALL {
            let gained = Facts { present: facts.present.with(*fact), ..facts };
            prop_assert_eq!(openings.missing.contains(*fact), permits(&request, &gained));
            let lost = Facts { present: facts.present.without(*fact), ..facts };
            prop_assert_eq!(openings.in_the_way.contains(*fact), permits(&request, &lost));
        }
        let doing = ConsentForm::ALL.iter().find(|form| permits(&request, &Facts { consent: **form, ..facts }));
        prop_assert_eq!(openings.consent.as_ref(), doing);
        for role in records_model::Role::ALL {
            let other = Request { role: *role, ..request.clone() };
            let opens = other.names_its_purpose() && permits(&other, &facts);
            prop_assert_eq!(openings.words.roles.contains(*role), opens);
        }
        for purpose in records_model::Purpose::ALL {
            let other = Request { purpose: *purpose, ..request.clone() };
            // Sharing needs a purpose of its own: nobody can ask for it in general.
            let opens = other.names_its_purpose() && permits(&other, &facts);
            prop_assert_eq!(openings.words.purposes.contains(*purpose), opens);
        }
        // Which of several categories would have to be another is not said.
        let is_one = request.categories.len() == 1;
        for category in Category::ALL {
            let other = Request { categories: Set::one(*category), ..request.clone() };
            let opens = is_one && other.names_its_purpose() && permits(&other, &facts);
            prop_assert_eq!(openings.words.categories.contains(*category), opens);
        }
    }
}
