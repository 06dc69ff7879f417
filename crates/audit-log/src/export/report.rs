//! What a check found: where, and what.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};
use thiserror::Error;

use super::TrailDifference;
use crate::{Checkpoint, CheckpointError, LeafDecodeError, OrderFault};

/// Where something is wrong, as narrowly as it can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the file as a whole.
    File,
    /// In one line, counted from 1.
    Line(u64),
    /// At one entry of the tree, by index.
    Entry(u64),
    /// At one or more of these entries; which, cannot be told from what was given.
    Among {
        /// Index of the first.
        first: u64,
        /// Index of the last.
        last: u64,
    },
    /// At one entry of the unsequenced tail, counted from 0.
    Unsequenced(u64),
}

impl Place {
    /// The entries from `first` up to but without `end`.
    pub(super) const fn among(first: u64, end: u64) -> Self {
        if end <= first + 1 { Self::Entry(first) } else { Self::Among { first, last: end - 1 } }
    }

    /// Index of the first entry meant, if entries of the tree are.
    #[must_use]
    pub const fn first_index(self) -> Option<u64> {
        match self {
            Self::Entry(index) | Self::Among { first: index, .. } => Some(index),
            Self::File | Self::Line(_) | Self::Unsequenced(_) => None,
        }
    }

    /// Index of the last entry meant, if entries of the tree are.
    #[must_use]
    pub const fn last_index(self) -> Option<u64> {
        match self {
            Self::Entry(index) | Self::Among { last: index, .. } => Some(index),
            Self::File | Self::Line(_) | Self::Unsequenced(_) => None,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("the export"),
            Self::Line(line) => write!(f, "line {line}"),
            Self::Entry(index) => write!(f, "entry {index}"),
            Self::Among { first, last } => write!(f, "among the entries {first} to {last}"),
            Self::Unsequenced(number) => write!(f, "unsequenced entry {number}"),
        }
    }
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// The first line is no header that is known here.
    #[error("the first line is not the header of a log export, version 1")]
    Header,
    /// It is another clinic's log than the key's.
    #[error("this is another log than the key's")]
    OtherLog,
    /// A line that cannot be read, or that stands where it cannot.
    #[error("the line cannot be read, or cannot stand here")]
    Line,
    /// Indexes are left out.
    #[error("missing: the next line is entry {found}")]
    Missing {
        /// The index that stands there instead.
        found: u64,
    },
    /// An index that stands where it cannot.
    #[error("out of place: entry {found} stands here")]
    OutOfPlace {
        /// The index that stands there.
        found: u64,
    },
    /// No entry can be read there.
    #[error("the entry cannot be read: {0}")]
    LeafUnreadable(LeafDecodeError),
    /// The bytes of the entry are left out or are no base64.
    #[error("the bytes of the entry are not there")]
    LeafAbsent,
    /// It says that it belongs to another clinic.
    #[error("the entry belongs to another clinic")]
    ForeignLeaf,
    /// The same entry id twice.
    #[error("the entry repeats entry {first}")]
    Repeated {
        /// Where it stood first.
        first: u64,
    },
    /// It breaks the order law.
    #[error("{0}")]
    Order(OrderFault),
    /// Bytes and stored hash differ, and no signed head tells which is right.
    #[error("the entry and its stored hash differ")]
    HashDiffers,
    /// The stored hash is the one that was signed; the bytes are not.
    #[error("the entry was changed: its stored hash is under a signed head, its bytes are not")]
    LeafChanged,
    /// The bytes are the ones that were signed; the stored hash is not.
    #[error("the stored hash was changed; the entry itself is under a signed head")]
    StoredHashChanged,
    /// A checkpoint that is none of this log.
    #[error("the checkpoint is refused: {0}")]
    Checkpoint(CheckpointError),
    /// A head over fewer entries than stand before it.
    #[error("the checkpoint over {size} entries stands too late")]
    CheckpointLate {
        /// Entries under it.
        size: u64,
    },
    /// The entries do not lead to a signed root.
    #[error("changed: the signed head over {size} entries does not fit")]
    RootDiffers {
        /// Entries under that head.
        size: u64,
    },
    /// The entry differs from the trail that was kept elsewhere.
    #[error("{0}")]
    Trail(TrailDifference),
    /// A signed head counts more entries than there are.
    #[error("{count} missing: a signed head counts {signed} entries")]
    TailMissing {
        /// How many are missing.
        count: u64,
        /// Entries under the head.
        signed: u64,
    },
    /// No signed head covers them.
    #[error("no signed head covers them")]
    Unsigned,
    /// The last line is not there: the file was cut.
    #[error("the last line is missing: the file was cut")]
    EndAbsent,
    /// The last line counts otherwise.
    #[error("the last line counts {entries} entries and {unsequenced} unsequenced ones")]
    EndCounts {
        /// What it says of the tree.
        entries: u64,
        /// What it says of the tail.
        unsequenced: u64,
    },
    /// The key signed two histories.
    #[error("two different heads over {size} entries are signed: the log was forked")]
    Fork {
        /// Entries under both.
        size: u64,
    },
}

impl Fault {
    /// A stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::OtherLog => "other-log",
            Self::Line => "line-unreadable",
            Self::Missing { .. } => "entries-missing",
            Self::OutOfPlace { .. } => "out-of-place",
            Self::LeafUnreadable(_) => "leaf-unreadable",
            Self::LeafAbsent => "leaf-absent",
            Self::ForeignLeaf => "foreign-leaf",
            Self::Repeated { .. } => "repeated",
            Self::Order(_) => "order",
            Self::HashDiffers => "hash-differs",
            Self::LeafChanged => "leaf-changed",
            Self::StoredHashChanged => "stored-hash-changed",
            Self::Checkpoint(_) => "checkpoint-refused",
            Self::CheckpointLate { .. } => "checkpoint-late",
            Self::RootDiffers { .. } => "root-differs",
            Self::Trail(TrailDifference::Changed) => "trail-changed",
            Self::Trail(TrailDifference::Removed { .. }) => "trail-removed",
            Self::Trail(TrailDifference::Inserted) => "trail-inserted",
            Self::Trail(TrailDifference::Swapped { .. }) => "trail-swapped",
            Self::Trail(TrailDifference::Moved { .. }) => "trail-moved",
            Self::TailMissing { .. } => "tail-missing",
            Self::Unsigned => "unsigned",
            Self::EndAbsent => "end-absent",
            Self::EndCounts { .. } => "end-counts",
            Self::Fork { .. } => "fork",
        }
    }
}

/// One thing that is wrong, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub place: Place,
    /// What.
    pub fault: Fault,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.fault)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Finding", 4)?;
        object.serialize_field("first_index", &self.place.first_index())?;
        object.serialize_field("last_index", &self.place.last_index())?;
        object.serialize_field("fault", self.fault.code())?;
        object.serialize_field("message", &self.to_string())?;
        object.end()
    }
}

/// What a check of one export came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Entries in the tree.
    pub entries: u64,
    /// Entries that a signed head vouches for, from the first on.
    pub vouched: u64,
    /// The largest signed head that fits.
    pub head: Option<Checkpoint>,
    /// Committed entries without a place.
    pub unsequenced: u64,
    /// What is wrong, in the order in which the check met it: of what is found entry by entry the first
    /// [`Report::FINDINGS_MAX`], and always what is found once (a head or trail that does not fit, a missing end).
    pub findings: Vec<Finding>,
    /// How many more there were.
    pub findings_left_out: u64,
}

impl Report {
    /// Most findings of single entries and lines that a report lists.
    pub const FINDINGS_MAX: usize = 64;

    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_intact(&self) -> bool {
        self.findings.is_empty()
    }

    /// The finding that begins at the smallest index, the narrowest of several; one without an index only if no
    /// other is there.
    #[must_use]
    pub fn first_bad(&self) -> Option<&Finding> {
        self.findings.iter().min_by_key(|finding| {
            let first = finding.place.first_index().unwrap_or(u64::MAX);
            (first, finding.place.last_index().unwrap_or(u64::MAX) - first)
        })
    }
}
