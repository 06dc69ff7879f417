//! How many edits were caught, and by what.

use records_model::Vocabulary as _;

use super::fate::{Catch, Fate};
use super::trial::Mutant;
use crate::Change;

/// How many kinds of catches there are.
const KINDS: usize = Catch::ALL.len();

/// The tally of a trial.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Score {
    caught: [usize; KINDS],
    dead: usize,
    doubled: usize,
    unguarded: Vec<Survivor>,
    survivors: Vec<Survivor>,
}

/// An edit that nothing caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivor {
    /// The edit.
    pub mutant: Mutant,
    /// What it decides otherwise, with a request that shows it.
    pub change: Box<Change>,
}

impl Score {
    /// Counts one edit.
    pub fn count(&mut self, mutant: Mutant, fate: Fate) {
        match fate {
            Fate::Dead => self.dead += 1,
            Fate::Doubled(_) => self.doubled += 1,
            Fate::Unguarded(change) => self.unguarded.push(Survivor { mutant, change }),
            Fate::Survived(change) => self.survivors.push(Survivor { mutant, change }),
            Fate::Caught(violation) => {
                if let Some(kind) = self.caught.get_mut(Catch::of(&violation).position()) {
                    *kind += 1;
                }
            }
        }
    }

    /// Both tallies together; the survivors of the other one come after.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.caught.iter_mut().zip(other.caught).for_each(|(mine, theirs)| *mine += theirs);
        self.dead += other.dead;
        self.doubled += other.doubled;
        self.unguarded.extend(other.unguarded);
        self.survivors.extend(other.survivors);
        self
    }

    /// How many were caught by one kind.
    #[must_use]
    pub fn caught_by(&self, catch: Catch) -> usize {
        self.caught.get(catch.position()).copied().unwrap_or_default()
    }

    /// How many were caught.
    #[must_use]
    pub fn caught(&self) -> usize {
        self.caught.iter().sum()
    }

    /// How many are proved to change nothing that is ever decided.
    #[must_use]
    pub const fn dead(&self) -> usize {
        self.dead
    }

    /// How many only forbid what nobody allowed anyway: refused before and after, and no permit is the wider for it.
    #[must_use]
    pub const fn doubled(&self) -> usize {
        self.doubled
    }

    /// The edits after which something is no longer forbidden and only nobody allows it. Nothing more is permitted
    /// today; an invariant that expects `deny` catches them.
    #[must_use]
    pub fn unguarded(&self) -> &[Survivor] {
        &self.unguarded
    }

    /// How many edits were tried.
    #[must_use]
    pub fn tried(&self) -> usize {
        self.caught() + self.dead + self.doubled + self.unguarded.len() + self.survivors.len()
    }

    /// The edits that nothing caught.
    #[must_use]
    pub fn survivors(&self) -> &[Survivor] {
        &self.survivors
    }

    /// Whether every edit was caught with which more or less is permitted, open or owed.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.survivors.is_empty()
    }

    /// Caught edits among the caught and the survivors, in hundredths of a percent, rounded down: it is 10,000
    /// only if none survived.
    #[must_use]
    pub fn hundredths_of_percent(&self) -> usize {
        hundredths(self.caught(), self.survivors.len())
    }

    /// The same, with the edits that leave something unguarded among the survivors.
    #[must_use]
    pub fn strict_hundredths_of_percent(&self) -> usize {
        hundredths(self.caught(), self.survivors.len() + self.unguarded.len())
    }
}

fn hundredths(caught: usize, missed: usize) -> usize {
    (caught * 10_000).checked_div(caught + missed).unwrap_or(10_000)
}
