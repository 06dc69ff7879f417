//! The second method: looking at every state that the rules tell apart, with three ways of deciding.

mod agree;
mod walk;

use std::fmt;

use thiserror::Error;

use crate::{Decision, Engine, Facts, Request, VerifiedPolicy, Witness};

/// How many states are looked at one by one, at most; more would take minutes.
pub const ENUMERATED_STATES_MAX: u64 = 100_000_000;

/// What a state is told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Axis {
    /// The action.
    Action,
    /// The role.
    Role,
    /// The purpose.
    Purpose,
    /// The category.
    Category,
    /// The recipient class.
    Recipient,
    /// The country class.
    Country,
    /// The ground.
    Ground,
    /// The detail level.
    Detail,
    /// The form of consent.
    Consent,
    /// The facts.
    Facts,
}

impl Axis {
    /// In the order of a scope's dimensions, then consent and facts.
    pub(crate) const ALL: [Self; 10] = [
        Self::Action,
        Self::Role,
        Self::Purpose,
        Self::Category,
        Self::Recipient,
        Self::Country,
        Self::Ground,
        Self::Detail,
        Self::Consent,
        Self::Facts,
    ];
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Action => "action",
            Self::Role => "role",
            Self::Purpose => "purpose",
            Self::Category => "category",
            Self::Recipient => "recipient",
            Self::Country => "country",
            Self::Ground => "ground",
            Self::Detail => "detail",
            Self::Consent => "consent",
            Self::Facts => "facts",
        })
    }
}

/// What an enumeration came to. In every state looked at, the list of rules, the compiled engine and the boxes gave
/// the same outcome, fields and obligations.
///
/// `covered` and `untouched` add up to all states there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Enumeration {
    /// States looked at one by one: no rule tells one of them from those that it stands for.
    pub looked_at: u64,
    /// How many states those stand for.
    pub covered: u128,
    /// How many states no permit touches; of each part that was left out one state was looked at.
    pub untouched: u128,
    /// States looked at for the parts that no permit touches.
    pub sampled: u64,
}

/// Two ways of deciding that disagree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The compiled engine.
    Engine,
    /// The boxes.
    Boxes,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Engine => "the compiled engine",
            Self::Boxes => "the box algebra",
        })
    }
}

/// Why an enumeration did not confirm a document.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EnumerationError {
    /// The rules tell too many states apart.
    #[error("the rules tell more than {limit} states apart; the {axis} does most of it")]
    TooManyStates {
        /// How many may be.
        limit: u64,
        /// What multiplies them most.
        axis: Axis,
    },
    /// A way of deciding differs from the plain list of rules: a mistake of this software, not of the document.
    #[error("{method} decides otherwise than the list of rules: {witness}")]
    Disagreement {
        /// Which.
        method: Method,
        /// A state that shows it.
        witness: Box<Witness>,
    },
}

impl VerifiedPolicy {
    /// Decides every state that the rules tell apart in three ways - the plain list of rules, the compiled engine,
    /// the boxes of the proofs - and compares outcome, fields and obligations.
    ///
    /// Words that no rule tells apart count as one, within the part of the space that is looked at; there, only
    /// facts and forms of consent vary that a rule names. Parts that no permit touches are counted, and one state of
    /// each is looked at.
    ///
    /// # Errors
    ///
    /// [`EnumerationError`] if there are more than [`ENUMERATED_STATES_MAX`] states, or if two ways disagree.
    pub fn enumerate(&self) -> Result<Enumeration, EnumerationError> {
        let engine = Engine::new(self.clone());
        // Facts without a scheduled change hold at every instant.
        let now = chrono::DateTime::UNIX_EPOCH;
        enumerate_against(self, ENUMERATED_STATES_MAX, |request, facts| engine.decide(request, facts, now))
    }
}

/// The same with another engine in place of the compiled one.
pub(crate) fn enumerate_against(
    policy: &VerifiedPolicy,
    limit: u64,
    decide: impl Fn(&Request, &Facts) -> Decision,
) -> Result<Enumeration, EnumerationError> {
    walk::count(policy.rules(), limit)?;
    let mut comparison = agree::Comparison::new(policy, decide);
    walk::walk(policy.rules(), &mut comparison)
}
