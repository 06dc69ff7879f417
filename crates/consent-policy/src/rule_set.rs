//! A set of rules by position, without allocation.

/// How many rules a document may hold.
pub const RULES_MAX: usize = 1024;

/// 64-bit words in a [`RuleSet`].
pub(crate) const WORDS: usize = RULES_MAX / 64;

/// A set of rules of one document, by their position in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleSet {
    words: [u64; WORDS],
}

impl RuleSet {
    /// No rule.
    pub const EMPTY: Self = Self { words: [0; WORDS] };

    /// Adds the rule at this position; a position beyond [`RULES_MAX`] cannot exist in a verified document.
    pub(crate) fn insert(&mut self, position: usize) {
        if let Some(word) = self.words.get_mut(position / 64) {
            *word |= 1 << (position % 64);
        }
    }

    /// Adds the rules at the positions of the bits that are set, 64 of them a word.
    pub(crate) fn insert_word(&mut self, word: usize, bits: u64) {
        if let Some(word) = self.words.get_mut(word) {
            *word |= bits;
        }
    }

    /// Whether the rule at this position is in the set.
    #[must_use]
    pub fn contains(&self, position: usize) -> bool {
        self.words.get(position / 64).is_some_and(|word| word & (1 << (position % 64)) != 0)
    }

    /// Whether there is no rule in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// How many rules are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Positions in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words
            .iter()
            .enumerate()
            .flat_map(|(index, word)| BitPositions(*word).map(move |b| index * 64 + b))
    }
}

/// Positions of the bits that are set in one word, in ascending order.
pub(crate) struct BitPositions(pub(crate) u64);

impl Iterator for BitPositions {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let position = self.0.trailing_zeros() as usize;
        self.0 &= self.0 - 1;
        Some(position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_holds_what_was_inserted_and_nothing_else(
            positions in proptest::collection::btree_set(0..RULES_MAX, 0..40),
        ) {
            let mut set = RuleSet::EMPTY;
            for position in &positions {
                set.insert(*position);
            }
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), positions.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(set.len(), positions.len());
            prop_assert_eq!(set.is_empty(), positions.is_empty());
            prop_assert!((0..RULES_MAX).all(|p| set.contains(p) == positions.contains(&p)));
        }
    }

    #[test]
    fn a_position_beyond_the_last_is_not_in_it() {
        let mut set = RuleSet::EMPTY;
        set.insert(RULES_MAX);
        assert!(set.is_empty() && !set.contains(RULES_MAX));
    }
}
