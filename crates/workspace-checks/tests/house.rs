//! The rules of the house, over this workspace.

#[cfg(test)]
mod support {
    use std::process::Command;

    use workspace_checks::tree::{Member, SourceFile, members, read_tree, root};

    pub(super) fn files() -> Vec<SourceFile> {
        let files = read_tree(&root()).unwrap();
        assert!(files.iter().any(|file| file.path == "crates/records-model/src/lib.rs"), "not the workspace");
        files
    }

    pub(super) fn house() -> (Vec<Member>, Vec<SourceFile>) {
        let files = files();
        (members(&files), files)
    }

    pub(super) fn file(files: &[SourceFile], path: &str) -> String {
        files
            .iter()
            .find(|file| file.path == path)
            .unwrap_or_else(|| panic!("{path} is missing"))
            .text
            .clone()
    }

    /// Asks the cargo that runs this test about packages, without a network.
    pub(super) fn cargo_tree(arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO"))
            .args(["tree", "--offline", "--locked", "--prefix", "none"])
            .args(arguments)
            .current_dir(root())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(super) fn assert_none(found: &[String]) {
        assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    }
}

use support::{assert_none, cargo_tree, file, files, house};
use workspace_checks::{arrows, clauses, licences, names, purity, sizes, strategies, words};

/// Where the refused words stand as words to refuse.
const EXEMPT: [&str; 1] = ["crates/workspace-checks/"];

#[test]
fn arrows_point_the_way_the_house_says() {
    let (members, files) = house();
    assert!(members.len() >= 10);
    assert_none(&arrows::wrong_arrows(&members));
    assert_none(&arrows::diesel_elsewhere(&members, &files));
}

#[test]
fn the_source_of_pure_crates_touches_nothing_outside() {
    let (members, files) = house();
    assert_none(&purity::impure_source(&members, &arrows::PURE, &files));
}

#[test]
fn pure_crates_are_built_from_nothing_impure() {
    let (members, _) = house();
    let mut found = Vec::new();
    for name in arrows::PURE.iter().filter(|name| members.iter().any(|member| member.name == **name)) {
        let tree = cargo_tree(&["-p", name, "-e", "normal", "--no-default-features"]);
        assert!(tree.starts_with(name), "no tree for {name}");
        found.extend(purity::impure_packages(name, &tree));
    }
    assert_none(&found);
}

#[test]
fn pure_crates_export_their_strategies() {
    let (members, files) = house();
    assert_none(&strategies::without_strategies(&members, &arrows::PURE, &files));
}

#[test]
fn files_stay_short() {
    assert_none(&sizes::too_long(&files()));
}

#[test]
fn names_say_what_is_inside() {
    assert_none(&names::vague_names(&files()));
}

#[test]
fn nothing_claims_what_nobody_gave_us() {
    assert_none(&words::refused_words(&files(), &EXEMPT));
}

#[test]
fn every_clause_is_kept_by_a_check_or_waits_in_a_list_that_shrinks() {
    let files = files();
    let catalogue = file(&files, "fixtures/clinics/elicells/clauses.toml");
    let not_yet = file(&files, "clauses-not-yet.toml");
    assert_none(&clauses::uncovered(&catalogue, &not_yet, &clauses::WAITING));
}

#[test]
fn no_rule_cites_a_clause_that_no_policy_has() {
    let files: Vec<_> = files().into_iter().filter(|file| !file.path.starts_with(EXEMPT[0])).collect();
    assert_none(&clauses::unknown_citations(&files));
}

#[test]
fn the_changelog_says_what_changed_since_the_last_release() {
    let changelog = file(&files(), "CHANGELOG.md");
    let (_, unreleased) = changelog.split_once("\n## Unreleased\n").unwrap();
    let entries = unreleased.split("\n## ").next().unwrap();
    assert!(entries.lines().any(|line| line.starts_with("- ")), "no entry under Unreleased");
}

#[test]
fn the_documents_of_a_repository_are_there() {
    let files = files();
    for path in ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"] {
        assert!(file(&files, path).lines().count() > 5, "{path}");
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(workspace_checks::tree::root().join(licence).is_file(), "{licence}");
    }
}

#[test]
fn every_member_and_every_dependency_has_a_licence_we_accept() {
    let (members, _) = house();
    assert_none(&licences::unlicensed_members(&members));
    // Of the default members: what only compares (benches, oracles) reaches nobody, and need not be here at all.
    let tree = cargo_tree(&["-e", "normal,build", "-f", "{p}|{l}"]);
    assert!(tree.contains("records-model"));
    assert_none(&licences::unaccepted(&tree));
}
