//! A plan to destroy: only for items that may go today, and only with two different approvers.

use chrono::NaiveDate;
use jurisdiction::LocalMoment;
use records_model::{ActorId, RetentionClass};
use thiserror::Error;

use crate::{RetentionDecision, RetentionState};

/// Who approved a disposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Approvals {
    /// One officer.
    pub first: ActorId,
    /// Another officer.
    pub second: ActorId,
}

/// One item of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisposalItem<T> {
    /// Which item; the caller's own id.
    pub item: T,
    /// Its class.
    pub class: RetentionClass,
    /// Since when it may go.
    pub disposable_from: NaiveDate,
}

/// What is to be destroyed, by whose word. It holds for the day it was made on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a plan destroys nothing by itself"]
pub struct DisposalPlan<T> {
    items: Vec<DisposalItem<T>>,
    approvals: Approvals,
    planned_on: NaiveDate,
}

/// Why nothing of it may be destroyed. Positions count from 0 in the order given.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DisposalError {
    /// Nothing to destroy.
    #[error("a disposal needs at least one item")]
    Empty,
    /// One person approved twice.
    #[error("two different persons approve a disposal")]
    SameApprover,
    /// A review of another day.
    #[error("the review of item {position} is of {reviewed_on}; it must be of today")]
    Stale {
        /// Which item.
        position: usize,
        /// The day of its review.
        reviewed_on: NaiveDate,
    },
    /// Something keeps it.
    #[error("item {position} is {state}{}", Until(*kept_through))]
    Kept {
        /// Which item.
        position: usize,
        /// Where it stands.
        state: RetentionState,
        /// The last day on which it must still be there, if it can be told.
        kept_through: Option<NaiveDate>,
    },
}

struct Until(Option<NaiveDate>);

impl std::fmt::Display for Until {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.map_or(Ok(()), |until| write!(f, " and is kept through {until}"))
    }
}

/// Plans the disposal of items that were reviewed today.
///
/// - `items`: the caller's id of each item, with its review.
/// - `at`: the moment of the plan; the reviews must be of the same date at the clinic.
///
/// # Errors
///
/// [`DisposalError`] at the first item that something keeps; then nothing is planned, for anybody in any role.
pub fn disposal_plan<T>(
    items: Vec<(T, RetentionDecision)>,
    approvals: Approvals,
    at: LocalMoment,
) -> Result<DisposalPlan<T>, DisposalError> {
    if approvals.first == approvals.second {
        return Err(DisposalError::SameApprover);
    }
    if items.is_empty() {
        return Err(DisposalError::Empty);
    }
    let planned_on = at.today();
    let mut planned = Vec::with_capacity(items.len());
    for (position, (item, decision)) in items.into_iter().enumerate() {
        if decision.reviewed_on() != planned_on {
            return Err(DisposalError::Stale { position, reviewed_on: decision.reviewed_on() });
        }
        match decision.disposable_from() {
            Some(disposable_from) if decision.is_disposable() && disposable_from <= planned_on => {
                planned.push(DisposalItem { item, class: decision.class(), disposable_from });
            }
            _ => {
                let (state, kept_through) = (decision.state(), decision.floor_until());
                return Err(DisposalError::Kept { position, state, kept_through });
            }
        }
    }
    Ok(DisposalPlan { items: planned, approvals, planned_on })
}

impl<T> DisposalPlan<T> {
    /// What goes.
    #[must_use]
    pub fn items(&self) -> &[DisposalItem<T>] {
        &self.items
    }

    /// By whose word.
    #[must_use]
    pub const fn approvals(&self) -> Approvals {
        self.approvals
    }

    /// The date at the clinic for which it holds.
    #[must_use]
    pub const fn planned_on(&self) -> NaiveDate {
        self.planned_on
    }
}
