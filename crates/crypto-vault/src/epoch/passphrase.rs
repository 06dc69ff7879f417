//! An epoch key from a passphrase (argon2id, RFC 9106), and the header that is stored beside the database.

use std::fmt::Write;

use argon2::{Algorithm, Argon2, Params, Version};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::check_value;
use super::file::epoch_number;
use super::text::{Lines, hex, unhex};
use crate::key::{EpochId, EpochKey};

/// A passphrase, brought to one form (NFKC) so that every keyboard gives the same key. Wiped when dropped.
pub struct Passphrase(Zeroizing<String>);

/// What deriving a key costs: memory, passes, lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KdfCost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// A cost outside what is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "argon2id needs {} to {} KiB of memory, {} to {} passes and 1 to {} lanes",
    KdfCost::MEMORY_KIB_MIN,
    KdfCost::MEMORY_KIB_MAX,
    KdfCost::PASSES_MIN,
    KdfCost::PASSES_MAX,
    KdfCost::LANES_MAX
)]
pub struct KdfCostError;

impl KdfCost {
    /// Least memory: 19 MiB (OWASP password storage cheat sheet, argon2id with two passes). A header that
    /// names less was tampered with, and is refused.
    pub const MEMORY_KIB_MIN: u32 = 19 * 1024;
    /// Most memory: 1 GiB, so that a tampered header cannot exhaust the machine.
    pub const MEMORY_KIB_MAX: u32 = 1024 * 1024;
    /// Fewest passes (the same source).
    pub const PASSES_MIN: u32 = 2;
    /// Most passes.
    pub const PASSES_MAX: u32 = 64;
    /// Most lanes.
    pub const LANES_MAX: u32 = 16;
    /// What new headers use: 64 MiB, three passes, four lanes (RFC 9106, section 4, second recommended choice).
    pub const RECOMMENDED: Self = Self { memory_kib: 64 * 1024, passes: 3, lanes: 4 };
    /// The least that is accepted: 19 MiB, two passes, one lane.
    pub const LEAST: Self = Self { memory_kib: Self::MEMORY_KIB_MIN, passes: Self::PASSES_MIN, lanes: 1 };

    /// A cost within the limits.
    ///
    /// # Errors
    ///
    /// [`KdfCostError`] if it is outside.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, KdfCostError> {
        let fits = (Self::MEMORY_KIB_MIN..=Self::MEMORY_KIB_MAX).contains(&memory_kib)
            && (Self::PASSES_MIN..=Self::PASSES_MAX).contains(&passes)
            && (1..=Self::LANES_MAX).contains(&lanes);
        if fits { Ok(Self { memory_kib, passes, lanes }) } else { Err(KdfCostError) }
    }
}

/// What is stored so that the same passphrase gives the same key; it holds no secret.
///
/// ```text
/// resguardo-epoch-passphrase-v1
/// epoch: 1
/// argon2id: m=65536 t=3 p=4
/// salt: 32 hexadecimal digits
/// check: 32 hexadecimal digits
/// ```
///
/// Such a key cannot be destroyed with proof: whoever remembers the passphrase can make it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassphraseHeader {
    epoch: EpochId,
    cost: KdfCost,
    salt: [u8; 16],
    check: [u8; 16],
}

/// Why there is no key. It never repeats the passphrase or the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PassphraseError {
    /// Too short to withstand guessing.
    #[error("a passphrase has at least {} characters, not {len}", Passphrase::LEN_MIN)]
    TooShort {
        /// Its length in characters.
        len: usize,
    },
    /// Too long.
    #[error("a passphrase has at most {} bytes", Passphrase::LEN_BYTES_MAX)]
    TooLong,
    /// Not the passphrase that the header was made with.
    #[error("this is not the passphrase that this data was set up with")]
    Wrong,
    /// The header has another form.
    #[error("line {line} of the passphrase header must be `{expected}`")]
    Line {
        /// The line, from 1.
        line: usize,
        /// Its form.
        expected: &'static str,
    },
    /// The header has lines too many.
    #[error("line {line} of the passphrase header should not be there")]
    Trailing {
        /// The line, from 1.
        line: usize,
    },
    /// The header asks for too little or too much work.
    #[error("the passphrase header was tampered with or damaged: {0}")]
    Cost(#[from] KdfCostError),
    /// The derivation could not run.
    #[error("the key could not be derived from the passphrase")]
    Derivation,
}

impl Passphrase {
    /// Fewest characters.
    pub const LEN_MIN: usize = 12;
    /// Most bytes.
    pub const LEN_BYTES_MAX: usize = 1024;

    /// Takes a passphrase; line ends at its end are dropped, spaces are not.
    ///
    /// # Errors
    ///
    /// [`PassphraseError`] if it is too short or too long.
    pub fn parse(text: &str) -> Result<Self, PassphraseError> {
        let text = text.trim_end_matches(['\r', '\n']);
        if text.len() > Self::LEN_BYTES_MAX {
            return Err(PassphraseError::TooLong);
        }
        let len = text.chars().count();
        if len < Self::LEN_MIN {
            return Err(PassphraseError::TooShort { len });
        }
        // NFKC makes a text at most eighteen times as long in UTF-8; with that room it never moves.
        let mut normal = Zeroizing::new(String::with_capacity(text.len() * 18));
        normal.extend(text.nfkc());
        Ok(Self(normal))
    }
}

impl PassphraseHeader {
    /// First line of the header.
    pub const TITLE: &'static str = "resguardo-epoch-passphrase-v1";

    /// Sets up a new epoch key from a passphrase, with a fresh salt.
    ///
    /// # Errors
    ///
    /// [`PassphraseError::Derivation`] if the memory for the derivation is not to be had.
    pub fn create(
        epoch: EpochId,
        passphrase: &Passphrase,
        cost: KdfCost,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, EpochKey), PassphraseError> {
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        let key = derive(epoch, passphrase, cost, &salt)?;
        Ok((Self { epoch, cost, salt, check: check_value(&key) }, key))
    }

    /// Derives the epoch key again.
    ///
    /// # Errors
    ///
    /// [`PassphraseError::Wrong`] if this is not the passphrase of the header.
    pub fn open(&self, passphrase: &Passphrase) -> Result<EpochKey, PassphraseError> {
        let key = derive(self.epoch, passphrase, self.cost, &self.salt)?;
        if bool::from(check_value(&key).ct_eq(&self.check)) { Ok(key) } else { Err(PassphraseError::Wrong) }
    }

    /// Which epoch it is for.
    #[must_use]
    pub const fn epoch(&self) -> EpochId {
        self.epoch
    }

    /// The text of the header.
    #[must_use]
    pub fn format(&self) -> String {
        let KdfCost { memory_kib, passes, lanes } = self.cost;
        let mut out = format!("{}\nepoch: {}\n", Self::TITLE, self.epoch);
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "argon2id: m={memory_kib} t={passes} p={lanes}\nsalt: {}\ncheck: {}\n",
            hex(&self.salt).as_str(),
            hex(&self.check).as_str()
        );
        out
    }

    /// Reads the text of a header.
    ///
    /// # Errors
    ///
    /// [`PassphraseError`] names the first line that is wrong, or a cost outside the limits.
    pub fn parse(text: &str) -> Result<Self, PassphraseError> {
        let mut lines = Lines::new(text);
        let wrong = |line, expected| PassphraseError::Line { line, expected };
        if lines.line() != Some(Self::TITLE) {
            return Err(wrong(lines.number(), Self::TITLE));
        }
        let epoch = lines.value("epoch").and_then(epoch_number);
        let epoch = epoch.ok_or(wrong(lines.number(), "epoch: NUMBER"))?;
        let cost = lines.value("argon2id").and_then(cost_numbers);
        let cost = cost.ok_or(wrong(lines.number(), "argon2id: m=KIB t=PASSES p=LANES"))?;
        let salt = lines.value("salt").and_then(unhex::<16>);
        let salt = *salt.ok_or(wrong(lines.number(), "salt: 32 hexadecimal digits"))?;
        let check = lines.value("check").and_then(unhex::<16>);
        let check = *check.ok_or(wrong(lines.number(), "check: 32 hexadecimal digits"))?;
        if !lines.at_end() {
            return Err(PassphraseError::Trailing { line: lines.number() });
        }
        Ok(Self { epoch, cost: KdfCost::new(cost.0, cost.1, cost.2)?, salt, check })
    }
}

fn cost_numbers(text: &str) -> Option<(u32, u32, u32)> {
    let mut words = text.split(' ');
    let mut number = |name| words.next()?.strip_prefix(name)?.parse().ok();
    let numbers = (number("m=")?, number("t=")?, number("p=")?);
    words.next().is_none().then_some(numbers)
}

fn derive(
    epoch: EpochId,
    passphrase: &Passphrase,
    cost: KdfCost,
    salt: &[u8; 16],
) -> Result<EpochKey, PassphraseError> {
    let failed = |_| PassphraseError::Derivation;
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).map_err(failed)?;
    let mut key = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.0.as_bytes(), salt, key.as_mut_slice())
        .map_err(failed)?;
    Ok(EpochKey::from_bytes(epoch, &mut key))
}
