//! The document as it is written, before its words are looked up.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use super::words::Words;

pub(super) type Listed = Option<Spanned<Words>>;
pub(super) type GroupLists = BTreeMap<Spanned<String>, Spanned<Words>>;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct PolicySource {
    pub(super) policy: HeaderSource,
    #[serde(default)]
    pub(super) groups: GroupsSource,
    #[serde(default, rename = "rule")]
    pub(super) rules: Vec<RuleSource>,
    #[serde(default, rename = "invariant")]
    pub(super) invariants: Vec<InvariantSource>,
    #[serde(default, rename = "test")]
    pub(super) tests: Vec<TestSource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct HeaderSource {
    pub(super) id: Spanned<String>,
    pub(super) version: Spanned<String>,
    pub(super) effective_on: Spanned<toml::value::Datetime>,
    pub(super) language: Spanned<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(super) struct GroupsSource {
    pub(super) action: GroupLists,
    pub(super) role: GroupLists,
    pub(super) purpose: GroupLists,
    pub(super) category: GroupLists,
    pub(super) recipient: GroupLists,
    pub(super) country: GroupLists,
    pub(super) ground: GroupLists,
    pub(super) detail: GroupLists,
    pub(super) fact: GroupLists,
    pub(super) field: GroupLists,
    pub(super) obligation: GroupLists,
}

/// Sets over the eight dimensions; what is left out means any, and a permit may leave nothing out.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct BoxSource {
    pub(super) action: Listed,
    pub(super) role: Listed,
    pub(super) purpose: Listed,
    pub(super) category: Listed,
    pub(super) recipient: Listed,
    pub(super) country: Listed,
    pub(super) ground: Listed,
    pub(super) detail: Listed,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RuleSource {
    pub(super) id: Spanned<String>,
    pub(super) clauses: Vec<Spanned<String>>,
    pub(super) effect: EffectSource,
    pub(super) action: Listed,
    pub(super) role: Listed,
    pub(super) purpose: Listed,
    pub(super) category: Listed,
    pub(super) recipient: Listed,
    pub(super) country: Listed,
    pub(super) ground: Listed,
    pub(super) detail: Listed,
    #[serde(default)]
    pub(super) unless: Vec<BoxSource>,
    pub(super) requires: Listed,
    pub(super) excludes: Listed,
    pub(super) consent: Option<Spanned<String>>,
    pub(super) unless_consent: Option<Spanned<String>>,
    pub(super) fields: Listed,
    pub(super) obligations: Listed,
    pub(super) reason: TextSource,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum EffectSource {
    Permit,
    Forbid,
    Withhold,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TextSource {
    pub(super) es: String,
    pub(super) en: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct InvariantSource {
    pub(super) id: Spanned<String>,
    pub(super) clauses: Vec<Spanned<String>>,
    pub(super) action: Listed,
    pub(super) role: Listed,
    pub(super) purpose: Listed,
    pub(super) category: Listed,
    pub(super) recipient: Listed,
    pub(super) country: Listed,
    pub(super) ground: Listed,
    pub(super) detail: Listed,
    #[serde(default)]
    pub(super) unless: Vec<BoxSource>,
    pub(super) present: Listed,
    pub(super) absent: Listed,
    pub(super) consent_below: Option<Spanned<String>>,
    pub(super) expect: Option<Spanned<RefusalSource>>,
    pub(super) fields: Listed,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RefusalSource {
    Deny,
    Refused,
}

/// A question, or every combination of the words that its dimensions list.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct TestSource {
    pub(super) name: Spanned<String>,
    pub(super) action: Spanned<Words>,
    pub(super) role: Spanned<Words>,
    pub(super) purpose: Spanned<Words>,
    pub(super) category: Spanned<Words>,
    pub(super) recipient: Listed,
    pub(super) country: Listed,
    pub(super) ground: Spanned<Words>,
    pub(super) detail: Listed,
    pub(super) facts: Listed,
    pub(super) needs: Listed,
    pub(super) even_with: Listed,
    pub(super) consent: Option<Spanned<String>>,
    pub(super) needs_consent: Option<Spanned<String>>,
    pub(super) expect: ExpectSource,
    pub(super) rule: Option<Spanned<String>>,
    pub(super) fields: Listed,
    pub(super) obligations: Listed,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ExpectSource {
    Permit,
    Deny,
    NotApplicable,
    Refused,
}
