//! The encoding of contexts: injective, so that no two contexts can ever give the same bytes.

/// Writes items one after the other, each as its length (u16, big-endian) and its bytes.
///
/// A context writes a tag of its own first and then always the same number of items, so the bytes read back in
/// one way only. Items are ids, numbers and codes of closed lists: none comes near the longest length.
pub(crate) struct Encoder<'a>(&'a mut Vec<u8>);

impl<'a> Encoder<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>, tag: &'static str) -> Self {
        Self(out).code(tag)
    }

    pub(crate) fn bytes<const N: usize>(self, bytes: &[u8; N]) -> Self {
        const { assert!(N <= 64, "an item of a context is short") };
        self.item(bytes)
    }

    pub(crate) fn code(self, code: &'static str) -> Self {
        self.item(code.as_bytes())
    }

    pub(crate) fn number(self, number: u32) -> Self {
        self.bytes(&number.to_be_bytes())
    }

    pub(crate) fn flag(self, flag: bool) -> Self {
        self.bytes(&[u8::from(flag)])
    }

    /// Nothing where a value is optional: no code is empty and no number has no bytes.
    pub(crate) fn absent(self) -> Self {
        self.item(&[])
    }

    fn item(self, bytes: &[u8]) -> Self {
        let len = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
        self.0.extend_from_slice(&len.to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }
}
