//! Each pure crate hands its test strategies to whoever embeds it.

use crate::tree::{Member, SourceFile};

/// Every pure crate without a public `testing` module behind a feature `proptest` that is off by default.
#[must_use]
pub fn without_strategies(members: &[Member], pure: &[&str], files: &[SourceFile]) -> Vec<String> {
    let text = |path: String| files.iter().find(|file| file.path == path).map(|file| file.text.as_str());
    members
        .iter()
        .filter(|member| pure.contains(&member.name.as_str()))
        .filter(|member| {
            let manifest = text(format!("{}/Cargo.toml", member.folder)).and_then(|text| text.parse().ok());
            let root = text(format!("{}/src/lib.rs", member.folder)).unwrap_or_default();
            !manifest.is_some_and(|manifest: toml::Table| is_off_by_default(&manifest))
                || !root.contains("#[cfg(any(test, feature = \"proptest\"))]\npub mod testing;")
        })
        .map(|member| {
            format!(
                "{}: export `pub mod testing` behind a feature `proptest` that is off by default",
                member.name
            )
        })
        .collect()
}

fn is_off_by_default(manifest: &toml::Table) -> bool {
    let Some(features) = manifest.get("features").and_then(toml::Value::as_table) else { return false };
    let default = features.get("default").and_then(toml::Value::as_array);
    features.contains_key("proptest")
        && !default.into_iter().flatten().any(|feature| feature.as_str() == Some("proptest"))
}
