//! The schema takes what the reader takes and refuses what it refuses, as far as a schema can.

use serde_json::{Value, json};

use crate::document_schema;
use crate::testing::EXAMPLE_DOCUMENT;

const OTHER_DOCUMENT: &str = include_str!("../../../../fixtures/clinics/brisa/policy.toml");

/// What of the schema a value breaks; knows the keywords that our schemas use, and fails at any other.
fn problems(root: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let keywords = schema.as_object().unwrap();
    let mut found = Vec::new();
    for (keyword, rule) in keywords {
        let holds = match keyword.as_str() {
            "$schema" | "title" | "$defs" | "required" | "properties" => true,
            "$ref" => {
                let definition = root.pointer(rule.as_str().unwrap().trim_start_matches('#')).unwrap();
                found.extend(problems(root, definition, value, at));
                true
            }
            "type" => match rule.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                other => panic!("unknown type {other}"),
            },
            "enum" => rule.as_array().unwrap().contains(value),
            "const" => rule == value,
            "pattern" => {
                assert_eq!(rule, "^P-[1-9][0-9]*$");
                let number = value.as_str().and_then(|text| text.strip_prefix("P-"));
                number.is_some_and(|n| !n.starts_with('0') && n.parse::<u32>().is_ok())
            }
            "anyOf" => rule.as_array().unwrap().iter().any(|one| problems(root, one, value, at).is_empty()),
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                found.extend(items.flat_map(|(n, item)| problems(root, rule, item, &format!("{at}/{n}"))));
                true
            }
            "additionalProperties" => {
                let known = schema["properties"].as_object();
                for (key, inner) in value.as_object().into_iter().flatten() {
                    let below = format!("{at}/{key}");
                    match known.and_then(|known| known.get(key)) {
                        Some(property) => found.extend(problems(root, property, inner, &below)),
                        None if rule == false => found.push(format!("{below}: unknown key")),
                        None => found.extend(problems(root, rule, inner, &below)),
                    }
                }
                true
            }
            other => panic!("unknown keyword {other}"),
        };
        if !holds {
            found.push(format!("{at}: {keyword}"));
        }
    }
    let required = schema["required"].as_array().into_iter().flatten();
    let missing = required.filter(|key| value.is_object() && value.get(key.as_str().unwrap()).is_none());
    found.extend(missing.map(|key| format!("{at}: without {key}")));
    found
}

fn refused(schema: &Value, document: &str) -> Vec<String> {
    let document: toml::Table = document.parse().unwrap();
    // As editors do: a day is text.
    let mut value = serde_json::to_value(&document).unwrap();
    value["policy"]["effective-on"] = json!(document["policy"]["effective-on"].to_string());
    problems(schema, schema, &value, "")
}

#[test]
fn both_documents_satisfy_the_schema_that_knows_their_groups() {
    for document in [EXAMPLE_DOCUMENT, OTHER_DOCUMENT] {
        assert_eq!(refused(&document_schema(Some(document)).unwrap(), document), Vec::<String>::new());
    }
}

#[test]
fn a_wrong_word_key_or_clause_does_not_and_neither_does_the_group_of_another_document() {
    let schema = document_schema(Some(EXAMPLE_DOCUMENT)).unwrap();
    for (right, wrong, at) in [
        ("ground = [\"processor\"]", "ground = [\"procesor\"]", "/ground: anyOf"),
        ("effect = \"forbid\"", "effect = \"forbids\"", "/rule/0/effect: enum"),
        ("clauses = [\"P-37\"]", "clauses = [\"37\"]", "/rule/0/clauses/0: pattern"),
        ("recipient = [\"outside\"]", "recipent = [\"outside\"]", "/recipent: unknown key"),
        ("clauses = [\"P-37\"]\n", "", "/rule/0: without \"clauses\""),
        ("requires = [\"restricted\"]", "requires = \"any\"", "/requires: anyOf"),
        ("expect = \"permit\"", "expect = \"allow\"", "/test/0/expect: enum"),
        (
            "clinicians = [\"physician\", \"nurse\"]",
            "clinicians = [\"doctor\"]",
            "/groups/role/clinicians: anyOf",
        ),
    ] {
        assert!(EXAMPLE_DOCUMENT.contains(right), "{right}");
        let said = refused(&schema, &EXAMPLE_DOCUMENT.replacen(right, wrong, 1));
        assert!(said.iter().any(|problem| problem.ends_with(at)), "{wrong}: {said:?}");
    }
    assert!(!refused(&document_schema(None).unwrap(), EXAMPLE_DOCUMENT).is_empty());
    assert!(!refused(&schema, OTHER_DOCUMENT).is_empty());
}

#[test]
fn every_key_that_the_reader_takes_is_in_the_schema_and_no_other() {
    let schema = document_schema(None).unwrap();
    for (table, smallest) in [
        (
            "rule",
            "[[rule]]\nid = \"a\"\nclauses = []\neffect = \"forbid\"\nreason = { es = \"\", en = \"\" }\n",
        ),
        ("invariant", "[[invariant]]\nid = \"a\"\nclauses = []\n"),
        (
            "test",
            "[[test]]\nname = \"a\"\naction = \"read\"\nrole = \"nurse\"\npurpose = \"rights\"\n\
             category = \"travel\"\nground = \"consent\"\nexpect = \"refused\"\n",
        ),
    ] {
        let header =
            "policy = { id = \"a\", version = \"a-1\", effective-on = 2026-01-01, language = \"es\" }\n";
        let wrong = format!("{header}{smallest}zzzzzzzz = 1\n");
        // The reader, asked about a key that nobody has, lists those that it takes.
        let said = crate::document::keys_taken_instead(&wrong);
        let taken: std::collections::BTreeSet<&str> = said.iter().map(String::as_str).collect();
        let properties = schema["properties"][table]["items"]["properties"].as_object().unwrap();
        let listed: std::collections::BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        assert_eq!(listed, taken, "{table}");
    }
}
