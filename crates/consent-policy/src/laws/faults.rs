//! Rules that change nothing: those, and no others.

use chrono::DateTime;
use proptest::prelude::*;

use super::example_draft;
use super::small::{arb_small_draft, every_state};
use crate::testing::{EXAMPLE_DOCUMENT, reference_decide};
use crate::{Effect, Fault, FaultKind, PolicyDraft, Rule};

/// Whether the reference engine decides every state the same without the rule.
fn changes_nothing(draft: &PolicyDraft, position: usize) -> bool {
    let mut without = draft.rules.clone();
    without.remove(position);
    let rules: Vec<&Rule> = draft.rules.iter().collect();
    every_state(&rules).iter().all(|sample| {
        let decide = |rules| reference_decide(rules, &sample.request, &sample.facts, DateTime::UNIX_EPOCH);
        let (with, without) = (decide(&draft.rules), decide(&without));
        let fields = |fields: std::collections::BTreeMap<_, records_model::Set<_>>| {
            fields.into_values().fold(records_model::Set::<records_model::Field>::EMPTY, |all, set| all | set)
        };
        with.outcome == without.outcome
            && with.obligations == without.obligations
            && fields(with.fields) == fields(without.fields)
    })
}

proptest! {
    #![proptest_config(super::fewer_cases())]

    #[test]
    fn a_rule_is_named_if_and_only_if_it_changes_no_state_of_a_small_document(draft in arb_small_draft()) {
        let named: Vec<String> = draft.faults().iter().map(|fault| fault.rule.to_string()).collect();
        for (position, rule) in draft.rules.iter().enumerate() {
            prop_assert_eq!(named.contains(&rule.id.to_string()), changes_nothing(&draft, position), "{}", rule.id);
        }
    }
}

fn fault_of(document: &str, rule: &str) -> Fault {
    let draft = PolicyDraft::parse(document).map_err(|error| error.to_string()).unwrap();
    draft.faults().into_iter().find(|fault| fault.rule.as_str() == rule).unwrap()
}

#[test]
fn the_policies_on_file_hold_no_rule_that_changes_nothing() {
    for document in [EXAMPLE_DOCUMENT, include_str!("../../../../fixtures/clinics/brisa/policy.toml")] {
        let draft = PolicyDraft::parse(document).map_err(|error| error.to_string()).unwrap();
        let named: Vec<String> = draft.faults().iter().map(ToString::to_string).collect();
        assert!(named.is_empty(), "{named:#?}");
    }
}

#[test]
fn a_permit_of_what_is_never_done_is_contradicted_by_the_rule_that_forbids_it() {
    let document = EXAMPLE_DOCUMENT.to_owned()
        + r#"
[[rule]]
id = "planted"
clauses = ["P-37"]
effect = "permit"
action = ["disclose"]
role = ["director"]
purpose = ["sale"]
category = ["travel"]
recipient = ["marketing-partner"]
country = ["domestic"]
ground = ["consent"]
detail = ["full"]
consent = "express"
fields = "all-of-category"
reason = { es = "Venta.", en = "Sale." }
"#;
    let fault = fault_of(&document, "planted");
    assert_eq!(fault.kind, FaultKind::Contradicted);
    assert_eq!(fault.covered_by.iter().map(ToString::to_string).collect::<Vec<_>>(), ["never-sold"]);
}

#[test]
fn a_narrower_copy_is_shadowed_by_the_rule_itself_and_a_useless_withholding_is_idle() {
    let mut draft = example_draft();
    let original = draft.rules.iter().find(|rule| rule.id.as_str() == "care-read").unwrap().clone();
    let narrower = Rule {
        id: records_model::RuleId::parse("planted").unwrap(),
        scope: crate::Scope { roles: records_model::Set::one(records_model::Role::Nurse), ..original.scope },
        ..original.clone()
    };
    let custody = records_model::Set::one(records_model::Action::Custody);
    let idle = Rule {
        id: records_model::RuleId::parse("idle").unwrap(),
        scope: crate::Scope { actions: custody, ..original.scope },
        effect: Effect::Withhold { unless_consent: None, fields: crate::FieldGrant::AllOfCategory },
        ..original
    };
    draft.rules.extend([narrower, idle]);
    let faults = draft.faults();
    let said: Vec<(&str, FaultKind)> = faults.iter().map(|f| (f.rule.as_str(), f.kind)).collect();
    assert_eq!(said, [("planted", FaultKind::Shadowed), ("idle", FaultKind::Idle)]);
    assert!(faults[0].covered_by.iter().any(|rule| rule.as_str() == "care-read"));
}
