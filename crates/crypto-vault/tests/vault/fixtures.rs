//! Every fixture of version 1 opens, or is refused for the reason on file, for ever.

use crypto_vault::testing::{CountingRng, ReplayRng};
use crypto_vault::{
    Active, BatchSealer, ContentType, Dek, DekId, EpochId, EpochKey, FieldContext, FieldName, IndexRootId,
    KeyVersion, KeystoreRow, OpenError, RecordContext, RecordOpener, Salt, SealedTable, SecretId, SecretKind,
    SideField, StoredKeyState, UnwrapError, WrappedKey, YearMonth, has_monthly_keys,
};
use records_model::{Field, RecordVersion, RetentionClass, Vocabulary};
use serde_json::Value;

use crate::support::{hex, unhex};

fn all() -> Value {
    serde_json::from_str(include_str!("../../../../fixtures/vault/v1.json")).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

fn number(value: &Value, key: &str) -> u32 {
    value[key].as_u64().unwrap().try_into().unwrap()
}

fn bytes(value: &Value, key: &str) -> Vec<u8> {
    unhex(text(value, key))
}

fn word<V: Vocabulary>(value: &Value, key: &str) -> Option<V> {
    Some(text(value, key)).filter(|code| !code.is_empty()).map(|code| V::parse(code).unwrap())
}

fn record(value: &Value) -> RecordContext {
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

fn field(value: &Value) -> FieldContext {
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

fn code(error: OpenError) -> &'static str {
    match error {
        OpenError::TooShort { .. } => "too-short",
        OpenError::TooLong { .. } => "too-long",
        OpenError::Format { .. } => "format",
        OpenError::Suite { .. } => "suite",
        OpenError::Flags { .. } => "flags",
        OpenError::Slot => "slot",
        OpenError::KeyNumber { .. } => "key-number",
        OpenError::Commitment => "commitment",
        OpenError::Altered => "altered",
        _ => "other",
    }
}

fn dek(id: DekId, key: &[u8]) -> Dek<Active> {
    Dek::generate(id, &mut ReplayRng::new(key))
}

#[test]
fn every_field_fixture_opens_or_is_refused_as_on_file() {
    let all = all();
    for case in all["fields"].as_array().unwrap() {
        let (context, field, envelope) =
            (record(&case["record"]), field(&case["field"]), bytes(case, "envelope"));
        let version = KeyVersion::new(number(case, "dek_version")).unwrap();
        let id = DekId::new(context.clinic, context.subject, context.class, version, None).unwrap();
        let dek = dek(id, &bytes(case, "dek"));
        let opened = RecordOpener::for_envelope(&dek, &context, &envelope)
            .and_then(|mut opener| opener.open(&field, &envelope));
        match opened {
            Ok(bytes) => assert_eq!(hex(&bytes), text(case, "content"), "{}", case["name"]),
            Err(error) => assert_eq!(code(error), text(case, "refused"), "{}", case["name"]),
        }
    }
}

fn dek_id(id: &Value) -> DekId {
    let class: RetentionClass = word(id, "class").unwrap();
    let month = id["month"].as_u64().map(|month| {
        YearMonth::new((month / 100).try_into().unwrap(), (month % 100).try_into().unwrap()).unwrap()
    });
    assert_eq!(month.is_some(), has_monthly_keys(class));
    let version = KeyVersion::new(number(id, "version")).unwrap();
    let (clinic, subject) = (text(id, "clinic").parse().unwrap(), text(id, "subject").parse().unwrap());
    DekId::new(clinic, subject, class, version, month).unwrap()
}

/// Whether a data key has these bytes: it seals what they seal.
fn has_bytes(opened: &Dek<Active>, key: &[u8]) -> bool {
    let id = *opened.id();
    let row = crypto_vault::testing::example_record().head().id;
    let context =
        RecordContext::of_side_row(id.clinic(), id.subject(), id.class(), SealedTable::Attachments, row);
    let field = FieldContext::of_side_row(SideField::Answer, ContentType::Bytes);
    let [a, b] = [opened, &dek(id, key)].map(|dek| {
        let salt = Salt::generate(&mut CountingRng::new(1));
        BatchSealer::new(dek, &context, salt).unwrap().seal(&field, b"probe").unwrap()
    });
    a == b
}

#[test]
fn every_wrapped_key_fixture_opens_or_is_refused_as_on_file() {
    let all = all();
    for case in all["keys"].as_array().unwrap() {
        let epoch = EpochId::new(number(case, "epoch")).unwrap();
        let epoch = EpochKey::generate(epoch, &mut ReplayRng::new(&bytes(case, "epoch_key")));
        let wrapped = WrappedKey::parse(&bytes(case, "wrapped")).unwrap();
        let id = &case["id"];
        let key = case.get("key").map(|_| bytes(case, "key"));
        let key = key.as_deref();
        let version = KeyVersion::new(number(id, "version")).unwrap();
        let clinic = text(id, "clinic").parse().unwrap();
        let right = match text(id, "kind") {
            "dek" => {
                let row = KeystoreRow::new(dek_id(id), StoredKeyState::Active, Some(wrapped)).unwrap();
                epoch.open_dek(&row).map(|dek| has_bytes(dek.active().unwrap(), key.unwrap()))
            }
            "index-root" => epoch
                .open_index_root(IndexRootId { clinic, version }, &wrapped)
                .map(|root| hex(&root.check_value().0) == text(&all["index"], "check")),
            _ => epoch
                .open_secret(SecretId { clinic, kind: SecretKind::LogSigning, version }, &wrapped)
                .map(|secret| secret.expose().as_slice() == key.unwrap()),
        };
        match right {
            Ok(right) => assert!(right && key.is_some(), "{}", case["name"]),
            Err(UnwrapError::Envelope(error)) => {
                assert_eq!(code(error), text(case, "refused"), "{}", case["name"]);
            }
            Err(other) => panic!("{}: {other}", case["name"]),
        }
    }
}

#[test]
fn there_are_fixtures_of_both_kinds() {
    let all = all();
    for part in ["fields", "keys"] {
        let cases = all[part].as_array().unwrap();
        let positive = cases.iter().filter(|case| case.get("refused").is_none()).count();
        assert!(positive >= 4 && cases.len() - positive >= 4, "{part}");
    }
}
