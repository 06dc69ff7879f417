//! Runs the scenarios that a document brings along.

use chrono::DateTime;
use records_model::{Field, RuleId, Set};
use thiserror::Error;

use crate::{Decision, Engine, Obligation, Outcome, PolicyDraft, Scenario, VerifiedPolicy, Violation};

/// What came out otherwise than a scenario says.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// Another outcome.
    #[error("the outcome is {found:?}, decided by: {rules}")]
    Outcome {
        /// The outcome found.
        found: Outcome,
        /// The rules that matched, separated by commas.
        rules: String,
    },
    /// The rule named is not among those that answer.
    #[error("rule `{wanted}` is not among those that answer: {rules}")]
    Rule {
        /// The rule that the scenario names.
        wanted: RuleId,
        /// The rules that answer, separated by commas.
        rules: String,
    },
    /// Other fields.
    #[error("the open fields are: {found}")]
    Fields {
        /// The fields found.
        found: Set<Field>,
    },
    /// Other obligations.
    #[error("the obligations are: {found}")]
    Obligations {
        /// The obligations found.
        found: Set<Obligation>,
    },
}

/// A scenario that was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried<'a> {
    /// Which.
    pub scenario: &'a Scenario,
    /// The outcome.
    pub outcome: Outcome,
    /// The rules that answered, and those that nearly did.
    pub rules: String,
    /// What came out otherwise than it says, if anything did.
    pub mismatch: Option<Mismatch>,
}

impl PolicyDraft {
    /// Runs every scenario, in the order of the document; the rules need not be proved for it.
    #[must_use]
    pub fn try_scenarios(&self) -> Vec<Tried<'_>> {
        let engine = self.unproved_engine();
        let tried = |scenario| {
            let decision = decided(&engine, scenario);
            let (outcome, rules) = (decision.outcome, answering(&engine, &decision));
            Tried { scenario, outcome, rules, mismatch: run(&engine, scenario) }
        };
        self.scenarios.iter().map(tried).collect()
    }

    /// An engine for the rules as they stand, to run scenarios by; it never leaves this crate.
    fn unproved_engine(&self) -> Engine {
        let (header, rules) = (self.header.clone(), self.rules.clone());
        let rules_only = Self { header, rules, invariants: Vec::new(), scenarios: Vec::new() };
        Engine::new(VerifiedPolicy::proved(rules_only))
    }
}

/// Every scenario of the document that comes out otherwise.
pub(crate) fn violations(draft: &PolicyDraft) -> Vec<Violation> {
    let engine = draft.unproved_engine();
    draft.scenarios.iter().filter_map(|scenario| violation(&engine, scenario)).collect()
}

/// The scenario, if it comes out otherwise.
pub(crate) fn violation(engine: &Engine, scenario: &Scenario) -> Option<Violation> {
    let mismatch = run(engine, scenario)?;
    Some(Violation::Scenario { name: scenario.name.clone(), line: scenario.line, mismatch })
}

fn decided(engine: &Engine, scenario: &Scenario) -> Decision {
    // No scenario has a scheduled change, so the instant does not matter.
    engine.decide(&scenario.request, &scenario.facts, DateTime::UNIX_EPOCH)
}

fn run(engine: &Engine, scenario: &Scenario) -> Option<Mismatch> {
    let decision = decided(engine, scenario);
    if !scenario.expect.accepts(decision.outcome) {
        return Some(Mismatch::Outcome { found: decision.outcome, rules: answering(engine, &decision) });
    }
    if let Some(wanted) = &scenario.rule
        && !engine.reasons(&decision).any(|reason| reason.rule == Some(wanted))
        && !engine.rule_ids(&decision).any(|rule| rule == wanted)
    {
        return Some(Mismatch::Rule { wanted: wanted.clone(), rules: answering(engine, &decision) });
    }
    let found = decision.any_fields();
    if scenario.fields.is_some_and(|wanted| wanted != found) {
        return Some(Mismatch::Fields { found });
    }
    let found = decision.obligations;
    (scenario.obligations.is_some_and(|wanted| wanted != found)).then_some(Mismatch::Obligations { found })
}

fn answering(engine: &Engine, decision: &Decision) -> String {
    let matched = engine.rule_ids(decision).map(ToString::to_string);
    let near = engine.reasons(decision).filter(|reason| reason.shortfall.conditions() > 0);
    let near = near.filter_map(|reason| reason.rule.map(|rule| format!("nearly {rule}")));
    let names: Vec<String> = matched.chain(near).collect();
    if names.is_empty() { "no rule".to_owned() } else { names.join(", ") }
}
