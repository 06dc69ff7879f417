//! Placing committed entries: an order that respects all three chains at once.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use records_model::EntryId;
use thiserror::Error;

use crate::order::{chain_moved, chains_read};
use crate::{Chain, Leaf};

/// Why entries cannot be placed; the sequencer stops and raises an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SequenceError {
    /// Their chains contradict each other: each of these must stand before another of them.
    #[error("{} entries wait for each other in a circle", entries.len())]
    Cycle {
        /// The entries on circles, in the order of their ids.
        entries: Vec<EntryId>,
    },
    /// Two changes of one chain start from the same generation: one of them was made without the lock.
    #[error("the entries {first} and {second} move the same facts from the same generation")]
    TwoChanges {
        /// One of them.
        first: EntryId,
        /// The other.
        second: EntryId,
    },
    /// One entry id twice.
    #[error("the entry {entry} is there twice")]
    Repeated {
        /// The entry.
        entry: EntryId,
    },
}

/// Where an entry stands in one chain: first whatever read generation g, then the change from g to g+1, then
/// whatever read g+1.
type Rank = (u64, Step);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Read,
    Change,
}

/// Orders committed, unplaced entries.
///
/// In each of the three chains of an entry (clinic, actor, subject): by generation, and what read a generation
/// before the change that ends it. Entries that no chain orders stand by entry id, so the same entries always
/// give the same order. Takes `n log n` time.
///
/// It orders what it is given and assumes that this is all there is: a batch is *every* committed, unplaced
/// entry of one snapshot. [`OrderCheck`](crate::OrderCheck) then tells whether the batch fits what was placed before.
///
/// # Errors
///
/// [`SequenceError`] if there is no such order.
pub fn sequence<'a>(entries: impl IntoIterator<Item = &'a Leaf>) -> Result<Vec<EntryId>, SequenceError> {
    let leaves: Vec<&Leaf> = entries.into_iter().collect();
    let ids: Vec<EntryId> = leaves.iter().map(|leaf| leaf.parts().entry).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    if let Some([entry, _]) = sorted.array_windows().find(|[left, right]| left == right) {
        return Err(SequenceError::Repeated { entry: *entry });
    }
    let graph = Graph::build(&leaves, &ids)?;
    let placed = graph.place(&ids);
    if placed.len() == ids.len() {
        return Ok(placed.into_iter().filter_map(|node| ids.get(node).copied()).collect());
    }
    Err(SequenceError::Cycle { entries: graph.on_cycles(&ids, &placed) })
}

/// Entries first, then one gate between each two neighbouring ranks of a chain: a gate opens when every entry of
/// the lower rank is placed, so `n` readers and `m` later readers cost `n + m` edges and not `n * m`.
struct Graph {
    after: Vec<Vec<usize>>,
    waits_for: Vec<usize>,
}

impl Graph {
    fn build(leaves: &[&Leaf], ids: &[EntryId]) -> Result<Self, SequenceError> {
        let mut chains: HashMap<Chain, BTreeMap<Rank, Vec<usize>>> = HashMap::new();
        for (node, leaf) in leaves.iter().enumerate() {
            let outline = leaf.outline();
            let moved = chain_moved(&outline);
            for (chain, generation) in chains_read(&outline) {
                let step = if moved == Some(chain) { Step::Change } else { Step::Read };
                chains.entry(chain).or_default().entry((generation, step)).or_default().push(node);
            }
        }
        let mut graph = Self { after: vec![Vec::new(); leaves.len()], waits_for: vec![0; leaves.len()] };
        for ranks in chains.values() {
            graph.add_chain(ranks, ids)?;
        }
        Ok(graph)
    }

    fn add_chain(
        &mut self,
        ranks: &BTreeMap<Rank, Vec<usize>>,
        ids: &[EntryId],
    ) -> Result<(), SequenceError> {
        let mut gate_before: Option<usize> = None;
        for ((_, step), nodes) in ranks {
            if let (Step::Change, [first, second, ..]) = (step, nodes.as_slice())
                && let (Some(first), Some(second)) = (ids.get(*first), ids.get(*second))
            {
                return Err(SequenceError::TwoChanges { first: *first, second: *second });
            }
            let gate = self.add_gate();
            for node in nodes {
                self.add_edge(*node, gate);
                if let Some(before) = gate_before {
                    self.add_edge(before, *node);
                }
            }
            gate_before = Some(gate);
        }
        Ok(())
    }

    fn add_gate(&mut self) -> usize {
        self.after.push(Vec::new());
        self.waits_for.push(0);
        self.after.len() - 1
    }

    fn add_edge(&mut self, before: usize, after: usize) {
        if let (Some(list), Some(waits)) = (self.after.get_mut(before), self.waits_for.get_mut(after)) {
            list.push(after);
            *waits += 1;
        }
    }

    /// The entries that can be placed, in order: among the ready ones always the smallest id.
    fn place(&self, ids: &[EntryId]) -> Vec<usize> {
        let mut waits_for = self.waits_for.clone();
        let mut ready: BinaryHeap<Reverse<(EntryId, usize)>> = ids
            .iter()
            .enumerate()
            .filter(|(node, _)| waits_for.get(*node) == Some(&0))
            .map(|(node, id)| Reverse((*id, node)))
            .collect();
        let mut placed = Vec::with_capacity(ids.len());
        while let Some(Reverse((_, entry))) = ready.pop() {
            placed.push(entry);
            let mut freed = vec![entry];
            while let Some(node) = freed.pop() {
                for after in self.after.get(node).into_iter().flatten() {
                    let Some(waits) = waits_for.get_mut(*after) else { continue };
                    *waits -= 1;
                    match (*waits, ids.get(*after)) {
                        (0, Some(id)) => ready.push(Reverse((*id, *after))),
                        (0, None) => freed.push(*after),
                        _ => {}
                    }
                }
            }
        }
        placed
    }

    /// The entries that stand on a circle: what is left after taking away, again and again, whatever waits for
    /// nothing (that was placed) and whatever nothing left waits for.
    fn on_cycles(&self, ids: &[EntryId], placed: &[usize]) -> Vec<EntryId> {
        let mut left = vec![true; self.after.len()];
        for node in placed {
            if let Some(flag) = left.get_mut(*node) {
                *flag = false;
            }
        }
        loop {
            let is_left = |node: &usize| left.get(*node) == Some(&true);
            let free: Vec<usize> = (0..self.after.len())
                .filter(|node| is_left(node) && !self.after.get(*node).into_iter().flatten().any(is_left))
                .collect();
            if free.is_empty() {
                break;
            }
            for node in free {
                if let Some(flag) = left.get_mut(node) {
                    *flag = false;
                }
            }
        }
        let mut entries: Vec<EntryId> =
            ids.iter().zip(&left).filter(|(_, left)| **left).map(|(id, _)| *id).collect();
        entries.sort_unstable();
        entries
    }
}
