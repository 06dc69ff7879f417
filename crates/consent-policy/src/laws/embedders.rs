//! What embedders test with is itself tested: it sees what happens, and it can fail.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use records_model::{ConsentForm, Fact, Set};

use super::example_engine;
use crate::testing::{
    DocumentLaws, EXAMPLE_DOCUMENT, Life, LifeStep, arb_life, arb_policy, arb_request_near, covering,
    is_no_narrower, reference_decide,
};
use crate::{Consent, ConsentParts, Engine, Outcome};

static ENGINE: LazyLock<Engine> = LazyLock::new(example_engine);

crate::laws!(EXAMPLE_DOCUMENT);

proptest! {
    // Each case proves up to three edited documents.
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_document_that_was_edited_decides_what_its_own_rules_say(
        (policy, (request, facts)) in arb_policy(ENGINE.policy()).prop_flat_map(|policy| {
            let near = arb_request_near(policy.rules());
            (Just(policy), near)
        }),
    ) {
        let engine = Engine::new(policy);
        let decision = engine.decide(&request, &facts, DateTime::UNIX_EPOCH);
        let reference = reference_decide(engine.policy().rules(), &request, &facts, DateTime::UNIX_EPOCH);
        prop_assert!(reference.agrees_with(&decision));
    }
}

#[test]
fn a_life_sees_a_consent_come_and_go() {
    let request = serde_json::from_str(
        r#"{"action":"read","role":"nurse","purpose":"treatment","categories":["laboratory"],
            "recipient":"internal","country":"domestic","ground":"consent","detail":"full"}"#,
    )
    .unwrap();
    let parts: ConsentParts = serde_json::from_str(include_str!("../../fixtures/consent-v1.json")).unwrap();
    let start = parts.starts_at;
    let parts = ConsentParts { form: ConsentForm::ExpressWritten, expires_at: None, ended: None, ..parts };
    let consent = covering(&request, &Consent::try_from(parts).unwrap()).unwrap();
    let cleared = [Fact::Training, Fact::BackgroundCheck, Fact::Undertaking, Fact::CareRelation];
    let first = any::<proptest::sample::Index>();
    let first = first.new_tree(&mut TestRunner::deterministic()).unwrap().current();
    let mut life = Life::beginning(start - TimeDelta::seconds(1), Set::of(&cleared));
    let mut outcomes = Vec::new();
    for step in [
        LifeStep::Grant(Box::new(consent)),
        LifeStep::Wait(1),
        LifeStep::Lose(Fact::Training),
        LifeStep::Gain(Fact::Training),
        LifeStep::Withdraw(first),
    ] {
        life = life.after(&step);
        outcomes.push(ENGINE.decide(&request, &life.facts(&request), life.now).outcome);
    }
    let (nobody, permit, deny) = (Outcome::NotApplicable, Outcome::Permit, Outcome::Deny);
    assert_eq!(outcomes, [nobody, permit, deny, permit, nobody]);
}

#[test]
fn in_lives_withdrawals_do_take_something_away() {
    // If no withdrawal in them ever took anything away, the law about withdrawals would hold of nothing.
    let mut withdrawn = 0;
    let mut runner = TestRunner::deterministic();
    for _ in 0..400 {
        let (request, mut life, steps) =
            arb_life(ENGINE.policy().rules()).new_tree(&mut runner).unwrap().current();
        for step in steps {
            let before = ENGINE.decide(&request, &life.facts(&request), life.now);
            life = life.after(&step);
            let after = ENGINE.decide(&request, &life.facts(&request), life.now);
            let narrowed = before.is_permit() && !is_no_narrower(&after, &before);
            withdrawn += usize::from(narrowed && matches!(step, LifeStep::Withdraw(_)));
        }
    }
    assert!(withdrawn > 0);
}

#[test]
fn a_document_that_breaks_a_law_or_misses_its_edits_is_not_passed() {
    let broken =
        EXAMPLE_DOCUMENT.replacen("requires = [\"blocked\"]", "requires = [\"blocked\", \"channel\"]", 1);
    assert!(DocumentLaws::of(&broken).unwrap_err().to_string().contains("rule `blocked`"));
    let start = EXAMPLE_DOCUMENT.find("[[invariant]]").unwrap();
    let silent = DocumentLaws::of(&EXAMPLE_DOCUMENT[..start]).unwrap();
    let said = silent.edits_are_caught(6, 1).unwrap_err().to_string();
    assert!(said.contains("now permitted: "), "{said}");
}
