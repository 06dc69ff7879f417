//! What becomes of one edited document.

use records_model::Vocabulary as _;

use crate::{Change, ChangeKind, Difference, Direction, Violation};

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
    /// It is no document any more: some list of it means nothing.
    Unreadable,
    /// It decides everything as before: outcome, fields and obligations, proved by box algebra.
    Dead,
    /// It permits, opens and owes exactly what it did, proved by box algebra; but something that a rule forbade is
    /// now refused only because nobody allows it, so that a permit that comes later may open it.
    Unguarded(Box<Change>),
    /// It permits, opens and owes exactly what it did, proved by box algebra; but something that nobody allowed is
    /// now forbidden as well.
    Doubled(Box<Change>),
    /// It comes into force, and more or less is permitted, open or owed than before.
    Survived(Box<Change>),
}

impl Fate {
    /// What caught it, if anything did.
    #[must_use]
    pub fn catch(&self) -> Option<Catch> {
        match self {
            Self::Caught(violation) => Some(Catch::of(violation)),
            Self::Unreadable => Some(Catch::Shape),
            Self::Dead | Self::Unguarded(_) | Self::Doubled(_) | Self::Survived(_) => None,
        }
    }

    /// What becomes of a document that no law and no scenario refuses.
    pub(super) fn of_change(difference: &Difference) -> Self {
        let changes = difference.changes();
        let first = |wanted: fn(&Change) -> bool| {
            changes.iter().find(|change| wanted(change)).map(|change| Box::new(change.clone()))
        };
        first(|change| change.kind.direction() != Direction::Even)
            .map(Self::Survived)
            .or_else(|| first(|change| change.kind == ChangeKind::NoLongerForbidden).map(Self::Unguarded))
            .or_else(|| first(|_| true).map(Self::Doubled))
            .unwrap_or(Self::Dead)
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
            Violation::Invariant { .. } | Violation::NotForbidden { .. } => Self::Invariant,
        }
    }

    /// Position in [`Catch::ALL`](records_model::Vocabulary::ALL).
    pub(super) fn position(self) -> usize {
        usize::from(self.index())
    }
}
