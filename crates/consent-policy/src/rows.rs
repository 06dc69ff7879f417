//! A list of records, narrowed before it is loaded: what a residual says about the columns of a row.

use chrono::{DateTime, Utc};
use records_model::{Category, Fact, Set};
use thiserror::Error;

use crate::scope::DIMENSIONS;
use crate::{Facts, PartialRequest, Region, Request, Scope, VerifiedPolicy};

/// What a record says of its own content beside its category, in a column of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowMark {
    /// A value in it reveals health although its category does not say so.
    RevealsHealth,
    /// It holds genetic results.
    Genetic,
}

impl RowMark {
    /// Every mark.
    pub const ALL: [Self; 2] = [Self::RevealsHealth, Self::Genetic];

    /// The fact that a decision sees of it.
    #[must_use]
    pub const fn fact(self) -> Fact {
        match self {
            Self::RevealsHealth => Fact::RevealsHealth,
            Self::Genetic => Fact::Genetic,
        }
    }

    /// The facts that are columns.
    #[must_use]
    pub fn facts() -> Set<Fact> {
        Self::ALL.into_iter().map(Self::fact).collect()
    }
}

/// A condition on one column of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RowCondition {
    /// Its category is one of these.
    CategoryIn(Set<Category>),
    /// It bears the mark.
    Bears(RowMark),
    /// It does not.
    Lacks(RowMark),
}

/// Which rows of a list are permitted: those that meet every condition of at least one box. No box, no row.
///
/// It holds values and no text, so that a store can only bind them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowPredicate {
    boxes: Vec<Vec<RowCondition>>,
}

/// Why a list cannot be narrowed: something is left open that no column of a row can settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LeftOpen {
    /// A dimension other than the category.
    #[error("a record does not say its {0}; settle it before a list is narrowed")]
    Dimension(&'static str),
    /// A fact that is in no column.
    #[error("a record does not say whether `{0}` holds; settle it before a list is narrowed")]
    Fact(Fact),
    /// The form of consent.
    #[error("a record does not say which consent covers it; settle it before a list is narrowed")]
    Consent,
}

impl RowPredicate {
    /// No row.
    pub const NOTHING: Self = Self { boxes: Vec::new() };

    /// The boxes: any of them, and in each all conditions.
    #[must_use]
    pub fn boxes(&self) -> &[Vec<RowCondition>] {
        &self.boxes
    }

    /// The rows of either.
    #[must_use]
    pub fn or(mut self, other: Self) -> Self {
        self.boxes.extend(other.boxes);
        self
    }

    /// Whether it chooses a row of this category with these marks; other facts do not count.
    #[must_use]
    pub fn chooses(&self, category: Category, marks: Set<Fact>) -> bool {
        self.boxes.iter().any(|conditions| {
            conditions.iter().all(|condition| match condition {
                RowCondition::CategoryIn(categories) => categories.contains(category),
                RowCondition::Bears(mark) => marks.contains(mark.fact()),
                RowCondition::Lacks(mark) => !marks.contains(mark.fact()),
            })
        })
    }

    /// The rows that these regions hold, where all but what a row says is known.
    ///
    /// # Errors
    ///
    /// [`LeftOpen`] if a region depends on something that is neither known nor a column.
    pub fn of(residual: &[Region], known: &PartialRequest) -> Result<Self, LeftOpen> {
        let boxes = residual.iter().map(|region| conditions(region, known));
        Ok(Self { boxes: boxes.collect::<Result<_, _>>()? })
    }
}

impl PartialRequest {
    /// A request of which everything is known but what each row of a list says: which of the categories it is in,
    /// and its marks. The facts count as of `now`, as they do when it is decided.
    #[must_use]
    pub fn over_rows(request: &Request, facts: &Facts, now: DateTime<Utc>) -> Self {
        let facts = facts.as_of(now);
        let scope = Scope {
            actions: Set::one(request.action),
            roles: Set::one(request.role),
            purposes: Set::one(request.purpose),
            categories: request.categories,
            recipients: Set::one(request.recipient),
            countries: Set::one(request.country),
            grounds: Set::one(request.ground),
            details: Set::one(request.detail),
        };
        Self {
            scope,
            present: facts.present - RowMark::facts(),
            absent: facts.present.complement() - RowMark::facts(),
            forms: Set::one(facts.consent),
        }
    }
}

impl VerifiedPolicy {
    /// Which rows of a list a partial request permits, exactly: a row is chosen if and only if deciding about it
    /// alone, by its category and its marks, permits it.
    ///
    /// # Errors
    ///
    /// [`LeftOpen`] if more is open than a row can say; never for [`PartialRequest::over_rows`].
    pub fn permitted_rows(&self, known: &PartialRequest) -> Result<RowPredicate, LeftOpen> {
        RowPredicate::of(&self.residual(known), known)
    }
}

/// Where the category stands among the dimensions, and the names of the others.
const DIMENSION_NAMES: [Option<&str>; DIMENSIONS] = [
    Some("action"),
    Some("role"),
    Some("purpose"),
    None,
    Some("recipient"),
    Some("country"),
    Some("ground"),
    Some("detail"),
];

fn conditions(region: &Region, known: &PartialRequest) -> Result<Vec<RowCondition>, LeftOpen> {
    let scope = region.scope();
    let sides = scope.masks().into_iter().zip(known.scope.masks()).zip(DIMENSION_NAMES);
    for ((left, known), name) in sides {
        if let Some(name) = name.filter(|_| known & !left != 0) {
            return Err(LeftOpen::Dimension(name));
        }
    }
    if !region.forms().contains_all(known.forms) {
        return Err(LeftOpen::Consent);
    }
    let settled = known.present | known.absent | RowMark::facts();
    if let Some(fact) = ((region.present() | region.absent()) - settled).iter().next() {
        return Err(LeftOpen::Fact(fact));
    }
    let mut conditions = vec![RowCondition::CategoryIn(scope.categories)];
    for mark in RowMark::ALL {
        if region.present().contains(mark.fact()) {
            conditions.push(RowCondition::Bears(mark));
        } else if region.absent().contains(mark.fact()) {
            conditions.push(RowCondition::Lacks(mark));
        }
    }
    Ok(conditions)
}
