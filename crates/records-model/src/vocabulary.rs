//! Closed lists of words with frozen codes.

use std::fmt;

use thiserror::Error;

/// A closed list of words; each has a code that is stored, logged and signed, and so never changes.
///
/// At most 64 words, so that a [`Set`](crate::Set) of them is one machine word.
pub trait Vocabulary: Copy + Eq + Ord + fmt::Debug + 'static {
    /// What the list is of, in one lower-case word or two; used in messages.
    const NAME: &'static str;
    /// Every word, in the order of the codes' positions.
    const ALL: &'static [Self];

    /// The frozen code, lower case with hyphens.
    fn code(self) -> &'static str;

    /// Position in [`Vocabulary::ALL`], below 64.
    fn index(self) -> u8;

    /// The word with this code.
    ///
    /// # Errors
    ///
    /// [`UnknownWord`] names the list and the nearest word in it; it does not repeat the text.
    fn parse(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.iter().copied().find(|word| word.code() == text).ok_or_else(|| UnknownWord {
            vocabulary: Self::NAME,
            nearest: nearest(text, Self::ALL.iter().map(|word| word.code())),
        })
    }
}

/// A text that is no word of the list it was read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a known {vocabulary}{}", Suggestion(*nearest))]
pub struct UnknownWord {
    /// The list, such as `purpose`.
    pub vocabulary: &'static str,
    /// The word that looks most like the text, if any looks at all like it.
    pub nearest: Option<&'static str>,
}

struct Suggestion(Option<&'static str>);

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |word| write!(f, "; did you mean `{word}`?"))
    }
}

/// The candidate with the smallest edit distance, if that is at most a third of the longer text (and 2 for
/// short ones): further away, a suggestion misleads.
///
/// ```
/// assert_eq!(records_model::nearest("recipent", ["role", "recipient"].into_iter()), Some("recipient"));
/// assert_eq!(records_model::nearest("colour", ["role", "recipient"].into_iter()), None);
/// ```
pub fn nearest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|word| (edit_distance(text, word), word))
        .filter(|(distance, word)| *distance <= (text.len().max(word.len()) / 3).max(2))
        .min()
        .map(|(_, word)| word)
}

/// Levenshtein distance in bytes, one row at a time.
fn edit_distance(left: &str, right: &str) -> usize {
    // Longer than any word of ours: not worth a comparison.
    if left.len() > 64 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.bytes().enumerate() {
        let mut diagonal = i;
        let mut previous = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(right.bytes()) {
            let substituted = diagonal + usize::from(a != b);
            diagonal = *cell;
            previous = substituted.min(previous + 1).min(diagonal + 1);
            *cell = previous;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

/// Declares a closed list: the enum, its codes, `ALL`, `FromStr`, `Display` and JSON by code.
///
/// For crates that have a closed list of their own; they need `serde` among their dependencies.
///
/// ```
/// use records_model::{Set, Vocabulary};
///
/// records_model::vocabulary! {
///     /// How loud an alarm is.
///     Loudness, "loudness" {
///         /// Soft.
///         Soft = "soft",
///         /// Loud.
///         Loud = "loud",
///     }
/// }
/// assert_eq!(Loudness::parse("loud"), Ok(Loudness::Loud));
/// assert_eq!(Set::one(Loudness::Soft).len(), 1);
/// ```
#[macro_export]
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident, $label:literal { $($(#[$word_meta:meta])* $word:ident = $code:literal,)+ }) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(into = "&'static str", try_from = "std::borrow::Cow<'_, str>")]
        #[repr(u8)]
        pub enum $name {
            $($(#[$word_meta])* $word,)+
        }

        impl $crate::Vocabulary for $name {
            const NAME: &'static str = $label;
            const ALL: &'static [Self] = &[$(Self::$word,)+];

            fn code(self) -> &'static str {
                match self {
                    $(Self::$word => $code,)+
                }
            }

            fn index(self) -> u8 {
                self as u8
            }
        }

        impl From<$name> for &'static str {
            fn from(word: $name) -> Self {
                $crate::Vocabulary::code(word)
            }
        }

        impl TryFrom<std::borrow::Cow<'_, str>> for $name {
            type Error = $crate::UnknownWord;
            fn try_from(text: std::borrow::Cow<'_, str>) -> Result<Self, Self::Error> {
                $crate::Vocabulary::parse(&text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::Vocabulary::parse(text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad($crate::Vocabulary::code(*self))
            }
        }
    };
}
pub(crate) use vocabulary;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::*;

    fn codes_read_back<V: Vocabulary>() {
        assert!(V::ALL.len() <= 64, "{} outgrew one machine word", V::NAME);
        for (position, word) in V::ALL.iter().enumerate() {
            assert_eq!(usize::from(word.index()), position);
            assert_eq!(V::parse(word.code()), Ok(*word));
            assert!(word.code().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
        }
    }

    #[test]
    fn every_code_of_every_list_reads_back_to_its_word() {
        codes_read_back::<Category>();
        codes_read_back::<Purpose>();
        codes_read_back::<RecipientClass>();
        codes_read_back::<CountryClass>();
        codes_read_back::<Role>();
        codes_read_back::<Action>();
        codes_read_back::<Ground>();
        codes_read_back::<Detail>();
        codes_read_back::<Fact>();
        codes_read_back::<Field>();
        codes_read_back::<ContentKind>();
        codes_read_back::<SubjectKind>();
        codes_read_back::<RetentionClass>();
        codes_read_back::<ConsentForm>();
    }

    #[test]
    fn a_wrong_word_is_refused_with_the_nearest_right_one_and_without_repeating_it() {
        let error = Purpose::parse("treatmnt").unwrap_err();
        assert_eq!(error.to_string(), "not a known purpose; did you mean `treatment`?");
        let far = Purpose::parse("Guadalupe Treviño").unwrap_err();
        assert_eq!(far.to_string(), "not a known purpose");
    }
}
