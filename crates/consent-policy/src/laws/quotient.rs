//! The enumeration looks at everything, and finds what is planted.

use proptest::prelude::*;
use records_model::{Action, ConsentForm, Fact, Ground, Purpose, Role, Vocabulary};

use super::small::{arb_small_draft, every_state};
use super::{example_draft, example_engine};
use crate::quotient::enumerate_against;
use crate::{
    Axis, Decision, Engine, EnumerationError, Facts, Method, Outcome, Request, Rule, VerifiedPolicy,
};

const LIMIT: u64 = 1_000_000;

/// What an engine with one narrow mistake decides: in an emergency, for clinicians who read, a broken glass makes up
/// for training that lapsed.
fn with_a_narrow_mistake(engine: &Engine, request: &Request, facts: &Facts) -> Decision {
    let now = chrono::DateTime::UNIX_EPOCH;
    let decision = engine.decide(request, facts, now);
    let here = matches!(request.role, Role::Physician | Role::Nurse)
        && request.action == Action::Read
        && request.purpose == Purpose::Emergency
        && request.ground == Ground::EmergencyToSelf
        && facts.present.contains(Fact::BreakGlass)
        && !facts.present.contains(Fact::Training)
        && facts.consent == ConsentForm::None;
    let trained = Facts { present: facts.present.with(Fact::Training), ..*facts };
    let opened = engine.decide(request, &trained, now);
    if here && opened.is_permit() && !decision.is_permit() { opened } else { decision }
}

#[test]
fn three_ways_of_deciding_agree_on_every_state_of_the_example() {
    let policy = example_engine().policy().clone();
    let enumeration = policy.enumerate().map_err(|error| error.to_string()).unwrap();
    assert_eq!(enumeration.covered + enumeration.untouched, policy.verification().states());
    assert!(enumeration.looked_at > 100_000, "{enumeration:?}");
}

#[test]
fn a_narrow_mistake_about_the_broken_glass_is_found_with_a_state_that_shows_it() {
    let engine = example_engine();
    let decide = |request: &Request, facts: &Facts| with_a_narrow_mistake(&engine, request, facts);
    let error = enumerate_against(engine.policy(), LIMIT, decide).unwrap_err();
    let EnumerationError::Disagreement { method: Method::Engine, witness } = error else {
        panic!("another error: {error}");
    };
    assert!(!witness.present().contains(Fact::Training), "{witness}");
    assert!(with_a_narrow_mistake(&engine, &witness.request, &witness.facts).is_permit());
    let now = chrono::DateTime::UNIX_EPOCH;
    assert_ne!(engine.decide(&witness.request, &witness.facts, now).outcome, Outcome::Permit);
}

#[test]
fn too_many_states_are_refused_with_the_axis_to_blame() {
    let mut draft = example_draft();
    let permit = draft.rules.iter().find(|rule| rule.id.as_str() == "care-read").unwrap().clone();
    draft.rules = Fact::ALL
        .iter()
        .map(|fact| Rule { requires: records_model::Set::one(*fact), ..permit.clone() })
        .collect();
    let policy = VerifiedPolicy::proved(draft);
    let engine = Engine::new(policy.clone());
    let decide =
        |request: &Request, facts: &Facts| engine.decide(request, facts, chrono::DateTime::UNIX_EPOCH);
    let error = enumerate_against(&policy, 1_000, decide).unwrap_err();
    assert_eq!(error, EnumerationError::TooManyStates { limit: 1_000, axis: Axis::Facts });
}

proptest! {
    #![proptest_config(super::fewer_cases())]

    #[test]
    fn of_a_small_document_it_covers_every_state_that_a_permit_is_about(draft in arb_small_draft()) {
        let rules: Vec<&Rule> = draft.rules.iter().collect();
        let about = every_state(&rules).into_iter().filter(|sample| {
            let category = sample.request.categories.iter().next().unwrap();
            let permits = draft.rules.iter().filter(|rule| rule.effect.is_permit());
            permits.into_iter().any(|rule| rule.is_about(&sample.request, category) && rule.applies(&sample.facts))
        });
        let touched: u128 = about.map(|sample| sample.weight).sum();
        let policy = VerifiedPolicy::proved(draft.clone());
        let enumeration = policy.enumerate().map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(enumeration.covered >= touched, "{enumeration:?}, {touched}");
        prop_assert_eq!(enumeration.covered + enumeration.untouched, policy.verification().states());
    }
}
