//! One share as a text that can be printed and typed in again.

use std::fmt::Write;

use chrono::NaiveDate;
use records_model::ClinicId;
use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use super::{Quorum, SECRET_BYTES};
use crate::epoch::epoch_number;
use crate::epoch::text::{Lines, hex, unhex};
use crate::key::{EpochId, IndexRootId, KeyVersion};

/// What a share says in the clear: the same for all shares of one split, and no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShareLabel {
    /// The root of the clinic's blind indexes that is shared out with the epoch key.
    pub index: IndexRootId,
    /// The epoch whose key is shared out.
    pub epoch: EpochId,
    /// How many people there are, and how many are needed.
    pub quorum: Quorum,
    /// The day of the split, at the clinic.
    pub date: NaiveDate,
    /// Random, so that shares of two splits are never mixed.
    pub(super) set: [u8; 8],
    /// Recognises the keys once they are put together; says nothing about them.
    pub(super) key_check: [u8; 16],
}

/// The share of one holder. Neither `Clone` nor `Debug`; wiped when dropped.
///
/// Form of the text `resguardo-recovery-share-v1`; the check stands for every line above it:
///
/// ```text
/// resguardo-recovery-share-v1
/// clinic: id of the clinic
/// epoch: 2
/// index-version: 1
/// date: 2026-11-24
/// needed: 2
/// holders: 3
/// holder: 1
/// set: 16 hexadecimal digits
/// key-check: 32 hexadecimal digits
/// share: 128 hexadecimal digits
/// check: 16 hexadecimal digits
/// ```
pub struct RecoveryShare {
    label: ShareLabel,
    holder: u8,
    value: Box<Zeroizing<[u8; SECRET_BYTES]>>,
}

/// Why a text is no share. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ShareError {
    /// The first line names another form.
    #[error("this is no recovery share: its first line must be `{}`", RecoveryShare::TITLE)]
    Title,
    /// A line is missing or has another form.
    #[error("line {line} of the share must be `{expected}`")]
    Line {
        /// The line, from 1.
        line: usize,
        /// Its form.
        expected: &'static str,
    },
    /// Lines too many.
    #[error("line {line} of the share should not be there")]
    Trailing {
        /// The line, from 1.
        line: usize,
    },
    /// The checksum does not fit.
    #[error("the share is damaged or mistyped: its check does not fit")]
    Checksum,
}

impl RecoveryShare {
    /// First line of the text.
    pub const TITLE: &'static str = "resguardo-recovery-share-v1";

    pub(super) fn new(label: ShareLabel, holder: u8, value: &[u8; SECRET_BYTES]) -> Self {
        let mut copy = Box::new(Zeroizing::new([0; SECRET_BYTES]));
        copy.copy_from_slice(value);
        Self { label, holder, value: copy }
    }

    /// What it says in the clear.
    #[must_use]
    pub const fn label(&self) -> &ShareLabel {
        &self.label
    }

    /// The number of its holder, from 1.
    #[must_use]
    pub const fn holder(&self) -> u8 {
        self.holder
    }

    pub(super) fn value(&self) -> &[u8; SECRET_BYTES] {
        &self.value
    }

    /// The text for its holder; wiped when dropped.
    #[must_use]
    pub fn format(&self) -> Zeroizing<String> {
        let ShareLabel { index, epoch, quorum, date, set, key_check } = &self.label;
        // Room for the whole text, so that growing leaves no copy behind.
        let mut out = Zeroizing::new(String::with_capacity(512));
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "{}\nclinic: {}\nepoch: {epoch}\nindex-version: {}\ndate: {date}\nneeded: {}\nholders: {}\nholder: {}\n\
             set: {}\nkey-check: {}\nshare: {}\n",
            Self::TITLE,
            index.clinic,
            index.version,
            quorum.needed(),
            quorum.holders(),
            self.holder,
            hex(set).as_str(),
            hex(key_check).as_str(),
            hex(self.value.as_slice()).as_str(),
        );
        let check = hex(&checksum(&out));
        let _ = writeln!(out, "check: {}", check.as_str());
        out
    }

    /// Reads the text of a share.
    ///
    /// # Errors
    ///
    /// [`ShareError`] names the first line that is wrong, or says that the check does not fit.
    pub fn parse(text: &str) -> Result<Self, ShareError> {
        let mut lines = Lines::new(text);
        if lines.line() != Some(Self::TITLE) {
            return Err(ShareError::Title);
        }
        let wrong = |lines: &Lines<'_>, expected| ShareError::Line { line: lines.number(), expected };
        let clinic: Option<ClinicId> = lines.value("clinic").and_then(|text| text.parse().ok());
        let clinic = clinic.ok_or_else(|| wrong(&lines, "clinic: ID"))?;
        let epoch = lines.value("epoch").and_then(epoch_number);
        let epoch = epoch.ok_or_else(|| wrong(&lines, "epoch: NUMBER"))?;
        let version =
            lines.value("index-version").and_then(|text| text.parse().ok()).and_then(KeyVersion::new);
        let version = version.ok_or_else(|| wrong(&lines, "index-version: NUMBER"))?;
        let date = lines.value("date").and_then(|text| text.parse().ok());
        let date = date.ok_or_else(|| wrong(&lines, "date: YYYY-MM-DD"))?;
        let needed = lines.value("needed").and_then(|text| text.parse().ok());
        let needed = needed.ok_or_else(|| wrong(&lines, "needed: NUMBER"))?;
        let quorum = lines.value("holders").and_then(|text| text.parse().ok());
        let quorum = quorum.and_then(|holders| Quorum::new(needed, holders).ok());
        let quorum = quorum.ok_or_else(|| wrong(&lines, "holders: NUMBER"))?;
        let holder = lines.value("holder").and_then(|text| text.parse().ok());
        let holder = holder.filter(|holder| (1..=quorum.holders()).contains(holder));
        let holder = holder.ok_or_else(|| wrong(&lines, "holder: NUMBER"))?;
        let set = lines.value("set").and_then(unhex::<8>);
        let set = *set.ok_or_else(|| wrong(&lines, "set: 16 hexadecimal digits"))?;
        let key_check = lines.value("key-check").and_then(unhex::<16>);
        let key_check = *key_check.ok_or_else(|| wrong(&lines, "key-check: 32 hexadecimal digits"))?;
        let value = lines.value("share").and_then(unhex::<SECRET_BYTES>);
        let value = value.ok_or_else(|| wrong(&lines, "share: 128 hexadecimal digits"))?;
        let check = lines.value("check").and_then(unhex::<8>);
        let check = check.ok_or_else(|| wrong(&lines, "check: 16 hexadecimal digits"))?;
        if !lines.at_end() {
            return Err(ShareError::Trailing { line: lines.number() });
        }
        let index = IndexRootId { clinic, version };
        let share = Self::new(ShareLabel { index, epoch, quorum, date, set, key_check }, holder, &value);
        let written = share.format();
        let body = written.rsplit_once("check: ").map_or("", |(body, _)| body);
        if checksum(body) == *check { Ok(share) } else { Err(ShareError::Checksum) }
    }
}

fn checksum(body: &str) -> [u8; 8] {
    let hash = Sha256::new_with_prefix(b"resguardo/recovery-share/v1\0").chain_update(body).finalize();
    let mut check = [0; 8];
    check.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    check
}
