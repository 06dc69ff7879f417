//! The engine: one question, one answer, nothing allocated.

use chrono::{DateTime, Utc};
use records_model::{Category, Field, PolicyVersionId, RuleId, Set, Vocabulary};

use crate::compiled::Grants;
use crate::index::Index;
use crate::scope::{DIMENSIONS, Scope};
use crate::{
    Decision, Facts, FieldsByCategory, Obligation, Outcome, Reason, Request, RuleSet, VerifiedPolicy, reason,
    scope,
};

/// Decides requests by one verified policy document.
///
/// Forbid beats permit; what no rule permits is refused; a request over several categories is permitted only
/// if each of them is. No rule can fail at run time: a missing fact is a fact that is absent.
#[derive(Debug, Clone)]
pub struct Engine {
    policy: VerifiedPolicy,
    index: Index,
    /// What each rule gives and takes, in the order of the document.
    grants: Vec<Grants>,
    /// The fields of each category, looked up once.
    fields: Vec<Set<Field>>,
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
        Self {
            index: Index::new(policy.rules()),
            grants: policy.rules().iter().map(Grants::of).collect(),
            fields: Category::ALL.iter().map(|category| Field::of_category(*category)).collect(),
            policy,
        }
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
        let words = scope::positions(request, category);
        let (mut opened, mut withheld, mut obligations) = (Set::EMPTY, Set::EMPTY, Set::EMPTY);
        let (mut permitted, mut forbidden, mut nearly) = (false, false, false);
        for matches in self.index.matches(words, &decision.facts) {
            permitted |= matches.permit();
            forbidden |= matches.forbid();
            nearly |= matches.near_permit();
            matches.applying().for_each(|position| decision.rules.insert(position));
            for grants in matches.granting().filter_map(|position| self.grants.get(position)) {
                opened |= grants.opens;
                withheld |= grants.withholds;
                obligations |= grants.obligations;
            }
        }
        let outcome = match (forbidden, permitted) {
            (true, _) => Outcome::Deny,
            (false, true) => Outcome::Permit,
            (false, false) => Outcome::NotApplicable,
        };
        if outcome == Outcome::NotApplicable && nearly {
            self.note_near_misses(words, decision);
        }
        let of_category = self.fields.get(usize::from(category.index())).copied().unwrap_or_default();
        CategoryAnswer { outcome, fields: (opened - withheld) & of_category, obligations }
    }

    /// The permits that are about the request and that the facts keep from applying.
    fn note_near_misses(&self, words: [u8; DIMENSIONS], decision: &mut Decision) {
        for matches in self.index.matches(words, &decision.facts) {
            matches.near_misses().for_each(|position| decision.near_misses.insert(position));
        }
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

impl Scope {
    /// Whether no request is inside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.masks().contains(&0)
    }
}
