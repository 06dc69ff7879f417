//! The accounting of disclosures: what left the clinic about one person.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, Months, Utc};
use records_model::{
    Category, EntryId, Ground, Purpose, RecipientClass, Set, SubjectId, UndescribedPurposeId,
};

use super::{Opened, Suspension};
use crate::{Event, Recipient};

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
        let (leaf, row) = (opened.leaf().parts(), opened.preimage());
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

/// Months that an accounting reaches back.
///
/// Source: LAW.md D-14 (US-HIPAA, 164.528(a)): the last six years.
const WINDOW_MONTHS: u32 = 72;

/// The six years before `asked_at`: from the same day and time six years earlier (on 29 February, from the 28th),
/// up to and without `asked_at`.
#[must_use]
pub fn accounting_window(asked_at: DateTime<Utc>) -> Range<DateTime<Utc>> {
    asked_at.checked_sub_months(Months::new(WINDOW_MONTHS)).unwrap_or(DateTime::<Utc>::MIN_UTC)..asked_at
}

/// An accounting as it may be shown at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounting {
    /// The window, its start included and its end not.
    pub window: Range<DateTime<Utc>>,
    /// What the person is told.
    pub disclosures: Vec<Disclosure>,
    /// How many entries a suspension hides at this moment: for the officer, never for the person.
    pub hidden: u64,
}

/// The accounting of the last six years, without what an authority had suspended at that moment.
///
/// A suspension only hides: when its time is over, the same entries come back by themselves, because nothing was
/// taken away.
#[must_use]
pub fn open_accounting<'a>(
    entries: impl IntoIterator<Item = &'a Opened>,
    subject: SubjectId,
    suspensions: &[Suspension],
    now: DateTime<Utc>,
) -> Accounting {
    let window = accounting_window(now);
    let is_hidden = |opened: &Opened| {
        opened.preimage().recipient.is_some_and(|recipient| {
            suspensions.iter().any(|suspension| suspension.hides(subject, recipient, now))
        })
    };
    let (suspended, open): (Vec<&Opened>, Vec<&Opened>) =
        entries.into_iter().partition(|opened| is_hidden(opened));
    let hidden = accounting_of_disclosures(suspended, subject, &window).iter().map(|run| run.count).sum();
    Accounting { disclosures: accounting_of_disclosures(open, subject, &window), window, hidden }
}
