//! Looks for words in bytes, however they are written.

use std::collections::{BTreeMap, BTreeSet};

/// Words to look for, each in every way of writing.
pub(crate) struct Needles {
    /// By their first two bytes.
    by_start: BTreeMap<[u8; 2], Vec<(Vec<u8>, String)>>,
    /// Whether any begins with these two: most places are passed by with one look.
    begins: Vec<bool>,
}

impl Needles {
    pub(crate) fn of(words: impl IntoIterator<Item = String>) -> Self {
        let mut by_start: BTreeMap<[u8; 2], Vec<(Vec<u8>, String)>> = BTreeMap::new();
        let mut begins = vec![false; 1 << 16];
        for word in words {
            for form in forms(&word) {
                let start = [form[0], form[1]];
                begins[usize::from(u16::from_be_bytes(start))] = true;
                by_start.entry(start).or_default().push((form, word.clone()));
            }
        }
        Self { by_start, begins }
    }

    /// The words that stand in these bytes.
    pub(crate) fn found_in(&self, bytes: &[u8]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (at, pair) in bytes.array_windows::<2>().enumerate() {
            if self.begins[usize::from(u16::from_be_bytes(*pair))] {
                let rest = &bytes[at..];
                let here = self.by_start[pair].iter().filter(|(form, _)| rest.starts_with(form));
                found.extend(here.map(|(_, word)| word.clone()));
            }
        }
        found
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from_digit(digit.into(), 16).unwrap()).collect()
}

/// A word in clear, in lower case, in hexadecimal, in base64 wherever it begins, and in both kinds of UTF-16.
fn forms(word: &str) -> BTreeSet<Vec<u8>> {
    let mut forms = BTreeSet::new();
    for text in [word.to_owned(), word.to_lowercase()] {
        let bytes = text.as_bytes();
        let hex = hex(bytes);
        forms.insert(hex.to_uppercase().into_bytes());
        forms.insert(hex.into_bytes());
        forms.extend((0..3).map(|before| base64_inside(bytes, before)));
        forms.insert(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        forms.insert(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
        forms.insert(text.into_bytes());
    }
    forms
}

/// The characters that a text certainly has in base64 when so many other bytes stand before it.
fn base64_inside(text: &[u8], before: usize) -> Vec<u8> {
    let padded = [&vec![0; before], text].concat();
    let whole = base64(&padded);
    // What also depends on a neighbour's bits is left out at both ends.
    let from = (before * 8).div_ceil(6);
    whole[from..padded.len() * 8 / 6].to_vec()
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |chunk: &[u8]| {
        let three = chunk.iter().chain([&0, &0]).take(3).fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| ALPHABET[three >> shift & 63])
    };
    bytes.chunks(3).flat_map(group).collect()
}

#[test]
fn a_word_is_found_in_every_way_of_writing() {
    assert_eq!(base64(b"Many hands"), b"TWFueSBoYW5kcwAA");
    let needles = Needles::of(["Cenzontle".to_owned(), "Guacamaya".to_owned()]);
    let found = |bytes: &[u8]| needles.found_in(bytes).into_iter().collect::<Vec<_>>();
    assert_eq!(found(b"..Cenzontle.."), ["Cenzontle"]);
    assert_eq!(found(b"..cenzontle.."), ["Cenzontle"]);
    assert_eq!(found(b"\\x43656e7a6f6e746c65"), ["Cenzontle"]);
    for before in ["", "a", "ab", "abc"] {
        let written = base64(format!("{before}Cenzontle, and more").as_bytes());
        assert_eq!(found(&written), ["Cenzontle"], "after {before:?}");
    }
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        let written: Vec<u8> = "el Cenzontle".encode_utf16().flat_map(order).collect();
        assert_eq!(found(&written), ["Cenzontle"]);
    }
    assert!(found(b"Cenzontl and Guacamay").is_empty());
}
