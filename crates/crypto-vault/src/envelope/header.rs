//! The 64 bytes at the head of every envelope.

use super::{CONTENT_BYTES_MAX, HEADER_BYTES, OVERHEAD_BYTES, OpenError, TAG_BYTES};

/// Family and version of the format: the high half names the family, the low half the version.
const FAMILY_VERSION: u8 = 0xE1;
/// HKDF-SHA256 for key and commitment, AES-256-GCM for the content: the only suite of version 1.
const SUITE: u8 = 0x01;
/// Version 1 as written today sets no flag; a reader refuses every flag it does not know.
const FLAGS: u8 = 0x00;
/// Highest slot; 255 is never written.
const SLOT_MAX: u8 = 254;

/// What the head of an envelope says, before anything is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnvelopeHeader {
    slot: u8,
    key_number: u32,
    salt: [u8; 24],
    commitment: [u8; 32],
}

impl EnvelopeHeader {
    /// Reads the head of a whole envelope.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the envelope is too short or too long, or of another family, version or suite, or
    /// sets a flag or slot that version 1 does not have.
    pub fn parse(envelope: &[u8]) -> Result<Self, OpenError> {
        split(envelope).map(|parts| parts.header)
    }

    pub(crate) const fn new(key_number: u32, salt: [u8; 24], commitment: [u8; 32]) -> Self {
        Self { slot: 0, key_number, salt, commitment }
    }

    /// The version of the data key, or for a wrapped key the number of the epoch.
    #[must_use]
    pub const fn key_number(&self) -> u32 {
        self.key_number
    }

    /// The place of the field in its record write, 0 to 254.
    #[must_use]
    pub const fn slot(&self) -> u8 {
        self.slot
    }

    pub(crate) const fn salt(&self) -> &[u8; 24] {
        &self.salt
    }

    pub(crate) const fn commitment(&self) -> &[u8; 32] {
        &self.commitment
    }

    pub(crate) fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let (head, rest) = bytes.split_at_mut(4);
        let (number, rest) = rest.split_at_mut(4);
        let (salt, commitment) = rest.split_at_mut(24);
        head.copy_from_slice(&[FAMILY_VERSION, SUITE, FLAGS, self.slot]);
        number.copy_from_slice(&self.key_number.to_be_bytes());
        salt.copy_from_slice(&self.salt);
        commitment.copy_from_slice(&self.commitment);
        bytes
    }
}

/// Where the slot stands in the header.
pub(super) const SLOT_OFFSET: usize = 3;

/// What goes into the key besides the context: family, version and suite.
pub(super) const FORMAT: [u8; 2] = [FAMILY_VERSION, SUITE];

/// An envelope in its parts.
pub(crate) struct Parts<'a> {
    pub(crate) header: EnvelopeHeader,
    /// The header as it stands in the envelope.
    pub(crate) header_bytes: &'a [u8; HEADER_BYTES],
    pub(crate) body: &'a [u8],
    pub(crate) tag: &'a [u8; TAG_BYTES],
}

pub(crate) fn split(envelope: &[u8]) -> Result<Parts<'_>, OpenError> {
    let len = envelope.len();
    let too_short = OpenError::TooShort { len };
    if len > OVERHEAD_BYTES + CONTENT_BYTES_MAX {
        return Err(OpenError::TooLong { len });
    }
    let (header_bytes, rest) = envelope.split_first_chunk::<HEADER_BYTES>().ok_or(too_short)?;
    let (body, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(too_short)?;
    let (head, rest) = header_bytes.split_first_chunk::<8>().ok_or(too_short)?;
    let (salt, rest) = rest.split_first_chunk::<24>().ok_or(too_short)?;
    let commitment = rest.first_chunk::<32>().ok_or(too_short)?;
    let [family_version, suite, flags, slot, number @ ..] = *head;
    if family_version != FAMILY_VERSION {
        return Err(OpenError::Format { found: family_version });
    }
    if suite != SUITE {
        return Err(OpenError::Suite { found: suite });
    }
    if flags & !FLAGS != 0 {
        return Err(OpenError::Flags { found: flags });
    }
    if slot > SLOT_MAX {
        return Err(OpenError::Slot);
    }
    let key_number = u32::from_be_bytes(number);
    let header = EnvelopeHeader { slot, key_number, salt: *salt, commitment: *commitment };
    Ok(Parts { header, header_bytes, body, tag })
}
