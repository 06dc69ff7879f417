//! The promise report, computed from facts (P-3): the documents, the log, and counts over the tables.
//!
//! What nobody looked at stays `None`, and the clause is then *not evidenced*; no part of this fills in a zero
//! that it did not count. What only the caller can know comes as [`OutsideEvidence`]. Everything is read from
//! one snapshot, so that a record and its log entry are seen together or not at all.

mod custody;
mod disclosures;
mod doctor;
mod documents;
mod files;
mod judged;
mod log_walk;
mod people;
mod tables;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use postgres_store::{Clock, Snapshot};
use privacy_notice::evidence::{KeyRecovery, Transport};
use privacy_notice::{ClauseReport, ContentHash, Evidence, report};
use privacy_operations::House;

use crate::{Runtime, RuntimeError};

pub use doctor::{KeysLookedOver, VaultFinding};
pub(crate) use judged::Side;
pub(crate) use log_walk::{rings, side_of};

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
    /// The whole log is read, verified and compared with the records: minutes on a large clinic, not moments.
    /// Memory grows by about 200 bytes a log entry.
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
    ) -> Result<(Evidence, Arc<House>), RuntimeError> {
        let house = self.refresh().await?;
        let mut evidence = documents::evidence(&house, now);
        evidence.notice.served = outside.served_notice;
        evidence.security.transport = outside.transport;
        evidence.security.accounts_without_second_factor = outside.accounts_without_second_factor;
        evidence.security.patches_checked_at = outside.patches_checked_at;
        evidence.security.key_recovery = outside.key_recovery;
        let mut snapshot = self.store().snapshot(self.clinic()).await?;
        self.read_snapshot(&mut snapshot, (&house, now), &mut evidence).await?;
        snapshot.close().await?;
        Ok((evidence, house))
    }

    async fn read_snapshot(
        &self,
        snapshot: &mut Snapshot,
        (house, now): (&House, DateTime<Utc>),
        evidence: &mut Evidence,
    ) -> Result<(), RuntimeError> {
        documents::editions(snapshot, house, evidence).await?;
        let staff = people::Staff::load(self, snapshot, (house, now)).await?;
        evidence.officer.office = Some(staff.office());
        let log = log_walk::walk(self, snapshot, (house, now), staff).await?;
        log.enter(evidence);
        let mut custody = custody::walk(snapshot, &log).await?;
        custody.enter(snapshot, (house, now), evidence).await?;
        tables::enter(snapshot, (house, now), (&log, &custody), evidence).await
    }
}
