//! Proving one entry to an outsider without showing the others.

use base64::{Engine, engine::general_purpose::STANDARD};
use records_model::EntryId;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::line::Line;
use crate::checkpoint::base64_array;
use crate::{
    Checkpoint, CheckpointError, Leaf, LeafDecodeError, ProofError, TreeHash, VerifierKey, inclusion_proof,
    leaf_hash, verify_inclusion,
};

/// One entry, the hashes that tie it to a root, and the signed head with that root.
///
/// As JSON: `index`, `leaf` and `proof` in base64, `checkpoint` as the note's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InclusionBundle {
    index: u64,
    leaf: String,
    proof: Vec<String>,
    checkpoint: String,
}

/// Why a bundle cannot be made, or proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InclusionError {
    /// No such entry under a head.
    #[error("no signed head in the export covers that entry")]
    NotCovered,
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
            proof: proof.iter().map(|hash| STANDARD.encode(hash.as_bytes())).collect(),
            checkpoint: note.to_owned(),
        })
    }

    /// Checks the bundle against the log's public key: the entry, its index, and the head that covers it.
    ///
    /// # Errors
    ///
    /// [`InclusionError`] says what does not hold.
    pub fn verify(&self, key: &VerifierKey) -> Result<(Leaf, u64, Checkpoint), InclusionError> {
        let head = Checkpoint::open(&self.checkpoint, key)?;
        let bytes = STANDARD.decode(&self.leaf).map_err(|_| InclusionError::Base64)?;
        let proof: Option<Vec<TreeHash>> =
            self.proof.iter().map(|hash| base64_array(hash).map(TreeHash::from_bytes)).collect();
        let proof = proof.ok_or(InclusionError::Base64)?;
        verify_inclusion(&leaf_hash(&bytes), self.index, head.size(), &proof, &head.root())?;
        Ok((Leaf::decode(&bytes)?, self.index, head))
    }
}

/// Looks for one entry in an export and gathers what its bundle needs: 32 bytes an entry.
#[derive(Debug)]
pub struct InclusionSearch {
    entry: EntryId,
    hashes: Vec<TreeHash>,
    found: Option<(u64, Vec<u8>)>,
    note: Option<(usize, String)>,
}

impl InclusionSearch {
    /// A search for this entry.
    #[must_use]
    pub const fn new(entry: EntryId) -> Self {
        Self { entry, hashes: Vec::new(), found: None, note: None }
    }

    /// Takes the next line of the export. Lines that cannot be read are left to [`Verifier`](super::Verifier).
    pub fn take_line(&mut self, text: &str) {
        match Line::read(text) {
            Some(Line::Entry(line)) => {
                let Some(bytes) = line.leaf.and_then(|leaf| STANDARD.decode(leaf.as_bytes()).ok()) else {
                    return;
                };
                self.hashes.push(leaf_hash(&bytes));
                if Leaf::decode(&bytes).is_ok_and(|leaf| leaf.parts().entry == self.entry) {
                    self.found = Some((line.index, bytes));
                }
            }
            Some(Line::Checkpoint(note)) => self.note = Some((self.hashes.len(), note.into_owned())),
            _ => {}
        }
    }

    /// The bundle under the last head of the export.
    ///
    /// # Errors
    ///
    /// [`InclusionError::NotCovered`] if the entry is not there or no head follows it.
    pub fn finish(self) -> Result<InclusionBundle, InclusionError> {
        let (Some((index, leaf)), Some((size, note))) = (self.found, self.note) else {
            return Err(InclusionError::NotCovered);
        };
        let hashes = self.hashes.get(..size).ok_or(InclusionError::NotCovered)?;
        InclusionBundle::new(&leaf, index, hashes, &note).map_err(|_| InclusionError::NotCovered)
    }
}
