//! Contexts as the fixtures write them, and back.

use crypto_vault::{ContentType, FieldContext, FieldName, RecordContext, SealedTable, SideField};
use records_model::{Field, RecordVersion, Vocabulary};
use serde_json::{Value, json};

use crate::support::unhex;

pub(crate) fn record_json(context: &RecordContext) -> Value {
    json!({
        "clinic": context.clinic.to_string(),
        "subject": context.subject.to_string(),
        "class": context.class.code(),
        "table": context.table.code(),
        "record": context.record.to_string(),
        "record_version": context.record_version.number(),
        "category": context.category.map_or("", Vocabulary::code),
        "kind": context.kind.map_or("", Vocabulary::code),
        "reveals_health": context.reveals_health,
        "genetic": context.genetic,
    })
}

pub(crate) fn field_json(field: FieldContext) -> Value {
    let (space, name) = match field.name {
        FieldName::Record(field) => ("record", field.code()),
        FieldName::Side(field) => ("side", field.code()),
    };
    json!({
        "space": space, "name": name,
        "schema_version": field.schema_version, "content_type": field.content_type.code(),
    })
}

pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

pub(crate) fn number(value: &Value, key: &str) -> u32 {
    value[key].as_u64().unwrap().try_into().unwrap()
}

pub(crate) fn bytes(value: &Value, key: &str) -> Vec<u8> {
    unhex(text(value, key))
}

pub(crate) fn word<V: Vocabulary>(value: &Value, key: &str) -> Option<V> {
    Some(text(value, key)).filter(|code| !code.is_empty()).map(|code| V::parse(code).unwrap())
}

pub(crate) fn record(value: &Value) -> RecordContext {
    let table = text(value, "table");
    RecordContext {
        clinic: text(value, "clinic").parse().unwrap(),
        subject: text(value, "subject").parse().unwrap(),
        class: word(value, "class").unwrap(),
        table: *SealedTable::ALL.iter().find(|word| word.code() == table).unwrap(),
        record: text(value, "record").parse().unwrap(),
        record_version: RecordVersion::new(number(value, "record_version")).unwrap(),
        category: word(value, "category"),
        kind: word(value, "kind"),
        reveals_health: value["reveals_health"].as_bool().unwrap(),
        genetic: value["genetic"].as_bool().unwrap(),
    }
}

pub(crate) fn field(value: &Value) -> FieldContext {
    let (name, content_type) = (text(value, "name"), text(value, "content_type"));
    FieldContext {
        name: match text(value, "space") {
            "record" => FieldName::Record(Field::parse(name).unwrap()),
            _ => FieldName::Side(*SideField::ALL.iter().find(|word| word.code() == name).unwrap()),
        },
        schema_version: number(value, "schema_version"),
        content_type: *ContentType::ALL.iter().find(|word| word.code() == content_type).unwrap(),
    }
}
