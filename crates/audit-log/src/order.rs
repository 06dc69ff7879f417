//! The order law: where an entry may stand, given the generations it read.

use std::collections::HashMap;

use thiserror::Error;

use crate::leaf::Outline;
use crate::{Leaf, Moves, Pseudonym};

/// One chain of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chain {
    /// The clinic's: policy version, providers.
    Clinic,
    /// An actor's: clearance.
    Actor(Pseudonym),
    /// A subject's: consents, restrictions, relations.
    Subject(Pseudonym),
}

/// An entry stands where it cannot: it read facts older or newer than those of its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "the entry read generation {read} of {}, but {changes} changes of them stand before it",
    chain_label(*chain)
)]
pub struct OrderFault {
    /// The chain.
    pub chain: Chain,
    /// The generation that the entry read.
    pub read: u64,
    /// Changes of that chain before it.
    pub changes: u64,
}

const fn chain_label(chain: Chain) -> &'static str {
    match chain {
        Chain::Clinic => "the clinic's facts",
        Chain::Actor(_) => "the actor's facts",
        Chain::Subject(_) => "the subject's facts",
    }
}

/// The chains that an entry read, with the generation of each.
pub(crate) fn chains_read(leaf: &Outline) -> impl Iterator<Item = (Chain, u64)> {
    let generations = leaf.generations;
    let clinic = Some((Chain::Clinic, generations.clinic));
    let actor = leaf.actor.map(Chain::Actor).zip(generations.actor);
    let subject = leaf.subject.map(Chain::Subject).zip(generations.subject);
    [clinic, actor, subject].into_iter().flatten()
}

/// The chain that an entry moves.
pub(crate) fn chain_moved(leaf: &Outline) -> Option<Chain> {
    match leaf.moves {
        Moves::None => None,
        Moves::Clinic => Some(Chain::Clinic),
        Moves::Actor => leaf.actor.map(Chain::Actor),
        Moves::Subject => leaf.subject.map(Chain::Subject),
    }
}

/// Walks a log in tree order and checks the order law: for the clinic and for each actor and subject pseudonym,
/// the generation that an entry read equals the number of change entries of that chain before it.
///
/// Every entry is held to it, not only permits: all of them read their generations under the locks. Memory
/// grows with the number of pseudonyms, not of entries.
#[derive(Debug, Clone, Default)]
pub struct OrderCheck {
    clinic: u64,
    actors: HashMap<Pseudonym, u64>,
    subjects: HashMap<Pseudonym, u64>,
}

impl OrderCheck {
    /// A check that goes on after earlier entries: how many changes of each chain stand before.
    #[must_use]
    pub fn after(changes: impl IntoIterator<Item = (Chain, u64)>) -> Self {
        let mut check = Self::default();
        for (chain, changes) in changes {
            *check.count(chain) = changes;
        }
        check
    }

    /// How many changes of a chain were seen.
    #[must_use]
    pub fn changes(&self, chain: Chain) -> u64 {
        let found = match &chain {
            Chain::Clinic => return self.clinic,
            Chain::Actor(actor) => self.actors.get(actor),
            Chain::Subject(subject) => self.subjects.get(subject),
        };
        found.copied().unwrap_or_default()
    }

    fn count(&mut self, chain: Chain) -> &mut u64 {
        match chain {
            Chain::Clinic => &mut self.clinic,
            Chain::Actor(actor) => self.actors.entry(actor).or_default(),
            Chain::Subject(subject) => self.subjects.entry(subject).or_default(),
        }
    }

    /// Takes the next entry.
    ///
    /// # Errors
    ///
    /// [`OrderFault`] if it read another generation than that of its place. Its own change counts all the same,
    /// so that one fault does not make every later entry one.
    pub fn admit(&mut self, leaf: &Leaf) -> Result<(), OrderFault> {
        self.admit_outline(&leaf.outline())
    }

    pub(crate) fn admit_outline(&mut self, leaf: &Outline) -> Result<(), OrderFault> {
        let fault = chains_read(leaf)
            .map(|(chain, read)| OrderFault { chain, read, changes: self.changes(chain) })
            .find(|fault| fault.read != fault.changes);
        if let Some(chain) = chain_moved(leaf) {
            *self.count(chain) += 1;
        }
        fault.map_or(Ok(()), Err)
    }
}

/// Checks the order law over a whole log in tree order, from generation 0.
///
/// # Errors
///
/// The index of the first entry that stands where it cannot, and why.
pub fn check_order<'a>(leaves: impl IntoIterator<Item = &'a Leaf>) -> Result<(), (u64, OrderFault)> {
    let mut check = OrderCheck::default();
    (0..).zip(leaves).try_for_each(|(index, leaf)| check.admit(leaf).map_err(|fault| (index, fault)))
}
