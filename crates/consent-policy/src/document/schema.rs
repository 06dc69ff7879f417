//! The document as a JSON Schema, so that an editor completes words and marks wrong ones while they are typed.

use records_model::{
    Action, Category, ConsentForm, CountryClass, Detail, Fact, Field, Ground, Purpose, RecipientClass, Role,
    Vocabulary,
};
use serde_json::{Map, Value, json};

use super::error::DocumentError;
use super::groups::{Groups, Lookup};
use super::resolve::{ALL_OF_CATEGORY, NO_FIELD};
use super::source::PolicySource;
use crate::Obligation;

/// The dialect.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// The eight dimensions, as keys.
const DIMENSIONS: [&str; 8] =
    ["action", "role", "purpose", "category", "recipient", "country", "ground", "detail"];

/// A JSON Schema (2020-12) of policy documents: keys, words, and the groups of the document that is given.
///
/// Written to a file and named in the first line of a document (`#:schema ./policy.schema.json`), it makes an
/// editor that knows taplo complete words. Without a document no group is known: then every word must be one of
/// the lists. It says less than [`PolicyDraft::parse`](crate::PolicyDraft::parse), which also knows which keys an
/// effect has.
///
/// ```
/// let schema = consent_policy::document_schema(None)?;
/// let roles = schema["$defs"]["role"]["enum"].as_array().ok_or("a list")?;
/// assert!(roles.contains(&"nurse".into()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`DocumentError`] if the document cannot be read as far as its groups.
pub fn document_schema(document: Option<&str>) -> Result<Value, DocumentError> {
    let source = match document {
        None => super::source::GroupsSource::default(),
        Some(text) => {
            let source: Result<PolicySource, _> = toml::from_str(text);
            source.map_err(|error| DocumentError::from_toml(text, &error))?.groups
        }
    };
    let groups = Groups::new(&source).map_err(|problem| problem.at(document.unwrap_or_default()))?;
    Ok(json!({
        "$schema": DIALECT,
        "title": "Policy document",
        "type": "object",
        "required": ["policy"],
        "additionalProperties": false,
        "properties": {
            "policy": header(),
            "groups": closed(&group_lists(), &[]),
            "rule": { "type": "array", "items": rule() },
            "invariant": { "type": "array", "items": invariant() },
            "test": { "type": "array", "items": test() },
        },
        "$defs": definitions(&groups),
    }))
}

/// An object that has these keys and no other.
fn closed(properties: &Map<String, Value>, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

fn keys<'a>(pairs: impl IntoIterator<Item = (&'a str, Value)>) -> Map<String, Value> {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn header() -> Value {
    // A day of TOML reaches a schema as text.
    let named = ["id", "version", "effective-on", "language"];
    closed(&keys(named.map(|key| (key, text()))), &named)
}

/// Groups hold words, never other groups.
fn group_lists() -> Map<String, Value> {
    let of = |name: &'static str| {
        let words = reference(&format!("{name}-words"));
        let value = json!({ "anyOf": [words, { "type": "array", "items": words }] });
        (name, json!({ "type": "object", "additionalProperties": value }))
    };
    keys(DIMENSIONS.into_iter().chain(["fact", "field", "obligation"]).map(of))
}

/// The sets of a box.
fn sets() -> Map<String, Value> {
    keys(DIMENSIONS.map(|dimension| (dimension, reference(&format!("{dimension}-set")))))
}

fn unless() -> Value {
    json!({ "type": "array", "items": closed(&sets(), &[]) })
}

fn clauses() -> Value {
    json!({ "type": "array", "items": { "type": "string", "pattern": "^P-[1-9][0-9]*$" } })
}

fn rule() -> Value {
    let mut properties = sets();
    properties.extend(keys([
        ("id", text()),
        ("clauses", clauses()),
        ("effect", json!({ "enum": ["permit", "forbid", "withhold"] })),
        ("unless", unless()),
        ("requires", reference("fact-list")),
        ("excludes", reference("fact-list")),
        ("consent", reference("consent")),
        ("unless-consent", reference("consent")),
        ("fields", reference("fields")),
        ("obligations", reference("obligation-list")),
        ("reason", closed(&keys([("es", text()), ("en", text())]), &["es", "en"])),
    ]));
    closed(&properties, &["id", "clauses", "effect", "reason"])
}

fn invariant() -> Value {
    let mut properties = sets();
    properties.extend(keys([
        ("id", text()),
        ("clauses", clauses()),
        ("unless", unless()),
        ("present", reference("fact-list")),
        ("absent", reference("fact-list")),
        ("consent-below", reference("consent")),
        ("expect", json!({ "enum": ["deny", "refused"] })),
        ("fields", reference("fields")),
    ]));
    closed(&properties, &["id", "clauses"])
}

fn test() -> Value {
    let mut properties = sets();
    properties.extend(keys([
        ("name", text()),
        ("facts", reference("fact-list")),
        ("needs", reference("fact-list")),
        ("even-with", reference("fact-list")),
        ("consent", reference("consent")),
        ("needs-consent", reference("consent")),
        ("expect", json!({ "enum": ["permit", "deny", "not-applicable", "refused"] })),
        ("rule", text()),
        ("fields", reference("fields")),
        ("obligations", reference("obligation-list")),
    ]));
    closed(&properties, &["name", "action", "role", "purpose", "category", "ground", "expect"])
}

fn definitions(groups: &Groups) -> Map<String, Value> {
    let mut all = Map::new();
    dimension::<Action>(&mut all, "action", &groups.action);
    dimension::<Role>(&mut all, "role", &groups.role);
    dimension::<Purpose>(&mut all, "purpose", &groups.purpose);
    dimension::<Category>(&mut all, "category", &groups.category);
    dimension::<RecipientClass>(&mut all, "recipient", &groups.recipient);
    dimension::<CountryClass>(&mut all, "country", &groups.country);
    dimension::<Ground>(&mut all, "ground", &groups.ground);
    dimension::<Detail>(&mut all, "detail", &groups.detail);
    listed::<Fact>(&mut all, "fact", &groups.fact);
    listed::<Field>(&mut all, "field", &groups.field);
    listed::<Obligation>(&mut all, "obligation", &groups.obligation);
    all.insert("consent".to_owned(), json!({ "enum": codes::<ConsentForm>() }));
    let keywords = json!({ "enum": [ALL_OF_CATEGORY, NO_FIELD] });
    all.insert("fields".to_owned(), json!({ "anyOf": [keywords, reference("field-list")] }));
    all
}

fn codes<V: Vocabulary>() -> Vec<&'static str> {
    V::ALL.iter().map(|word| word.code()).collect()
}

/// A dimension: its words, its words and groups, and what may stand under its key.
fn dimension<V: Vocabulary>(all: &mut Map<String, Value>, name: &str, groups: &Lookup<V>) {
    listed(all, name, groups);
    let any = json!({ "const": "any" });
    all.insert(format!("{name}-set"), json!({ "anyOf": [any, reference(&format!("{name}-list"))] }));
}

/// A list whose words are always named.
fn listed<V: Vocabulary>(all: &mut Map<String, Value>, name: &str, groups: &Lookup<V>) {
    let known: Vec<&str> = codes::<V>().into_iter().chain(groups.names()).collect();
    all.insert(format!("{name}-words"), json!({ "enum": codes::<V>() }));
    all.insert(name.to_owned(), json!({ "enum": known }));
    let words = json!({ "type": "array", "items": reference(name) });
    all.insert(format!("{name}-list"), json!({ "anyOf": [reference(name), words] }));
}
