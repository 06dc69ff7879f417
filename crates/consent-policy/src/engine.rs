//! The engine: one question, one answer, nothing allocated.

use chrono::{DateTime, Utc};
use records_model::{Category, Field, PolicyVersionId, RuleId, Set, Vocabulary};

use crate::compiled::Grants;
use crate::index::{BLOCKS_MAX, Index, Looked};
use crate::rule_set::BitPositions;
use crate::scope::Scope;
use crate::{
    Decision, Facts, FieldsByCategory, Obligation, Outcome, Reason, Request, VerifiedPolicy, reason, scope,
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
    // Small enough to be inlined: the answer is then written where the caller wants it, instead of being copied.
    #[inline]
    #[must_use]
    pub fn decide(&self, request: &Request, facts: &Facts, now: DateTime<Utc>) -> Decision {
        let mut decision = Decision::UNDECIDED;
        self.decide_into(request, facts, now, &mut decision);
        decision
    }

    fn decide_into(&self, request: &Request, facts: &Facts, now: DateTime<Utc>, decision: &mut Decision) {
        decision.facts = facts.as_of(now);
        decision.valid_until = decision.facts.valid_until;
        if !request.categories.is_empty() {
            decision.outcome = Outcome::Permit;
        }
        for category in request.categories.iter() {
            let answer = self.decide_category(request, category, decision);
            decision.outcome = worse(decision.outcome, answer.outcome);
            decision.obligations |= answer.obligations;
            decision.fields.put(category, answer.fields);
        }
        if decision.outcome != Outcome::Permit {
            decision.fields = FieldsByCategory::NONE;
            decision.obligations = Set::EMPTY;
        }
    }

    fn decide_category(
        &self,
        request: &Request,
        category: Category,
        decision: &mut Decision,
    ) -> CategoryAnswer {
        let looked = Looked::up(scope::positions(request, category));
        let (mut opened, mut withheld, mut obligations) = (Set::EMPTY, Set::EMPTY, Set::EMPTY);
        let (mut permitted, mut forbidden) = (false, false);
        // Noted only if nothing applies, which is known after the last block.
        let (mut near_blocks, mut nearly) = (0_u64, [0_u64; BLOCKS_MAX]);
        for block in self.index.blocks(&looked) {
            let Some(matches) = self.index.matches(block, &looked, &decision.facts) else { continue };
            permitted |= matches.permit();
            forbidden |= matches.forbid();
            matches.enter(&mut decision.rules);
            for grants in matches.granting().filter_map(|position| self.grants.get(position)) {
                opened |= grants.opens;
                withheld |= grants.withholds;
                obligations |= grants.obligations;
            }
            if let (near @ 1.., Some(slot)) = (matches.near_permits(), nearly.get_mut(block)) {
                near_blocks |= 1 << block;
                *slot = near;
            }
        }
        let outcome = match (forbidden, permitted) {
            (true, _) => Outcome::Deny,
            (false, true) => Outcome::Permit,
            (false, false) => Outcome::NotApplicable,
        };
        if outcome == Outcome::NotApplicable {
            for block in BitPositions(near_blocks) {
                let bits = nearly.get(block).copied().unwrap_or_default();
                self.index.enter(block, bits, &mut decision.near_misses);
            }
        }
        let of_category = self.fields.get(usize::from(category.index())).copied().unwrap_or_default();
        CategoryAnswer { outcome, fields: (opened - withheld) & of_category, obligations }
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
