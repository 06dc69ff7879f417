//! The versions of the policy document that were ever in force.

use chrono::{DateTime, Utc};
use consent_policy::PolicyDraft;
use privacy_notice::ContentHash;
use records_model::PolicyVersionId;

use crate::{Runtime, RuntimeError};

/// One version of the policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyEdition {
    /// When it was put in force.
    pub activated_at: DateTime<Utc>,
    /// What it calls itself; none if the stored text cannot be read any more.
    pub version: Option<PolicyVersionId>,
    /// Its text.
    pub text: String,
    /// Whether the text still has the hash with which it was put in force.
    pub whole: Wholeness,
}

/// Whether a stored text still is the one that was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wholeness {
    /// It is.
    Whole,
    /// Somebody changed it.
    Altered,
}

impl Runtime {
    /// Every version of the policy document, oldest first; the last is in force.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the database does not answer.
    pub async fn policy_editions(&self) -> Result<Vec<PolicyEdition>, RuntimeError> {
        let house = self.refresh().await?;
        let mut snapshot = self.store().snapshot(self.clinic()).await?;
        let editions = snapshot.editions(house.settings.files.policy.as_str()).await?;
        snapshot.close().await?;
        Ok(editions.into_iter().map(edition).collect())
    }
}

fn edition(stored: postgres_store::DocumentEdition) -> PolicyEdition {
    let whole = if *ContentHash::of(&stored.content).as_bytes() == stored.content_hash {
        Wholeness::Whole
    } else {
        Wholeness::Altered
    };
    PolicyEdition {
        activated_at: stored.activated_at,
        version: PolicyDraft::parse(&stored.content).ok().map(|draft| draft.header.version),
        text: stored.content,
        whole,
    }
}
