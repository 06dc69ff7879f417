//! The list of attacks at the head of `main.rs`, held equal to the patches that take the vault's defences away.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Attack and test, as the table in `main.rs` pairs them.
fn listed() -> BTreeMap<String, String> {
    let rows = include_str!("main.rs").lines().filter_map(|line| line.strip_prefix("//! | "));
    let cells = rows.filter_map(|row| row.strip_suffix("` |")?.split_once(" | `"));
    cells.map(|(attack, test)| (attack.to_owned(), test.to_owned())).collect()
}

/// Attack and test, as those patches name them whose test is here.
fn patched() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/defences");
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let named = |text: String| {
        let line = |name: &str| text.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned));
        Some((line("attack: ").unwrap(), line("test: crypto-vault vault ")?))
    };
    files.filter_map(named).collect()
}

#[test]
#[cfg_attr(miri, ignore = "looks at files")]
fn every_listed_attack_has_a_patch_and_every_patch_is_listed() {
    let listed = listed();
    assert!(listed.len() >= 30, "{}", listed.len());
    assert_eq!(listed, patched());
}
