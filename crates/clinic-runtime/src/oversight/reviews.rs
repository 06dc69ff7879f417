//! The queue of emergency accesses that wait for a review.

use chrono::{DateTime, Utc};
use postgres_store::{Clock, ReviewLine};
use privacy_operations::{Answer, OverseeWork, WorkList};
use records_model::ActorId;

use crate::{Runtime, RuntimeError};

/// An emergency access that waits for its review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewDue {
    /// The access.
    pub line: ReviewLine,
    /// The first instant at which its review is late.
    pub due_at: DateTime<Utc>,
    /// Whether that has come.
    pub state: audit_log::ReviewState,
}

/// The queue, if the actor may see it.
#[derive(Debug, Clone)]
pub struct ReviewsSeen {
    /// Whether they may.
    pub answer: Answer,
    /// What waits: late ones first, each by age.
    pub waiting: Vec<ReviewDue>,
}

impl Runtime {
    /// The emergency accesses that wait for a review (P-44). The looking is decided and entered first.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if nothing could be decided.
    pub async fn reviews(&self, actor: ActorId, clock: Clock) -> Result<ReviewsSeen, RuntimeError> {
        let answer = self.perform(&OverseeWork { actor, list: WorkList::Reviews }, clock).await?;
        let waiting = if answer.is_permit() { self.reviews_due(clock).await? } else { Vec::new() };
        Ok(ReviewsSeen { answer, waiting })
    }

    /// The queue itself; to be called after a permit to oversee was committed.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the database does not answer.
    pub async fn reviews_due(&self, clock: Clock) -> Result<Vec<ReviewDue>, RuntimeError> {
        let within = self.refresh().await?.review_within();
        let now = self.store().instant(clock).await?;
        let due = |line: ReviewLine| {
            let due_at = line.ends_at.checked_add_signed(within).unwrap_or(DateTime::<Utc>::MAX_UTC);
            let state =
                if now < due_at { audit_log::ReviewState::Waiting } else { audit_log::ReviewState::Overdue };
            ReviewDue { line, due_at, state }
        };
        let lines = self.store().reviews_waiting(self.clinic()).await?;
        let mut waiting: Vec<ReviewDue> = lines.into_iter().map(due).collect();
        waiting.sort_by_key(|review| (review.state, review.line.starts_at));
        Ok(waiting)
    }
}
