//! How many edits were caught, and by what.

use records_model::Vocabulary as _;

use super::fate::{Catch, Fate};
use super::trial::Mutant;
use crate::Change;

/// How many kinds of catches there are.
const KINDS: usize = Catch::ALL.len();

/// The tally of a trial, of edits of rules if nothing else is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score<M = Mutant> {
    caught: [usize; KINDS],
    dead: usize,
    doubled: usize,
    unguarded: Vec<Survivor<M>>,
    survivors: Vec<Survivor<M>>,
}

/// An edit that nothing caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survivor<M = Mutant> {
    /// The edit.
    pub mutant: M,
    /// What it decides otherwise, with a request that shows it.
    pub change: Box<Change>,
}

impl<M> Default for Score<M> {
    fn default() -> Self {
        Self { caught: [0; KINDS], dead: 0, doubled: 0, unguarded: Vec::new(), survivors: Vec::new() }
    }
}

impl<M> Score<M> {
    /// Counts one edit.
    pub fn count(&mut self, mutant: M, fate: Fate) {
        let of_kind = fate.catch().and_then(|catch| self.caught.get_mut(catch.position()));
        if let Some(kind) = of_kind {
            *kind += 1;
        }
        match fate {
            Fate::Caught(_) | Fate::Unreadable => {}
            Fate::Dead => self.dead += 1,
            Fate::Doubled(_) => self.doubled += 1,
            Fate::Unguarded(change) => self.unguarded.push(Survivor { mutant, change }),
            Fate::Survived(change) => self.survivors.push(Survivor { mutant, change }),
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
    pub fn unguarded(&self) -> &[Survivor<M>] {
        &self.unguarded
    }

    /// How many edits were tried.
    #[must_use]
    pub fn tried(&self) -> usize {
        self.caught() + self.dead + self.doubled + self.unguarded.len() + self.survivors.len()
    }

    /// The edits that nothing caught.
    #[must_use]
    pub fn survivors(&self) -> &[Survivor<M>] {
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
