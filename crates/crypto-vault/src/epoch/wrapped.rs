//! An epoch key that a service wraps: the file that is kept beside the database, and to what it is bound.

use std::fmt::Write;

use records_model::{ClinicId, KeyLabel};
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::Zeroizing;

use super::text::{Lines, hex, unhex};
use super::{check_value, epoch_number};
use crate::encode::Encoder;
use crate::key::{EpochId, EpochKey};

/// Which key of which service wraps an epoch key. Each epoch has a key of its own there, so that its end harms no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyAtProvider {
    /// Transit of Vault or `OpenBao`.
    Transit {
        /// Where Transit is mounted.
        mount: KeyLabel,
        /// The key.
        key: KeyLabel,
        /// The version of it that wrapped.
        version: u32,
    },
    /// A token that speaks PKCS#11.
    Pkcs11 {
        /// Label of the token.
        token: KeyLabel,
        /// Label of the key object (`CKA_LABEL`).
        key: KeyLabel,
        /// Its id (`CKA_ID`), drawn at random.
        id: [u8; 16],
    },
}

/// An epoch key as a service wrapped it. Form of the file `resguardo-wrapped-epoch-key-v1`:
///
/// ```text
/// resguardo-wrapped-epoch-key-v1
/// clinic: 01920000-0000-7000-8000-000000000c11
/// epoch: 1
/// provider: transit                             or: pkcs11
/// key: MOUNT/KEY                                or: TOKEN/KEY
/// version: 1                                    or: 32 hexadecimal digits, the id of the key object
/// wrapped: vault:v1:..                          or: hexadecimal digits, nonce and what the token sealed
/// check: 32 hexadecimal digits
/// ```
///
/// Without the service it opens nothing. It is not secret, and it is needed: keep a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedEpoch {
    clinic: ClinicId,
    epoch: EpochId,
    key: KeyAtProvider,
    wrapped: String,
    check: [u8; 16],
}

/// Why a wrapped epoch key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WrappedEpochError {
    /// A line is missing or has another form.
    #[error("line {line} of the wrapped key file must be `{expected}`")]
    Line {
        /// The line, from 1.
        line: usize,
        /// Its form.
        expected: &'static str,
    },
    /// Lines too many.
    #[error("line {line} of the wrapped key file should not be there")]
    Trailing {
        /// The line, from 1.
        line: usize,
    },
    /// What the service gave cannot stand on a line.
    #[error("what the key service answered is no wrapped key")]
    Wrapped,
    /// Another clinic's.
    #[error("the wrapped key file is another clinic's; use the one of this clinic")]
    Clinic,
    /// The service gave another key.
    #[error(
        "what the key service opened is not the key that was wrapped; use the key file that belongs to that key"
    )]
    Check,
}

impl WrappedEpoch {
    /// First line of the file.
    pub const TITLE: &'static str = "resguardo-wrapped-epoch-key-v1";
    /// Longest wrapped key accepted, in characters.
    pub const WRAPPED_LEN_MAX: usize = 1024;

    /// Has a key wrapped: `wrap` gets its bytes and what it is to be bound to, and says by which key it was.
    ///
    /// # Errors
    ///
    /// What `wrap` says; [`WrappedEpochError::Wrapped`] if its answer is no wrapped key.
    ///
    /// ```
    /// use crypto_vault::testing::{CountingRng, example_record_context};
    /// use crypto_vault::{EpochId, EpochKey, KeyAtProvider, WrappedEpoch, WrappedEpochError};
    /// use records_model::KeyLabel;
    ///
    /// let clinic = example_record_context().0.clinic();
    /// let key = EpochKey::generate(EpochId::FIRST, &mut CountingRng::new(1));
    /// let label = |text| KeyLabel::parse(text).map_err(|_| WrappedEpochError::Wrapped);
    /// let at = KeyAtProvider::Transit { mount: label("transit")?, key: label("k-1")?, version: 1 };
    /// let wrapped = WrappedEpoch::wrap(clinic, &key, |_bytes, _bound_to| {
    ///     Ok::<_, WrappedEpochError>((at, "vault:v1:sealed".to_owned())) // a service answers this
    /// })?;
    /// assert_eq!(WrappedEpoch::parse(&wrapped.format())?, wrapped);
    /// # Ok::<(), WrappedEpochError>(())
    /// ```
    pub fn wrap<E: From<WrappedEpochError>>(
        clinic: ClinicId,
        key: &EpochKey,
        wrap: impl FnOnce(&[u8; 32], &[u8]) -> Result<(KeyAtProvider, String), E>,
    ) -> Result<Self, E> {
        let (at, wrapped) = wrap(key.bytes().expose(), &bound_to(clinic, key.id()))?;
        if !is_wrapped(&wrapped) {
            return Err(WrappedEpochError::Wrapped.into());
        }
        Ok(Self { clinic, epoch: key.id(), key: at, wrapped, check: check_value(key) })
    }

    /// Has it opened: `unwrap` gets what was wrapped, and what it is bound to.
    ///
    /// # Errors
    ///
    /// [`WrappedEpochError::Clinic`] before anything is asked; what `unwrap` says; [`WrappedEpochError::Check`] if it
    /// gave another key.
    pub fn unwrap<E: From<WrappedEpochError>>(
        &self,
        clinic: ClinicId,
        unwrap: impl FnOnce(&str, &[u8]) -> Result<Zeroizing<[u8; 32]>, E>,
    ) -> Result<EpochKey, E> {
        if clinic != self.clinic {
            return Err(WrappedEpochError::Clinic.into());
        }
        let mut bytes = unwrap(&self.wrapped, &bound_to(clinic, self.epoch))?;
        let key = EpochKey::from_bytes(self.epoch, &mut bytes);
        if bool::from(check_value(&key).ct_eq(&self.check)) {
            Ok(key)
        } else {
            Err(WrappedEpochError::Check.into())
        }
    }

    /// Which epoch's key it is.
    #[must_use]
    pub const fn epoch(&self) -> EpochId {
        self.epoch
    }

    /// Which key wraps it.
    #[must_use]
    pub const fn key(&self) -> &KeyAtProvider {
        &self.key
    }

    /// The text of the file.
    #[must_use]
    pub fn format(&self) -> String {
        let (provider, key, version) = match &self.key {
            KeyAtProvider::Transit { mount, key, version } => {
                ("transit", format!("{mount}/{key}"), version.to_string())
            }
            KeyAtProvider::Pkcs11 { token, key, id } => {
                ("pkcs11", format!("{token}/{key}"), hex(id).to_string())
            }
        };
        let mut out = format!("{}\nclinic: {}\nepoch: {}\n", Self::TITLE, self.clinic.as_uuid(), self.epoch);
        // Writing to a string does not fail.
        let _ = write!(
            out,
            "provider: {provider}\nkey: {key}\nversion: {version}\nwrapped: {}\ncheck: {}\n",
            self.wrapped,
            hex(&self.check).as_str()
        );
        out
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    ///
    /// [`WrappedEpochError`] names the first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, WrappedEpochError> {
        let mut lines = Lines::new(text);
        let wrong = |line, expected| WrappedEpochError::Line { line, expected };
        if lines.line() != Some(Self::TITLE) {
            return Err(wrong(lines.number(), Self::TITLE));
        }
        let clinic = lines.value("clinic").and_then(|text| text.parse().ok());
        let clinic: ClinicId = clinic.ok_or(wrong(lines.number(), "clinic: UUID"))?;
        let epoch = lines.value("epoch").and_then(epoch_number);
        let epoch = epoch.ok_or(wrong(lines.number(), "epoch: NUMBER"))?;
        let provider = lines.value("provider").filter(|name| matches!(*name, "transit" | "pkcs11"));
        let provider = provider.ok_or(wrong(lines.number(), "provider: transit|pkcs11"))?;
        let place = lines.value("key").and_then(place_and_key);
        let (place, key) = place.ok_or(wrong(lines.number(), "key: MOUNT/KEY"))?;
        let version = lines.value("version").unwrap_or_default();
        let key = if provider == "transit" {
            let version = version.parse().ok().filter(|number: &u32| number.to_string() == version);
            let version = version.ok_or(wrong(lines.number(), "version: NUMBER"))?;
            KeyAtProvider::Transit { mount: place, key, version }
        } else {
            let id = *unhex::<16>(version).ok_or(wrong(lines.number(), "version: 32 hexadecimal digits"))?;
            KeyAtProvider::Pkcs11 { token: place, key, id }
        };
        let wrapped = lines.value("wrapped").filter(|text| is_wrapped(text));
        let wrapped = wrapped.ok_or(wrong(lines.number(), "wrapped: TEXT"))?.to_owned();
        let check = lines.value("check").and_then(unhex::<16>);
        let check = *check.ok_or(wrong(lines.number(), "check: 32 hexadecimal digits"))?;
        if !lines.at_end() {
            return Err(WrappedEpochError::Trailing { line: lines.number() });
        }
        Ok(Self { clinic, epoch, key, wrapped, check })
    }
}

fn place_and_key(text: &str) -> Option<(KeyLabel, KeyLabel)> {
    let (place, key) = text.split_once('/')?;
    Some((KeyLabel::parse(place).ok()?, KeyLabel::parse(key).ok()?))
}

fn is_wrapped(text: &str) -> bool {
    (1..=WrappedEpoch::WRAPPED_LEN_MAX).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_graphic())
}

/// What a wrapped epoch key is bound to: sealed for one clinic and epoch, it opens for no other.
fn bound_to(clinic: ClinicId, epoch: EpochId) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    let _ = Encoder::new(&mut out, "epoch-key").bytes(clinic.as_uuid().as_bytes()).number(epoch.number());
    out
}
