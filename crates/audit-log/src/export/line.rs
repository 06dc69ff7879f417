//! One line of an export.

use std::borrow::Cow;

use records_model::ClinicId;
use serde::{Deserialize, Serialize};

/// What the header's `format` says.
pub(super) const FORMAT: &str = "resguardo-log-export";
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
        serde_json::from_str(text).ok()
    }

    pub(super) fn write(&self) -> String {
        // These types hold nothing that JSON cannot say, so this never fails; an empty line would be refused.
        serde_json::to_string(self).unwrap_or_default()
    }
}
