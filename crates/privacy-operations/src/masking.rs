//! Covered views: what is left of a value when the policy owes a mask (sections 3.2 and 6).

use records_model::{Field, FieldValue};

/// How values are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// As they are.
    Clear,
    /// Covered: enough to recognise, not enough to learn.
    Masked,
}

/// What is left of a value.
///
/// Initials of names, the last two digits of a telephone, the first letter of an address; codes, dates and states are
/// no words about a person and stay; everything else is covered whole.
///
/// ```
/// use privacy_operations::masked;
/// use records_model::Field;
///
/// assert_eq!(masked(Field::Surnames, &"Treviño Garza".into()).as_str(), "T. G.");
/// assert_eq!(masked(Field::Phone, &"+528112345678".into()).as_str(), "•••78");
/// assert_eq!(masked(Field::Note, &"Refiere dolor".into()).as_str(), "•••");
/// ```
#[must_use]
pub fn masked(field: Field, value: &FieldValue) -> FieldValue {
    let text = value.as_str();
    match field {
        Field::GivenNames | Field::Surnames => initials(text),
        Field::Phone => format!("{COVER}{}", last_two(text)),
        Field::Email => format!("{}{COVER}", text.chars().next().map(String::from).unwrap_or_default()),
        Field::Code
        | Field::Status
        | Field::EffectiveAt
        | Field::Value
        | Field::Unit
        | Field::Interpretation
        | Field::Language
        | Field::InvoiceNumber
        | Field::RecordNumber
        | Field::Arrival
        | Field::Departure => return value.clone(),
        _ => COVER.to_owned(),
    }
    .as_str()
    .into()
}

const COVER: &str = "•••";

fn initials(text: &str) -> String {
    let first = |word: &str| word.chars().next().map(|letter| format!("{letter}."));
    text.split_whitespace().filter_map(first).collect::<Vec<_>>().join(" ")
}

fn last_two(text: &str) -> String {
    let mut digits: Vec<char> = text.chars().filter(char::is_ascii_digit).rev().take(2).collect();
    digits.reverse();
    digits.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What identifies or describes a person is never readable under the mask.
        #[test]
        fn no_word_of_a_person_survives_the_mask(text in "[a-zñáé]{3,9}( [a-zñáé]{3,9}){0,3}") {
            let whole = FieldValue::from(text.as_str());
            for field in [Field::GivenNames, Field::Surnames, Field::Email, Field::Note, Field::Address, Field::Display] {
                let left = masked(field, &whole);
                for word in text.split(' ') {
                    prop_assert!(!left.as_str().contains(word), "{field}: {}", left.as_str());
                }
            }
        }

        /// Of a telephone at most two digits are left.
        #[test]
        fn two_digits_of_a_telephone_are_left(number in "\\+[1-9][0-9]{9,13}") {
            let left = masked(Field::Phone, &FieldValue::from(number.as_str()));
            prop_assert_eq!(left.as_str().chars().filter(char::is_ascii_digit).count(), 2);
        }
    }
}
