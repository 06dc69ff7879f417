//! Every fixture of version 1 opens, or is refused for the reason on file, for ever.

use crypto_vault::testing::{CountingRng, ReplayRng};
use crypto_vault::{
    Active, BatchSealer, ContentType, Dek, DekId, EpochId, EpochKey, FieldContext, IndexRootId, KeyVersion,
    KeystoreRow, OpenError, RecordContext, RecordOpener, Salt, SealedTable, SecretId, SecretKind, SideField,
    StoredKeyState, UnwrapError, WrappedKey, YearMonth, has_monthly_keys,
};
use records_model::RetentionClass;
use serde_json::Value;

use crate::fixture_json::{bytes, field, number, record, text, word};
use crate::support::hex;

fn all() -> Value {
    serde_json::from_str(include_str!("../../../../fixtures/vault/v1.json")).unwrap()
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
        OpenError::Padding => "padding",
        _ => "other",
    }
}

/// What is too long is not on file byte by byte: the case says how many zeros follow.
fn envelope(case: &Value) -> Vec<u8> {
    let zeros = case["zeros_after"].as_u64().unwrap_or(0).try_into().unwrap();
    [bytes(case, "envelope"), vec![0; zeros]].concat()
}

fn dek(id: DekId, key: &[u8]) -> Dek<Active> {
    Dek::generate(id, &mut ReplayRng::new(key))
}

#[test]
#[cfg_attr(miri, ignore = "long content: minutes under Miri")]
fn every_field_fixture_opens_or_is_refused_as_on_file() {
    let all = all();
    for case in all["fields"].as_array().unwrap() {
        let (context, field, envelope) = (record(&case["record"]), field(&case["field"]), envelope(case));
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

#[test]
fn every_refusal_of_the_format_has_a_fixture() {
    let all = all();
    let found: std::collections::BTreeSet<_> =
        all["fields"].as_array().unwrap().iter().filter_map(|case| case["refused"].as_str()).collect();
    let named = [
        "altered",
        "commitment",
        "flags",
        "format",
        "key-number",
        "padding",
        "slot",
        "suite",
        "too-long",
        "too-short",
    ];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), named);
}
