//! The promise report, computed from facts (P-3): the documents in force, the log, and counts over the tables.
//!
//! What nobody looked at stays `None`, and the clause is then *not evidenced*; no part of this fills in a zero
//! that it did not count. What only the caller can know comes as [`OutsideEvidence`].

mod documents;

use chrono::{DateTime, Utc};
use postgres_store::Clock;
use privacy_notice::evidence::{KeyRecovery, Transport};
use privacy_notice::{ClauseReport, ContentHash, Evidence, report};

use crate::{Runtime, RuntimeError};

/// What only a binary or its operator can know; by default nobody looked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutsideEvidence {
    /// Hash of the notice that is handed to a visitor without sign-in (P-1).
    pub served_notice: Option<ContentHash>,
    /// How data travels to and from the server, and between it and the database (P-48).
    pub transport: Option<Transport>,
    /// Staff accounts that sign in without a second factor (P-52).
    pub accounts_without_second_factor: Option<u64>,
    /// When security updates were last looked at (P-50).
    pub patches_checked_at: Option<DateTime<Utc>>,
    /// Whether the keys could be recovered (P-47).
    pub key_recovery: Option<KeyRecovery>,
}

impl Runtime {
    /// The facts about the clinic's own conduct, as they are now. Counts and dates only; nothing is changed.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the documents or the tables cannot be read.
    pub async fn evidence(&self, clock: Clock, outside: &OutsideEvidence) -> Result<Evidence, RuntimeError> {
        let now = self.store().instant(clock).await?;
        Ok(self.evidence_at(now, outside).await?.0)
    }

    /// Every clause of the clinic's catalogue with its computed state.
    ///
    /// # Errors
    ///
    /// As [`Runtime::evidence`].
    pub async fn promise_report(
        &self,
        clock: Clock,
        outside: &OutsideEvidence,
    ) -> Result<Vec<ClauseReport>, RuntimeError> {
        let now = self.store().instant(clock).await?;
        let (evidence, house) = self.evidence_at(now, outside).await?;
        Ok(report(&house.clauses, &evidence, now))
    }

    async fn evidence_at(
        &self,
        now: DateTime<Utc>,
        outside: &OutsideEvidence,
    ) -> Result<(Evidence, std::sync::Arc<privacy_operations::House>), RuntimeError> {
        let house = self.refresh().await?;
        let mut evidence = documents::evidence(&house, now);
        let tally = self.store().tally(self.clinic(), now).await?;
        evidence.decisions.break_glass_overdue = u64::try_from(tally.reviews_overdue).ok();
        evidence.notice.served = outside.served_notice;
        evidence.security.transport = outside.transport;
        evidence.security.accounts_without_second_factor = outside.accounts_without_second_factor;
        evidence.security.patches_checked_at = outside.patches_checked_at;
        evidence.security.key_recovery = outside.key_recovery;
        Ok((evidence, house))
    }
}
