//! What the log says to a person about their own data; nothing in it can be edited.
//!
//! Both are pure functions of entries and their opened side rows. Whoever opens the rows checks first that each
//! fits its entry ([`Opened::new`]), so that no row can be swapped under an entry.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, Utc};
use records_model::{
    Action, ActorId, Category, EntryId, Ground, Purpose, RecipientClass, Role, Set, SubjectId,
    UndescribedPurposeId,
};
use thiserror::Error;

use crate::{Event, Leaf, Outcome, Preimage, PreimageTooLarge, Recipient, Salt};

/// An entry together with its side row, which was shown to fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    leaf: Leaf,
    preimage: Preimage,
}

/// Why a side row is not the one of the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OpenedError {
    /// It cannot be committed to at all.
    #[error(transparent)]
    TooLarge(#[from] PreimageTooLarge),
    /// It is another entry's, or was changed.
    #[error("the side row does not belong to the entry")]
    OtherEntry,
}

impl Opened {
    /// Puts an entry and its opened side row together.
    ///
    /// # Errors
    ///
    /// [`OpenedError::OtherEntry`] if the row and the salt do not give the commitment in the entry.
    pub fn new(leaf: Leaf, preimage: Preimage, salt: &Salt) -> Result<Self, OpenedError> {
        if preimage.commitment(salt)? == leaf.parts().commitment {
            Ok(Self { leaf, preimage })
        } else {
            Err(OpenedError::OtherEntry)
        }
    }

    /// The entry.
    #[must_use]
    pub const fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    /// Its side row.
    #[must_use]
    pub const fn preimage(&self) -> &Preimage {
        &self.preimage
    }
}

/// One disclosure, or a run of the same: to whom, what, why, from when to when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    /// To whom.
    pub recipient: Recipient,
    /// What for.
    pub purpose: Option<Purpose>,
    /// What for, where the policy does not describe the purpose.
    pub undescribed_purpose: Option<UndescribedPurposeId>,
    /// On what ground.
    pub ground: Option<Ground>,
    /// What kinds of data.
    pub categories: Set<Category>,
    /// The first of the run.
    pub first_at: DateTime<Utc>,
    /// The last of the run.
    pub last_at: DateTime<Utc>,
    /// How many.
    pub count: u64,
    /// The entries, for whoever wants the proof.
    pub entries: Vec<EntryId>,
}

/// What left the clinic about one person within a window (P-62), first and last of each run of the same.
///
/// Counts entries `disclosure-made` that were permitted, to anybody outside the clinic other than the person
/// themselves and who acts for them. The window holds its start and not its end. Runs stand by first instant.
#[must_use]
pub fn accounting_of_disclosures<'a>(
    entries: impl IntoIterator<Item = &'a Opened>,
    subject: SubjectId,
    window: &Range<DateTime<Utc>>,
) -> Vec<Disclosure> {
    let mut runs: BTreeMap<_, Disclosure> = BTreeMap::new();
    for opened in entries {
        let (leaf, row) = (opened.leaf.parts(), &opened.preimage);
        let Some(recipient) = row.recipient.filter(|recipient| is_outside(recipient.class)) else { continue };
        let is_made = leaf.event == Event::DisclosureMade && !leaf.outcome.is_refusal();
        if !is_made || row.subject != Some(subject) || !window.contains(&leaf.at) {
            continue;
        }
        let key = (recipient, leaf.purpose, row.undescribed_purpose.clone(), leaf.ground, row.categories);
        let run = runs.entry(key).or_insert_with(|| Disclosure {
            recipient,
            purpose: leaf.purpose,
            undescribed_purpose: row.undescribed_purpose.clone(),
            ground: leaf.ground,
            categories: row.categories,
            first_at: leaf.at,
            last_at: leaf.at,
            count: 0,
            entries: Vec::new(),
        });
        run.first_at = run.first_at.min(leaf.at);
        run.last_at = run.last_at.max(leaf.at);
        run.count += 1;
        run.entries.push(leaf.entry);
    }
    let mut disclosures: Vec<Disclosure> = runs.into_values().collect();
    disclosures.sort_by_key(|run| (run.first_at, run.entries.first().copied()));
    disclosures
}

/// Whether giving data to this class is a disclosure that the person must be told of: not a use inside the
/// clinic, and not their own copy.
const fn is_outside(class: RecipientClass) -> bool {
    !matches!(class, RecipientClass::Internal | RecipientClass::ThePerson | RecipientClass::Representative)
}

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
        .filter(|opened| opened.preimage.subject == Some(subject))
        .filter(|opened| {
            let leaf = opened.leaf.parts();
            let is_read = leaf.event == Event::Decision && leaf.action == Some(Action::Read);
            is_read || leaf.event == Event::BreakGlassOpened
        })
        .map(|opened| {
            let (leaf, row) = (opened.leaf.parts(), &opened.preimage);
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
