//! The engine: one question, one answer, nothing allocated.

use chrono::{DateTime, Utc};
use records_model::{Category, Field, PolicyVersionId, RuleId, Set, Vocabulary};

use crate::scope::{DIMENSIONS, Scope};
use crate::{
    Decision, Effect, Facts, FieldsByCategory, Obligation, Outcome, Reason, Request, Rule, RuleSet,
    VerifiedPolicy, reason, rule_set, scope,
};

/// Decides requests by one verified policy document.
///
/// Forbid beats permit; what no rule permits is refused; a request over several categories is permitted only
/// if each of them is. No rule can fail at run time: a missing fact is a fact that is absent.
#[derive(Debug, Clone)]
pub struct Engine {
    policy: VerifiedPolicy,
    index: Index,
}

/// What one category of a request came to.
struct CategoryAnswer {
    outcome: Outcome,
    fields: Set<Field>,
    obligations: Set<Obligation>,
}

impl Engine {
    /// An engine for this document; only a verified one is accepted.
    #[must_use]
    pub fn new(policy: VerifiedPolicy) -> Self {
        let index = Index::new(policy.rules());
        Self { policy, index }
    }

    /// The document that it decides by.
    #[must_use]
    pub const fn policy(&self) -> &VerifiedPolicy {
        &self.policy
    }

    /// The version of that document, for the log.
    #[must_use]
    pub fn version(&self) -> &PolicyVersionId {
        &self.policy.header().version
    }

    /// Decides one request on the facts of the moment; `now` is the instant at which the facts were read.
    ///
    /// Total: it answers every request and never fails. Facts past their `valid_until` count as
    /// [`Facts::as_of`] says.
    #[must_use]
    pub fn decide(&self, request: &Request, facts: &Facts, now: DateTime<Utc>) -> Decision {
        let facts = facts.as_of(now);
        let mut decision = Decision {
            outcome: if request.categories.is_empty() { Outcome::NotApplicable } else { Outcome::Permit },
            rules: RuleSet::EMPTY,
            near_misses: RuleSet::EMPTY,
            fields: FieldsByCategory::NONE,
            obligations: Set::EMPTY,
            valid_until: facts.valid_until,
            facts,
        };
        for category in request.categories.iter() {
            let answer = self.decide_category(request, category, &mut decision);
            decision.outcome = worse(decision.outcome, answer.outcome);
            decision.obligations |= answer.obligations;
            decision.fields.put(category, answer.fields);
        }
        if decision.outcome != Outcome::Permit {
            decision.fields = FieldsByCategory::NONE;
            decision.obligations = Set::EMPTY;
        }
        decision
    }

    fn decide_category(
        &self,
        request: &Request,
        category: Category,
        decision: &mut Decision,
    ) -> CategoryAnswer {
        let (mut opened, mut withheld, mut obligations) = (Set::EMPTY, Set::EMPTY, Set::EMPTY);
        let (mut permitted, mut forbidden) = (false, false);
        let mut near = RuleSet::EMPTY;
        for position in self.index.candidates(request, category) {
            let Some(rule) = self.policy.rules().get(position) else { continue };
            if rule.unless.iter().any(|spared| spared.contains(request, category)) {
                continue;
            }
            if !rule.applies(&decision.facts) {
                if rule.effect.is_permit() {
                    near.insert(position);
                }
                continue;
            }
            decision.rules.insert(position);
            match rule.effect {
                Effect::Permit { fields, obligations: owed, .. } => {
                    permitted = true;
                    opened |= self.index.fields(fields, category);
                    obligations |= owed;
                }
                Effect::Forbid { .. } => forbidden = true,
                Effect::Withhold { fields, .. } => withheld |= self.index.fields(fields, category),
            }
        }
        let outcome = match (forbidden, permitted) {
            (true, _) => Outcome::Deny,
            (false, true) => Outcome::Permit,
            (false, false) => Outcome::NotApplicable,
        };
        if outcome == Outcome::NotApplicable {
            near.iter().for_each(|position| decision.near_misses.insert(position));
        }
        CategoryAnswer { outcome, fields: opened - withheld, obligations }
    }

    /// Why it was decided so; at least one, each with a clause.
    ///
    /// A permit gives the reasons of its permits, a denial those of the promises that forbid it. When nobody
    /// allowed it, the permits that were nearest come first, each with what was missing, and the closed list
    /// last (4.1, P-38).
    pub fn reasons<'a>(&'a self, decision: &'a Decision) -> impl Iterator<Item = Reason<'a>> {
        reason::reasons(self.policy.rules(), decision)
    }

    /// The names of the rules that matched, in the order of the document.
    pub fn rule_ids<'a>(&'a self, decision: &'a Decision) -> impl Iterator<Item = &'a RuleId> {
        decision.rules.iter().filter_map(|position| self.policy.rules().get(position)).map(|rule| &rule.id)
    }
}

/// The worse of two outcomes: a promise that forbids one category forbids the request.
const fn worse(left: Outcome, right: Outcome) -> Outcome {
    match (left, right) {
        (Outcome::Deny, _) | (_, Outcome::Deny) => Outcome::Deny,
        (Outcome::NotApplicable, _) | (_, Outcome::NotApplicable) => Outcome::NotApplicable,
        (Outcome::Permit, Outcome::Permit) => Outcome::Permit,
    }
}

/// For each word of each dimension, the rules whose scope holds it: the candidates for a request are the
/// intersection of eight rows.
#[derive(Debug, Clone)]
struct Index {
    /// Words of 64 rules in a row.
    stride: usize,
    /// One row for each word of each dimension, dimension after dimension, 64 rows each.
    rows: Vec<u64>,
    /// The fields of each category, computed once.
    fields: Vec<Set<Field>>,
}

impl Index {
    fn new(rules: &[Rule]) -> Self {
        let stride = rules.len().div_ceil(64).max(1);
        let mut rows = vec![0; DIMENSIONS * 64 * stride];
        for (position, rule) in rules.iter().enumerate() {
            for (dimension, mask) in rule.scope.masks().into_iter().enumerate() {
                for word in rule_set::BitPositions(mask) {
                    if let Some(cell) = rows.get_mut((dimension * 64 + word) * stride + position / 64) {
                        *cell |= 1 << (position % 64);
                    }
                }
            }
        }
        let fields = Category::ALL.iter().map(|category| Field::of_category(*category)).collect();
        Self { stride, rows, fields }
    }

    /// Positions of the rules whose scope holds the request, `unless` boxes not yet looked at.
    fn candidates(&self, request: &Request, category: Category) -> impl Iterator<Item = usize> + '_ {
        let positions = scope::positions(request, category);
        (0..self.stride).flat_map(move |block| {
            let word = positions.iter().enumerate().fold(u64::MAX, |word, (dimension, position)| {
                let row = (dimension * 64 + usize::from(*position)) * self.stride + block;
                word & self.rows.get(row).copied().unwrap_or_default()
            });
            rule_set::BitPositions(word).map(move |bit| block * 64 + bit)
        })
    }

    fn fields(&self, grant: crate::FieldGrant, category: Category) -> Set<Field> {
        let all = self.fields.get(usize::from(category.index())).copied().unwrap_or_default();
        match grant {
            crate::FieldGrant::AllOfCategory => all,
            crate::FieldGrant::Listed(fields) => fields & all,
        }
    }
}

impl Scope {
    /// Whether no request is inside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.masks().contains(&0)
    }
}
