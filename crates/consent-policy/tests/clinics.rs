//! The two clinics on file: their documents come into force, cite clauses of their own catalogue, and differ.

use std::collections::BTreeSet;

use consent_policy::{Engine, PolicyDraft};

#[cfg(test)]
mod support {
    use super::{BTreeSet, Engine, PolicyDraft};

    pub(crate) const ELICELLS: (&str, &str) = (
        include_str!("../../../fixtures/clinics/elicells/policy.toml"),
        include_str!("../../../fixtures/clinics/elicells/clauses.toml"),
    );
    pub(crate) const BRISA: (&str, &str) = (
        include_str!("../../../fixtures/clinics/brisa/policy.toml"),
        include_str!("../../../fixtures/clinics/brisa/clauses.toml"),
    );

    pub(crate) fn engine(document: &str) -> Engine {
        let draft = PolicyDraft::parse(document).map_err(|error| error.to_string()).unwrap();
        Engine::new(draft.check().map_err(|error| error.to_string()).unwrap())
    }

    pub(crate) fn catalogue(text: &str) -> BTreeSet<String> {
        let table: toml::Table = text.parse().unwrap();
        let clauses = table["clause"].as_array().unwrap();
        clauses.iter().map(|clause| clause["id"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn every_rule_and_invariant_cites_clauses_of_the_clinics_own_catalogue() {
    for (document, clauses) in [support::ELICELLS, support::BRISA] {
        let known = support::catalogue(clauses);
        let engine = support::engine(document);
        let rules = engine.policy().rules().iter().map(|rule| (&rule.id, &rule.clauses));
        let invariants =
            engine.policy().invariants().iter().map(|invariant| (&invariant.id, &invariant.clauses));
        for (id, cited) in rules.chain(invariants) {
            for clause in cited {
                assert!(
                    known.contains(&clause.to_string()),
                    "`{id}` cites {clause}, which the catalogue lacks"
                );
            }
        }
        assert!(known.contains("P-38"), "the closed list is cited by every refusal that no rule gives");
    }
}

#[test]
fn the_example_clinic_brings_enough_scenarios_and_every_rule_answers_in_one() {
    let engine = support::engine(support::ELICELLS.0);
    let scenarios = engine.policy().scenarios();
    assert!(scenarios.len() >= 80);
    let mut silent: BTreeSet<String> =
        engine.policy().rules().iter().map(|rule| rule.id.to_string()).collect();
    for scenario in scenarios {
        let decision = engine.decide(&scenario.request, &scenario.facts, chrono::DateTime::UNIX_EPOCH);
        for rule in engine.rule_ids(&decision) {
            silent.remove(rule.as_str());
        }
    }
    assert_eq!(silent, BTreeSet::new(), "rules that no scenario shows at work");
}

#[test]
fn the_promises_of_one_clinic_are_not_those_of_the_other() {
    let (one, other) = (support::engine(support::ELICELLS.0), support::engine(support::BRISA.0));
    let scenarios = other.policy().scenarios().iter().chain(one.policy().scenarios());
    let differ = scenarios.filter(|scenario| {
        let now = chrono::DateTime::UNIX_EPOCH;
        one.decide(&scenario.request, &scenario.facts, now).outcome
            != other.decide(&scenario.request, &scenario.facts, now).outcome
    });
    assert!(differ.count() > 10);
}

/// Guards are compared by what they say, wherever they stand in the document.
#[test]
fn a_guard_that_moved_down_a_line_is_not_lost() {
    for (document, _) in [support::ELICELLS, support::BRISA] {
        let older = PolicyDraft::parse(document).unwrap();
        assert!(!older.invariants.is_empty() && !older.scenarios.is_empty());
        let newer = PolicyDraft::parse(&format!("# A line more.\n{document}")).unwrap();
        assert_ne!(older.invariants[0].line, newer.invariants[0].line);
        assert!(older.guards_lost(&newer).is_empty(), "{:?}", older.guards_lost(&newer));
    }
}
