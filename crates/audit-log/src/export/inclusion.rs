//! Proving one entry to an outsider without showing the others.

use base64::{Engine, engine::general_purpose::STANDARD};
use records_model::EntryId;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::checkpoint::base64_array;
use crate::{
    Checkpoint, CheckpointError, Leaf, LeafDecodeError, ProofError, TreeHash, VerifierKey, consistency_proof,
    inclusion_proof, leaf_hash, verify_consistency, verify_inclusion,
};

/// One entry, the hashes that tie it to a root, the signed head with that root, and proofs that the tree under that
/// head grew out of the heads that the reader holds already.
///
/// As JSON: `index`, `leaf` and `proof` in base64, `checkpoint` as the note's text, `grown_from` with a `size` and a
/// `proof` for each head that it was tied to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InclusionBundle {
    index: u64,
    leaf: String,
    proof: Vec<String>,
    checkpoint: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    grown_from: Vec<GrownFrom>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GrownFrom {
    size: u64,
    proof: Vec<String>,
}

/// Two signed heads and the proof that the first tree grew into the second: nothing in it was changed or removed.
///
/// As JSON: `first` and `second` as the notes' texts, `proof` in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrowthBundle {
    first: String,
    second: String,
    proof: Vec<String>,
}

/// Which entry is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryName {
    /// The one with this id.
    Id(EntryId),
    /// The one at this index.
    Index(u64),
}

impl std::str::FromStr for EntryName {
    type Err = <EntryId as std::str::FromStr>::Err;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self::Index).or_else(|_| text.parse().map(Self::Id))
    }
}

/// Why a bundle cannot be made, or proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InclusionError {
    /// No such entry under a head.
    #[error("no signed head in the export covers that entry")]
    NotCovered,
    /// A head over more entries than the export holds.
    #[error("the export does not reach the head over {size} entries")]
    HeadBeyond {
        /// Entries under that head.
        size: u64,
    },
    /// Nothing in the bundle says how its head and this one belong together.
    #[error("the bundle is not tied to the head over {size} entries; ask for one that is")]
    NotTied {
        /// Entries under that head.
        size: u64,
    },
    /// The head and one that was kept elsewhere contradict each other.
    #[error("the log was rewritten: its head and the one over {size} entries do not belong to one history")]
    OtherHistory {
        /// Entries under the head that was kept.
        size: u64,
    },
    /// It is not base64, or not 32 bytes where a hash should be.
    #[error("a part of the bundle is not base64 of the right length")]
    Base64,
    /// The entry cannot be read.
    #[error(transparent)]
    Leaf(#[from] LeafDecodeError),
    /// The head is not one of this log.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The proof does not hold.
    #[error(transparent)]
    Proof(#[from] ProofError),
}

impl InclusionBundle {
    /// Puts a bundle together from the leaf hashes under a signed head.
    ///
    /// # Errors
    ///
    /// [`InclusionError::Proof`] if there is no such index.
    pub fn new(
        leaf: &[u8],
        index: u64,
        leaf_hashes: &[TreeHash],
        note: &str,
    ) -> Result<Self, InclusionError> {
        let proof = inclusion_proof(leaf_hashes, index)?;
        Ok(Self {
            index,
            leaf: STANDARD.encode(leaf),
            proof: encoded(&proof),
            checkpoint: note.to_owned(),
            grown_from: Vec::new(),
        })
    }

    /// Adds the proof that the tree over these hashes grew out of its first `size` leaves.
    pub(super) fn tie_to(&mut self, hashes: &[TreeHash], size: u64) -> Result<(), InclusionError> {
        let proof = consistency_proof(hashes, size).map_err(|_| InclusionError::HeadBeyond { size })?;
        self.grown_from.push(GrownFrom { size, proof: encoded(&proof) });
        Ok(())
    }

    /// Checks the bundle against the log's public key: the entry, its index, and the head that covers it.
    ///
    /// # Errors
    ///
    /// [`InclusionError`] says what does not hold.
    pub fn verify(&self, key: &VerifierKey) -> Result<(Leaf, u64, Checkpoint), InclusionError> {
        let head = Checkpoint::open(&self.checkpoint, key)?;
        let bytes = STANDARD.decode(&self.leaf).map_err(|_| InclusionError::Base64)?;
        let proof = decoded(&self.proof)?;
        verify_inclusion(&leaf_hash(&bytes), self.index, head.size(), &proof, &head.root())?;
        Ok((Leaf::decode(&bytes)?, self.index, head))
    }

    /// Checks the bundle, and that its head and a head that the reader holds belong to one history.
    ///
    /// Without that, whoever holds the signing key could have made a history for this one reader.
    ///
    /// # Errors
    ///
    /// As [`InclusionBundle::verify`], and [`InclusionError::NotTied`] or [`InclusionError::OtherHistory`].
    pub fn verify_against(
        &self,
        key: &VerifierKey,
        anchors: &[Checkpoint],
    ) -> Result<(Leaf, u64, Checkpoint), InclusionError> {
        let (leaf, index, head) = self.verify(key)?;
        for kept in anchors {
            let (size, other) = (kept.size(), InclusionError::OtherHistory { size: kept.size() });
            if size == head.size() {
                if kept.root() != head.root() {
                    return Err(other);
                }
                continue;
            }
            let tie = self.grown_from.iter().find(|tie| tie.size == size);
            let proof = decoded(&tie.ok_or(InclusionError::NotTied { size })?.proof)?;
            verify_consistency(size, &kept.root(), head.size(), &head.root(), &proof).map_err(|_| other)?;
        }
        Ok((leaf, index, head))
    }
}

impl GrowthBundle {
    /// Puts a bundle together from the leaf hashes under the second head.
    pub(super) fn new(
        (first, head): (&str, &Checkpoint),
        second: &str,
        hashes: &[TreeHash],
    ) -> Result<Self, InclusionError> {
        let proof = encoded(&consistency_proof(hashes, head.size())?);
        Ok(Self { first: first.to_owned(), second: second.to_owned(), proof })
    }

    /// Checks that both heads are signed by the key and that the first tree grew into the second.
    ///
    /// # Errors
    ///
    /// [`InclusionError`] says what does not hold.
    pub fn verify(&self, key: &VerifierKey) -> Result<(Checkpoint, Checkpoint), InclusionError> {
        let (first, second) = (Checkpoint::open(&self.first, key)?, Checkpoint::open(&self.second, key)?);
        let proof = decoded(&self.proof)?;
        verify_consistency(first.size(), &first.root(), second.size(), &second.root(), &proof)?;
        Ok((first, second))
    }

    /// Whether these are the heads that it speaks of, whatever their times.
    ///
    /// # Errors
    ///
    /// As [`GrowthBundle::verify`], and [`InclusionError::OtherHistory`] for a head that is neither of the two.
    pub fn verify_against(
        &self,
        key: &VerifierKey,
        anchors: &[Checkpoint],
    ) -> Result<(Checkpoint, Checkpoint), InclusionError> {
        let (first, second) = self.verify(key)?;
        let is_either = |kept: &&Checkpoint| {
            [first, second].iter().any(|head| (head.size(), head.root()) == (kept.size(), kept.root()))
        };
        match anchors.iter().find(|kept| !is_either(kept)) {
            None => Ok((first, second)),
            Some(kept) => Err(InclusionError::OtherHistory { size: kept.size() }),
        }
    }
}

fn encoded(hashes: &[TreeHash]) -> Vec<String> {
    hashes.iter().map(|hash| STANDARD.encode(hash.as_bytes())).collect()
}

fn decoded(hashes: &[String]) -> Result<Vec<TreeHash>, InclusionError> {
    let decoded: Option<_> = hashes.iter().map(|hash| base64_array(hash).map(TreeHash::from_bytes)).collect();
    decoded.ok_or(InclusionError::Base64)
}
