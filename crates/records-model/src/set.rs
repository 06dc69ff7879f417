//! A set of words of one vocabulary, in one machine word.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Vocabulary;

/// A set of words of one [`Vocabulary`]; copying, joining and testing are single instructions.
///
/// In JSON it is a list of codes.
pub struct Set<V> {
    bits: u64,
    words: PhantomData<V>,
}

impl<V: Vocabulary> Set<V> {
    /// The set without words.
    pub const EMPTY: Self = Self { bits: 0, words: PhantomData };

    /// Every word of the vocabulary.
    #[must_use]
    pub fn full() -> Self {
        V::ALL.iter().copied().collect()
    }

    /// Exactly these words.
    #[must_use]
    pub fn of(words: &[V]) -> Self {
        words.iter().copied().collect()
    }

    /// Exactly this word.
    #[must_use]
    pub fn one(word: V) -> Self {
        Self::from_raw(1 << word.index())
    }

    /// The words whose bit (1 shifted by the index) is set; bits beyond the vocabulary are dropped.
    #[must_use]
    pub fn from_bits(bits: u64) -> Self {
        Self::from_raw(bits) & Self::full()
    }

    const fn from_raw(bits: u64) -> Self {
        Self { bits, words: PhantomData }
    }

    /// The set as a bit mask, bit `index` for each word.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.bits
    }

    /// Whether the word is in the set.
    #[must_use]
    pub fn contains(self, word: V) -> bool {
        self.bits & (1 << word.index()) != 0
    }

    /// Whether every word of the other set is in this one.
    #[must_use]
    pub const fn contains_all(self, other: Self) -> bool {
        self.bits & other.bits == other.bits
    }

    /// Whether the two share a word.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.bits & other.bits != 0
    }

    /// Whether there is no word in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// How many words are in it.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.bits.count_ones()
    }

    /// This set and one word more.
    #[must_use]
    pub fn with(self, word: V) -> Self {
        self | Self::one(word)
    }

    /// This set without one word.
    #[must_use]
    pub fn without(self, word: V) -> Self {
        self - Self::one(word)
    }

    /// The words of the vocabulary that are not in this set.
    #[must_use]
    pub fn complement(self) -> Self {
        Self::full() - self
    }

    /// The words in the order of the vocabulary.
    pub fn iter(self) -> impl Iterator<Item = V> + Clone {
        let mut left = self.bits;
        // From one word that is in it to the next, so that a small set of a long vocabulary costs little.
        std::iter::from_fn(move || {
            let word = V::ALL.get(left.trailing_zeros() as usize).copied();
            left &= left.wrapping_sub(1);
            word
        })
    }
}

impl<V> Clone for Set<V> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<V> Copy for Set<V> {}
impl<V> PartialEq for Set<V> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}
impl<V> Eq for Set<V> {}
impl<V> std::hash::Hash for Set<V> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bits.hash(state);
    }
}
impl<V> PartialOrd for Set<V> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<V> Ord for Set<V> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bits.cmp(&other.bits)
    }
}
impl<V: Vocabulary> Default for Set<V> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<V> std::ops::BitOr for Set<V> {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self { bits: self.bits | other.bits, words: PhantomData }
    }
}
impl<V> std::ops::BitOrAssign for Set<V> {
    fn bitor_assign(&mut self, other: Self) {
        self.bits |= other.bits;
    }
}
impl<V> std::ops::BitAnd for Set<V> {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self { bits: self.bits & other.bits, words: PhantomData }
    }
}
impl<V> std::ops::Sub for Set<V> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { bits: self.bits & !other.bits, words: PhantomData }
    }
}

impl<V: Vocabulary> FromIterator<V> for Set<V> {
    fn from_iter<I: IntoIterator<Item = V>>(words: I) -> Self {
        words.into_iter().fold(Self::EMPTY, |set, word| set | Self::one(word))
    }
}

impl<V: Vocabulary> fmt::Debug for Set<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl<V: Vocabulary> fmt::Display for Set<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, word) in self.iter().enumerate() {
            if position > 0 {
                f.write_str(", ")?;
            }
            f.write_str(word.code())?;
        }
        Ok(())
    }
}

impl<V: Vocabulary + Serialize> Serialize for Set<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de, V: Vocabulary + Deserialize<'de>> Deserialize<'de> for Set<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<V>::deserialize(deserializer)?.into_iter().collect())
    }
}
