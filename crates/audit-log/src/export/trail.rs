//! Comparing entries with leaf hashes that somebody else kept.

use std::sync::Arc;

use thiserror::Error;

use crate::TreeHash;

/// How the first differing entry differs from the trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TrailDifference {
    /// Another entry stands in its place.
    #[error("the entry was changed")]
    Changed,
    /// It, and maybe some after it, is gone.
    #[error("{count} entries were removed here")]
    Removed {
        /// How many.
        count: u64,
    },
    /// An entry that the trail does not have stands before it.
    #[error("an entry was put in here")]
    Inserted,
    /// It changed places with another.
    #[error("the entry changed places with entry {with}")]
    Swapped {
        /// The other's index.
        with: u64,
    },
    /// An entry from elsewhere in the trail stands here.
    #[error("entry {from} of the trail stands here")]
    Moved {
        /// Its index in the trail.
        from: u64,
    },
}

/// Follows the entries along a trail up to the first difference, and then far enough to tell its kind.
#[derive(Debug, Clone, Default)]
pub(super) struct TrailCheck {
    /// Shared, so that a clone of a check costs little.
    trail: Arc<[TreeHash]>,
    difference: Option<Difference>,
}

#[derive(Debug, Clone)]
struct Difference {
    at: usize,
    /// Where in the trail the entry found there stands.
    partner: Option<usize>,
    /// The entry after the difference.
    next: Option<TreeHash>,
    /// The entry in the partner's place.
    in_partners_place: Option<TreeHash>,
}

impl TrailCheck {
    pub(super) fn new(trail: Vec<TreeHash>) -> Self {
        Self { trail: trail.into(), difference: None }
    }

    pub(super) fn len(&self) -> u64 {
        u64::try_from(self.trail.len()).unwrap_or(u64::MAX)
    }

    /// How many of the first `entries` stand in the trail, which a signed head covers.
    pub(super) fn matching(&self, entries: u64) -> u64 {
        let up_to = self.difference.as_ref().map_or(self.trail.len(), |difference| difference.at);
        u64::try_from(up_to).unwrap_or(u64::MAX).min(entries)
    }

    pub(super) const fn differs(&self) -> bool {
        self.difference.is_some()
    }

    /// Takes the entry at `position`, counted from 0 without gaps.
    pub(super) fn take(&mut self, position: u64, hash: TreeHash) {
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        match &mut self.difference {
            None => {
                if self.trail.get(position).is_some_and(|expected| *expected != hash) {
                    let partner = self.trail.iter().position(|other| *other == hash);
                    let difference =
                        Difference { at: position, partner, next: None, in_partners_place: None };
                    self.difference = Some(difference);
                }
            }
            Some(difference) => {
                if position == difference.at + 1 {
                    difference.next = Some(hash);
                }
                if Some(position) == difference.partner {
                    difference.in_partners_place = Some(hash);
                }
            }
        }
    }

    /// The index of the first difference, and its kind, once all entries were taken.
    pub(super) fn finish(&self) -> Option<(u64, TrailDifference)> {
        let difference = self.difference.as_ref()?;
        let at = u64::try_from(difference.at).unwrap_or(u64::MAX);
        let expected = self.trail.get(difference.at).copied();
        let kind = match difference.partner {
            None if difference.next == expected => TrailDifference::Inserted,
            None => TrailDifference::Changed,
            Some(partner) => {
                let index = u64::try_from(partner).unwrap_or(u64::MAX);
                if difference.in_partners_place == expected {
                    TrailDifference::Swapped { with: index }
                } else if partner > difference.at && difference.next == self.trail.get(partner + 1).copied() {
                    TrailDifference::Removed { count: index - at }
                } else {
                    TrailDifference::Moved { from: index }
                }
            }
        };
        Some((at, kind))
    }
}
