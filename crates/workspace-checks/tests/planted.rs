//! Each rule finds what was planted, and leaves alone what it should.

use workspace_checks::tree::{SourceFile, members};
use workspace_checks::{arrows, clauses, licences, names, purity, sizes, strategies, words};

#[cfg(test)]
mod support {
    use super::*;

    pub(super) fn package(name: &str, dependencies: &str) -> SourceFile {
        let text = format!("[package]\nname = \"{name}\"\nlicense.workspace = true\n{dependencies}\n");
        SourceFile::new(&format!("crates/{name}/Cargo.toml"), &text)
    }

    pub(super) fn lines(path: &str, count: usize) -> SourceFile {
        SourceFile::new(path, &"x\n".repeat(count))
    }
}

use support::{lines, package};

#[test]
fn an_arrow_between_siblings_is_found_in_every_kind_of_section() {
    for section in [
        "[dependencies]\nretention.workspace = true",
        "[build-dependencies]\nretention = { path = \"../retention\" }",
        "[target.'cfg(unix)'.dependencies]\nretention.workspace = true",
        "[dependencies]\nkeeping = { package = \"retention\", path = \"../retention\" }",
    ] {
        let house = members(&[package("retention", ""), package("safeguards", section)]);
        assert_eq!(arrows::wrong_arrows(&house), ["safeguards -> retention: not an arrow of the house"]);
    }
    let fine =
        "[dependencies]\njurisdiction.workspace = true\n[dev-dependencies]\nretention.workspace = true";
    let house =
        members(&[package("jurisdiction", ""), package("retention", ""), package("safeguards", fine)]);
    assert!(arrows::wrong_arrows(&house).is_empty());
}

#[test]
fn a_crate_the_house_does_not_know_is_found() {
    assert_eq!(arrows::wrong_arrows(&members(&[package("shortcut", "")])).len(), 1);
}

#[test]
fn diesel_is_found_in_a_manifest_and_in_a_source() {
    let source = |name: &str| {
        SourceFile::new(&format!("crates/{name}/src/lib.rs"), concat!("use diesel", "::prelude::*;"))
    };
    let dependency = "[dev-dependencies]\ndiesel-async.workspace = true";
    let files = [
        package("retention", dependency),
        package("postgres-store", dependency),
        source("retention"),
        source("postgres-store"),
    ];
    assert_eq!(arrows::diesel_elsewhere(&members(&files), &files).len(), 2);
}

#[test]
fn a_clock_is_found_in_the_source_and_not_in_comments_or_tests() {
    let text = "/// std::fs in an example\nfn a() {\n    let now = Utc::now();\n}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}\n";
    let files = [package("retention", ""), SourceFile::new("crates/retention/src/lib.rs", text)];
    let found = purity::impure_source(&members(&files), &["retention"], &files);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("crates/retention/src/lib.rs:3: `Utc::now`"));
    assert!(purity::impure_source(&members(&files), &["safeguards"], &files).is_empty());
}

#[test]
fn an_impure_package_is_found_by_its_whole_name() {
    let tree =
        "retention v0.1.0\nchrono v0.4.45\ngetrandom v0.4.3\nrand_core v0.10.1\ngetrandom v0.4.3 (*)\n";
    assert_eq!(purity::impure_packages("retention", tree).len(), 1);
}

#[test]
fn a_pure_crate_without_strategies_or_with_them_always_on_is_found() {
    let root = |name: &str, text: &str| SourceFile::new(&format!("crates/{name}/src/lib.rs"), text);
    let testing = "#[cfg(any(test, feature = \"proptest\"))]\npub mod testing;\n";
    let off = "[features]\nproptest = []";
    let files = [
        package("fine", off),
        root("fine", testing),
        package("featureless", ""),
        root("featureless", testing),
        package("always-on", "[features]\ndefault = [\"proptest\"]\nproptest = []"),
        root("always-on", testing),
        package("bare", off),
        root("bare", "pub mod testing;\n"),
    ];
    let pure = ["fine", "featureless", "always-on", "bare"];
    let found = strategies::without_strategies(&members(&files), &pure, &files);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(!found.iter().any(|line| line.starts_with("fine")));
}

#[test]
fn each_limit_of_size_is_found_and_the_generated_schema_is_not() {
    let small = |n| lines(&format!("crates/a/src/s{n}.rs"), 10);
    assert!(sizes::too_long(&[lines("a/src/x.rs", 100), lines("a/src/schema.rs", 5_000)]).is_empty());
    let with = |file: SourceFile| {
        let mut files: Vec<_> = (0..99).map(small).collect();
        files.push(file);
        sizes::too_long(&files)
    };
    assert_eq!(with(lines("a/src/x.rs", 600)).len(), 0);
    assert_eq!(with(lines("a/src/x.rs", 601)).len(), 1);
    assert_eq!(with(lines("a/src/main.rs", 80)).len(), 0);
    assert_eq!(with(lines("a/src/main.rs", 81)).len(), 1);
    let many: Vec<_> =
        (0..20).map(|n| lines(&format!("a/src/m{n}.rs"), if n < 10 { 10 } else { 151 })).collect();
    assert!(sizes::too_long(&many).is_empty(), "half of them may be longer");
    let more: Vec<_> =
        (0..20).map(|n| lines(&format!("a/src/m{n}.rs"), if n < 9 { 10 } else { 151 })).collect();
    assert_eq!(sizes::too_long(&more).len(), 1);
    let long: Vec<_> =
        (0..20).map(|n| lines(&format!("a/src/l{n}.rs"), if n < 18 { 10 } else { 401 })).collect();
    assert_eq!(sizes::too_long(&long).len(), 1);
}

#[test]
fn a_vague_name_is_found_in_a_file_a_module_and_a_type() {
    for (path, text) in [
        ("crates/a/src/helpers.rs", ""),
        ("crates/a/src/util/mod.rs", ""),
        ("crates/a/src/a.rs", "pub(crate) mod misc;"),
        ("crates/a/src/a.rs", "    pub struct KeyManager<T>(T);"),
        ("crates/a/src/a.rs", "enum PatientInfo {"),
    ] {
        assert_eq!(names::vague_names(&[SourceFile::new(path, text)]).len(), 1, "{path} {text}");
    }
    let fine = SourceFile::new("crates/a/src/information.rs", "mod utility_bill;\nstruct Infold;");
    assert!(names::vague_names(&[fine]).is_empty());
}

#[test]
fn a_claim_is_found_in_both_languages_and_only_as_whole_words() {
    for text in [
        "HIPAA Compliant!",
        "is certified",
        "Garantizado: nadie lo lee",
        "cumple con la LEY",
        "de conformidad",
    ] {
        assert_eq!(words::refused_words(&[SourceFile::new("README.md", text)], &[]).len(), 1, "{text}");
    }
    for text in
        ["uncertified_count", "disposal certificate", "guarantee", "garantía", "certificado de disposición"]
    {
        assert!(words::refused_words(&[SourceFile::new("README.md", text)], &[]).is_empty(), "{text}");
    }
    let listed = SourceFile::new("lists/words.rs", "compliant");
    assert!(words::refused_words(&[listed], &["lists/"]).is_empty());
}

#[test]
fn the_list_of_waiting_clauses_may_only_shrink() {
    let clause = |number: u16, more: &str| format!("[[clause]]\nid = \"P-{number}\"\n{more}\n");
    let catalogue = |unkept: &[u16]| -> String {
        (1..=clauses::CLAUSES)
            .map(|n| clause(n, if unkept.contains(&n) { "" } else { "evaluator = \"x\"" }))
            .collect()
    };
    let list =
        |numbers: &[u16]| -> String { numbers.iter().map(|n| clause(*n, "missing = \"x\"")).collect() };
    assert!(clauses::uncovered(&catalogue(&[3, 4]), &list(&[3, 4]), &[3, 4]).is_empty());
    assert_eq!(clauses::uncovered(&catalogue(&[3, 4]), &list(&[3]), &[3]).len(), 1, "unkept, not listed");
    assert_eq!(clauses::uncovered(&catalogue(&[3]), &list(&[3, 4]), &[3, 4]).len(), 1, "kept, still listed");
    assert_eq!(clauses::uncovered(&catalogue(&[3, 4]), &list(&[3, 4]), &[3]).len(), 1, "it grew");
    assert_eq!(clauses::uncovered(&catalogue(&[3]), &list(&[3]), &[3, 4]).len(), 1, "the shrinking stays");
    assert_eq!(clauses::uncovered("clause = 1", &list(&[]), &[]).len(), 1, "unreadable");
    let short = clause(1, "evaluator = \"x\"");
    assert_eq!(clauses::uncovered(&short, "clause = []", &[]).len(), 92, "missing from the catalogue");
}

#[test]
fn a_citation_beyond_the_last_clause_is_found() {
    let found = |text: &str| clauses::unknown_citations(&[SourceFile::new("a.rs", text)]).len();
    assert_eq!(found("(P-94, P-93, P-0)"), 2);
    assert_eq!(found("HTTP-404, P-256, P-384 key"), 2, "write curve names without a hyphen");
    assert_eq!(found("AMP-400 P-4x"), 0);
}

#[test]
fn licences_are_read_as_expressions() {
    for fine in [
        "MIT",
        "MIT OR Apache-2.0",
        "MIT/Apache-2.0",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "GPL-3.0-only OR MIT",
        "Apache-2.0 WITH LLVM-exception OR Apache-2.0",
    ] {
        assert!(licences::is_accepted(fine), "{fine}");
    }
    for other in
        ["", "GPL-3.0-only", "MIT AND GPL-3.0-only", "(MIT OR Apache-2.0) AND MPL-2.0", "(MIT", "MIT MIT"]
    {
        assert!(!licences::is_accepted(other), "{other}");
    }
    let tree = "a v1|MIT\nb v1|\nb v1| (*)\nc v1|MIT (*)\n";
    assert_eq!(licences::unaccepted(tree).len(), 2);
    let unlicensed = SourceFile::new("crates/a/Cargo.toml", "[package]\nname = \"a\"\n");
    assert_eq!(licences::unlicensed_members(&members(&[unlicensed])).len(), 1);
}
