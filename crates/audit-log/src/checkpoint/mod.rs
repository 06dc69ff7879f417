//! Signed heads of the tree, as C2SP checkpoints: what somebody else keeps, so that a rewrite shows.

mod certificate;
mod key;
mod note;
mod receipt;
mod timestamp;

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use records_model::ClinicId;
use thiserror::Error;

pub use certificate::{sign_certificate, verify_certificate};
pub use key::{LogSigningKey, VerifierKey, VerifierKeyError};
pub use note::NoteError;
pub use receipt::{ReceiptError, VerifiedReceipt, sign_receipt, verify_receipt};
pub use timestamp::timestamp_request;

use crate::TreeHash;

/// The head of one clinic's tree at one size.
///
/// As text it is a [C2SP checkpoint](https://c2sp.org/tlog-checkpoint): origin, size, root in base64, and the
/// extension line `time` with microseconds since 1970 UTC.
///
/// ```
/// use audit_log::{Checkpoint, LogSigningKey, root_of};
/// use chrono::DateTime;
/// use records_model::ClinicId;
///
/// let clinic = ClinicId::from_uuid(uuid::Uuid::from_u128(1));
/// let key = LogSigningKey::from_bytes(clinic, &[9; 32]);
/// let head = Checkpoint::new(clinic, 0, root_of(&[]), DateTime::UNIX_EPOCH);
/// let note = head.sign(&key)?;
/// assert_eq!(Checkpoint::open(&note, &key.verifier_key()), Ok(head));
/// # Ok::<(), audit_log::CheckpointError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    clinic: ClinicId,
    size: u64,
    root: TreeHash,
    at: DateTime<Utc>,
}

/// Why a text is not a checkpoint of the log that the key belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// It is not a signed note, or not signed by the key.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The signed text is not a checkpoint of this product.
    #[error("line {line} of the checkpoint is not {expected}")]
    Line {
        /// The line, from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// Its origin is another log than the key's.
    #[error("the checkpoint names another log than the key")]
    Origin,
}

/// What every origin begins with; the clinic's id follows.
const ORIGIN_PREFIX: &str = "resguardo/";
/// What the extension line begins with.
const TIME_PREFIX: &str = "time ";

/// The name of a clinic's log: `resguardo/` and the clinic's id.
#[must_use]
pub fn origin(clinic: ClinicId) -> String {
    format!("{ORIGIN_PREFIX}{clinic}")
}

/// The clinic whose log has this name.
pub(crate) fn clinic_of(origin: &str) -> Option<ClinicId> {
    let clinic = origin.strip_prefix(ORIGIN_PREFIX)?.parse().ok()?;
    (self::origin(clinic) == origin).then_some(clinic)
}

impl Checkpoint {
    /// The head of a tree; a time finer than a microsecond is cut.
    #[must_use]
    pub fn new(clinic: ClinicId, size: u64, root: TreeHash, at: DateTime<Utc>) -> Self {
        let at = DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at);
        Self { clinic, size, root, at }
    }

    /// Whose log.
    #[must_use]
    pub const fn clinic(&self) -> ClinicId {
        self.clinic
    }

    /// Number of entries.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Root over them.
    #[must_use]
    pub const fn root(&self) -> TreeHash {
        self.root
    }

    /// When it was signed.
    #[must_use]
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The signed note.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Origin`] if the key is another clinic's.
    pub fn sign(&self, key: &LogSigningKey) -> Result<String, CheckpointError> {
        if key.clinic() != self.clinic {
            return Err(CheckpointError::Origin);
        }
        Ok(note::sign(&self.to_string(), key))
    }

    /// Reads a signed note and checks its signature. Signatures of other keys, such as witnesses', are left
    /// aside.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] if it is no note, is not signed by this key, or is no checkpoint of the key's log.
    pub fn open(note: &str, key: &VerifierKey) -> Result<Self, CheckpointError> {
        let checkpoint = Self::parse(note::open(note, key)?)?;
        if Some(checkpoint.clinic) == clinic_of(key.name()) {
            Ok(checkpoint)
        } else {
            Err(CheckpointError::Origin)
        }
    }

    /// Reads a note *without* checking its signature: for showing it, never for trusting it.
    ///
    /// # Errors
    ///
    /// [`CheckpointError`] if it is no note or no checkpoint.
    pub fn read_unverified(note: &str) -> Result<Self, CheckpointError> {
        Self::parse(note::text_of(note)?)
    }

    fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.lines().enumerate();
        let mut line = |expected: &'static str| {
            let (at, line) = lines.next().unwrap_or((0, ""));
            (line, CheckpointError::Line { line: at + 1, expected })
        };
        let (origin, error) = line("the name of a log");
        let clinic = clinic_of(origin).ok_or(error)?;
        let (size, error) = line("a number of entries");
        let size = plain_number(size).ok_or(error)?;
        let (root, error) = line("a root of 32 bytes in base64");
        let root = base64_array(root).map(TreeHash::from_bytes).ok_or(error)?;
        let (time, error) = line("`time` and microseconds");
        let at = time.strip_prefix(TIME_PREFIX).and_then(plain_number).ok_or(error)?;
        let at = DateTime::from_timestamp_micros(at).ok_or(error)?;
        match lines.next() {
            None => Ok(Self { clinic, size, root, at }),
            Some((at, _)) => Err(CheckpointError::Line { line: at + 1, expected: "the end" }),
        }
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", origin(self.clinic))?;
        writeln!(f, "{}", self.size)?;
        writeln!(f, "{}", STANDARD.encode(self.root.as_bytes()))?;
        writeln!(f, "{TIME_PREFIX}{}", self.at.timestamp_micros())
    }
}

/// A number in its one plain spelling: no sign before a positive one, no leading zero.
fn plain_number<N: std::str::FromStr + ToString>(text: &str) -> Option<N> {
    text.parse().ok().filter(|number: &N| number.to_string() == text)
}

/// Exactly `N` bytes in padded base64.
pub(crate) fn base64_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    // Longer than any such part; a text that would not fit is none.
    let mut bytes = [0; 96];
    let len = STANDARD.decode_slice(text, &mut bytes).ok()?;
    bytes.get(..len)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_head_of_another_log_is_refused_even_when_the_key_signed_it() {
        let clinic = |number| ClinicId::from_uuid(Uuid::from_u128(number));
        let key = LogSigningKey::from_bytes(clinic(1), &[9; 32]);
        let head = |number| {
            let root = TreeHash::from_bytes([0; 32]);
            note::sign(&Checkpoint::new(clinic(number), 1, root, DateTime::UNIX_EPOCH).to_string(), &key)
        };
        assert!(Checkpoint::open(&head(1), &key.verifier_key()).is_ok());
        assert_eq!(Checkpoint::open(&head(2), &key.verifier_key()), Err(CheckpointError::Origin));
    }
}
