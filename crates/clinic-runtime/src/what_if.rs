//! The logged decisions of the last days, made again under a draft of the policy.

use audit_log::{Leaf, LeafParts, Outcome as LogOutcome, Preimage, RecipientId};
use chrono::{DateTime, Utc};
use consent_policy::{Engine, Facts, Outcome, PastDecision, Request, WhatIf, WhatIfReport};
use postgres_store::{Snapshot, TracedEntry};
use records_model::{EntryId, RecipientClass, SubjectId};
use serde::Serialize;

use crate::evidence::{Side, rings, side_of};
use crate::{Runtime, RuntimeError};

/// What a draft would turn of the decisions in the log. It names entries, and nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LoggedWhatIf {
    /// The decisions that could be made again.
    pub report: WhatIfReport<EntryId>,
    /// Decisions that could not be: entries of before the log kept what a decision rested on, and refusals that no
    /// document made, such as of whoever would decide for themselves.
    pub without_basis: u64,
    /// Decisions whose side cannot be opened: its key was destroyed, or it was altered.
    pub unopened: u64,
}

impl Runtime {
    /// Makes every decision that was logged at or after this instant again under a draft.
    ///
    /// The whole log is read in pages, and the sides of those decisions are opened in memory, for counting. Nothing
    /// is changed, and the log does not grow.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the log or its keys cannot be read.
    pub async fn what_if(&self, draft: &Engine, since: DateTime<Utc>) -> Result<LoggedWhatIf, RuntimeError> {
        let mut snapshot = self.store().snapshot(self.clinic()).await?;
        let found = self.what_if_of(&mut snapshot, draft, since).await?;
        snapshot.close().await?;
        Ok(found)
    }

    async fn what_if_of(
        &self,
        snapshot: &mut Snapshot,
        draft: &Engine,
        since: DateTime<Utc>,
    ) -> Result<LoggedWhatIf, RuntimeError> {
        let mut again = WhatIf::new(draft);
        let (mut without_basis, mut unopened) = (0, 0);
        snapshot.begin_log().await?;
        loop {
            let page = snapshot.next_entries().await?;
            if page.is_empty() {
                break;
            }
            let decisions: Vec<(Leaf, &TracedEntry)> = page
                .iter()
                .filter_map(|traced| Some((Leaf::decode(&traced.entry.leaf).ok()?, traced)))
                .filter(|(leaf, _)| leaf.parts().at >= since && outcome(leaf.parts()).is_some())
                .collect();
            let owner = |(_, traced): &(Leaf, &TracedEntry)| Some(traced.side.as_ref()?.subject);
            let people: Vec<SubjectId> = decisions.iter().filter_map(owner).collect();
            let rings = rings(self, snapshot, &people).await?;
            for (leaf, traced) in &decisions {
                match side_of(self, leaf, traced.side.as_ref(), &rings) {
                    Side::Forgotten | Side::Broken => unopened += 1,
                    Side::Opened(opened) => match past(leaf.parts(), opened.preimage()) {
                        Some(past) => again.take(traced.entry.id, &past),
                        None => without_basis += 1,
                    },
                }
            }
        }
        Ok(LoggedWhatIf { report: again.report(), without_basis, unopened })
    }
}

/// What the entry decided; none if it decided nothing.
const fn outcome(leaf: &LeafParts) -> Option<Outcome> {
    match (leaf.action, leaf.outcome) {
        (None, _) | (_, LogOutcome::None) => None,
        (Some(_), LogOutcome::Permit) => Some(Outcome::Permit),
        (Some(_), LogOutcome::Deny) => Some(Outcome::Deny),
        (Some(_), LogOutcome::NotApplicable) => Some(Outcome::NotApplicable),
    }
}

/// The decision as it was made; none if the entry does not hold everything that it rested on.
fn past(leaf: &LeafParts, side: &Preimage) -> Option<PastDecision> {
    let basis = side.basis?;
    let provider = match side.recipient.and_then(|recipient| recipient.id) {
        Some(RecipientId::Provider(id)) => Some(id),
        Some(RecipientId::Person(_) | RecipientId::Actor(_)) | None => None,
    };
    Some(PastDecision {
        request: Request {
            action: leaf.action?,
            role: basis.role,
            actor: side.actor,
            purpose: leaf.purpose?,
            undescribed: side.undescribed_purpose.clone(),
            categories: basis.categories,
            recipient: side.recipient.map_or(RecipientClass::Internal, |recipient| recipient.class),
            recipient_id: provider,
            country: basis.country,
            ground: leaf.ground?,
            detail: leaf.detail?,
        },
        facts: Facts::new(basis.consent, basis.present),
        outcome: outcome(leaf)?,
        rules: leaf.rules.clone(),
    })
}
