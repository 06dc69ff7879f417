//! Gathering what a proof needs from an export, line by line.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::line::Line;
use super::{EntryName, GrowthBundle, InclusionBundle, InclusionError};
use crate::{Checkpoint, Leaf, TreeHash, leaf_hash};

/// Takes the lines of an export and then makes proofs from them: 32 bytes an entry.
///
/// Nothing is checked here; whoever makes a proof verifies the export first, and whoever gets one verifies the proof.
#[derive(Debug, Default)]
pub struct ProofSearch {
    wanted: Option<EntryName>,
    hashes: Vec<TreeHash>,
    found: Option<(u64, Vec<u8>)>,
    note: Option<(usize, String)>,
}

impl ProofSearch {
    /// A search for this entry, or, without one, for growth only.
    #[must_use]
    pub fn new(wanted: Option<EntryName>) -> Self {
        Self { wanted, ..Self::default() }
    }

    /// Takes the next line of the export. Lines that cannot be read are left to [`Verifier`](super::Verifier).
    pub fn take_line(&mut self, text: &str) {
        match Line::read(text) {
            Some(Line::Entry(line)) => {
                let Some(bytes) = line.leaf.and_then(|leaf| STANDARD.decode(leaf.as_bytes()).ok()) else {
                    return;
                };
                self.hashes.push(leaf_hash(&bytes));
                let is_wanted = match self.wanted {
                    None => false,
                    Some(EntryName::Index(index)) => index == line.index,
                    Some(EntryName::Id(id)) => {
                        Leaf::decode(&bytes).is_ok_and(|leaf| leaf.parts().entry == id)
                    }
                };
                if is_wanted {
                    self.found = Some((line.index, bytes));
                }
            }
            Some(Line::Checkpoint(note)) => self.note = Some((self.hashes.len(), note.into_owned())),
            _ => {}
        }
    }

    /// The bundle of the entry under the last head of the export, tied to the heads that its reader holds.
    ///
    /// # Errors
    ///
    /// [`InclusionError::NotCovered`] if the entry is not there or no head follows it,
    /// [`InclusionError::HeadBeyond`] if a held head counts more entries than that head.
    pub fn inclusion(&self, anchors: &[Checkpoint]) -> Result<InclusionBundle, InclusionError> {
        let (Some((index, leaf)), Some((size, note))) = (&self.found, &self.note) else {
            return Err(InclusionError::NotCovered);
        };
        let hashes = self.hashes.get(..*size).ok_or(InclusionError::NotCovered)?;
        let mut bundle =
            InclusionBundle::new(leaf, *index, hashes, note).map_err(|_| InclusionError::NotCovered)?;
        for kept in anchors {
            bundle.tie_to(hashes, kept.size())?;
        }
        Ok(bundle)
    }

    /// The proof that the tree under one head grew into the tree under another, in whichever order they are given.
    ///
    /// # Errors
    ///
    /// [`InclusionError::HeadBeyond`] if the export does not reach the larger one.
    pub fn growth(
        &self,
        one: (&str, &Checkpoint),
        other: (&str, &Checkpoint),
    ) -> Result<GrowthBundle, InclusionError> {
        let (first, second) = if one.1.size() <= other.1.size() { (one, other) } else { (other, one) };
        let beyond = InclusionError::HeadBeyond { size: second.1.size() };
        let size = usize::try_from(second.1.size()).map_err(|_| beyond)?;
        let hashes = self.hashes.get(..size).ok_or(beyond)?;
        GrowthBundle::new(first, second.0, hashes)
    }
}
