//! What a person asked to be spared, and what must not be destroyed.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;
use crate::{
    Action, ActorId, Category, HoldId, Purpose, RecipientClass, RestrictionId, RetentionClass, Role, Set,
};

vocabulary! {
    /// Why a restriction is in force.
    RestrictionKind, "restriction kind" {
        /// The person asked for it and the clinic agreed (6, P-64).
        Agreed = "agreed",
        /// The law obliges the clinic to agree: paid by the person themselves, kept from the health plan (P-64).
        MustAgree = "must-agree",
        /// The person refused this when asked.
        Refusal = "refusal",
        /// The person objected.
        Opposition = "opposition",
    }
}

/// What a restriction forbids: every request inside all the sets. An empty set means *any*.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RestrictionScope {
    /// Actions.
    pub actions: Set<Action>,
    /// Purposes.
    pub purposes: Set<Purpose>,
    /// Categories; a request over several is inside if one of them is.
    pub categories: Set<Category>,
    /// Recipient classes.
    pub recipients: Set<RecipientClass>,
    /// Roles of whoever acts.
    pub roles: Set<Role>,
    /// One person who must not see it, such as a nurse who is a neighbour.
    pub actor: Option<ActorId>,
}

/// One restriction; it beats every consent from the moment it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restriction {
    /// Its id.
    pub id: RestrictionId,
    /// Why it is in force.
    pub kind: RestrictionKind,
    /// What it forbids.
    pub scope: RestrictionScope,
    /// What it does not forbid although it is inside `scope`.
    #[serde(default)]
    pub unless: Vec<RestrictionScope>,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// When it was lifted, if it was.
    pub lifted_at: Option<DateTime<Utc>>,
}

/// A duty to keep what would otherwise be destroyed (P-77). It suspends disposal, never a person's rights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalHold {
    /// Its id.
    pub id: HoldId,
    /// Retention classes it covers; empty means all.
    pub classes: Set<RetentionClass>,
    /// Which authority or proceeding, without a person's name.
    pub authority: String,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// When it was released, if it was.
    pub released_at: Option<DateTime<Utc>>,
}
