//! Which crate may be built from which (ARCHITECTURE, "Arrows").

use crate::tree::{Member, SourceFile};

/// Pure crates: no I/O, no clock, no randomness of their own.
pub const PURE: [&str; 12] = [
    "records-model",
    "jurisdiction",
    "privacy-notice",
    "consent-policy",
    "crypto-vault",
    "audit-log",
    "rights-requests",
    "retention",
    "safeguards",
    "incident-response",
    "privacy-operations",
    "fhir-mapping",
];

/// What a crate may be built from, among the members of the workspace; `None` for a crate the house does not
/// know.
fn allowed(name: &str) -> Option<Vec<&'static str>> {
    let pure_and = |more: &[&'static str]| PURE.iter().chain(more).copied().collect();
    Some(match name {
        // The models use the real code in tests only.
        "records-model" | "xtask" | "workspace-checks" | "protocol-models" => vec![],
        "crypto-vault" | "audit-log" | "jurisdiction" => vec!["records-model"],
        "key-providers" => vec!["crypto-vault", "records-model"],
        "consent-policy" | "rights-requests" | "retention" | "safeguards" | "incident-response"
        | "privacy-notice" => vec!["jurisdiction", "records-model"],
        "fhir-mapping" | "cedar-oracle" => vec!["records-model", "consent-policy"],
        "privacy-operations" => {
            PURE.into_iter().filter(|name| !matches!(*name, "fhir-mapping" | "privacy-operations")).collect()
        }
        "postgres-store" | "fixtures-generate" | "parser-fuzz" => pure_and(&[]),
        "clinic-runtime" => pure_and(&["key-providers", "postgres-store"]),
        "resguardo" | "resguardo-server" => pure_and(&["postgres-store", "clinic-runtime"]),
        "simulation" | "benches" => {
            pure_and(&["postgres-store", "clinic-runtime", "fixtures-generate", "simulation", "cedar-oracle"])
        }
        "store-benches" => pure_and(&["key-providers", "postgres-store", "clinic-runtime"]),
        "audit-verify" => vec!["audit-log"],
        // What an embedder may build from: the published surface, tests included.
        "own-rule" => vec!["consent-policy", "records-model"],
        _ => return None,
    })
}

/// Every arrow between members that the house does not know.
#[must_use]
pub fn wrong_arrows(members: &[Member]) -> Vec<String> {
    let is_member = |name: &str| members.iter().any(|member| member.name == name);
    let mut wrong = Vec::new();
    for member in members {
        let Some(allowed) = allowed(&member.name) else {
            wrong.push(format!("{}: a new crate; say in arrows.rs what it may be built from", member.name));
            continue;
        };
        for to in member.built_from.iter().filter(|to| is_member(to) && !allowed.contains(&to.as_str())) {
            wrong.push(format!("{} -> {to}: not an arrow of the house", member.name));
        }
    }
    wrong
}

/// Every place outside postgres-store that names diesel.
#[must_use]
pub fn diesel_elsewhere(members: &[Member], files: &[SourceFile]) -> Vec<String> {
    let is_diesel = |name: &&String| name.starts_with("diesel");
    let others = || members.iter().filter(|member| member.name != "postgres-store");
    let named = others().flat_map(|member| {
        member
            .built_from
            .iter()
            .chain(&member.tested_with)
            .filter(is_diesel)
            .map(|to| format!("{} depends on {to}: only postgres-store may", member.name))
    });
    let used = others().flat_map(|member| {
        let inside = format!("{}/", member.folder);
        files
            .iter()
            .filter(move |file| file.path.starts_with(&inside) && file.has_extension("rs"))
            .filter(|file| file.text.contains(concat!("diesel", "::")))
            .map(|file| format!("{} names diesel: only postgres-store may", file.path))
    });
    named.chain(used).collect()
}
