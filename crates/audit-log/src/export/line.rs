//! One line of an export.

use std::borrow::Cow;

use records_model::ClinicId;
use serde::{Deserialize, Serialize};

/// What the header's `format` says.
pub(super) const FORMAT: &str = "resguardo-log-export";
/// Length of 32 bytes in base64.
const HASH_CHARS: usize = 44;
/// The version of the lines.
pub(super) const VERSION: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Line<'a> {
    #[serde(borrow)]
    Header(Header<'a>),
    #[serde(borrow)]
    Entry(EntryLine<'a>),
    #[serde(borrow)]
    Checkpoint(Cow<'a, str>),
    #[serde(borrow)]
    Unsequenced(Cow<'a, str>),
    End(End),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header<'a> {
    #[serde(borrow)]
    pub(super) format: Cow<'a, str>,
    pub(super) version: u32,
    pub(super) clinic: ClinicId,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntryLine<'a> {
    pub(super) index: u64,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(super) leaf: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) hash: Cow<'a, str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    pub(super) entries: u64,
    pub(super) unsequenced: u64,
}

impl Header<'_> {
    pub(super) const fn of(clinic: ClinicId) -> Self {
        Self { format: Cow::Borrowed(FORMAT), version: VERSION, clinic }
    }

    /// The clinic, if this is a header that we can read.
    pub(super) fn known(&self) -> Option<ClinicId> {
        (self.format == FORMAT && self.version == VERSION).then_some(self.clinic)
    }
}

impl<'a> Line<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        EntryLine::read_plain(text).map(Self::Entry).or_else(|| serde_json::from_str(text).ok())
    }

    pub(super) fn write(&self) -> String {
        // These types hold nothing that JSON cannot say, so this never fails; an empty line would be refused.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl<'a> EntryLine<'a> {
    /// Reads the line of an entry in the spelling that an export is written in, several times as fast as JSON in
    /// general. Nothing for any other spelling, which is left to the general reader: what this one takes, that one
    /// reads alike.
    fn read_plain(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix(r#"{"entry":{"index":"#)?.strip_suffix(r#""}}"#)?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (index, rest) = rest.split_at_checked(digits)?;
        // A hash has a fixed length, so that nothing need be searched for.
        let (rest, hash) = rest.split_at_checked(rest.len().checked_sub(HASH_CHARS)?)?;
        let leaf = rest.strip_prefix(r#","leaf":""#)?.strip_suffix(r#"","hash":""#)?;
        let is_plain_number = index == "0" || !index.starts_with('0');
        if !is_plain_number || !is_literal(leaf) || !is_literal(hash) {
            return None;
        }
        Some(Self { index: index.parse().ok()?, leaf: Some(Cow::Borrowed(leaf)), hash: Cow::Borrowed(hash) })
    }
}

/// Whether a text between quotes means itself in JSON. Folded over, not searched, so that it runs many bytes at once.
fn is_literal(text: &str) -> bool {
    let special = |byte: u8| u8::from(byte < b' ') | u8::from(byte == b'"') | u8::from(byte == b'\\');
    text.bytes().fold(0, |seen, byte| seen | special(byte)) == 0
}
