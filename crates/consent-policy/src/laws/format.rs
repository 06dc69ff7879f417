//! Formatting moves nothing but white space and keys.

use proptest::prelude::*;

use crate::testing::EXAMPLE_DOCUMENT;
use crate::{PolicyDraft, formatted};

const OTHER_DOCUMENT: &str = include_str!("../../../../fixtures/clinics/brisa/policy.toml");

/// What a document means: everything but the lines that it stands on.
fn meaning(text: &str) -> PolicyDraft {
    let mut draft = PolicyDraft::parse(text).map_err(|error| error.to_string()).unwrap();
    draft.rules.iter_mut().for_each(|rule| rule.line = 0);
    draft.invariants.iter_mut().for_each(|invariant| invariant.line = 0);
    draft.scenarios.iter_mut().for_each(|scenario| scenario.line = 0);
    draft
}

fn comments(text: &str) -> Vec<&str> {
    let mut all: Vec<&str> =
        text.lines().filter_map(|line| line.find('#').and_then(|at| line.get(at..))).map(str::trim).collect();
    all.sort_unstable();
    all
}

#[test]
fn the_documents_on_file_mean_the_same_afterwards_and_keep_every_comment() {
    for document in [EXAMPLE_DOCUMENT, OTHER_DOCUMENT] {
        let once = formatted(document).unwrap();
        assert_eq!(formatted(&once).unwrap(), once, "twice is once");
        assert!(meaning(&once) == meaning(document), "the same rules, invariants and scenarios");
        assert_eq!(comments(&once), comments(document));
        assert!(!once.contains("\n\n\n") && !once.contains(" \n") && once.ends_with('\n'));
    }
}

/// What is on file is written in the one way; `UPDATE_EXPECT=1` writes it so.
#[test]
fn the_documents_on_file_are_written_in_the_one_way() {
    for document in [
        expect_test::expect_file!["../../../../fixtures/clinics/elicells/policy.toml"],
        expect_test::expect_file!["../../../../fixtures/clinics/brisa/policy.toml"],
        expect_test::expect_file!["../../../../examples/own-rule/policy.toml"],
    ] {
        document.assert_eq(&formatted(&document.data()).unwrap());
    }
}

#[test]
fn a_hurried_document_is_written_in_the_one_way() {
    let hurried = "# Of whom it is.\n\n\n[policy]\nversion='a-1'\n  id=\"a\"   #  short\n# when\neffective-on = 2026-01-01\nlanguage = \"es\"\n\
                   [[rule]]\n\n# why\nreason={en=\"No.\",es=\"No.\"}\neffect=\"forbid\"\nid=\"never\"\nclauses=[\n \"P-37\",\n]\n\
                   purpose=[\"sale\",   \"trade\"]\nunless=[{role=[\"nurse\"],action=[\"read\"]},{ground=[\"consent\"]}]\n\n\
                   category = [ # kept as it is\n  \"travel\",\n]\n# the end\n";
    expect_test::expect![[r#"
        # Of whom it is.

        [policy]
        id = "a" #  short
        version = 'a-1'
        # when
        effective-on = 2026-01-01
        language = "es"

        [[rule]]
        id = "never"
        clauses = ["P-37"]
        effect = "forbid"
        purpose = ["sale", "trade"]
        category = [ # kept as it is
          "travel",
        ]
        unless = [
          { action = ["read"], role = ["nurse"] },
          { ground = ["consent"] },
        ]
        # why
        reason = { es = "No.", en = "No." }

        # the end
    "#]]
    .assert_eq(&formatted(hurried).unwrap());
}

#[test]
fn what_is_not_toml_is_refused_with_its_place() {
    assert!(formatted("[policy\n").unwrap_err().to_string().contains("line 1"));
}

/// Ways in which a line of a document may be written otherwise.
fn disturbed(text: &str, choices: &[u8]) -> String {
    let mut depth = 0_usize;
    let mut out = String::new();
    for (line, choice) in text.lines().zip(choices.iter().cycle()) {
        // Inside a list that runs over several lines a key cannot be moved and a comment may stand anyway.
        let inside = depth > 0;
        depth = (depth + line.matches('[').count()).saturating_sub(line.matches(']').count());
        match choice {
            0 => out.push_str("\n\n"),
            1 if !inside => out.push_str("# put in between\n"),
            2 if !inside => out.push_str("   "),
            _ => {}
        }
        let spread = *choice == 3 && !inside && !line.starts_with(['#', '[']) && !line.contains('\'');
        out.push_str(&if spread { line.replacen(" = ", "=", 1) } else { line.to_owned() });
        out.push_str(if *choice == 4 && !line.is_empty() { "  \t# beside\n" } else { "\n" });
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn however_it_was_written_it_means_the_same_and_keeps_its_comments(
        choices in proptest::collection::vec(0..16_u8, 97),
    ) {
        let text = disturbed(OTHER_DOCUMENT, &choices);
        prop_assume!(PolicyDraft::parse(&text).is_ok());
        let once = formatted(&text).unwrap();
        prop_assert_eq!(&formatted(&once).unwrap(), &once);
        prop_assert!(meaning(&once) == meaning(&text));
        prop_assert_eq!(comments(&once), comments(&text));
    }
}
