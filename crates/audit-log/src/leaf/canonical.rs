//! Reading and writing canonical bytes: one value has one spelling, and every other spelling is refused.

use records_model::Vocabulary;
use thiserror::Error;
use uuid::Uuid;

/// Why bytes cannot be read as the canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end inside a part.
    #[error("the bytes end inside `{part}`")]
    Truncated {
        /// The part.
        part: &'static str,
    },
    /// A version that this reader does not know.
    #[error("version {version} is not known here")]
    UnknownVersion {
        /// The version found.
        version: u8,
    },
    /// A text that its list does not have, or that its rules refuse.
    #[error("`{part}` holds a word that is not in its list")]
    UnknownWord {
        /// The part.
        part: &'static str,
    },
    /// A mark of presence other than 0 and 1.
    #[error("`{part}` is marked neither absent nor present")]
    PresenceMark {
        /// The part.
        part: &'static str,
    },
    /// A list that is not in strictly ascending order.
    #[error("`{part}` is not in strictly ascending order")]
    NotAscending {
        /// The part.
        part: &'static str,
    },
    /// A time that the calendar does not have.
    #[error("the time is outside the calendar")]
    Time,
    /// Bytes after the last part.
    #[error("{len} bytes too many at the end")]
    TrailingBytes {
        /// How many.
        len: usize,
    },
}

/// Appends parts to a byte string.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn with_version(version: u8) -> Self {
        let mut bytes = Vec::with_capacity(256);
        bytes.push(version);
        Self(bytes)
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn uuid(&mut self, id: Uuid) {
        self.raw(id.as_bytes());
    }

    pub(crate) fn u64(&mut self, number: u64) {
        self.raw(&number.to_be_bytes());
    }

    /// Every text is a code or an id of at most 64 bytes, so one byte holds its length; the `min` only keeps
    /// this function total.
    pub(crate) fn text(&mut self, text: &str) {
        let len = u8::try_from(text.len()).unwrap_or(u8::MAX);
        self.byte(len);
        self.raw(text.as_bytes().get(..usize::from(len)).unwrap_or_default());
    }

    pub(crate) fn word(&mut self, word: impl Vocabulary) {
        self.text(word.code());
    }

    /// An absent word is an empty text, which no code is.
    pub(crate) fn word_or_absent(&mut self, word: Option<impl Vocabulary>) {
        self.text(word.map_or("", Vocabulary::code));
    }

    /// How many items follow; lists are bounded far below by whoever makes them.
    pub(crate) fn count(&mut self, count: usize) {
        self.raw(&u16::try_from(count).unwrap_or(u16::MAX).to_be_bytes());
    }

    pub(crate) fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.byte(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }
}

/// Takes parts off a byte string.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn version(&mut self, known: u8) -> Result<(), DecodeError> {
        match self.byte("version")? {
            version if version == known => Ok(()),
            version => Err(DecodeError::UnknownVersion { version }),
        }
    }

    pub(crate) fn finish(self) -> Result<(), DecodeError> {
        if self.0.is_empty() { Ok(()) } else { Err(DecodeError::TrailingBytes { len: self.0.len() }) }
    }

    fn take(&mut self, part: &'static str, len: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(DecodeError::Truncated { part })?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(DecodeError::Truncated { part })?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(crate) fn byte(&mut self, part: &'static str) -> Result<u8, DecodeError> {
        self.array(part).map(|[byte]| byte)
    }

    pub(crate) fn uuid(&mut self, part: &'static str) -> Result<Uuid, DecodeError> {
        self.array(part).map(Uuid::from_bytes)
    }

    pub(crate) fn u64(&mut self, part: &'static str) -> Result<u64, DecodeError> {
        self.array(part).map(u64::from_be_bytes)
    }

    pub(crate) fn i64(&mut self, part: &'static str) -> Result<i64, DecodeError> {
        self.array(part).map(i64::from_be_bytes)
    }

    pub(crate) fn count(&mut self, part: &'static str) -> Result<usize, DecodeError> {
        self.array(part).map(|bytes| usize::from(u16::from_be_bytes(bytes)))
    }

    pub(crate) fn text(&mut self, part: &'static str) -> Result<&'a str, DecodeError> {
        let len = usize::from(self.byte(part)?);
        std::str::from_utf8(self.take(part, len)?).map_err(|_| DecodeError::UnknownWord { part })
    }

    pub(crate) fn parsed<T, E>(
        &mut self,
        part: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, DecodeError> {
        parse(self.text(part)?).map_err(|_| DecodeError::UnknownWord { part })
    }

    /// A text that passes this check, as it stands in the bytes.
    pub(crate) fn parsed_in_place<E>(
        &mut self,
        part: &'static str,
        check: impl FnOnce(&str) -> Result<(), E>,
    ) -> Result<&'a str, DecodeError> {
        let text = self.text(part)?;
        check(text).map(|()| text).map_err(|_| DecodeError::UnknownWord { part })
    }

    pub(crate) fn word<V: Vocabulary>(&mut self, part: &'static str) -> Result<V, DecodeError> {
        let len = usize::from(self.byte(part)?);
        word_of(self.take(part, len)?).ok_or(DecodeError::UnknownWord { part })
    }

    pub(crate) fn word_or_absent<V: Vocabulary>(
        &mut self,
        part: &'static str,
    ) -> Result<Option<V>, DecodeError> {
        match usize::from(self.byte(part)?) {
            0 => Ok(None),
            len => word_of(self.take(part, len)?).map(Some).ok_or(DecodeError::UnknownWord { part }),
        }
    }

    pub(crate) fn optional<T>(
        &mut self,
        part: &'static str,
        read: impl FnOnce(&mut Self, &'static str) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        match self.byte(part)? {
            0 => Ok(None),
            1 => read(self, part).map(Some),
            _ => Err(DecodeError::PresenceMark { part }),
        }
    }

    /// Reads a counted list whose items stand in strictly ascending order.
    pub(crate) fn ascending<T: Ord + Clone, C: Default + Extend<T>>(
        &mut self,
        part: &'static str,
        mut read: impl FnMut(&mut Self, &'static str) -> Result<T, DecodeError>,
    ) -> Result<C, DecodeError> {
        let count = self.count(part)?;
        let mut items = C::default();
        let mut last: Option<T> = None;
        for _ in 0..count {
            let item = read(self, part)?;
            if last.is_some_and(|last| last >= item) {
                return Err(DecodeError::NotAscending { part });
            }
            last = Some(item.clone());
            items.extend([item]);
        }
        Ok(items)
    }
}

/// The word with this code; compared as bytes, since a code is ASCII.
fn word_of<V: Vocabulary>(code: &[u8]) -> Option<V> {
    V::ALL.iter().copied().find(|word| word.code().as_bytes() == code)
}
