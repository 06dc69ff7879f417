//! JSON as FHIR needs it: borrowed from the input, decimals as written, no name twice in one object.
//!
//! `serde_json` does the reading. Its own `Value` would copy every text, turn `5.40` into `5.4` (in FHIR the
//! precision of a decimal is content) and silently keep the last of two members of one name.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// One value of a JSON document, borrowed from it where it holds no escapes.
#[derive(Clone, PartialEq)]
pub(crate) enum Node<'a> {
    Null,
    Bool(bool),
    /// As it was written.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Members<'a>),
}

/// The members of an object, in the order of the input.
pub(crate) type Members<'a> = Vec<(Cow<'a, str>, Node<'a>)>;

impl<'a> Node<'a> {
    pub(crate) fn members(&self) -> Option<&Members<'a>> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    pub(crate) fn items(&self) -> Option<&[Self]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The member of this name, if this is an object that has it.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.members()?.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The text of the member of this name.
    pub(crate) fn get_text(&self, name: &str) -> Option<&str> {
        self.get(name)?.text()
    }

    /// The items of the member of this name; none if it is absent or no list.
    pub(crate) fn list(&self, name: &str) -> &[Self] {
        self.get(name).and_then(Self::items).unwrap_or_default()
    }

    /// Appends the canonical form: no white space, members in the order of their names (in which they stand
    /// afterwards; sorting in place spares an allocation for each object).
    pub(crate) fn write(&mut self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) => out.push_str(number),
            Self::Text(text) => write_text(text, out),
            Self::List(items) => {
                out.push('[');
                for (position, item) in items.iter_mut().enumerate() {
                    if position > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => write_members(members, out),
        }
    }
}

fn write_members(members: &mut Members<'_>, out: &mut String) {
    members.sort_unstable_by(|left, right| left.0.cmp(&right.0));
    out.push('{');
    for (position, (name, value)) in members.iter_mut().enumerate() {
        if position > 0 {
            out.push(',');
        }
        write_text(name, out);
        out.push(':');
        value.write(out);
    }
    out.push('}');
}

fn write_text(text: &str, out: &mut String) {
    // Without an early end the compiler tests many bytes at once.
    let escape = |b: u8| u8::from(b < 0x20) | u8::from(b == b'"') | u8::from(b == b'\\');
    if text.bytes().fold(0, |found, b| found | escape(b)) != 0 {
        out.push_str(&serde_json::Value::from(text).to_string());
    } else {
        out.push('"');
        out.push_str(text);
        out.push('"');
    }
}

/// The member whose numbers are decimals with a precision: `Quantity.value`, `Money.value`, and extensions.
/// In FHIR R4 these names never hold a list or an object.
fn holds_single_value(name: &str) -> bool {
    matches!(name, "value" | "valueDecimal" | "factor")
}

impl<'de: 'a, 'a> Deserialize<'de> for Node<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Node::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Node::Number(Cow::Owned(value.to_string())))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Node::Number(Cow::Owned(value.to_string())))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Node::Number(Cow::Owned(serde_json::Value::from(value).to_string())))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Node::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Node::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Members::with_capacity(4);
        while let Some(Name(name)) = map.next_key()? {
            let value = if holds_single_value(&name) {
                single_value(map.next_value()?).ok_or_else(|| de::Error::custom("not a single value"))?
            } else {
                map.next_value()?
            };
            members.push((name, value));
        }
        if names_one_twice(&members) {
            return Err(de::Error::custom("the same name twice in one object"));
        }
        Ok(Node::Object(members))
    }
}

/// Pairwise for the few members that objects have; sorted for many, so that a hostile file costs no more than
/// its length.
fn names_one_twice(members: &Members<'_>) -> bool {
    if members.len() <= 32 {
        return members
            .iter()
            .enumerate()
            .any(|(position, (name, _))| members.iter().skip(position + 1).any(|(other, _)| name == other));
    }
    let mut names: Vec<&str> = members.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair.first() == pair.last())
}

fn single_value(raw: &RawValue) -> Option<Node<'_>> {
    let written = raw.get();
    match written.bytes().next() {
        // Nested values would be read a second time at every level.
        None | Some(b'[' | b'{') => None,
        Some(b'-' | b'0'..=b'9') => Some(Node::Number(Cow::Borrowed(written))),
        Some(_) => serde_json::from_str(written).ok(),
    }
}

/// A member's name, borrowed if it holds no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Name(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Name(Cow::Owned(text.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::arb_json;

    fn canonical(text: &str) -> String {
        let mut out = String::new();
        serde_json::from_str::<Node<'_>>(text).unwrap().write(&mut out);
        out
    }

    #[test]
    fn a_decimal_keeps_the_precision_that_was_written() {
        assert_eq!(canonical(r#"{"value": 5.40}"#), r#"{"value":5.40}"#);
        assert_eq!(canonical(r#"{"value": "a\"b"}"#), r#"{"value":"a\"b"}"#);
    }

    #[test]
    fn one_name_twice_and_a_list_for_a_single_value_are_refused() {
        assert!(serde_json::from_str::<Node<'_>>(r#"{"a":1,"a":2}"#).is_err());
        assert!(serde_json::from_str::<Node<'_>>(r#"{"value":[1]}"#).is_err());
        let deep = format!("{}1{}", r#"{"value":"#.repeat(10_000), "}".repeat(10_000));
        assert!(serde_json::from_str::<Node<'_>>(&deep).is_err());
    }

    proptest! {
        /// The oracle is `serde_json` itself: what we read and write back is the same document.
        #[test]
        fn what_is_written_is_what_was_read(text in arb_json()) {
            let ours: serde_json::Value = serde_json::from_str(&canonical(&text)).unwrap();
            let theirs: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(ours, theirs);
        }

        #[test]
        fn writing_is_idempotent(text in arb_json()) {
            let once = canonical(&text);
            prop_assert_eq!(canonical(&once), once);
        }
    }
}
