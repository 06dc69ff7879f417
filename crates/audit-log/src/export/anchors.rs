//! What was kept elsewhere: signed heads, and trails of leaf hashes.

use std::collections::BTreeMap;

use thiserror::Error;

use super::line::Line;
use super::trail::TrailCheck;
use crate::checkpoint::{base64_array, clinic_of};
use crate::{Checkpoint, CheckpointError, Frontier, TreeHash, VerifierKey};

/// The public key and whatever was kept outside the reach of those who run the log.
#[derive(Debug, Clone)]
pub struct Anchors {
    key: VerifierKey,
    heads: BTreeMap<u64, TreeHash>,
    /// Sizes of which two different heads are signed.
    forks: Vec<u64>,
    trail: Vec<TreeHash>,
}

/// Why something cannot serve as an anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AnchorError {
    /// The head is not one of this log.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A line that is none of an export or trail.
    #[error("line {line} of the trail cannot be read")]
    Line {
        /// The line, from 1.
        line: u64,
    },
    /// The trail is of another log than the key.
    #[error("the trail is of another log than the key")]
    OtherLog,
    /// A signed head in the trail does not fit the hashes before it.
    #[error("the trail does not fit its own signed head over {size} entries")]
    TrailRoot {
        /// Entries under that head.
        size: u64,
    },
    /// Nothing signed stands in the trail.
    #[error("the trail holds no signed head, so nothing vouches for it")]
    Unsigned,
}

impl Anchors {
    /// The public key alone: whoever holds the signing key could still have rewritten everything.
    #[must_use]
    pub const fn new(key: VerifierKey) -> Self {
        Self { key, heads: BTreeMap::new(), forks: Vec::new(), trail: Vec::new() }
    }

    /// The public key.
    #[must_use]
    pub const fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// How many different sizes have a head.
    #[must_use]
    pub fn head_count(&self) -> usize {
        self.heads.len()
    }

    /// How many entries the longest trail covers.
    #[must_use]
    pub fn trail_len(&self) -> usize {
        self.trail.len()
    }

    /// Adds a signed head, or the lines of a trail or of an earlier export; which one is told by the text.
    ///
    /// # Errors
    ///
    /// [`AnchorError`] if nothing in it is signed by the key, or it does not fit itself.
    pub fn add(&mut self, text: &str) -> Result<(), AnchorError> {
        if text.trim_start().starts_with('{') {
            self.add_trail(text.lines())
        } else {
            let head = Checkpoint::open(text, &self.key)?;
            self.add_head(&head);
            Ok(())
        }
    }

    /// Adds the lines of a trail or of an earlier export. Only the part up to its last signed head counts.
    ///
    /// # Errors
    ///
    /// As [`Anchors::add`].
    pub fn add_trail<L: AsRef<str>>(
        &mut self,
        lines: impl IntoIterator<Item = L>,
    ) -> Result<(), AnchorError> {
        let (mut hashes, mut heads) = (Vec::new(), Vec::new());
        for (number, text) in (1..).zip(lines) {
            match Line::read(text.as_ref()).ok_or(AnchorError::Line { line: number })? {
                Line::Header(header) if header.known() != clinic_of(self.key.name()) => {
                    return Err(AnchorError::OtherLog);
                }
                Line::Entry(entry) => {
                    let hash = base64_array(&entry.hash).map(TreeHash::from_bytes);
                    let in_order = usize::try_from(entry.index) == Ok(hashes.len());
                    hashes.push(hash.filter(|_| in_order).ok_or(AnchorError::Line { line: number })?);
                }
                Line::Checkpoint(note) => heads.push(Checkpoint::open(&note, &self.key)?),
                Line::Header(_) | Line::Unsequenced(_) | Line::End(_) => {}
            }
        }
        let signed = check_trail(&hashes, &heads)?;
        hashes.truncate(signed);
        for head in &heads {
            self.add_head(head);
        }
        if hashes.len() > self.trail.len() {
            self.trail = hashes;
        }
        Ok(())
    }

    /// Adds a head whose signature was checked.
    pub(super) fn add_head(&mut self, head: &Checkpoint) {
        let known = *self.heads.entry(head.size()).or_insert(head.root());
        if known != head.root() && !self.forks.contains(&head.size()) {
            self.forks.push(head.size());
        }
    }

    pub(super) fn head_at(&self, size: u64) -> Option<TreeHash> {
        self.heads.get(&size).copied()
    }

    pub(super) fn largest_head(&self) -> Option<u64> {
        self.heads.last_key_value().map(|(size, _)| *size)
    }

    pub(super) fn forks(&self) -> &[u64] {
        &self.forks
    }

    pub(super) fn take_trail(&mut self) -> TrailCheck {
        TrailCheck::new(std::mem::take(&mut self.trail))
    }
}

/// How many of the hashes stand under a signed head; every head within them must fit.
fn check_trail(hashes: &[TreeHash], heads: &[Checkpoint]) -> Result<usize, AnchorError> {
    if heads.is_empty() {
        return Err(AnchorError::Unsigned);
    }
    let mut frontier = Frontier::default();
    let mut signed = 0;
    let mut by_size: Vec<&Checkpoint> = heads.iter().collect();
    by_size.sort_by_key(|head| head.size());
    for head in by_size {
        let Ok(size) = usize::try_from(head.size()) else { break };
        // A head beyond the hashes is an anchor all the same; it says nothing about the trail.
        let Some(up_to) = hashes.get(signed..size) else { break };
        for hash in up_to {
            frontier.append(*hash);
        }
        if frontier.root() != head.root() {
            return Err(AnchorError::TrailRoot { size: head.size() });
        }
        signed = size;
    }
    Ok(signed)
}
