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

/// Finds the first card number in a text: an issuer's prefix, 13 to 19 digits that may be grouped by single
/// spaces or hyphens, and a right Luhn check digit.
///
/// Digits that are part of an identifier or a URL (letters, `/`, `_`, `:`, `=`, `.` or `@` touch them) are no
/// card number: record numbers and links hold long digit runs.
///
/// ```
/// use records_model::find_card_number;
/// assert!(find_card_number("pays with 4111 1111 1111 1111").is_some());
/// assert!(find_card_number("urn:oid:4111111111111111").is_none());
/// ```
#[must_use]
pub fn find_card_number(text: &str) -> Option<CardNumberFound> {
    digit_runs(text).find_map(|run| card_in_run(text, &run))
}

/// The text with the middle digits of every card number replaced by `*`: the first six and the last four
/// stay, which is what receipts may show. Also how many were masked.
#[must_use]
pub fn mask_card_numbers(text: &str) -> (String, usize) {
    let mut masked = text.to_owned();
    let mut count = 0;
    while let Some(found) = find_card_number(&masked) {
        let digits = masked.get(found.start..found.end).unwrap_or_default();
        let total = digits.bytes().filter(u8::is_ascii_digit).count();
        let mut seen = 0;
        let hidden: String = digits
            .chars()
            .map(|c| {
                seen += usize::from(c.is_ascii_digit());
                if c.is_ascii_digit() && seen > 6 && seen + 4 <= total { '*' } else { c }
            })
            .collect();
        masked.replace_range(found.start..found.end, &hidden);
        count += 1;
    }
    (masked, count)
}

/// Positions and values of the digits of one run, single separators skipped.
type Run = Vec<(usize, u8)>;

fn digit_runs(text: &str) -> impl Iterator<Item = Run> + '_ {
    let bytes = text.as_bytes();
    let mut position = 0;
    std::iter::from_fn(move || {
        while bytes.get(position).is_some_and(|b| !b.is_ascii_digit()) {
            position += 1;
        }
        let mut run = Run::new();
        while let Some(&b) = bytes.get(position) {
            if b.is_ascii_digit() {
                run.push((position, b - b'0'));
            } else if !matches!(b, b' ' | b'-') || !bytes.get(position + 1).is_some_and(u8::is_ascii_digit) {
                break;
            }
            position += 1;
        }
        (!run.is_empty()).then_some(run)
    })
}

fn card_in_run(text: &str, run: &Run) -> Option<CardNumberFound> {
    let (start, end) = (run.first()?.0, run.last()?.0 + 1);
    let touching = |b: Option<&u8>| {
        b.is_some_and(|b| {
            b.is_ascii_alphabetic() || matches!(b, b'/' | b'_' | b':' | b'=' | b'.' | b'@' | b'-')
        })
    };
    let bytes = text.as_bytes();
    let before = start.checked_sub(1).and_then(|at| bytes.get(at));
    // A full stop or colon after the number ends a sentence; anything else that touches makes it an id.
    let after = bytes.get(end).filter(|b| !matches!(b, b'.' | b':' | b'-'));
    if !(DIGITS_MIN..=DIGITS_MAX).contains(&run.len()) || touching(before) || touching(after) {
        return None;
    }
    if begins_uuid(bytes.get(start..).unwrap_or_default()) {
        return None;
    }
    let digits: Vec<u8> = run.iter().map(|(_, digit)| *digit).collect();
    (has_issuer_prefix(&digits) && luhn_holds(&digits)).then_some(CardNumberFound { start, end })
}

/// Whether the bytes begin with a UUID: its first groups may be digits only, and a hyphen ends them. No card
/// is grouped 8-4-4-4-12.
fn begins_uuid(bytes: &[u8]) -> bool {
    const LEN: usize = 36;
    bytes.len() >= LEN
        && bytes.iter().take(LEN).enumerate().all(|(position, b)| match position {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
        && !bytes.get(LEN).is_some_and(u8::is_ascii_alphanumeric)
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
    fn masking_keeps_the_text_around_and_hides_the_middle() {
        let (masked, count) = mask_card_numbers("a 4111 1111 1111 1111 b 5555555555554444 c");
        assert_eq!(masked, "a 4111 11** **** 1111 b 555555******4444 c");
        assert_eq!(count, 2);
    }
}
