//! What becomes of one edited document.

use records_model::Vocabulary as _;

use crate::{Change, Difference, Direction, Violation};

records_model::vocabulary! {
    /// What caught an edit.
    Catch, "catch" {
        /// A scenario of the document came out otherwise.
        Scenario = "scenario",
        /// The rule says too little, or contradicts itself.
        Shape = "shape",
        /// An absolute promise.
        Promise = "promise",
        /// A polarity law: something favourable would do harm.
        Polarity = "polarity",
        /// Tacit consent would count for sensitive data.
        Tacit = "tacit consent",
        /// An invariant of the document.
        Invariant = "invariant",
    }
}

/// What becomes of a document with one edit made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It cannot come into force.
    Caught(Box<Violation>),
    /// It decides everything as before: outcome, fields and obligations, proved by box algebra.
    Dead,
    /// It permits, opens and owes exactly what it did, proved by box algebra; but something that was refused by a
    /// promise is now refused because nobody allows it, or the other way round.
    Reworded(Box<Change>),
    /// It comes into force, and more or less is permitted, open or owed than before.
    Survived(Box<Change>),
}

impl Fate {
    /// What caught it, if anything did.
    #[must_use]
    pub fn catch(&self) -> Option<Catch> {
        match self {
            Self::Caught(violation) => Some(Catch::of(violation)),
            Self::Dead | Self::Reworded(_) | Self::Survived(_) => None,
        }
    }

    /// What becomes of a document that no law and no scenario refuses.
    pub(super) fn of_change(difference: &Difference) -> Self {
        let changes = difference.changes();
        match changes.iter().find(|change| change.kind.direction() != Direction::Even) {
            Some(change) => Self::Survived(Box::new(change.clone())),
            None => changes.first().map_or(Self::Dead, |change| Self::Reworded(Box::new(change.clone()))),
        }
    }
}

impl Catch {
    /// The kind of a violation.
    #[must_use]
    pub const fn of(violation: &Violation) -> Self {
        match violation {
            Violation::Scenario { .. } => Self::Scenario,
            Violation::TooManyRules { .. } | Violation::RuleTwice { .. } | Violation::RuleLacks { .. } => {
                Self::Shape
            }
            Violation::Promise { .. } => Self::Promise,
            Violation::Polarity { .. } => Self::Polarity,
            Violation::TacitCounts { .. } => Self::Tacit,
            Violation::Invariant { .. } => Self::Invariant,
        }
    }

    /// Position in [`Catch::ALL`](records_model::Vocabulary::ALL).
    pub(super) fn position(self) -> usize {
        usize::from(self.index())
    }
}
