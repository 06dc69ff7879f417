//! What was proved of a document, to be read.

use records_model::{ConsentForm, Fact, Field, Polarity, RuleId, Vocabulary};

use crate::cuboid::Cuboid;
use crate::{Effect, Fault, Obligation, PolicyHeader, Promise, Scope, VerifiedPolicy};

/// How many rules of each effect a document holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RuleCounts {
    /// Rules that permit.
    pub permit: usize,
    /// Rules that forbid.
    pub forbid: usize,
    /// Rules that withhold fields.
    pub withhold: usize,
}

/// How many questions the polarity laws came to; each was answered for every state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PolarityProofs {
    /// Steps from worse to better: one for each fact, one for each form of consent above none.
    pub steps: usize,
    /// What a step may not take away: the permit, each field, and freedom from each obligation.
    pub losses: usize,
}

/// What was proved of a document: of its rules, over the vocabulary of this version, and of nothing else.
///
/// A [`VerifiedPolicy`] exists only if all of it holds, so this is a list of what was asked. Faults are warnings:
/// they are no reason to refuse a document.
///
/// ```
/// # use consent_policy::{PolicyDraft, Promise};
/// # use records_model::Vocabulary;
/// let document = include_str!("../../../fixtures/clinics/brisa/policy.toml");
/// let verification = PolicyDraft::parse(document)?.check()?.verification();
/// assert_eq!(verification.promises(), Promise::ALL);
/// assert!(verification.faults().is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    header: PolicyHeader,
    rules: RuleCounts,
    invariants: Vec<RuleId>,
    scenarios: usize,
    faults: Vec<Fault>,
}

impl Verification {
    /// The document.
    #[must_use]
    pub const fn header(&self) -> &PolicyHeader {
        &self.header
    }

    /// Its rules.
    #[must_use]
    pub const fn rules(&self) -> RuleCounts {
        self.rules
    }

    /// How many states there are: requests over one category, times facts, times forms of consent.
    #[must_use]
    pub fn states(&self) -> u128 {
        Cuboid::of(&Scope::any()).map_or(0, |everything| everything.states())
    }

    /// The absolute promises, each proved by box algebra for every state.
    #[must_use]
    pub const fn promises(&self) -> &'static [Promise] {
        Promise::ALL
    }

    /// The polarity laws, each proved by box algebra for every state.
    #[must_use]
    pub fn polarity(&self) -> PolarityProofs {
        let facts = [Polarity::Favourable, Polarity::Unfavourable]
            .map(|way| Fact::ALL.iter().filter(|fact| fact.polarity() == way).count());
        PolarityProofs {
            steps: facts.iter().sum::<usize>() + ConsentForm::ALL.len() - 1,
            losses: 1 + Field::ALL.len() + Obligation::ALL.len(),
        }
    }

    /// The document's own invariants, each proved by box algebra for every state.
    #[must_use]
    pub fn invariants(&self) -> &[RuleId] {
        &self.invariants
    }

    /// How many tests the document brings along; each came out as it says.
    #[must_use]
    pub const fn scenarios(&self) -> usize {
        self.scenarios
    }

    /// Rules that change nothing.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl VerifiedPolicy {
    /// What was proved of the document, and the rules in it that change nothing.
    #[must_use]
    pub fn verification(&self) -> Verification {
        let count = |wanted: fn(&Effect) -> bool| self.rules().iter().filter(|r| wanted(&r.effect)).count();
        Verification {
            header: self.header().clone(),
            rules: RuleCounts {
                permit: count(Effect::is_permit),
                forbid: count(|effect| matches!(effect, Effect::Forbid { .. })),
                withhold: count(|effect| matches!(effect, Effect::Withhold { .. })),
            },
            invariants: self.invariants().iter().map(|invariant| invariant.id.clone()).collect(),
            scenarios: self.scenarios().len(),
            faults: self.faults(),
        }
    }
}
