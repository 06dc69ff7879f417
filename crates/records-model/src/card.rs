//! Finding payment card numbers where none may be (P-13).

use thiserror::Error;

/// A text holds what looks like the number of a payment card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this looks like a payment card number; store the payment processor's token instead")]
pub struct CardNumberFound {
    /// Byte offset of its first digit.
    pub start: usize,
    /// Byte offset just past its last digit.
    pub end: usize,
}

/// Fewest digits of a card number (ISO/IEC 7812).
const DIGITS_MIN: usize = 13;
/// Most digits of a card number (ISO/IEC 7812).
const DIGITS_MAX: usize = 19;

/// Finds the first card number in a text: an issuer's prefix, 13 to 19 digits and a right Luhn check digit.
///
/// The digits may be grouped by spaces (also two, and ones that do not break), hyphens or full stops; other
/// groups may stand before and after, such as a date or a security code. Digits that are part of an identifier,
/// a link, a decimal or a telephone number with `+` are no card number: record numbers and links hold long digit
/// runs. Lists of short values are none either, unless all their groups together are one.
///
/// ```
/// use records_model::find_card_number;
/// assert!(find_card_number("pays with 4111 1111 1111 1111 12/29").is_some());
/// assert!(find_card_number("urn:oid:4111111111111111").is_none());
/// ```
#[must_use]
pub fn find_card_number(text: &str) -> Option<CardNumberFound> {
    card_numbers(text).next()
}

/// The text with the middle digits of every card number replaced by `*`: the first six and the last four
/// stay, which is what receipts may show. Also how many were masked.
///
/// In what it returns [`find_card_number`] finds nothing.
#[must_use]
pub fn mask_card_numbers(text: &str) -> (String, usize) {
    let mut masked = text.to_owned();
    let mut count = 0;
    loop {
        let found: Vec<CardNumberFound> = card_numbers(&masked).collect();
        if found.is_empty() {
            return (masked, count);
        }
        for card in &found {
            let hidden = hide_middle(masked.get(card.start..card.end).unwrap_or_default());
            masked.replace_range(card.start..card.end, &hidden);
        }
        count += found.len();
    }
}

/// The card number with all but its first six and last four digits replaced; as many bytes as before.
fn hide_middle(card: &str) -> String {
    let total = card.bytes().filter(u8::is_ascii_digit).count();
    let mut seen = 0;
    card.chars()
        .map(|c| {
            seen += usize::from(c.is_ascii_digit());
            if c.is_ascii_digit() && seen > 6 && seen + 4 <= total { '*' } else { c }
        })
        .collect()
}

/// Every card number of a text, from left to right; none overlaps another.
fn card_numbers(text: &str) -> impl Iterator<Item = CardNumberFound> + '_ {
    let bytes = text.as_bytes();
    let mut position = 0;
    let runs = std::iter::from_fn(move || {
        let run = next_run(bytes, position);
        position = run.last()?.end;
        Some(run)
    });
    runs.flat_map(move |run| cards_in_run(bytes, &run))
}

/// Digits without anything between them.
#[derive(Debug, Clone, Copy)]
struct Group {
    start: usize,
    end: usize,
    before: Joint,
}

/// What joins a group to the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joint {
    /// Nothing: it is the first of its run.
    First,
    /// One space or two.
    Space,
    Hyphen,
    FullStop,
}

/// The groups of the next run of digits; no group if there are no more digits.
fn next_run(bytes: &[u8], from: usize) -> Vec<Group> {
    let digits = |start: usize| bytes.iter().skip(start).take_while(|b| b.is_ascii_digit()).count();
    let mut run = Vec::new();
    let skipped = bytes.iter().skip(from).take_while(|b| !b.is_ascii_digit()).count();
    let (mut start, mut before) = (from + skipped, Joint::First);
    loop {
        let end = start + digits(start);
        if end > start {
            run.push(Group { start, end, before });
        }
        match joint_at(bytes.get(end..).unwrap_or_default()) {
            Some((joint, length)) if end > start => (start, before) = (end + length, joint),
            _ => return run,
        }
    }
}

/// What joins the digits before to the digits after, and its bytes; nothing if no digit follows.
fn joint_at(rest: &[u8]) -> Option<(Joint, usize)> {
    let (joint, length) = match rest {
        [b'-', ..] => (Joint::Hyphen, 1),
        [b'.', ..] => (Joint::FullStop, 1),
        _ => {
            let first = space_length(rest);
            (Joint::Space, first + space_length(rest.get(first..).unwrap_or_default()))
        }
    };
    (length > 0 && rest.get(length).is_some_and(u8::is_ascii_digit)).then_some((joint, length))
}

/// Bytes of the space that the bytes begin with: a space, a tab, or a space that does not break (U+00A0, U+202F).
const fn space_length(bytes: &[u8]) -> usize {
    match bytes {
        [b' ' | b'\t', ..] => 1,
        [0xC2, 0xA0, ..] => 2,
        [0xE2, 0x80, 0xAF, ..] => 3,
        _ => 0,
    }
}

/// The card numbers of a run; of those that begin at the same group, the longest.
fn cards_in_run(bytes: &[u8], run: &[Group]) -> Vec<CardNumberFound> {
    let mut cards = Vec::new();
    let mut first = 0;
    while first < run.len() {
        let windows = (first + 1..=run.len().min(first + DIGITS_MAX)).rev();
        let card = windows.map(|last| Window { bytes, run, first, last }).find(Window::is_card);
        cards.extend(card.as_ref().and_then(Window::found));
        first = card.map_or(first + 1, |card| card.last);
    }
    cards
}

fn digit_count(groups: &[Group]) -> usize {
    groups.iter().map(|group| group.end - group.start).sum()
}

/// Neighbouring groups of a run: from `first` to the one before `last`.
struct Window<'a> {
    bytes: &'a [u8],
    run: &'a [Group],
    first: usize,
    last: usize,
}

impl Window<'_> {
    fn groups(&self) -> &[Group] {
        self.run.get(self.first..self.last).unwrap_or_default()
    }

    fn found(&self) -> Option<CardNumberFound> {
        Some(CardNumberFound { start: self.groups().first()?.start, end: self.groups().last()?.end })
    }

    fn is_card(&self) -> bool {
        let Some(found) = self.found() else { return false };
        if !(DIGITS_MIN..=DIGITS_MAX).contains(&digit_count(self.groups())) {
            return false;
        }
        let written = self.bytes.get(found.start..found.end).unwrap_or_default();
        let digits: Vec<u8> =
            written.iter().filter(|b| b.is_ascii_digit()).map(|digit| digit - b'0').collect();
        has_issuer_prefix(&digits)
            && luhn_holds(&digits)
            && self.is_grouped_like_a_card()
            && self.begins_at_border()
            && self.ends_at_border(found.end)
            && !touches_uuid(self.bytes, found)
    }

    /// Cards are printed in groups of four or more (old ones 4-3-3-3), of which only the last may be shorter.
    /// Shorter groups are dates, telephone numbers and lists of values, unless the whole run is of one mould.
    /// A single full stop makes a decimal.
    fn is_grouped_like_a_card(&self) -> bool {
        let Some(([first, middle @ ..], last)) = self.groups().split_last().map(|(last, rest)| (rest, last))
        else {
            return true;
        };
        let size = |group: &Group| group.end - group.start;
        let joints = || middle.iter().chain([last]).map(|group| group.before);
        let stops = joints().filter(|joint| *joint == Joint::FullStop).count();
        if size(first) >= 4 && middle.iter().all(|group| size(group) >= 3) {
            return stops == 0 || (stops >= 2 && stops == joints().count());
        }
        let even = middle.iter().all(|group| size(group) == size(first)) && size(last) <= size(first);
        let alike = joints().all(|joint| joint == last.before);
        stops == 0 && even && alike && self.groups().len() == self.run.len()
    }

    /// Nothing before it makes it part of an identifier, a link or a decimal.
    fn begins_at_border(&self) -> bool {
        let up_to_first = self.run.get(..=self.first).unwrap_or_default();
        if up_to_first.last().is_none_or(|group| group.before == Joint::FullStop) {
            return false;
        }
        // The group at which what hangs together without spaces begins.
        let head = up_to_first.iter().rposition(|group| matches!(group.before, Joint::First | Joint::Space));
        let Some((0, head)) = head.and_then(|at| Some((at, up_to_first.get(at)?))) else { return true };
        let before = self.bytes.get(..head.start).unwrap_or_default();
        match before {
            [.., b':' | b'='] => is_label(before),
            [.., b, b'-'] => !b.is_ascii_alphanumeric() && !matches!(b, b'/' | b'_' | b'%'),
            // The longest telephone number (E.164) has 15 digits.
            [.., b'+'] => self.first > 0 || digit_count(self.groups()) > 15,
            [.., b] => !b.is_ascii_alphabetic() && !matches!(b, b'/' | b'_' | b'.' | b'@'),
            [] => true,
        }
    }

    /// A full stop, a colon or a hyphen after the number ends a sentence, a slash begins a date; anything else
    /// that touches makes it an id.
    fn ends_at_border(&self, end: usize) -> bool {
        match self.bytes.get(end..).unwrap_or_default() {
            [b'.', ..] => self.last == self.run.len(),
            [b'/', b, ..] => b.is_ascii_digit(),
            [b, ..] => !b.is_ascii_alphabetic() && !matches!(b, b'/' | b'_' | b'=' | b'@'),
            [] => true,
        }
    }
}

/// Whether the bytes end in a word of its own with `:` or `=`, as in `card:`. A link has more in front of it, and
/// `urn:`, `oid:` and `uuid:` name ids.
fn is_label(before: &[u8]) -> bool {
    let Some((_, before)) = before.split_last() else { return false };
    let in_word = |b: &&u8| b.is_ascii_alphabetic() || !b.is_ascii();
    let length = before.iter().rev().take_while(in_word).count();
    let (rest, word) = before.split_at(before.len() - length);
    let names_id = [&b"urn"[..], b"oid", b"uuid"].iter().any(|id| word.eq_ignore_ascii_case(id));
    let stands_alone = rest
        .last()
        .is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'(' | b'[' | b'"' | b'\'' | b',' | b';'));
    length > 0 && !names_id && stands_alone
}

/// Bytes of a UUID.
const UUID_LEN: usize = 36;

/// Whether a number shares bytes with a UUID, whose groups may be digits only. No card is grouped 8-4-4-4-12.
fn touches_uuid(bytes: &[u8], found: CardNumberFound) -> bool {
    let earliest = found.start.saturating_sub(UUID_LEN - 1);
    (earliest..found.end).any(|start| {
        let glued = start.checked_sub(1).and_then(|before| bytes.get(before));
        !glued.is_some_and(u8::is_ascii_alphanumeric) && begins_uuid(bytes.get(start..).unwrap_or_default())
    })
}

/// Whether the bytes begin with a UUID.
fn begins_uuid(bytes: &[u8]) -> bool {
    bytes.len() >= UUID_LEN
        && bytes.iter().take(UUID_LEN).enumerate().all(|(position, b)| match position {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
        && !bytes.get(UUID_LEN).is_some_and(u8::is_ascii_alphanumeric)
}

/// Prefixes of the large issuers: Visa 4; Mastercard 51-55, 2221-2720; American Express 34, 37; Discover 6011,
/// 644-649, 65; Diners 300-305, 36, 38; JCB 3528-3589; `UnionPay` 62; Mexican domestic Carnet 2869, 5062, 6363.
fn has_issuer_prefix(digits: &[u8]) -> bool {
    let first = |n: usize| digits.iter().take(n).fold(0_u32, |sum, digit| sum * 10 + u32::from(*digit));
    first(1) == 4
        || matches!(first(2), 34 | 36 | 37 | 38 | 51..=55 | 62 | 65)
        || matches!(first(3), 300..=305 | 644..=649)
        || matches!(first(4), 2221..=2720 | 2869 | 3528..=3589 | 5062 | 6011 | 6363)
}

fn luhn_holds(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(position, digit)| match (position % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn published_test_numbers_are_found_however_they_are_grouped() {
        for text in [
            "4111111111111111",
            "card 5555 5555 5555 4444, exp 12/29",
            "3782-822463-10005",
            "6011111111111117.",
            "pagó con 3056 9309 0259 04",
        ] {
            assert!(find_card_number(text).is_some(), "{text}");
        }
    }

    #[test]
    fn ids_links_dates_and_wrong_check_digits_are_not_cards() {
        for text in [
            "4111111111111112",
            "https://example.test/4111111111111111",
            "claim_4111111111111111",
            "MRN-4111111111111111",
            "2026-11-22 10:15:30 2026-11-22",
            "9999964479",
            "urn:uuid:41111111-1111-1111-8111-111111111111",
            "48649566-8278-4400-bf61-f65381092b96",
            "{\"id\":\"48649566-8278-4400-bf61-f65381092b96\"}",
        ] {
            assert_eq!(find_card_number(text), None, "{text}");
        }
    }

    #[test]
    fn a_hyphen_after_the_number_hides_no_card() {
        assert!(find_card_number("48649566-8278-4400-Visa").is_some());
        assert!(find_card_number("4111111111111111-exp 12/29").is_some());
    }

    #[test]
    fn what_stands_around_a_number_hides_no_card() {
        for (text, found) in [
            ("4111 1111 1111 1111 12/29", "4111 1111 1111 1111"),
            ("4111 1111 1111 1111 123", "4111 1111 1111 1111"),
            ("4111-1111-1111-1111-123", "4111-1111-1111-1111"),
            ("2026-11-22 4111 1111 1111 1111", "4111 1111 1111 1111"),
            ("22 11 2026 4111111111111111 22 11 2026", "4111111111111111"),
            ("MRN-12 4111 1111 1111 1111", "4111 1111 1111 1111"),
            ("4111111111111111/12/29", "4111111111111111"),
            ("tarjeta:4111111111111111", "4111111111111111"),
            ("(número=4111111111111111)", "4111111111111111"),
            ("- 4111111111111111", "4111111111111111"),
            ("+52 55 1234 5678 4111 1111 1111 1111", "4111 1111 1111 1111"),
        ] {
            let card = find_card_number(text).map(|card| &text[card.start..card.end]);
            assert_eq!(card, Some(found), "{text}");
        }
    }

    #[test]
    fn groups_may_be_split_by_full_stops_and_wide_spaces() {
        for text in [
            "4111.1111.1111.1111",
            "4111.1111.1111.1111.",
            "4111  1111  1111  1111",
            "4111\u{a0}1111\u{a0}1111\u{a0}1111",
            "4111\t1111\t1111\t1111",
            "41 11 11 11 11 11 11 11",
            "4111-1111 1111-1111",
        ] {
            let whole = CardNumberFound { start: 0, end: text.trim_end_matches('.').len() };
            assert_eq!(find_card_number(text), Some(whole), "{text}");
        }
    }

    /// Each has digits that would be found if only they counted.
    #[test]
    fn ids_decimals_telephones_dates_and_lists_of_values_are_not_cards() {
        for text in [
            "a0b1c2d3-e4f5-1a2b-4111-111111111111",
            "41111111-1111-1111-8111-11111111111a",
            "MRN-2026-4111111111111111",
            "A1-4111-1111-1111-1111",
            "https://example.test/2026-4111111111111111",
            "https://example.test/card:4111111111111111",
            "https://example.test/?card=4111111111111111",
            "urn:4111111111111111",
            "4111111111111111.50",
            "0.4111111111111111",
            "4111.111111111111",
            "4.1 1.1 1.1 1.1 1.1 1.1 1.1 1.1",
            "1.2.840.4111.1111.1111.1111",
            "+4222222222222",
            "52-1-55-4444-4440",
            "23-11-2026 08-12-2026",
            "411 111 111 111 1111",
        ] {
            assert_eq!(find_card_number(text), None, "{text}");
        }
    }

    fn arb_text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => "[0-9]{1,5}",
            2 => "(4111|1111|5555|4444)",
            1 => "(4111111111111111|5555 5555 5555 4444|3782-822463-10005|4111\\.1111\\.1111\\.1111)",
            4 => "[ .:=/+\\-]",
            1 => "[a-fñ*\u{a0}]{1,2}",
        ];
        proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nothing_is_found_in_what_is_masked(text in arb_text()) {
            let (masked, _) = mask_card_numbers(&text);
            prop_assert_eq!(find_card_number(&masked), None);
            prop_assert_eq!(mask_card_numbers(&masked), (masked.clone(), 0));
        }

        #[test]
        fn masking_replaces_digits_of_what_is_found_and_nothing_else(text in arb_text()) {
            let (masked, count) = mask_card_numbers(&text);
            prop_assert_eq!(masked.len(), text.len());
            prop_assert_eq!(count > 0, find_card_number(&text).is_some());
            let changed = |(_, (before, after)): &(usize, (u8, u8))| before != after;
            let changes: Vec<_> = text.bytes().zip(masked.bytes()).enumerate().filter(changed).collect();
            if let Some(found) = find_card_number(&text) {
                // What is left of one number may make another with the digits before it, which is masked too.
                prop_assert!(changes.iter().any(|(at, _)| (found.start..found.end).contains(at)));
            }
            let hidden = |(_, (before, after)): &(usize, (u8, u8))| before.is_ascii_digit() && *after == b'*';
            prop_assert!(changes.iter().all(hidden));
        }

        #[test]
        fn a_card_is_found_among_other_groups(
            before in "([0-9]{1,4}[ -]){0,3}",
            after in "([ -][0-9]{1,4}){0,3}",
        ) {
            let text = format!("{before}4111 1111 1111 1111{after}");
            let found = find_card_number(&text).unwrap();
            prop_assert!(found.start <= before.len() && found.end > before.len(), "{text}");
        }
    }

    #[test]
    fn masking_keeps_the_text_around_and_hides_the_middle() {
        let (masked, count) = mask_card_numbers("a 4111 1111 1111 1111 b 5555555555554444 c");
        assert_eq!(masked, "a 4111 11** **** 1111 b 555555******4444 c");
        assert_eq!(count, 2);
    }
}
