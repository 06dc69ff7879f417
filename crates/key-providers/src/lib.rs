//! Services that wrap the epoch key: Transit of Vault or `OpenBao`, and tokens that speak PKCS#11.
//!
//! The service never sees a data key: it wraps the 32 bytes of the epoch key, once when the epoch begins, and opens them
//! when a process starts. Every epoch has a key of its own at the service, so that its end harms nothing else; that key
//! never leaves the service, and its end is the end of the epoch.
//!
//! Calls wait for the service, up to [`TIMEOUT`]; call them where waiting does no harm.

mod error;
mod pkcs11;
#[cfg(feature = "testing")]
pub mod testing;
mod transit;

use std::fmt;
use std::time::Duration;

use crypto_vault::{EpochKey, KeyAtProvider, WrappedEpoch};
use rand_core::CryptoRng;
use records_model::ClinicId;

pub use error::ProviderError;
pub use pkcs11::Pkcs11Token;
pub use transit::{Transit, TransitAddress, TransitParts};

/// How long a service over the network may take to answer.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// A service that wraps the epoch key.
#[derive(Debug)]
pub enum KeyProvider {
    /// Transit of Vault or `OpenBao`.
    Transit(Transit),
    /// A token that speaks PKCS#11.
    Pkcs11(Pkcs11Token),
}

/// What came of destroying a key at its service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyEnd {
    /// The service destroyed it, and says that it could never leave.
    Proved,
    /// It is gone, and nobody can say that no copy is left.
    Unproved(Unproved),
}

/// Why the end of a key proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unproved {
    /// The key derives from a passphrase.
    Remembered,
    /// The key was gone already when it was to be destroyed.
    GoneBefore,
    /// The service allowed the key to leave.
    CouldLeave,
}

impl fmt::Display for Unproved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Remembered => "whoever remembers the passphrase and kept the header can make its key again",
            Self::GoneBefore => "its key was gone already, and nobody can say whether a copy is left",
            Self::CouldLeave => {
                "the service allowed its key to be exported, copied or backed up in the clear"
            }
        })
    }
}

impl KeyProvider {
    /// Makes a key at the service and wraps an epoch key under it.
    ///
    /// # Errors
    ///
    /// [`ProviderError`] says what is missing and what to do; a key that was made for it is left behind and wraps nothing.
    pub fn wrap(
        &self,
        clinic: ClinicId,
        key: &EpochKey,
        rng: &mut impl CryptoRng,
    ) -> Result<WrappedEpoch, ProviderError> {
        let mut drawn = Drawn { id: [0; 16], nonce: [0; 12] };
        rng.fill_bytes(&mut drawn.id);
        rng.fill_bytes(&mut drawn.nonce);
        let epoch = key.id();
        let wrapped = WrappedEpoch::wrap(clinic, key, |bytes, bound_to| match self {
            Self::Transit(transit) => transit.wrap(epoch, bytes, bound_to, &drawn),
            Self::Pkcs11(token) => token.wrap(bytes, bound_to, &drawn),
        })?;
        // Before anything is wrapped under it, it was opened once.
        self.open(clinic, &wrapped)?;
        Ok(wrapped)
    }

    /// Opens a wrapped epoch key.
    ///
    /// # Errors
    ///
    /// [`ProviderError`] says what is missing and what to do.
    pub fn open(&self, clinic: ClinicId, wrapped: &WrappedEpoch) -> Result<EpochKey, ProviderError> {
        wrapped.unwrap(clinic, |text, bound_to| match (self, wrapped.key()) {
            (Self::Transit(transit), KeyAtProvider::Transit { mount, key, .. }) => {
                transit.unwrap((mount, key), text, bound_to)
            }
            (Self::Pkcs11(hsm), KeyAtProvider::Pkcs11 { token, key, id }) => {
                hsm.unwrap((token, key, *id), text, bound_to)
            }
            (_, named) => Err(self.another(named)),
        })
    }

    /// Destroys the key that wraps an epoch key, and says what that proves.
    ///
    /// # Errors
    ///
    /// [`ProviderError`] if the service refuses or does not answer; the key may stand.
    pub fn destroy(&self, wrapped: &WrappedEpoch) -> Result<KeyEnd, ProviderError> {
        match (self, wrapped.key()) {
            (Self::Transit(transit), KeyAtProvider::Transit { mount, key, .. }) => {
                transit.destroy((mount, key))
            }
            (Self::Pkcs11(hsm), KeyAtProvider::Pkcs11 { token, key, id }) => hsm.destroy((token, key, *id)),
            (_, named) => Err(self.another(named)),
        }
    }

    /// What it is, and where, for people; no secret.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Transit(transit) => transit.place(),
            Self::Pkcs11(token) => token.place(),
        }
    }

    fn another(&self, named: &KeyAtProvider) -> ProviderError {
        let wraps = |is_transit: bool| if is_transit { "transit" } else { "pkcs11" };
        ProviderError::AnotherProvider {
            in_file: wraps(matches!(named, KeyAtProvider::Transit { .. })),
            in_settings: wraps(matches!(self, Self::Transit(_))),
        }
    }
}

/// What is drawn for one wrapping.
struct Drawn {
    /// Tells the new key from every other at the service.
    id: [u8; 16],
    /// Used once, under that key.
    nonce: [u8; 12],
}

/// Lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing to a string does not fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Bytes from hexadecimal digits.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |c: u8| char::from(c).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? * 16 + digit(*low)?);
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}
