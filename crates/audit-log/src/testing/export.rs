//! Exports, trails and heads of a history, whole or forged.

use chrono::{DateTime, TimeDelta};

use super::{sample_clinic, sample_key};
use crate::{Checkpoint, ExportWriter, Leaf, LogSigningKey, TreeHash, leaf_hash, root_of};

/// What an export holds, open to forgery: bytes and stored hash of each entry, and notes by the number of
/// entries after which each stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportParts {
    /// Bytes and stored hash, in tree order.
    pub entries: Vec<(Vec<u8>, TreeHash)>,
    /// Signed heads: after how many entries each stands, and the note.
    pub notes: Vec<(usize, String)>,
    /// The unsequenced tail.
    pub unsequenced: Vec<Vec<u8>>,
}

impl ExportParts {
    /// The export of a history, with a head after every `every` entries and one at the end.
    #[must_use]
    pub fn of(history: &[Leaf], every: usize) -> Self {
        let entries: Vec<(Vec<u8>, TreeHash)> = history.iter().map(Leaf::encode).map(with_hash).collect();
        let mut parts = Self { entries, notes: Vec::new(), unsequenced: Vec::new() };
        parts.sign_again(every, &sample_key());
        parts
    }

    /// What somebody without the signing key can do after a change: compute every stored hash again.
    pub fn recompute(&mut self) {
        for (leaf, stored) in &mut self.entries {
            *stored = leaf_hash(leaf);
        }
    }

    /// What only somebody with the signing key can do: sign heads over what stands there now.
    pub fn sign_again(&mut self, every: usize, key: &LogSigningKey) {
        let hashes = self.hashes();
        let sizes = (0..hashes.len()).filter(|size| size.is_multiple_of(every.max(1)) && *size > 0);
        let sizes: Vec<usize> = sizes.chain([hashes.len()]).collect();
        self.notes = sizes.into_iter().filter_map(|size| Some((size, head(&hashes, size, key)?))).collect();
    }

    /// The stored hashes.
    #[must_use]
    pub fn hashes(&self) -> Vec<TreeHash> {
        self.entries.iter().map(|(_, stored)| *stored).collect()
    }

    /// The lines of the export.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.write(|writer, (leaf, stored)| writer.entry(leaf, stored))
    }

    /// The lines of the trail: the same without the entries themselves.
    #[must_use]
    pub fn trail(&self) -> Vec<String> {
        Self { unsequenced: Vec::new(), ..self.clone() }
            .write(|writer, (_, stored)| writer.withheld_entry(stored))
    }

    fn write(&self, entry: impl Fn(&mut ExportWriter, &(Vec<u8>, TreeHash)) -> String) -> Vec<String> {
        let (mut writer, header) = ExportWriter::begin(sample_clinic());
        let mut lines = vec![header];
        for position in 0..=self.entries.len() {
            let here = self.notes.iter().filter(|(size, _)| *size == position);
            lines.extend(here.map(|(_, note)| writer.checkpoint(note)));
            lines.extend(self.entries.get(position).map(|parts| entry(&mut writer, parts)));
        }
        let late = self.notes.iter().filter(|(size, _)| *size > self.entries.len());
        lines.extend(late.map(|(_, note)| writer.checkpoint(note)));
        lines.extend(self.unsequenced.iter().map(|leaf| writer.unsequenced(leaf)));
        lines.push(writer.finish());
        lines
    }
}

fn with_hash(leaf: Vec<u8>) -> (Vec<u8>, TreeHash) {
    let stored = leaf_hash(&leaf);
    (leaf, stored)
}

/// The signed head over the first `size` hashes, dated a second after 2026-01-01 for each entry.
#[must_use]
pub fn head(hashes: &[TreeHash], size: usize, key: &LogSigningKey) -> Option<String> {
    let seconds = i64::try_from(size).ok()?;
    let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(1_767_225_600) + TimeDelta::seconds(seconds);
    let root = root_of(hashes.get(..size)?);
    Checkpoint::new(sample_clinic(), u64::try_from(size).ok()?, root, at).sign(key).ok()
}
