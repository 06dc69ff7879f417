//! Who looked at one person's record.

use chrono::{DateTime, Utc};
use records_model::{Action, ActorId, Category, EntryId, Purpose, Role, Set, SubjectId};

use super::{Opened, ReaderWords};
use crate::{Event, Outcome};

/// Somebody looked, or tried to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The entry.
    pub entry: EntryId,
    /// When.
    pub at: DateTime<Utc>,
    /// In which role.
    pub role: Option<Role>,
    /// Who; whether a patient is shown more than the role is the clinic's setting.
    pub actor: Option<ActorId>,
    /// What for.
    pub purpose: Option<Purpose>,
    /// At what kinds of data.
    pub categories: Set<Category>,
    /// Whether they got it.
    pub outcome: Outcome,
    /// Whether the glass was broken for it.
    pub is_break_glass: bool,
}

/// Who looked at one person's record, refused attempts included, in the order of time.
#[must_use]
pub fn who_looked<'a>(entries: impl IntoIterator<Item = &'a Opened>, subject: SubjectId) -> Vec<Look> {
    let mut looks: Vec<Look> = entries
        .into_iter()
        .filter(|opened| opened.preimage().subject == Some(subject))
        .filter(|opened| {
            let leaf = opened.leaf().parts();
            let is_read = leaf.event == Event::Decision && leaf.action == Some(Action::Read);
            is_read || leaf.event == Event::BreakGlassOpened
        })
        .map(|opened| {
            let (leaf, row) = (opened.leaf().parts(), opened.preimage());
            Look {
                entry: leaf.entry,
                at: leaf.at,
                role: row.role,
                actor: row.actor,
                purpose: leaf.purpose,
                categories: row.categories,
                outcome: leaf.outcome,
                is_break_glass: leaf.event == Event::BreakGlassOpened,
            }
        })
        .collect();
    looks.sort_by_key(|look| (look.at, look.entry));
    looks
}

/// Whether a person is shown the names of those who looked: the clinic's setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Names {
    /// Role and unit only.
    Hidden,
    /// The name too.
    Shown,
}

/// A look in the words that the person reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownLook {
    /// The entry, for whoever wants the proof.
    pub entry: EntryId,
    /// When.
    pub at: DateTime<Utc>,
    /// In which role, in words.
    pub role: Option<String>,
    /// From which unit of the clinic.
    pub unit: Option<String>,
    /// Who, where the setting shows it.
    pub name: Option<String>,
    /// What for, in words.
    pub purpose: String,
    /// At what, in words.
    pub categories: Vec<String>,
    /// Whether they got it.
    pub outcome: Outcome,
    /// Whether the glass was broken for it.
    pub is_break_glass: bool,
}

/// Puts looks into words, with or without names.
///
/// With [`Names::Hidden`] nobody is asked for a name, so that none can slip through.
#[must_use]
pub fn shown_looks(looks: &[Look], names: Names, words: &dyn ReaderWords) -> Vec<ShownLook> {
    let shown = looks.iter().map(|look| ShownLook {
        entry: look.entry,
        at: look.at,
        role: look.role.map(|role| words.role(role)),
        unit: look.actor.and_then(|actor| words.unit(actor)),
        name: match names {
            Names::Hidden => None,
            Names::Shown => look.actor.and_then(|actor| words.name(actor)),
        },
        purpose: words.purpose(look.purpose, None),
        categories: look.categories.iter().map(|category| words.category(category)).collect(),
        outcome: look.outcome,
        is_break_glass: look.is_break_glass,
    });
    shown.collect()
}
