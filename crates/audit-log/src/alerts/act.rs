//! What somebody of the staff did, as the rules see it.

use chrono::{DateTime, Utc};
use records_model::{Action, ActorId, EntryId, Role, SubjectId};

use crate::{Event, Opened, Outcome};

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ActKind {
    /// A record was opened.
    Opened,
    /// It was refused.
    Refused,
    /// It was opened as an emergency.
    BrokeGlass,
}

/// One act of somebody of the staff on one person's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Act {
    /// The entry.
    pub entry: EntryId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: ActorId,
    /// Whose record.
    pub subject: SubjectId,
    /// What came of it.
    pub kind: ActKind,
}

impl Act {
    /// The act that an entry tells of: a decision to read, a refusal of anything, or a broken glass.
    ///
    /// Nothing for entries without an actor or a person, and for roles that are no staff.
    #[must_use]
    pub fn of(opened: &Opened) -> Option<Self> {
        let (leaf, row) = (opened.leaf().parts(), opened.preimage());
        let kind = match (leaf.event, leaf.action, leaf.outcome) {
            (Event::BreakGlassOpened, _, Outcome::Permit) => ActKind::BrokeGlass,
            (Event::Decision, _, Outcome::Deny | Outcome::NotApplicable) => ActKind::Refused,
            (Event::Decision, Some(Action::Read), Outcome::Permit) => ActKind::Opened,
            _ => return None,
        };
        let (actor, subject) = (row.actor?, row.subject?);
        row.role.is_none_or(Role::is_staff).then_some(Self {
            entry: leaf.entry,
            at: leaf.at,
            actor,
            subject,
            kind,
        })
    }
}
