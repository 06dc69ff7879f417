//! Properties of the import, on generated bundles of 500 to 1,000 resources.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use fhir_mapping::{Fingerprint, ImportOptions, ImportReport, ImportedBundle, read_bundle};
use fixtures_generate::{CARD_NUMBER, Edge, Generated, generate};
use records_model::{
    ActorId, Category, Field, Provenance, Record, RecordHead, RecordId, RecordVersion, SubjectId,
};
use serde_json::{Value, json};

#[cfg(test)]
mod support {
    use super::*;

    pub(super) const EDGES: [Edge; 4] =
        [Edge::CardNumberInNote, Edge::GovernmentNumbers, Edge::UnknownTypes, Edge::GeneticResult];

    pub(super) fn read(json: &str) -> ImportedBundle {
        let today = NaiveDate::from_ymd_opt(2026, 3, 3).unwrap();
        read_bundle(json.as_bytes(), &ImportOptions { source: None, today }).unwrap()
    }

    pub(super) type Prints = BTreeMap<(String, String), Fingerprint>;

    pub(super) fn prints(bundle: &ImportedBundle) -> Prints {
        let print = |item: &fhir_mapping::ImportedItem| {
            ((item.identity.resource.clone(), item.identity.id.clone()), item.fingerprint)
        };
        bundle.items.iter().map(print).collect()
    }

    /// The same document with the members of every object in the opposite order, and white space between all.
    pub(super) fn reversed(value: &Value) -> String {
        match value {
            Value::Object(members) => {
                let members: Vec<String> = members
                    .iter()
                    .rev()
                    .map(|(name, value)| format!("\n\t{} : {}", Value::from(name.as_str()), reversed(value)))
                    .collect();
                format!("{{{} }}", members.join(" ,"))
            }
            Value::Array(items) => {
                format!("[ {} ]", items.iter().map(reversed).collect::<Vec<_>>().join(" ,\r\n "))
            }
            leaf => leaf.to_string(),
        }
    }

    /// Values that are content: words and numbers that an entry states, told by the last steps of their place.
    pub(super) fn content_leaves(value: &Value, at: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                let about_patient = members.contains_key("reference");
                for (name, inner) in members {
                    let structural = matches!(
                        name.as_str(),
                        "resourceType"
                            | "id"
                            | "reference"
                            | "system"
                            | "status"
                            | "data"
                            | "use"
                            | "contentType"
                            | "criticality"
                            | "comparator"
                            | "meta"
                            | "contained"
                    ) || (name == "text" && at == "/resource")
                        || (name == "display" && about_patient)
                        || (name == "code" && (at.contains("clinicalStatus") || at.contains("category")));
                    // A canary is planted where it is left out.
                    let fixed = inner.as_str().is_some_and(|text| text.starts_with("canary"));
                    if !structural && !fixed {
                        content_leaves(inner, &format!("{at}/{name}"), found);
                    }
                }
            }
            Value::Array(items) => {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(index, inner)| content_leaves(inner, &format!("{at}/{index}"), found));
            }
            _ => found.push(at.to_owned()),
        }
    }

    fn is_dated(text: &str) -> bool {
        let year = text.len() >= 4 && text.bytes().take(4).all(|b| b.is_ascii_digit());
        year && matches!(text.len(), 4 | 7 | 10 | 20..=29)
    }

    pub(super) fn changed(value: &Value) -> Value {
        match value {
            // Another date that exists, of the same precision.
            Value::String(text) if is_dated(text) => json!(format!("2001{}", &text[4..])),
            Value::String(text) => json!(format!("{text} bis")),
            Value::Number(number) => json!(number.as_f64().unwrap() + 1.0),
            Value::Bool(answer) => json!(!answer),
            other => other.clone(),
        }
    }
}

use support::{EDGES, changed, content_leaves, prints, read, reversed};

/// Every entry lands exactly once: no two items have one identity, and none is missing.
#[test]
fn every_resource_lands_exactly_once() {
    for index in 0..2 {
        let generated = generate(3, index, &EDGES);
        let bundle = read(&generated.to_json());
        let landed = prints(&bundle);
        assert_eq!(landed.len(), bundle.items.len(), "two items have one identity");
        let sent: BTreeSet<(String, String)> = entries(&generated)
            .map(|resource| (text(resource, "resourceType"), text(resource, "id")))
            .collect();
        let whole: BTreeSet<(String, String)> =
            landed.into_keys().filter(|(resource, _)| !resource.contains('.')).collect();
        assert_eq!(whole, sent);
        assert_eq!(bundle.report.resources, generated.resources());
        assert_eq!(bundle.report.by_type.values().sum::<usize>(), generated.resources());
        assert_eq!(bundle.report.by_category.values().sum::<usize>(), bundle.items.len());
    }
}

fn entries(generated: &Generated) -> impl Iterator<Item = &Value> {
    let entries = generated.bundle.get("entry").and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| entry.get("resource"))
}

fn text(resource: &Value, name: &str) -> String {
    resource.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// P-9, P-13: what is planned can be stored, so its fields belong to its category and no card number stands in
/// payment or contact data.
#[test]
fn every_item_is_a_record_that_can_be_stored() {
    let bundle = read(&generate(5, 1, &EDGES).to_json());
    for item in bundle.items {
        let head = RecordHead {
            id: RecordId::from_uuid(uuid_of(1)),
            subject: SubjectId::from_uuid(uuid_of(2)),
            version: RecordVersion::FIRST,
            category: item.category,
            kind: item.kind,
            form: item.form,
            context: item.context,
            class: item.class,
            reveals_health: item.reveals_health,
            genetic: item.genetic,
            provenance: Provenance::External { source: item.identity, author: item.author },
            anchor: item.anchor,
            anchor_at: item.anchor_at,
        };
        Record::new(head, item.content).unwrap();
    }
}

fn uuid_of(bits: u128) -> uuid::Uuid {
    ActorId::from_uuid(uuid::Uuid::from_u128(bits)).as_uuid()
}

/// P-9: what was planted is nowhere, and each planting was counted.
#[test]
fn planted_numbers_are_found_nowhere_and_are_counted() {
    let generated = generate(5, 2, &EDGES);
    let sent = generated.to_json();
    assert_eq!(generated.government_numbers.len(), 2);
    assert!(sent.contains(CARD_NUMBER));
    let bundle = read(&sent);
    for item in &bundle.items {
        for (field, value) in &item.content {
            for number in generated.government_numbers.iter().map(String::as_str).chain([CARD_NUMBER]) {
                assert!(!value.as_str().contains(number), "{} {field}", item.identity.resource);
            }
        }
    }
    // In the note of a report, in that of a document, and in an order.
    assert_eq!(bundle.report.card_numbers_masked, 3);
    assert_eq!(bundle.report.left_out.get("Patient.identifier(SS)"), Some(&1));
    assert_eq!(bundle.report.left_out.get("DocumentReference.(government number in a text)"), Some(&2));
    assert_eq!(bundle.report.consents_not_read, 1);
    assert_eq!(bundle.report.genetic, 1);
}

/// One UUID in some thousands begins with digits that pass as a card number; it is an id, also in a payment.
#[test]
fn an_id_that_begins_like_a_card_number_is_kept_in_a_payment() {
    let id = "48649566-8278-4400-bf61-f65381092b96";
    let sent = include_str!("golden/every-type.json").replace("\"id\": \"cl\"", &format!("\"id\": \"{id}\""));
    let bundle = read(&sent);
    let claim = bundle.items.iter().find(|item| item.identity.id == id).unwrap();
    assert!(claim.content[&Field::SourceDocument].as_str().contains(id));
    assert_eq!(claim.content[&Field::InvoiceNumber].as_str(), "411111******1111");
}

#[test]
fn a_card_number_in_groups_is_masked_in_a_payment() {
    for (grouped, masked) in [
        ("4111.1111.1111.1111", "4111.11**.****.1111"),
        ("4111  1111  1111  1111", "4111  11**  ****  1111"),
        ("4111\u{a0}1111\u{a0}1111\u{a0}1111 12/29", "4111\u{a0}11**\u{a0}****\u{a0}1111 12/29"),
    ] {
        let bundle = read(&include_str!("golden/every-type.json").replace("4111111111111111", grouped));
        let shown = bundle.items.iter().find_map(|item| item.content.get(&Field::InvoiceNumber)).unwrap();
        assert_eq!(shown.as_str(), masked);
    }
}

/// The patient's name is shown with references; outside contact data and notes it is not kept.
#[test]
fn the_patients_name_is_not_repeated_in_what_is_kept_of_other_resources() {
    let bundle = read(&generate(5, 3, &[]).to_json());
    let name = format!("{} {}", bundle.patient.name.given(), bundle.patient.name.surnames());
    let clinical = bundle.items.iter().filter(|item| item.category != Category::IdentityContact);
    let sources = clinical.filter_map(|item| item.content.get(&Field::SourceDocument));
    assert!(sources.clone().count() > 400);
    assert!(sources.into_iter().all(|source| !source.as_str().contains(&name)));
}

/// P-19: what a nurse reads of a laboratory result stands apart from the source document.
#[test]
fn a_laboratory_result_shows_what_a_list_needs() {
    let bundle = read(&generate(5, 4, &[]).to_json());
    let results = bundle
        .items
        .iter()
        .filter(|item| item.category == Category::Laboratory && item.identity.resource == "Observation");
    let shown = [Field::Code, Field::Display, Field::Value, Field::Unit, Field::EffectiveAt, Field::Status];
    assert!(results.clone().count() > 100);
    assert!(results.into_iter().all(|item| shown.iter().all(|field| item.content.contains_key(field))));
}

#[test]
fn the_same_again_has_the_same_fingerprints_whatever_its_order_and_white_space() {
    let generated = generate(9, 0, &EDGES);
    let once = read(&generated.to_json());
    assert_eq!(once, read(&generated.to_json()));
    assert_eq!(once, read(&reversed(&generated.bundle)));
}

#[test]
fn an_export_made_later_is_the_same_content() {
    let generated = generate(9, 0, &[]);
    let mut later = generated.bundle.clone();
    for entry in later["entry"].as_array_mut().unwrap() {
        entry["resource"]["meta"] = json!({"versionId": "12", "lastUpdated": "2026-02-02T00:00:00Z"});
    }
    assert_eq!(prints(&read(&generated.to_json())), prints(&read(&later.to_string())));
}

/// Any one value inside the content changes the fingerprint of its item, and of no other; only the name of a
/// drug is also part of the orders that refer to it. Every value of a bundle with every type is tried.
#[test]
fn one_changed_value_changes_one_fingerprint() {
    let sent: Value = serde_json::from_str(include_str!("golden/every-type.json")).unwrap();
    let before = prints(&read(&sent.to_string()));
    let mut tried = 0;
    for (position, entry) in sent["entry"].as_array().unwrap().iter().enumerate().skip(1) {
        let resource = &entry["resource"];
        let identity = (text(resource, "resourceType"), text(resource, "id"));
        let mut leaves = Vec::new();
        content_leaves(resource, "/resource", &mut leaves);
        for leaf in leaves {
            let mut bundle = sent.clone();
            let place = bundle["entry"][position].pointer_mut(&leaf).unwrap();
            *place = changed(place);
            let after = prints(&read(&bundle.to_string()));
            assert_ne!(after[&identity], before[&identity], "{identity:?} {leaf}");
            let others = before.iter().filter(|(key, print)| **key != identity && after[*key] != **print);
            assert!(identity.0 == "Medication" || others.count() == 0, "{identity:?} {leaf}");
            tried += 1;
        }
    }
    assert!(tried > 100, "only {tried} values were changed");
}

/// The counts of several bundles are those of each, added up.
#[test]
fn reports_add_up() {
    let (one, two) =
        (read(&generate(5, 0, &EDGES).to_json()).report, read(&generate(5, 1, &EDGES).to_json()).report);
    let mut sum = ImportReport::default();
    sum.add(&one);
    assert_eq!(sum, one);
    sum.add(&two);
    assert_eq!(sum.resources, one.resources + two.resources);
    assert_eq!(sum.by_type["Observation"], one.by_type["Observation"] + two.by_type["Observation"]);
    assert_eq!(sum.left_out["Patient.maritalStatus"], 2);
    assert_eq!((sum.card_numbers_masked, sum.genetic, sum.consents_not_read), (6, 2, 2));
}
