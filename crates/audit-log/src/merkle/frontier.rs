//! The right edge of a tree: all that is needed to append and to compute the root.

use thiserror::Error;

use super::node_hash;
use crate::TreeHash;

/// A tree of any size in at most 64 hashes: the roots of its perfect subtrees, largest first.
///
/// ```
/// # use audit_log::{Frontier, leaf_hash, root_of};
/// let leaves = [leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")];
/// let mut frontier = Frontier::default();
/// leaves.iter().for_each(|leaf| frontier.append(*leaf));
/// assert_eq!((frontier.size(), frontier.root()), (3, root_of(&leaves)));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<TreeHash>,
}

/// A stored frontier does not fit its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a tree of {size} leaves has {expected} peaks, not {found}")]
pub struct FrontierError {
    /// Number of leaves.
    pub size: u64,
    /// Peaks that such a tree has.
    pub expected: u32,
    /// Peaks that were given.
    pub found: usize,
}

impl Frontier {
    /// A frontier that was stored.
    ///
    /// # Errors
    ///
    /// [`FrontierError`] if the number of peaks is not the number of ones in `size`.
    pub fn from_peaks(size: u64, peaks: Vec<TreeHash>) -> Result<Self, FrontierError> {
        let expected = size.count_ones();
        if usize::try_from(expected).is_ok_and(|expected| expected == peaks.len()) {
            Ok(Self { size, peaks })
        } else {
            Err(FrontierError { size, expected, found: peaks.len() })
        }
    }

    /// Number of leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the perfect subtrees, largest first, to be stored.
    #[must_use]
    pub fn peaks(&self) -> &[TreeHash] {
        &self.peaks
    }

    /// Appends one leaf by its hash.
    pub fn append(&mut self, leaf_hash: TreeHash) {
        let mut hash = leaf_hash;
        // Each one at the end of the old size is a perfect subtree that the new leaf completes to a larger one.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.peaks.push(hash);
        // A log of 2^64 entries is out of reach: at a million a second it takes half a million years.
        self.size = self.size.saturating_add(1);
    }

    /// The root over all leaves so far.
    #[must_use]
    pub fn root(&self) -> TreeHash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else {
            return empty_root();
        };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// The root of a tree without leaves: the hash of nothing (RFC 9162, 2.1.1).
fn empty_root() -> TreeHash {
    use sha2::{Digest, Sha256};
    TreeHash::from_bytes(Sha256::digest([]).into())
}
