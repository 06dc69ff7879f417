//! A document written in more rules decides as before, so an engine is tried with any number of rules.

use std::sync::LazyLock;

use chrono::DateTime;
use proptest::prelude::*;
use records_model::{Category, Vocabulary};

use super::{example_draft, example_engine};
use crate::testing::{arb_facts, arb_request, arb_request_near, in_more_rules, reference_decide};
use crate::{Engine, RULES_MAX, VerifiedPolicy};

static ENGINE: LazyLock<Engine> = LazyLock::new(example_engine);

/// As many rules as fit: sixteen words of the index.
static IN_MORE: LazyLock<Engine> = LazyLock::new(|| {
    let pieces = in_more_rules(&example_draft(), RULES_MAX);
    assert_eq!(pieces.rules.len(), RULES_MAX);
    Engine::new(VerifiedPolicy::proved(pieces))
});

proptest! {
    #[test]
    fn it_decides_the_same_in_more_rules(
        (request, facts) in prop_oneof![
            (arb_request(), arb_facts()),
            arb_request_near(ENGINE.policy().rules()),
        ],
    ) {
        let now = DateTime::UNIX_EPOCH;
        let (few, many) = (ENGINE.decide(&request, &facts, now), IN_MORE.decide(&request, &facts, now));
        prop_assert_eq!(few.outcome, many.outcome);
        prop_assert_eq!(few.obligations, many.obligations);
        for category in Category::ALL {
            prop_assert_eq!(few.fields_of(*category), many.fields_of(*category));
        }
    }

    #[test]
    fn it_agrees_with_the_reference_on_as_many_rules_as_fit(
        (request, facts) in arb_request_near(IN_MORE.policy().rules()),
    ) {
        let now = DateTime::UNIX_EPOCH;
        let decision = IN_MORE.decide(&request, &facts, now);
        prop_assert!(reference_decide(IN_MORE.policy().rules(), &request, &facts, now).agrees_with(&decision));
    }
}

#[test]
fn every_piece_has_a_name_of_its_own() {
    let rules = IN_MORE.policy().rules();
    let names: std::collections::BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(names.len(), rules.len());
}
