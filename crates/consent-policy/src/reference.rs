//! The decision procedure written down as plainly as possible: slow, and hard to get wrong.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use records_model::{Category, Field, Set};

use crate::{Decision, Effect, Facts, FieldGrant, Obligation, Outcome, Request, Rule};

/// What the reference engine decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceDecision {
    /// What was decided.
    pub outcome: Outcome,
    /// Positions of the rules that matched.
    pub rules: BTreeSet<usize>,
    /// Positions of the permits that nearly applied.
    pub near_misses: BTreeSet<usize>,
    /// Open fields; a category without any is left out.
    pub fields: BTreeMap<Category, Set<Field>>,
    /// What is owed.
    pub obligations: Set<Obligation>,
}

impl ReferenceDecision {
    /// Whether the engine decided the same.
    #[must_use]
    pub fn agrees_with(&self, decision: &Decision) -> bool {
        let fields = |category: &Category| self.fields.get(category).copied().unwrap_or_default();
        let all: &[Category] = records_model::Vocabulary::ALL;
        self.outcome == decision.outcome
            && self.rules.iter().copied().eq(decision.rules.iter())
            && self.near_misses.iter().copied().eq(decision.near_misses.iter())
            && all.iter().all(|category| fields(category) == decision.fields_of(*category))
            && self.obligations == decision.obligations
    }
}

/// Decides by looking at every rule for every category.
#[must_use]
pub fn reference_decide(
    rules: &[Rule],
    request: &Request,
    facts: &Facts,
    now: DateTime<Utc>,
) -> ReferenceDecision {
    let facts = facts.as_of(now);
    let mut answer = ReferenceDecision {
        outcome: Outcome::Permit,
        rules: BTreeSet::new(),
        near_misses: BTreeSet::new(),
        fields: BTreeMap::new(),
        obligations: Set::EMPTY,
    };
    let mut outcomes = Vec::new();
    for category in request.categories.iter() {
        let about: Vec<(usize, &Rule)> =
            rules.iter().enumerate().filter(|(_, rule)| rule.is_about(request, category)).collect();
        let (applying, idle): (Vec<_>, Vec<_>) =
            about.into_iter().partition(|(_, rule)| rule.applies(&facts));
        answer.rules.extend(applying.iter().map(|(position, _)| *position));
        let forbidden = applying.iter().any(|(_, rule)| matches!(rule.effect, Effect::Forbid { .. }));
        let permitted = applying.iter().any(|(_, rule)| rule.effect.is_permit());
        let outcome = if forbidden {
            Outcome::Deny
        } else if permitted {
            Outcome::Permit
        } else {
            answer.near_misses.extend(
                idle.iter().filter(|(_, rule)| rule.effect.is_permit()).map(|(position, _)| *position),
            );
            Outcome::NotApplicable
        };
        outcomes.push(outcome);
        answer.fields.insert(category, open_fields(&applying, category));
        answer.obligations |= owed(&applying);
    }
    answer.outcome = overall(&outcomes);
    if answer.outcome != Outcome::Permit {
        answer.fields.clear();
        answer.obligations = Set::EMPTY;
    }
    answer
}

fn overall(outcomes: &[Outcome]) -> Outcome {
    if outcomes.contains(&Outcome::Deny) {
        Outcome::Deny
    } else if outcomes.is_empty() || outcomes.contains(&Outcome::NotApplicable) {
        Outcome::NotApplicable
    } else {
        Outcome::Permit
    }
}

fn open_fields(applying: &[(usize, &Rule)], category: Category) -> Set<Field> {
    let together = |grant: fn(&Effect) -> Option<FieldGrant>| {
        let grants = applying.iter().filter_map(|(_, rule)| grant(&rule.effect));
        grants.fold(Set::EMPTY, |all, fields| all | fields.of(category))
    };
    let opened = together(|effect| match effect {
        Effect::Permit { fields, .. } => Some(*fields),
        Effect::Forbid { .. } | Effect::Withhold { .. } => None,
    });
    let withheld = together(|effect| match effect {
        Effect::Withhold { fields, .. } => Some(*fields),
        Effect::Forbid { .. } | Effect::Permit { .. } => None,
    });
    opened - withheld
}

fn owed(applying: &[(usize, &Rule)]) -> Set<Obligation> {
    applying.iter().fold(Set::EMPTY, |all, (_, rule)| match rule.effect {
        Effect::Permit { obligations, .. } => all | obligations,
        Effect::Forbid { .. } | Effect::Withhold { .. } => all,
    })
}
