//! What shows that a copy of the keystore was written by whoever held its epoch key.

use hmac::Mac as _;
use records_model::ClinicId;
use thiserror::Error;

use crate::encode::Encoder;
use crate::kdf::{HmacSha256, expand, keyed};
use crate::key::EpochKey;

/// The tag of a copy: HMAC-SHA-256 over its text, under a key that nothing else is done with.
///
/// Wrapped keys prove themselves, but what stands beside them in a copy does not: that a key was destroyed, that an
/// epoch ended, that older content is refused. Whoever writes the folder of copies could take that out.
///
/// ```
/// use crypto_vault::testing::{CountingRng, example_record_context};
/// use crypto_vault::{CopyTag, EpochId, EpochKey};
///
/// let epoch = EpochKey::generate(EpochId::FIRST, &mut CountingRng::new(1));
/// let clinic = example_record_context().0.clinic();
/// let tag = CopyTag::of(&epoch, clinic, b"every line of the copy");
/// assert!(tag.check(&epoch, clinic, b"every line of the copy").is_ok());
/// assert!(tag.check(&epoch, clinic, b"every line but one").is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyTag([u8; 32]);

/// The copy was not written, or not so, by a holder of this epoch's key for this clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the tag does not fit the text under this epoch key")]
pub struct CopyForged;

impl CopyTag {
    /// The tag of this text (docs/vault-format.md).
    #[must_use]
    pub fn of(epoch: &EpochKey, clinic: ClinicId, text: &[u8]) -> Self {
        Self(mac(epoch, clinic, text).finalize().into_bytes().into())
    }

    /// A tag that was read.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes; no secret.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Checks it in constant time.
    ///
    /// # Errors
    ///
    /// [`CopyForged`] if it is the tag of another text, clinic or epoch.
    pub fn check(&self, epoch: &EpochKey, clinic: ClinicId, text: &[u8]) -> Result<(), CopyForged> {
        mac(epoch, clinic, text).verify_slice(&self.0).map_err(|_| CopyForged)
    }
}

fn mac(epoch: &EpochKey, clinic: ClinicId, text: &[u8]) -> HmacSha256 {
    let number = epoch.id().number().to_be_bytes();
    let mut context = Vec::with_capacity(40);
    Encoder::new(&mut context, "keystore-copy").bytes(clinic.as_uuid().as_bytes());
    let label = b"resguardo/vault/v1/keystore-copy\0";
    let [key] = &*expand::<1>(epoch.bytes().expose(), &[label, &number, &context]);
    let mut mac = keyed(key);
    mac.update(text);
    mac
}
