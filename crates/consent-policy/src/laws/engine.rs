//! The compiled engine decides what the reference decides.

use std::sync::LazyLock;

use chrono::DateTime;
use proptest::prelude::*;

use super::{example_draft, example_engine};
use crate::testing::{arb_facts, arb_policy_draft, arb_request, arb_request_near, reference_decide};
use crate::{Engine, Outcome, VerifiedPolicy};

static ENGINE: LazyLock<Engine> = LazyLock::new(example_engine);

proptest! {
    #[test]
    fn it_agrees_with_the_reference_on_any_request(request in arb_request(), facts in arb_facts()) {
        let now = DateTime::UNIX_EPOCH;
        let decision = ENGINE.decide(&request, &facts, now);
        prop_assert!(reference_decide(ENGINE.policy().rules(), &request, &facts, now).agrees_with(&decision));
    }

    #[test]
    fn it_agrees_with_the_reference_near_the_edges_of_rules(
        (request, facts) in arb_request_near(ENGINE.policy().rules()),
    ) {
        let now = DateTime::UNIX_EPOCH;
        let decision = ENGINE.decide(&request, &facts, now);
        prop_assert!(reference_decide(ENGINE.policy().rules(), &request, &facts, now).agrees_with(&decision));
    }

    #[test]
    fn it_agrees_with_the_reference_on_other_rules_too(
        (draft, (request, facts)) in arb_policy_draft(&example_draft()).prop_flat_map(|draft| {
            let near = arb_request_near(&draft.rules);
            (Just(draft), near)
        }),
    ) {
        let now = DateTime::UNIX_EPOCH;
        // The rules may break a law; what is tested here is that the index reads them as they stand.
        let engine = Engine::new(VerifiedPolicy::proved(draft));
        let decision = engine.decide(&request, &facts, now);
        prop_assert!(reference_decide(engine.policy().rules(), &request, &facts, now).agrees_with(&decision));
    }

    #[test]
    fn every_decision_has_a_reason_that_cites_a_clause_in_both_languages(
        (request, facts) in prop_oneof![
            (arb_request(), arb_facts()),
            arb_request_near(ENGINE.policy().rules()),
        ],
    ) {
        let decision = ENGINE.decide(&request, &facts, DateTime::UNIX_EPOCH);
        let reasons: Vec<_> = ENGINE.reasons(&decision).collect();
        prop_assert!(!reasons.is_empty());
        for reason in &reasons {
            prop_assert!(!reason.clauses.is_empty() && !reason.es.is_empty() && !reason.en.is_empty());
        }
        if decision.outcome == Outcome::NotApplicable {
            prop_assert_eq!(reasons.last().map(|reason| reason.rule), Some(None));
        }
    }

    #[test]
    fn a_refusal_opens_nothing_and_owes_nothing((request, facts) in arb_request_near(ENGINE.policy().rules())) {
        let decision = ENGINE.decide(&request, &facts, DateTime::UNIX_EPOCH);
        if !decision.is_permit() {
            prop_assert!(decision.any_fields().is_empty() && decision.obligations.is_empty());
        }
    }

    #[test]
    fn a_request_over_several_categories_is_permitted_only_if_each_is_and_opens_no_more(
        (request, facts) in arb_request_near(ENGINE.policy().rules()),
    ) {
        let now = DateTime::UNIX_EPOCH;
        let whole = ENGINE.decide(&request, &facts, now);
        for category in request.categories.iter() {
            let one = crate::Request { categories: records_model::Set::one(category), ..request.clone() };
            let part = ENGINE.decide(&one, &facts, now);
            prop_assert!(part.is_permit() || !whole.is_permit());
            prop_assert!(part.fields_of(category).contains_all(whole.fields_of(category)));
        }
    }
}
