//! A policy document with its words resolved, and the one that passed every proof.

use chrono::NaiveDate;
use records_model::{ClauseId, ConsentForm, Fact, Field, PolicyVersionId, RuleId, Set};

use crate::{Facts, Obligation, Outcome, Request, Rule, Scope};

/// What a document says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyHeader {
    /// The policy, such as `elicells`.
    pub id: RuleId,
    /// This version of it, for the log.
    pub version: PolicyVersionId,
    /// From which day, in the clinic's time zone, it is meant to be in force.
    pub effective_on: NaiveDate,
    /// Language tag of the Spanish or local texts, such as `es-MX`.
    pub language: String,
}

/// A box in which the document itself says that nothing is ever permitted, or that all of it is forbidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invariant {
    /// Its name.
    pub id: RuleId,
    /// The clauses that it keeps.
    pub clauses: Vec<ClauseId>,
    /// The box.
    pub scope: Scope,
    /// Boxes inside it of which it says nothing.
    pub unless: Vec<Scope>,
    /// With these facts holding.
    pub present: Set<Fact>,
    /// With these facts not holding.
    pub absent: Set<Fact>,
    /// With a form of consent weaker than this; `None`: with any.
    pub consent_below: Option<ConsentForm>,
    /// If given, only these fields must stay closed.
    pub fields: Option<Set<Field>>,
    /// How it is to be refused.
    pub refusal: Refusal,
    /// Line of the document.
    pub line: usize,
}

/// How everything in the box of an invariant is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Refusal {
    /// Whether a rule forbids it or nobody allows it.
    #[default]
    Any,
    /// By a rule that forbids it, so that a permit that comes later opens nothing there.
    Forbidden,
}

/// A request with the answer that the document's author expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// What it shows, in one sentence.
    pub name: String,
    /// The request.
    pub request: Request,
    /// The facts.
    pub facts: Facts,
    /// The answer expected.
    pub expect: Expectation,
    /// A rule that must be among those that answer (for a near miss: among the nearly applying permits).
    pub rule: Option<RuleId>,
    /// The fields that must be open, no more and no fewer.
    pub fields: Option<Set<Field>>,
    /// The obligations that must be owed, no more and no fewer.
    pub obligations: Option<Set<Obligation>>,
    /// Line of the document.
    pub line: usize,
}

/// The answer that a scenario expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expectation {
    /// Exactly this outcome.
    Outcome(Outcome),
    /// Refused, for whatever reason.
    Refused,
}

impl Expectation {
    /// Whether the outcome is as expected.
    #[must_use]
    pub fn accepts(self, outcome: Outcome) -> bool {
        match self {
            Self::Outcome(expected) => expected == outcome,
            Self::Refused => outcome != Outcome::Permit,
        }
    }
}

/// A document that was read: every word in it is a word of ours. Nothing is proved yet, and nothing decides by
/// it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDraft {
    /// What it says of itself.
    pub header: PolicyHeader,
    /// Its rules, in order.
    pub rules: Vec<Rule>,
    /// Its own invariants.
    pub invariants: Vec<Invariant>,
    /// Its scenarios.
    pub scenarios: Vec<Scenario>,
}

/// A document that passed every proof; the only kind an [`Engine`](crate::Engine) accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedPolicy(PolicyDraft);

impl VerifiedPolicy {
    /// Called by [`PolicyDraft::check`] alone, once nothing is left to refute.
    pub(crate) const fn proved(draft: PolicyDraft) -> Self {
        Self(draft)
    }

    /// What the document says of itself.
    #[must_use]
    pub const fn header(&self) -> &PolicyHeader {
        &self.0.header
    }

    /// The rules, in the order of the document.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.0.rules
    }

    /// The document's own invariants.
    #[must_use]
    pub fn invariants(&self) -> &[Invariant] {
        &self.0.invariants
    }

    /// The document's scenarios.
    #[must_use]
    pub fn scenarios(&self) -> &[Scenario] {
        &self.0.scenarios
    }

    /// The document, to be edited and proved again.
    #[must_use]
    pub const fn draft(&self) -> &PolicyDraft {
        &self.0
    }
}
