//! The key file: the epoch key itself, with a checksum against copying errors.

use std::fmt::Write;

use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

use super::text::{Lines, hex, unhex};
use crate::key::{EpochId, EpochKey};

/// Form of the key file `resguardo-epoch-key-v1`:
///
/// ```text
/// resguardo-epoch-key-v1
/// epoch: 1
/// key: 64 hexadecimal digits
/// check: 16 hexadecimal digits
/// ```
///
/// Whoever reads the file can open everything that epoch protects: keep it where the database and its backups
/// are not.
pub struct EpochFile;

/// Why a text is no key file. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EpochFileError {
    /// The first line names another form.
    #[error("this is no key file: its first line must be `{}`", EpochFile::TITLE)]
    Title,
    /// A line is missing or has another form.
    #[error("line {line} of the key file must be `{expected}`")]
    Line {
        /// The line, from 1.
        line: usize,
        /// Its form.
        expected: &'static str,
    },
    /// Lines too many.
    #[error("line {line} of the key file should not be there")]
    Trailing {
        /// The line, from 1.
        line: usize,
    },
    /// The checksum does not fit: the file was damaged or mistyped.
    #[error("the key file is damaged: its checksum does not fit; use a copy")]
    Checksum,
}

impl EpochFile {
    /// First line of the file.
    pub const TITLE: &'static str = "resguardo-epoch-key-v1";

    /// The text of the file that holds this key; wiped when dropped.
    ///
    /// ```
    /// use crypto_vault::testing::CountingRng;
    /// use crypto_vault::{EpochFile, EpochId, EpochKey};
    ///
    /// let key = EpochKey::generate(EpochId::FIRST, &mut CountingRng::new(1));
    /// let text = EpochFile::format(&key);
    /// assert_eq!(EpochFile::parse(&text)?.id(), EpochId::FIRST);
    /// # Ok::<(), crypto_vault::EpochFileError>(())
    /// ```
    #[must_use]
    pub fn format(key: &EpochKey) -> Zeroizing<String> {
        let digits = hex(key.bytes().expose());
        let check = hex(&checksum(key.id(), key.bytes().expose()));
        // Room for the whole text, so that growing leaves no copy behind.
        let mut out = Zeroizing::new(String::with_capacity(160));
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "{}\nepoch: {}\nkey: {}\ncheck: {}\n",
            Self::TITLE,
            key.id(),
            digits.as_str(),
            check.as_str()
        );
        out
    }

    /// Reads the text of a key file.
    ///
    /// # Errors
    ///
    /// [`EpochFileError`] names the first line that is wrong, or says that the checksum does not fit.
    pub fn parse(text: &str) -> Result<EpochKey, EpochFileError> {
        let mut lines = Lines::new(text);
        if lines.line() != Some(Self::TITLE) {
            return Err(EpochFileError::Title);
        }
        let wrong = |line, expected| EpochFileError::Line { line, expected };
        let epoch = lines.value("epoch").and_then(epoch_number);
        let epoch = epoch.ok_or(wrong(lines.number(), "epoch: NUMBER"))?;
        let key = lines.value("key").and_then(unhex::<32>);
        let mut key = key.ok_or(wrong(lines.number(), "key: 64 hexadecimal digits"))?;
        let check = lines.value("check").and_then(unhex::<8>);
        let check = check.ok_or(wrong(lines.number(), "check: 16 hexadecimal digits"))?;
        if !lines.at_end() {
            return Err(EpochFileError::Trailing { line: lines.number() });
        }
        if checksum(epoch, &key) != *check {
            return Err(EpochFileError::Checksum);
        }
        Ok(EpochKey::from_bytes(epoch, &mut key))
    }
}

/// An epoch number without sign or leading zero, so that one key has one file.
pub(crate) fn epoch_number(text: &str) -> Option<EpochId> {
    text.parse().ok().and_then(EpochId::new).filter(|epoch| epoch.to_string() == text)
}

fn checksum(epoch: EpochId, key: &[u8; 32]) -> [u8; 8] {
    let hash = Sha256::new_with_prefix(b"resguardo/epoch-key-file/v1\0")
        .chain_update(epoch.number().to_be_bytes())
        .chain_update(key)
        .finalize();
    let mut hash: [u8; 32] = hash.into();
    let mut check = [0; 8];
    check.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    hash.zeroize();
    check
}
