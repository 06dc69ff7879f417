//! What the promise report needs: what should have been destroyed and was not (P-71, P-74, P-76).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use records_model::{ClauseId, RetentionClass};

use crate::{RetentionDecision, RetentionState};

/// The counts of one class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClassDisposal {
    /// Items reviewed.
    pub reviewed: u64,
    /// Items that may go and are still in time.
    pub disposable: u64,
    /// Items that should be gone.
    pub overdue: u64,
    /// Items that a legal hold keeps.
    pub held: u64,
    /// The earliest day on which one of the overdue items should have been gone.
    pub oldest_dispose_by: Option<NaiveDate>,
}

/// What a review over many items found; joining two reports adds them up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OverdueReport {
    classes: BTreeMap<RetentionClass, ClassDisposal>,
    broken: BTreeSet<ClauseId>,
}

impl OverdueReport {
    /// Adds one review; memory stays flat however many are added.
    pub fn add(&mut self, decision: &RetentionDecision) {
        let class = self.classes.entry(decision.class()).or_default();
        class.reviewed += 1;
        match decision.state() {
            RetentionState::Disposable => class.disposable += 1,
            RetentionState::Held => class.held += 1,
            RetentionState::Overdue => {
                class.overdue += 1;
                let by = decision.dispose_by();
                class.oldest_dispose_by = [class.oldest_dispose_by, by].into_iter().flatten().min();
                self.broken.insert(decision.clause());
            }
            RetentionState::Active | RetentionState::Retained | RetentionState::Blocked => {}
        }
    }

    /// The counts of each class that was met.
    #[must_use]
    pub const fn classes(&self) -> &BTreeMap<RetentionClass, ClassDisposal> {
        &self.classes
    }

    /// How many items should be gone.
    #[must_use]
    pub fn overdue(&self) -> u64 {
        self.classes.values().map(|class| class.overdue).sum()
    }

    /// The clauses that overdue items break; empty when every end is kept.
    #[must_use]
    pub const fn broken_clauses(&self) -> &BTreeSet<ClauseId> {
        &self.broken
    }
}

impl<'a> Extend<&'a RetentionDecision> for OverdueReport {
    fn extend<I: IntoIterator<Item = &'a RetentionDecision>>(&mut self, decisions: I) {
        for decision in decisions {
            self.add(decision);
        }
    }
}
