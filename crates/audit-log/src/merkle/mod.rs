//! The Merkle tree of RFC 9162, section 2: hashes, roots and proofs.
//!
//! The code is our own. `ct-merkle` 0.3 (MIT or Apache-2.0, small, no I/O) is well kept, but its tree keeps every
//! leaf and every node in memory, takes leaf values rather than stored leaf hashes, has no compact range to
//! append to and to stream over, and reports an overfull tree by panicking. A log that streams needs the
//! opposite in each point. It serves as the second opinion in our tests instead.

mod frontier;
mod proof;

use std::ops::Range;

use sha2::{Digest, Sha256};

pub use frontier::{Frontier, FrontierError};
pub use proof::{
    ProofError, consistency_proof, consistency_ranges, inclusion_proof, inclusion_ranges, verify_consistency,
    verify_inclusion,
};

use crate::TreeHash;

/// Sets leaves apart from nodes (RFC 9162, 2.1.1).
pub(crate) const LEAF_PREFIX: u8 = 0;
/// Sets nodes apart from leaves (RFC 9162, 2.1.1).
const NODE_PREFIX: u8 = 1;

/// The hash of a leaf: SHA-256 of a byte 0 and the leaf's bytes (RFC 9162, 2.1.1).
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> TreeHash {
    TreeHash::from_bytes(Sha256::new_with_prefix([LEAF_PREFIX]).chain_update(leaf).finalize().into())
}

/// The hash of a node: SHA-256 of a byte 1 and both children (RFC 9162, 2.1.1).
#[must_use]
pub fn node_hash(left: &TreeHash, right: &TreeHash) -> TreeHash {
    // In one piece, because hashing part by part takes longer.
    let mut bytes = [NODE_PREFIX; 1 + 2 * TreeHash::LEN];
    let [_, children @ ..] = &mut bytes;
    if let ([first, second], _) = children.as_chunks_mut() {
        (*first, *second) = (*left.as_bytes(), *right.as_bytes());
    }
    TreeHash::from_bytes(Sha256::digest(bytes).into())
}

/// The hash of a leaf whose bytes already stand after [`LEAF_PREFIX`].
pub(crate) fn prefixed_leaf_hash(prefixed: &[u8]) -> TreeHash {
    TreeHash::from_bytes(Sha256::digest(prefixed).into())
}

/// The root over these leaf hashes; of none, SHA-256 of nothing (RFC 9162, 2.1.1).
///
/// ```
/// # use audit_log::{leaf_hash, node_hash, root_of};
/// let leaves = [leaf_hash(b"a"), leaf_hash(b"b")];
/// assert_eq!(root_of(&leaves), node_hash(&leaves[0], &leaves[1]));
/// ```
#[must_use]
pub fn root_of(leaf_hashes: &[TreeHash]) -> TreeHash {
    let mut frontier = Frontier::default();
    for hash in leaf_hashes {
        frontier.append(*hash);
    }
    frontier.root()
}

/// Where a tree of `size` leaves (at least 2) is split: the largest power of two below `size`.
const fn split(size: u64) -> u64 {
    1 << (u64::BITS - 1 - (size - 1).leading_zeros())
}

/// The two halves of a range of at least two leaves.
fn halves(range: &Range<u64>) -> (Range<u64>, Range<u64>) {
    let middle = range.start + split(range.end - range.start);
    (range.start..middle, middle..range.end)
}
