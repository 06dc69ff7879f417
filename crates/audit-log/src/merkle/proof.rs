//! Proofs: that a leaf is in a tree, and that a tree grew out of a smaller one.

use std::ops::Range;

use thiserror::Error;

use super::{halves, node_hash, root_of};
use crate::TreeHash;

/// Why a proof does not hold, or cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProofError {
    /// An index or size beyond the tree.
    #[error("{index} is outside a tree of {size} leaves")]
    OutsideTree {
        /// The index or the smaller size.
        index: u64,
        /// Leaves in the tree.
        size: u64,
    },
    /// The proof has too few or too many hashes.
    #[error("the proof does not have the length that these sizes need")]
    Length,
    /// The proof leads to another root.
    #[error("the proof leads to another root")]
    Root,
    /// The proof does not start from the smaller tree.
    #[error("the proof does not start from the smaller tree")]
    SmallerRoot,
}

/// The ranges of leaves whose subtree roots are the inclusion proof of leaf `index` in a tree of `size`
/// leaves, nearest first (RFC 9162, 2.1.3.1).
///
/// For a store that can answer by ranges; [`inclusion_proof`] takes the leaf hashes themselves.
///
/// # Errors
///
/// [`ProofError::OutsideTree`] if there is no such leaf.
pub fn inclusion_ranges(index: u64, size: u64) -> Result<Vec<Range<u64>>, ProofError> {
    if index >= size {
        return Err(ProofError::OutsideTree { index, size });
    }
    let mut ranges = Vec::new();
    let mut range = 0..size;
    while range.end - range.start > 1 {
        let (left, right) = halves(&range);
        let (inside, beside) = if index < left.end { (left, right) } else { (right, left) };
        ranges.push(beside);
        range = inside;
    }
    ranges.reverse();
    Ok(ranges)
}

/// The ranges of leaves whose subtree roots are the proof that a tree of `first` leaves became one of
/// `second` (RFC 9162, 2.1.4.1). Empty if either is 0 or both are equal: then there is nothing to prove.
///
/// # Errors
///
/// [`ProofError::OutsideTree`] if `first` is larger.
pub fn consistency_ranges(first: u64, second: u64) -> Result<Vec<Range<u64>>, ProofError> {
    if first > second {
        return Err(ProofError::OutsideTree { index: first, size: second });
    }
    let mut ranges = Vec::new();
    if first == 0 || first == second {
        return Ok(ranges);
    }
    let mut range = 0..second;
    // The smaller tree's own root is known to whoever verifies, as long as no left half was left behind.
    let mut is_whole_first = true;
    while range.end != first {
        let (left, right) = halves(&range);
        if first <= left.end {
            ranges.push(right);
            range = left;
        } else {
            ranges.push(left);
            range = right;
            is_whole_first = false;
        }
    }
    if !is_whole_first {
        ranges.push(range);
    }
    ranges.reverse();
    Ok(ranges)
}

fn roots_of(leaf_hashes: &[TreeHash], ranges: &[Range<u64>]) -> Result<Vec<TreeHash>, ProofError> {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    let roots = ranges.iter().map(|range| {
        leaf_hashes.get(place(range.start)..place(range.end)).map(root_of).ok_or(ProofError::Length)
    });
    roots.collect()
}

fn size_of(leaf_hashes: &[TreeHash]) -> u64 {
    u64::try_from(leaf_hashes.len()).unwrap_or(u64::MAX)
}

/// The proof that leaf `index` is in the tree over these leaf hashes.
///
/// # Errors
///
/// [`ProofError::OutsideTree`] if there is no such leaf.
pub fn inclusion_proof(leaf_hashes: &[TreeHash], index: u64) -> Result<Vec<TreeHash>, ProofError> {
    roots_of(leaf_hashes, &inclusion_ranges(index, size_of(leaf_hashes))?)
}

/// The proof that the tree over the first `first` of these leaf hashes grew into the tree over all of them.
///
/// # Errors
///
/// [`ProofError::OutsideTree`] if there are fewer leaves than `first`.
pub fn consistency_proof(leaf_hashes: &[TreeHash], first: u64) -> Result<Vec<TreeHash>, ProofError> {
    roots_of(leaf_hashes, &consistency_ranges(first, size_of(leaf_hashes))?)
}

/// Checks that a leaf stands at `index` in the tree of `size` leaves with this root (RFC 9162, 2.1.3.2).
///
/// # Errors
///
/// [`ProofError`] if it does not, or the proof is of another length.
///
/// ```
/// # use audit_log::{inclusion_proof, leaf_hash, root_of, verify_inclusion};
/// let leaves = [leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")];
/// let proof = inclusion_proof(&leaves, 1)?;
/// verify_inclusion(&leaves[1], 1, 3, &proof, &root_of(&leaves))?;
/// assert!(verify_inclusion(&leaves[1], 2, 3, &proof, &root_of(&leaves)).is_err());
/// # Ok::<(), audit_log::ProofError>(())
/// ```
pub fn verify_inclusion(
    leaf_hash: &TreeHash,
    index: u64,
    size: u64,
    proof: &[TreeHash],
    root: &TreeHash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::OutsideTree { index, size });
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf_hash;
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node % 2 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            skip_to_right_child(&mut node, &mut last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    match last {
        0 if hash == *root => Ok(()),
        0 => Err(ProofError::Root),
        _ => Err(ProofError::Length),
    }
}

/// Climbs past the levels at which the node is a left child without a sibling.
const fn skip_to_right_child(node: &mut u64, last: &mut u64) {
    while node.is_multiple_of(2) && *node != 0 {
        (*node, *last) = (*node >> 1, *last >> 1);
    }
}

/// Checks that the tree of `second` leaves begins with the tree of `first` leaves (RFC 9162, 2.1.4.2).
///
/// # Errors
///
/// [`ProofError`] if it does not, or the proof is of another length.
pub fn verify_consistency(
    first: u64,
    first_root: &TreeHash,
    second: u64,
    second_root: &TreeHash,
    proof: &[TreeHash],
) -> Result<(), ProofError> {
    if first > second {
        return Err(ProofError::OutsideTree { index: first, size: second });
    }
    if first == second || first == 0 {
        let nothing_to_climb = if proof.is_empty() { Ok(()) } else { Err(ProofError::Length) };
        let same_root = if first == 0 { *first_root == root_of(&[]) } else { first_root == second_root };
        return nothing_to_climb.and(if same_root { Ok(()) } else { Err(ProofError::SmallerRoot) });
    }
    // A perfect smaller tree is a node of the larger one, so its root starts the climb and is not in the proof.
    let mut path = first.is_power_of_two().then_some(first_root).into_iter().chain(proof);
    let start = *path.next().ok_or(ProofError::Length)?;
    let (mut node, mut last) = (first - 1, second - 1);
    while node % 2 == 1 {
        (node, last) = (node >> 1, last >> 1);
    }
    let (mut smaller, mut larger) = (start, start);
    for sibling in path {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if node % 2 == 1 || node == last {
            smaller = node_hash(sibling, &smaller);
            larger = node_hash(sibling, &larger);
            skip_to_right_child(&mut node, &mut last);
        } else {
            larger = node_hash(&larger, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    match last {
        0 if smaller != *first_root => Err(ProofError::SmallerRoot),
        0 if larger != *second_root => Err(ProofError::Root),
        0 => Ok(()),
        _ => Err(ProofError::Length),
    }
}
