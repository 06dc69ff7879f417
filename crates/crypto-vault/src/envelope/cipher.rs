//! The key of one write: derived once, it seals or opens every field of that write.

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::header::{EnvelopeHeader, FORMAT, Parts, SLOT_OFFSET};
use super::{HEADER_BYTES, TAG_BYTES};
use crate::aead::{Aead, Refused};
use crate::kdf::Expander;
use crate::key::KeyBytes;

/// What a derived key is for; the labels keep fields and wrapped keys apart.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Label {
    Field,
    Wrap,
}

impl Label {
    const fn bytes(self) -> &'static [u8] {
        match self {
            Self::Field => b"resguardo/vault/v1/field\0",
            Self::Wrap => b"resguardo/vault/v1/wrap\0",
        }
    }
}

/// AES-256-GCM under the key of one write, and the head that every envelope of the write bears.
pub(crate) struct WriteKey {
    cipher: Aead,
    header: EnvelopeHeader,
    header_bytes: [u8; HEADER_BYTES],
}

impl WriteKey {
    /// Derives key and commitment from a parent key, its number, the salt and the context.
    pub(crate) fn derive(
        parent: &Expander,
        label: Label,
        key_number: u32,
        salt: [u8; 24],
        context: &[u8],
    ) -> Self {
        let number = key_number.to_be_bytes();
        let okm = parent.expand::<2>(&[label.bytes(), &FORMAT, &number, &salt, context]);
        let [key, commitment] = &*okm;
        let header = EnvelopeHeader::new(key_number, salt, *commitment);
        Self { cipher: Aead::new(key), header, header_bytes: header.to_bytes() }
    }

    /// Whether an envelope commits to this key, compared in constant time.
    pub(crate) fn is_committed_by(&self, header: &EnvelopeHeader) -> bool {
        self.header.commitment().ct_eq(header.commitment()).into()
    }

    /// Whether an envelope is of the same write.
    pub(crate) fn has_salt_of(&self, header: &EnvelopeHeader) -> bool {
        self.header.salt() == header.salt()
    }

    /// Appends one envelope to `out`. `aad` is scratch space; `bind` writes the context of the field there.
    pub(crate) fn seal(
        &self,
        slot: u8,
        aad: &mut Vec<u8>,
        bind: impl FnOnce(&mut Vec<u8>),
        content: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Refused> {
        let mut header = self.header_bytes;
        header[SLOT_OFFSET] = slot;
        let start = out.len();
        out.reserve(HEADER_BYTES + content.len() + TAG_BYTES);
        out.extend_from_slice(&header);
        out.extend_from_slice(content);
        fill_aad(aad, &header, bind);
        let body = out.get_mut(start + HEADER_BYTES..).unwrap_or_default();
        let tag = self.cipher.seal(nonce(slot), aad, body)?;
        out.extend_from_slice(&tag);
        Ok(())
    }

    /// Opens a body into `out`, which has its length; on refusal no part of the content is there.
    pub(crate) fn open(
        &self,
        parts: &Parts<'_>,
        aad: &mut Vec<u8>,
        bind: impl FnOnce(&mut Vec<u8>),
        out: &mut [u8],
    ) -> Result<(), Refused> {
        fill_aad(aad, parts.header_bytes, bind);
        self.cipher.open(nonce(parts.header.slot()), aad, parts.body, parts.tag, out)
    }

    /// Wraps 32 bytes of key at slot 0, bound to `context` a second time through the authenticated data.
    pub(crate) fn seal_key(&self, context: &[u8], key: &[u8; 32]) -> [u8; WRAPPED_BYTES] {
        let header = self.header_bytes;
        let mut body = *key;
        let aad = [&header, context].concat();
        let tag = self.cipher.seal(nonce(0), &aad, &mut body);
        if tag.is_err() {
            // AES-GCM refuses nothing but lengths beyond 64 GiB; were it ever to, no key may leave in clear.
            body.zeroize();
        }
        let mut out = [0; WRAPPED_BYTES];
        let (to_header, rest) = out.split_at_mut(HEADER_BYTES);
        let (to_body, to_tag) = rest.split_at_mut(body.len());
        to_header.copy_from_slice(&header);
        to_body.copy_from_slice(&body);
        to_tag.copy_from_slice(&tag.unwrap_or_default());
        out
    }

    /// Opens what [`WriteKey::seal_key`] wrapped.
    pub(crate) fn open_key(&self, parts: &Parts<'_>, context: &[u8]) -> Result<KeyBytes, Refused> {
        let mut key = Zeroizing::new([0; 32]);
        let mut aad = Vec::with_capacity(HEADER_BYTES + context.len());
        self.open(parts, &mut aad, |aad| aad.extend_from_slice(context), key.as_mut_slice())?;
        Ok(KeyBytes::copy_of(&key))
    }
}

const WRAPPED_BYTES: usize = HEADER_BYTES + 32 + TAG_BYTES;

fn fill_aad(aad: &mut Vec<u8>, header: &[u8; HEADER_BYTES], bind: impl FnOnce(&mut Vec<u8>)) {
    aad.clear();
    aad.extend_from_slice(header);
    bind(aad);
}

/// Eleven zeros and the slot: the key is fresh for each write, so the slot alone keeps nonces apart.
const fn nonce(slot: u8) -> [u8; 12] {
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, slot]
}
