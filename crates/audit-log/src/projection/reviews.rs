//! Broken glasses that somebody must look at.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use records_model::{ActorId, EntryId, SubjectId};

use super::Opened;
use crate::{Event, Outcome};

/// How long a broken glass has waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReviewState {
    /// The time for its review has passed.
    Overdue,
    /// There is time left.
    Waiting,
}

/// A broken glass that nobody reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenGlass {
    /// The entry.
    pub entry: EntryId,
    /// When it was broken.
    pub at: DateTime<Utc>,
    /// By whom.
    pub actor: Option<ActorId>,
    /// On whose record.
    pub subject: SubjectId,
    /// The first instant at which its review is late.
    pub due_at: DateTime<Utc>,
    /// How it stands now.
    pub state: ReviewState,
}

/// The broken glasses that wait for a review, overdue ones first, each by age.
///
/// An entry of a review names the person and not the opening, so each review by somebody else settles the oldest
/// opening of that person that came before it: the queue may name another opening of the same person than the one
/// that was left, but never too few. A review by whoever broke the glass settles nothing.
#[must_use]
pub fn glass_to_review<'a>(
    entries: impl IntoIterator<Item = &'a Opened>,
    review_within: TimeDelta,
    now: DateTime<Utc>,
) -> Vec<OpenGlass> {
    let mut steps: Vec<(&Opened, SubjectId)> = entries
        .into_iter()
        .filter(|opened| {
            let leaf = opened.leaf().parts();
            let is_step = matches!(leaf.event, Event::BreakGlassOpened | Event::BreakGlassReviewed);
            is_step && leaf.outcome == Outcome::Permit
        })
        .filter_map(|opened| Some((opened, opened.preimage().subject?)))
        .collect();
    // In one instant the opening comes first.
    steps.sort_by_key(|(opened, _)| {
        let leaf = opened.leaf().parts();
        (leaf.at, leaf.event == Event::BreakGlassReviewed, leaf.entry)
    });
    let mut waiting: BTreeMap<SubjectId, VecDeque<OpenGlass>> = BTreeMap::new();
    for (opened, subject) in steps {
        let (leaf, actor) = (opened.leaf().parts(), opened.preimage().actor);
        let glasses = waiting.entry(subject).or_default();
        if leaf.event == Event::BreakGlassReviewed {
            let by_another = |glass: &OpenGlass| actor.is_some() && glass.actor != actor;
            if let Some(position) = glasses.iter().position(by_another) {
                glasses.remove(position);
            }
            continue;
        }
        let due_at = leaf.at.checked_add_signed(review_within).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let state = if now < due_at { ReviewState::Waiting } else { ReviewState::Overdue };
        glasses.push_back(OpenGlass { entry: leaf.entry, at: leaf.at, actor, subject, due_at, state });
    }
    let mut queue: Vec<OpenGlass> = waiting.into_values().flatten().collect();
    queue.sort_by_key(|glass| (glass.state, glass.at, glass.entry));
    queue
}
