//! `resguardo policy` for whoever writes a document: no clinic and no database.

#![expect(clippy::needless_raw_string_hashes, reason = "snapshots are written with them")]

use std::path::PathBuf;

use clap::Parser as _;
use expect_test::expect;
use resguardo_cli::{Cli, Verdict, run};

const EXAMPLE: &str = include_str!("../../../fixtures/clinics/brisa/policy.toml");

const FIRST: &str = r#"[policy]
id = "first"
version = "first-1"
effective-on = 2026-01-01
language = "es-MX"

[[rule]] # one rule
effect = "permit"
id = "own-record"
clauses = ["P-62"]
action = ["read"]
role = ["person"]
purpose = ["rights"]
category = ["laboratory"]
recipient = ["the-person"]
country = ["domestic"]
ground = ["own-request"]
detail = ["full"]
requires = ["identity-proof"]
consent = "none"
fields = "all-of-category"
reason = { en = "What is yours.", es = "Lo suyo." }

[[test]]
name = "a person reads a result"
action = "read"
role = "person"
purpose = "rights"
category = ["laboratory"]
recipient = "the-person"
ground = "own-request"
needs = ["identity-proof"]
expect = "permit"
rule = "own-record"
"#;

/// A file of its own for each test.
#[cfg(test)]
fn file(name: &str, text: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("policy-authors");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// What the command prints, and its exit status.
#[cfg(test)]
fn printed(words: &[&str]) -> (u8, String) {
    let cli = Cli::try_parse_from(["resguardo", "policy"].iter().chain(words)).unwrap();
    let mut out = Vec::new();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    match runtime.block_on(run(cli, &mut out)) {
        Ok(Verdict::Done) => (0, String::from_utf8(out).unwrap()),
        Ok(Verdict::No) => (3, String::from_utf8(out).unwrap()),
        Err(error) => (error.exit_code(), error.to_string()),
    }
}

#[test]
fn tests_of_a_document_are_run_and_what_came_out_is_said() {
    let path = file("tests.toml", FIRST);
    let (status, text) = printed(&["test", path.to_str().unwrap(), "--questions"]);
    expect![[r#"
        pass  a person reads a result: Permit, own-record
        pass  a person reads a result, without identity-proof: NotApplicable, nearly own-record
        1 tests, 2 questions; failed: 0
    "#]]
    .assert_eq(&text);
    assert_eq!(status, 0);

    let path = file(
        "tests-fail.toml",
        &FIRST.replacen(
            "category = [\"laboratory\"]\nrecipient = \"",
            "category = [\"travel\"]\nrecipient = \"",
            1,
        ),
    );
    let (status, text) = printed(&["test", path.to_str().unwrap()]);
    expect![[r#"
        FAIL  a person reads a result (line 25)
              the outcome is NotApplicable, decided by: no rule
        1 tests, 2 questions; failed: 1
    "#]]
    .assert_eq(&text);
    assert_eq!(status, 3);

    let broken = file("tests-broken.toml", &FIRST.replacen("\"rights\"", "\"right\"", 1));
    let (status, text) = printed(&["test", broken.to_str().unwrap()]);
    assert_eq!(status, 1);
    assert!(text.ends_with("line 13, column 12: not a known purpose; did you mean `rights`?"), "{text}");
}

#[test]
fn a_document_in_a_clinics_folder_cites_only_what_that_clinic_promised() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("policy-citations");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("clauses.toml"), include_str!("../../../fixtures/clinics/brisa/clauses.toml"))
        .unwrap();
    let path = folder.join("policy.toml");
    std::fs::write(&path, FIRST).unwrap();
    assert_eq!(printed(&["verify", path.to_str().unwrap()]).0, 0);
    std::fs::write(&path, FIRST.replacen("clauses = [\"P-62\"]", "clauses = [\"P-61\"]", 1)).unwrap();
    for verb in ["verify", "test", "mutants"] {
        let (status, text) = printed(&[verb, path.to_str().unwrap()]);
        assert_eq!(status, 1, "{verb}");
        assert!(
            text.contains("line 10, column 12: the clinic's clauses have no P-61; did you mean `P-"),
            "{text}"
        );
    }
    // Where no catalogue lies beside it, nobody can know.
    assert_eq!(
        printed(&["verify", file("alone.toml", &FIRST.replace("P-62", "P-61")).to_str().unwrap()]).0,
        0
    );
}

#[test]
fn a_survivor_is_named_with_its_line_rule_edit_and_a_request_that_shows_it() {
    let path = file("mutants.toml", FIRST);
    let (status, text) = printed(&["mutants", path.to_str().unwrap(), "--sample", "12", "--seed", "5"]);
    assert_eq!(status, 3, "the document says nearly nothing about itself");
    expect![[r#"
        seed 5: 12 of 200 single edits tried
               1 caught: scenario
               1 caught: shape
               3 caught: promise
               0 caught: polarity
               0 caught: tacit consent
               0 caught: invariant
               0 proved to change nothing
               0 proved to forbid only what nobody allowed anyway
               0 left something refused but no longer forbidden
               7 survived
        score 41.66 %; 41.66 % if what is no longer forbidden counts as missed
        line 9: rule `own-record` gains the role `system`
          now permitted: system would read laboratory for rights, recipient the-person (domestic), ground own-request, detail full, consent none, facts identity-proof
        line 9: rule `own-record` gains the purpose `research`
          now permitted: person would read laboratory for research, recipient the-person (domestic), ground own-request, detail full, consent none, facts identity-proof
        line 9: rule `own-record` gains the data category `medications`
          now permitted: person would read medications for rights, recipient the-person (domestic), ground own-request, detail full, consent none, facts identity-proof
        line 9: rule `own-record` gains the excluded fact `restricted-must-agree`
          no longer permitted: person would read laboratory for rights, recipient the-person (domestic), ground own-request, detail full, consent none, facts identity-proof, restricted-must-agree
        line 9: rule `own-record` gains the excluded fact `consideration`
          no longer permitted: person would read laboratory for rights, recipient the-person (domestic), ground own-request, detail full, consent none, facts identity-proof, consideration
        line 9: rule `own-record` loses the field `note`
          no longer open: note: person would read laboratory for rights, recipient the-person (domestic), ground own-request, detail full, consent none, facts identity-proof, field note
        line 9: rule `own-record` gains the obligation `tell-the-person`
          now owed: tell-the-person: person would read laboratory for rights, recipient the-person (domestic), ground own-request, detail full, consent none, facts identity-proof
    "#]]
    .assert_eq(&text);
    assert_eq!(printed(&["mutants", path.to_str().unwrap(), "--sample", "12", "--seed", "5"]).1, text);
    let (_, json) = printed(&["mutants", path.to_str().unwrap(), "--sample", "3", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((json["rules"]["tried"].as_u64(), json["seed"].as_u64()), (Some(3), Some(1)));
    assert!(json["groups"].is_null(), "a document without groups has no edits of them");
}

#[test]
fn the_schema_lists_words_and_the_groups_of_a_document() {
    let path = file("schema.toml", EXAMPLE);
    let (status, text) = printed(&["schema", path.to_str().unwrap()]);
    let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (status, schema["$schema"].as_str()),
        (0, Some("https://json-schema.org/draft/2020-12/schema"))
    );
    let roles = schema["$defs"]["role"]["enum"].as_array().unwrap();
    assert!(roles.contains(&"nurse".into()) && roles.contains(&"sanitarios".into()));
    let (_, text) = printed(&["schema"]);
    assert!(text.contains("\"nurse\"") && !text.contains("sanitarios"));
}

#[test]
fn a_document_is_formatted_in_place_once_and_only_looked_at_when_asked_to() {
    let path = file("format.toml", FIRST);
    let name = path.to_str().unwrap();
    let (status, text) = printed(&["format", name, "--check"]);
    assert_eq!((status, text.ends_with("would change, first at line 8\n")), (3, true), "{text}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), FIRST);
    assert_eq!(printed(&["format", name]).0, 0);
    let once = std::fs::read_to_string(&path).unwrap();
    assert!(
        once.contains(
            "[[rule]] # one rule\nid = \"own-record\"\nclauses = [\"P-62\"]\neffect = \"permit\"\n"
        )
    );
    assert_eq!(printed(&["format", name, "--check"]).0, 0);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), once);
    let beside = std::fs::read_dir(path.parent().unwrap())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().starts_with("format.toml."));
    assert_eq!(beside.count(), 0, "nothing is left beside the file");
    let missing = path.with_file_name("missing.toml");
    assert_eq!(printed(&["format", missing.to_str().unwrap()]).0, 1);
}
