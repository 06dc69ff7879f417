//! What one document permits and another does not.

mod compare;
mod pairing;

use std::fmt;

use records_model::{Field, RuleId, Set};

use crate::{Obligation, PolicyDraft, Region, Rule, VerifiedPolicy, Witness};

/// Whether a change lets more happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// More is permitted, more is open, or less is owed.
    Widened,
    /// Less is permitted, less is open, or more is owed.
    Narrowed,
    /// It is refused in both, but in one by a promise and in the other because nobody allows it.
    Even,
}

/// What became different about the states of one box.
///
/// Fields and obligations are compared where both documents permit: where only one does, they come and go with
/// the permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// Refused in the older document, permitted in the newer.
    Permitted,
    /// These fields are open in the newer document only.
    Opened(Set<Field>),
    /// These obligations are owed in the older document only.
    Freed(Set<Obligation>),
    /// Permitted in the older document, refused in the newer.
    Refused,
    /// These fields are open in the older document only.
    Closed(Set<Field>),
    /// These obligations are owed in the newer document only.
    Bound(Set<Obligation>),
    /// Nobody allowed it; now a promise forbids it.
    Forbidden,
    /// A promise forbade it; now nobody allows it.
    NoLongerForbidden,
}

impl ChangeKind {
    /// Whether it lets more happen.
    #[must_use]
    pub const fn direction(self) -> Direction {
        match self {
            Self::Permitted | Self::Opened(_) | Self::Freed(_) => Direction::Widened,
            Self::Refused | Self::Closed(_) | Self::Bound(_) => Direction::Narrowed,
            Self::Forbidden | Self::NoLongerForbidden => Direction::Even,
        }
    }
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permitted => f.write_str("now permitted"),
            Self::Opened(fields) => write!(f, "now open: {fields}"),
            Self::Freed(obligations) => write!(f, "no longer owed: {obligations}"),
            Self::Refused => f.write_str("no longer permitted"),
            Self::Closed(fields) => write!(f, "no longer open: {fields}"),
            Self::Bound(obligations) => write!(f, "now owed: {obligations}"),
            Self::Forbidden => f.write_str("still refused, now by a promise"),
            Self::NoLongerForbidden => f.write_str("still refused, no longer by a promise"),
        }
    }
}

/// One box in which the documents decide differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What became different.
    pub kind: ChangeKind,
    /// Where.
    pub region: Region,
    /// One state of it.
    pub witness: Box<Witness>,
    /// The rules of the older document that are responsible; none where it says nothing about these states.
    pub older: Vec<RuleId>,
    /// The rules of the newer document that are responsible; none where it says nothing about these states.
    pub newer: Vec<RuleId>,
}

/// Everything that two documents decide differently, exactly: as merged boxes, disjoint within each kind.
///
/// Of what is refused in both ([`Direction::Even`]) only examples are listed, at least one if there is any.
///
/// Compared are outcome, fields and obligations of every state (see [`Region`]). Names, reasons and clauses of
/// rules are not compared.
///
/// ```
/// # use consent_policy::{ChangeKind, PolicyDraft};
/// # let document = include_str!("../../../../fixtures/clinics/brisa/policy.toml");
/// let older = PolicyDraft::parse(document)?;
/// let mut newer = older.clone();
/// newer.rules.retain(|rule| !rule.effect.is_permit());
///
/// assert!(older.difference(&older).is_empty());
/// let difference = older.difference(&newer);
/// assert!(!difference.is_empty() && !difference.has_widened());
/// assert!(difference.states(ChangeKind::Refused) > 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    changes: Vec<Change>,
}

impl Difference {
    /// Compares two lists of rules; nothing about them needs to be proved.
    pub(crate) fn between(older: &[Rule], newer: &[Rule]) -> Self {
        Self { changes: compare::changes(older, newer) }
    }

    /// Every change: what widened, then what narrowed, then what is refused otherwise.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// The changes of one direction.
    pub fn towards(&self, direction: Direction) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.kind.direction() == direction)
    }

    /// Whether the documents decide every state alike: outcome, fields and obligations.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether the documents permit the same, with the same fields and obligations; a refusal may be a promise in
    /// one and silence in the other.
    #[must_use]
    pub fn permits_the_same(&self) -> bool {
        self.changes.iter().all(|change| change.kind.direction() == Direction::Even)
    }

    /// Whether anything widened: a request, a field, or an obligation that is no longer owed.
    #[must_use]
    pub fn has_widened(&self) -> bool {
        self.towards(Direction::Widened).next().is_some()
    }

    /// How many states changed in this way; for what is refused in both, how many the examples hold.
    #[must_use]
    pub fn states(&self, kind: ChangeKind) -> u128 {
        self.changes.iter().filter(|change| change.kind == kind).map(|change| change.region.states()).sum()
    }
}

impl PolicyDraft {
    /// What a newer document decides otherwise than this one. Both may still break a law.
    #[must_use]
    pub fn difference(&self, newer: &Self) -> Difference {
        Difference::between(&self.rules, &newer.rules)
    }
}

impl VerifiedPolicy {
    /// What a newer document decides otherwise than this one.
    #[must_use]
    pub fn difference(&self, newer: &Self) -> Difference {
        Difference::between(self.rules(), newer.rules())
    }
}
