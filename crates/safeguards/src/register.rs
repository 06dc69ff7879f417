//! Registers that must stay current (sections 5 and 11): an entry past its date is a broken promise.

use chrono::NaiveDate;
use records_model::ActorId;
use serde::{Deserialize, Serialize};

/// Which register an entry stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegisterKind {
    /// A safeguard and its next check (P-47).
    Safeguard,
    /// An audit or a finding of one (P-53).
    Audit,
    /// A zone of the premises and its next inspection (P-55).
    Premises,
    /// A written procedure and its next review (P-59).
    Procedure,
    /// An incident or a drill and its next step (P-61).
    Incident,
}

impl RegisterKind {
    /// Every register.
    pub const ALL: [Self; 5] =
        [Self::Safeguard, Self::Audit, Self::Premises, Self::Procedure, Self::Incident];

    /// The frozen code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Safeguard => "safeguard",
            Self::Audit => "audit",
            Self::Premises => "premises",
            Self::Procedure => "procedure",
            Self::Incident => "incident",
        }
    }
}

/// One entry of a register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterEntry {
    /// Which register.
    pub kind: RegisterKind,
    /// What it is about, without a patient's name.
    pub title: String,
    /// Who answers for it.
    pub owner: ActorId,
    /// Last day on which the next check is in time; `None` once nothing more is owed.
    pub due_on: Option<NaiveDate>,
}

/// How one register stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RegisterCount {
    /// Entries in it.
    pub entries: u64,
    /// Entries past their date.
    pub overdue: u64,
}

/// How one register stands on that day. The due day itself is still in time.
#[must_use]
pub fn register_count(entries: &[RegisterEntry], kind: RegisterKind, today: NaiveDate) -> RegisterCount {
    entries.iter().filter(|entry| entry.kind == kind).fold(RegisterCount::default(), |count, entry| {
        RegisterCount {
            entries: count.entries + 1,
            overdue: count.overdue + u64::from(entry.due_on.is_some_and(|due| due < today)),
        }
    })
}

/// Somebody holds the office of privacy officer, or stands in (P-91).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfficeTerm {
    /// Who.
    pub holder: ActorId,
    /// First day.
    pub from: NaiveDate,
    /// First day on which they no longer hold it, if there is one.
    pub until: Option<NaiveDate>,
}

/// Who holds the office on that day: of several the one appointed last; `None` while it is vacant.
#[must_use]
pub fn office_holder(terms: &[OfficeTerm], today: NaiveDate) -> Option<ActorId> {
    terms
        .iter()
        .filter(|term| term.from <= today && term.until.is_none_or(|until| today < until))
        .max_by_key(|term| term.from)
        .map(|term| term.holder)
}
