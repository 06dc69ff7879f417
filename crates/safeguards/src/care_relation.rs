//! Who takes part in whose care.

use chrono::{DateTime, Utc};
use records_model::{ActorId, Fact, Set, SubjectId};
use serde::{Deserialize, Serialize};

/// Somebody takes part in a person's care.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CareRelation {
    /// Who cares.
    pub actor: ActorId,
    /// For whom.
    pub subject: SubjectId,
    /// From when.
    pub from: DateTime<Utc>,
    /// The first instant at which it no longer holds, if it ends.
    pub until: Option<DateTime<Utc>>,
}

impl CareRelation {
    /// Whether it holds at that instant.
    #[must_use]
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// Whether the actor takes part in the person's care now ([`Fact::CareRelation`]), and the first instant at
/// which that ends if nothing else happens; `None` if it does not hold or has no end.
///
/// Relations of other people may be among them: they change nothing.
#[must_use]
pub fn care_relation_facts(
    relations: &[CareRelation],
    actor: ActorId,
    subject: SubjectId,
    now: DateTime<Utc>,
) -> (Set<Fact>, Option<DateTime<Utc>>) {
    let holding = relations
        .iter()
        .filter(|relation| relation.actor == actor && relation.subject == subject && relation.holds(now));
    // One without an end outlasts every other.
    match holding.map(|relation| relation.until.unwrap_or(DateTime::<Utc>::MAX_UTC)).max() {
        None => (Set::EMPTY, None),
        Some(until) => {
            (Set::one(Fact::CareRelation), Some(until).filter(|at| *at < DateTime::<Utc>::MAX_UTC))
        }
    }
}
