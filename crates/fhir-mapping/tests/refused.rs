//! Broken bundles: each is refused whole, with the place and what would be valid, and without its values.

use std::fmt::Write as _;

use chrono::NaiveDate;
use expect_test::expect_file;
use fhir_mapping::{BundleError, ImportOptions, ImportedBundle, read_bundle};
use fixtures_generate::{Edge, generate};
use serde_json::{Value, json};

const BUNDLE: &str = include_str!("golden/every-type.json");

#[cfg(test)]
mod support {
    use super::*;

    pub(super) fn read(bundle: &Value) -> Result<ImportedBundle, BundleError> {
        read_bundle(bundle.to_string().as_bytes(), &options())
    }

    pub(super) fn options() -> ImportOptions {
        ImportOptions { source: None, today: NaiveDate::from_ymd_opt(2026, 3, 3).unwrap() }
    }

    pub(super) fn good() -> Value {
        serde_json::from_str(BUNDLE).unwrap()
    }

    /// The message after one value at a pointer was replaced, or removed.
    pub(super) fn refusal(pointer: &str, value: Option<Value>) -> String {
        let mut bundle = good();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = bundle.pointer_mut(parent).unwrap();
        match (parent, value) {
            (Value::Object(members), Some(value)) => drop(members.insert(name.to_owned(), value)),
            (Value::Object(members), None) => drop(members.remove(name).unwrap()),
            (Value::Array(items), Some(value)) => items[name.parse::<usize>().unwrap()] = value,
            (_, _) => unreachable!("a pointer into an object or a list"),
        }
        read(&bundle).unwrap_err().to_string()
    }

    /// Every pointer to a value of a document that holds no further one.
    pub(super) fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(name, inner)| leaves(inner, &format!("{at}/{name}"), found));
            }
            Value::Array(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, inner)| leaves(inner, &format!("{at}/{index}"), found));
            }
            _ => found.push(at.to_owned()),
        }
    }
}

use support::{good, leaves, options, read, refusal};

/// In place of a value: it is taken away.
const REMOVED: &str = "";

/// What is broken: a place, and the JSON that stands there instead.
const BREAKS: &[(&str, &str)] = &[
    ("/type", r#""searchset""#),
    ("/entry", "[]"),
    ("/entry/1/resource/resourceType", r#""Patient""#),
    ("/entry/0/resource/identifier", REMOVED),
    ("/entry/4/resource/id", REMOVED),
    ("/entry/5/resource/id", r#""lab""#),
    ("/entry/5/fullUrl", r#""urn:uuid:lab""#),
    ("/entry/5/resource/id", r#""José Peña""#),
    ("/entry/4/resource/subject/reference", r#""Patient/somebody""#),
    ("/entry/4/resource/subject/reference", r#""urn:uuid:nobody""#),
    ("/entry/21/resource/patient/reference", r#""urn:uuid:nobody""#),
    ("/entry/18/resource/target/0/reference", r#""Patient/somebody""#),
    ("/entry/4/resource/subject/reference", r#""urn:uuid:e""#),
    ("/entry/2/resource/subject", REMOVED),
    ("/entry/4/resource/effectiveDateTime", r#""ayer""#),
    ("/entry/1/resource/period/end", r#""2024-02-30""#),
    ("/entry/0/resource/birthDate", r#""2026-03-04""#),
    ("/entry/0/resource/birthDate", r#""2027""#),
    ("/entry/0/resource/name/1/family", REMOVED),
    ("/entry/0/resource/gender", r#""F""#),
    ("/entry/2/resource/code/coding/0/system", "5"),
    ("/entry/14/resource/status", r#""finished""#),
    ("/entry/4/resource/valueQuantity/value", r#""5.4""#),
    ("/entry/14/resource/content/0/attachment/data", r#""***""#),
    ("/entry/14/resource/content/0/attachment/data", r#""/w==""#),
    ("/entry/6/request/method", r#""DELETE""#),
    ("/entry/6/resource", REMOVED),
    ("/entry/6/resource/resourceType", r#""José Peña""#),
];

/// One line for each way of breaking a bundle; the reviewer of a change reads what users will read.
#[test]
fn every_way_of_breaking_a_bundle_has_its_message_on_file() {
    let mut table = String::new();
    for (pointer, json) in BREAKS {
        let value = (*json != REMOVED).then(|| serde_json::from_str(json).unwrap());
        writeln!(
            table,
            "{pointer} = {}\n    {}",
            if *json == REMOVED { "(removed)" } else { json },
            refusal(pointer, value)
        )
        .unwrap();
    }
    expect_file!["golden/refusals.txt"].assert_eq(&table);
}

#[test]
fn text_that_is_no_json_is_refused_with_line_and_column() {
    let broken = BUNDLE.replacen("\"resourceType\": \"Encounter\",", "\"resourceType\": Encounter,", 1);
    assert_ne!(broken, BUNDLE);
    assert!(matches!(read_bundle(broken.as_bytes(), &options()), Err(BundleError::NotJson { line: 3, .. })));
    assert_eq!(read_bundle(b"{}\n\xFF", &options()), Err(BundleError::NotJson { line: 2, column: 1 }));
    let twice = BUNDLE.replacen("\"id\": \"e\"", "\"id\": \"e\", \"id\": \"f\"", 1);
    assert!(matches!(read_bundle(twice.as_bytes(), &options()), Err(BundleError::Ambiguous { line: 3, .. })));
}

#[test]
fn a_bundle_cut_off_anywhere_is_refused() {
    let whole = BUNDLE.trim_end().as_bytes();
    for length in (0..whole.len()).step_by(41) {
        assert!(
            matches!(read_bundle(&whole[..length], &options()), Err(BundleError::NotJson { .. })),
            "{length}"
        );
    }
}

#[test]
fn the_source_system_given_by_the_caller_wins_and_must_be_a_name() {
    let with = |name: &str| {
        let options = ImportOptions { source: Some(name.to_owned()), ..options() };
        read_bundle(BUNDLE.as_bytes(), &options).map(|bundle| bundle.source_system)
    };
    assert_eq!(with("old-records").unwrap(), "old-records");
    assert_eq!(read(&good()).unwrap().source_system, "http://old.invalid/patients");
    assert_eq!(with("  "), Err(BundleError::SourceName { max: 255 }));
    assert_eq!(with("a\nb"), Err(BundleError::SourceName { max: 255 }));
}

/// Law 5 of the house: an error never repeats patient data. Every single value of every entry is replaced in
/// turn by planted ones of each type.
#[test]
fn no_message_repeats_a_value_wherever_it_stands() {
    let entries = good()["entry"].as_array().unwrap().clone();
    let patient = entries[0].clone();
    let plants =
        [json!("Zzcanary Peña"), json!(987_654_321), json!(["Zzcanary"]), json!({"Zzcanary": "Zzcanary"})];
    let mut refused = 0;
    for (position, entry) in entries.into_iter().enumerate() {
        let mut pointers = Vec::new();
        leaves(&entry, "", &mut pointers);
        for (pointer, plant) in
            pointers.iter().flat_map(|pointer| plants.iter().map(move |plant| (pointer, plant)))
        {
            let mut spoilt = entry.clone();
            *spoilt.pointer_mut(pointer).unwrap() = plant.clone();
            let entries = if position == 0 { json!([spoilt]) } else { json!([patient, spoilt]) };
            let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": entries});
            if let Err(error) = read(&bundle) {
                refused += 1;
                let message = format!("{error} {error:?}");
                assert!(
                    !message.contains("Zzcanary") && !message.contains("987654321"),
                    "{pointer}: {message}"
                );
            }
        }
    }
    assert!(refused > 200, "only {refused} replacements were refused");
}

#[test]
fn a_broken_entry_of_a_long_bundle_is_named_by_its_index() {
    for index in 0..3 {
        let generated = generate(11, index, &[Edge::BrokenEntry]);
        let Err(BundleError::Entry { entry, path, .. }) = read(&generated.bundle) else {
            panic!("bundle {index} was not refused");
        };
        assert_eq!((Some(entry), path.as_str()), (generated.broken_entry, "resource.effectiveDateTime"));
    }
}
