//! Writing an export line by line.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use records_model::ClinicId;

use super::line::{End, EntryLine, Header, Line};
use crate::TreeHash;

/// Writes the lines of an export, or of a trail, in order; the caller adds line feeds and puts them somewhere.
///
/// ```
/// use audit_log::{ExportWriter, leaf_hash};
/// # use records_model::ClinicId;
/// # let clinic = ClinicId::from_uuid(uuid::Uuid::from_u128(1));
/// let (mut export, header) = ExportWriter::begin(clinic);
/// let stored_leaf = b"canonical bytes";
/// let lines = [header, export.entry(stored_leaf, &leaf_hash(stored_leaf)), export.finish()];
/// assert_eq!(lines[2], r#"{"end":{"entries":1,"unsequenced":0}}"#);
/// ```
#[derive(Debug)]
pub struct ExportWriter {
    counts: End,
}

impl ExportWriter {
    /// Begins an export of one clinic's log: the writer, and the first line.
    #[must_use]
    pub fn begin(clinic: ClinicId) -> (Self, String) {
        let header = Line::Header(Header::of(clinic)).write();
        (Self { counts: End { entries: 0, unsequenced: 0 } }, header)
    }

    /// The next entry in tree order: its bytes and its hash, each as it is stored.
    pub fn entry(&mut self, leaf: &[u8], stored_hash: &TreeHash) -> String {
        self.entry_line(Some(Cow::Owned(STANDARD.encode(leaf))), stored_hash)
    }

    /// The next entry of a trail: its hash only.
    pub fn withheld_entry(&mut self, stored_hash: &TreeHash) -> String {
        self.entry_line(None, stored_hash)
    }

    fn entry_line(&mut self, leaf: Option<Cow<'_, str>>, stored_hash: &TreeHash) -> String {
        let index = self.counts.entries;
        self.counts.entries += 1;
        let hash = Cow::Owned(STANDARD.encode(stored_hash.as_bytes()));
        Line::Entry(EntryLine { index, leaf, hash }).write()
    }

    /// A signed head over the entries so far. Every head that is kept belongs into an export: each narrows
    /// where a change can hide.
    #[must_use]
    pub fn checkpoint(&self, note: &str) -> String {
        Line::Checkpoint(Cow::Borrowed(note)).write()
    }

    /// A committed entry that has no place yet; after the last checkpoint.
    pub fn unsequenced(&mut self, leaf: &[u8]) -> String {
        self.counts.unsequenced += 1;
        Line::Unsequenced(Cow::Owned(STANDARD.encode(leaf))).write()
    }

    /// The last line.
    #[must_use]
    pub fn finish(self) -> String {
        Line::End(self.counts).write()
    }
}
