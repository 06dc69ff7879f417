//! Makes `fixtures/vault/v1.json` from fixed inputs, so that a change of the format shows as a changed file.
//!
//! `UPDATE_EXPECT=1` rewrites the file; a line that changes there means that stored data would no longer open.

use crypto_vault::testing::{CountingRng, ReplayRng, example_dek_id, example_record, example_record_context};
use crypto_vault::{
    BatchSealer, CONTENT_BYTES_MAX, ContentType, Dek, DekId, EpochId, EpochKey, FieldContext, IndexRoot,
    IndexRootId, KeyVersion, OVERHEAD_BYTES, RecordContext, Salt, SealedTable, Secret, SecretId, SecretKind,
    SideField, YearMonth, seal_record,
};
use expect_test::expect_file;
use records_model::{
    Field, PersonName, PhoneNumber, RecordVersion, RetentionClass, SourceIdentity, Vocabulary,
};
use serde_json::{Value, json};

use crate::fixture_json::{field_json, record_json};
use crate::support::{hex, sealed_by_hand};

const DEK: [u8; 32] = [0x11; 32];
const EPOCH_KEY: [u8; 32] = [0x22; 32];
/// The longest envelope of version 1.
const LEN_MAX: usize = OVERHEAD_BYTES + CONTENT_BYTES_MAX;

fn salt(seed: u64) -> Salt {
    Salt::generate(&mut CountingRng::new(seed))
}

fn case(name: &str, context: &RecordContext, field: FieldContext, envelope: &[u8], outcome: &Value) -> Value {
    let mut case = json!({
        "name": name, "dek": hex(&DEK), "dek_version": 1,
        "record": record_json(context), "field": field_json(field), "envelope": hex(envelope),
    });
    case.as_object_mut().unwrap().extend(outcome.as_object().unwrap().clone());
    case
}

fn opens(content: &[u8]) -> Value {
    json!({ "content": hex(content) })
}

fn refused(error: &str) -> Value {
    json!({ "refused": error })
}

/// Follows the envelope with zeros until it has this length; the file says only how many.
fn zeros_up_to(envelope: &[u8], len: usize, error: &str) -> Value {
    json!({ "refused": error, "zeros_after": len - envelope.len() })
}

fn field_cases() -> Vec<Value> {
    let (id, context) = example_record_context();
    let note = FieldContext::of_record(Field::Note);
    let value = FieldContext::of_record(Field::Value);
    let dek = Dek::generate(id, &mut ReplayRng::new(&DEK));
    let mut sealer = BatchSealer::new(&dek, &context, salt(1)).unwrap();
    let text = "en ayunas; sin síntomas".as_bytes();
    let first = sealer.seal(&note, text).unwrap();
    let second = sealer.seal(&value, b"6.1").unwrap();
    let empty = sealer.seal(&FieldContext::of_record(Field::Unit), b"").unwrap();

    let padded = FieldContext { content_type: ContentType::PaddedText, ..value };
    let short = sealer.seal(&padded, b"6.1").unwrap();

    let side_id =
        DekId::new(id.clinic(), id.subject(), RetentionClass::Accounting, id.version(), None).unwrap();
    let side = RecordContext::of_side_row(
        id.clinic(),
        id.subject(),
        RetentionClass::Accounting,
        SealedTable::LogDetails,
        context.record,
    );
    let details = FieldContext::of_side_row(SideField::Details, ContentType::Json);
    let side_dek = Dek::generate(side_id, &mut ReplayRng::new(&DEK));
    let side_envelope =
        BatchSealer::new(&side_dek, &side, salt(2)).unwrap().seal(&details, br#"{"a":1}"#).unwrap();

    let flipped = |at: usize, bits: u8| {
        let mut envelope = first.clone();
        envelope[at] ^= bits;
        envelope
    };
    let next = RecordContext { record_version: RecordVersion::new(2).unwrap(), ..context };
    let genetic = RecordContext { genetic: true, ..context };
    let here = |name, envelope: &[u8], outcome: Value| case(name, &context, note, envelope, &outcome);
    vec![
        here("text in slot 0", &first, opens(text)),
        case("text in slot 1", &context, value, &second, &opens(b"6.1")),
        case("no bytes at all", &context, FieldContext::of_record(Field::Unit), &empty, &opens(b"")),
        case("a row that is no record", &side, details, &side_envelope, &opens(br#"{"a":1}"#)),
        case("the next version of the record", &next, note, &first, &refused("commitment")),
        case("a flag of the record changed", &genetic, note, &first, &refused("commitment")),
        case("another field of the record", &context, value, &first, &refused("altered")),
        case("a record passed off as a side row", &side, details, &first, &refused("commitment")),
        here("the slot changed", &flipped(3, 1), refused("altered")),
        here("the salt changed", &flipped(8, 1), refused("commitment")),
        here("the commitment changed", &flipped(32, 1), refused("commitment")),
        here("the content changed", &flipped(64, 1), refused("altered")),
        here("the tag changed", &flipped(first.len() - 1, 0x80), refused("altered")),
        here("another family", &flipped(0, 0x10), refused("format")),
        here("version 0", &flipped(0, 0x01), refused("format")),
        here("another suite", &flipped(1, 0x03), refused("suite")),
        here("an unknown flag", &flipped(2, 0x80), refused("flags")),
        here("slot 255", &flipped(3, 0xff), refused("slot")),
        here("another key version", &flipped(7, 0x02), refused("key-number")),
        here("cut by one byte", &first[..first.len() - 1], refused("altered")),
        here("the header alone", &first[..64], refused("too-short")),
        here("nothing", &[], refused("too-short")),
        case("padded text", &context, padded, &short, &opens(b"6.1")),
        case("padded text as text", &context, value, &short, &refused("altered")),
        here("as long as any, but for zeros", &first, zeros_up_to(&first, LEN_MAX, "altered")),
        here("longer than any", &first, zeros_up_to(&first, LEN_MAX + 1, "too-long")),
    ]
}

/// Where the padded content ends, and what is refused: nobody who seals with this crate can write it.
fn padding_cases() -> Vec<Value> {
    let (id, context) = example_record_context();
    let field =
        FieldContext { content_type: ContentType::PaddedText, ..FieldContext::of_record(Field::Value) };
    let dek = Dek::generate(id, &mut ReplayRng::new(&DEK));
    let whole = [b'x'; 64];
    let envelope = BatchSealer::new(&dek, &context, salt(3)).unwrap().seal(&field, &whole).unwrap();
    let mut cases = vec![case("padded text of a whole block", &context, field, &envelope, &opens(&whole))];
    let block = |content: &[u8], len: usize| [content, &vec![0; len - content.len()]].concat();
    let wrong = [
        ("padded text without padding", b"6.1".to_vec()),
        ("padded text without a byte", Vec::new()),
        ("padded text without the mark", block(b"6.1", 64)),
        ("padded text of zeros", block(b"", 64)),
        ("padded text with another byte after the mark", block(b"6.1\x80\x01", 64)),
        ("padded text with a zero too few", block(b"6.1\x80", 63)),
        ("padded text with a zero too many", block(b"6.1\x80", 65)),
        ("padded text with a block too many", block(b"6.1\x80", 128)),
    ];
    cases.extend(wrong.iter().map(|(name, content)| {
        let envelope = sealed_by_hand(DEK, [0x5a; 24], &context, field, content);
        case(name, &context, field, &envelope, &refused("padding"))
    }));
    cases
}

fn key_cases() -> Vec<Value> {
    let id = example_dek_id();
    let month = YearMonth::new(2026, 7);
    let monthly =
        DekId::new(id.clinic(), id.subject(), RetentionClass::Website, id.version(), month).unwrap();
    let epoch = EpochKey::generate(EpochId::FIRST, &mut ReplayRng::new(&EPOCH_KEY));
    let wrap_dek =
        |id, seed| *epoch.wrap_dek(&Dek::generate(id, &mut ReplayRng::new(&DEK)), salt(seed)).as_bytes();
    let root_id = IndexRootId { clinic: id.clinic(), version: KeyVersion::FIRST };
    let root = epoch.wrap_index_root(&IndexRoot::generate(root_id, &mut ReplayRng::new(&DEK)), salt(6));
    let secret_id =
        SecretId { clinic: id.clinic(), kind: SecretKind::LogSigning, version: KeyVersion::FIRST };
    let secret = epoch.wrap_secret(&Secret::generate(secret_id, &mut ReplayRng::new(&DEK)), salt(7));
    let dek_json = |id: DekId| {
        json!({
            "kind": "dek", "clinic": id.clinic().to_string(), "subject": id.subject().to_string(),
            "class": id.class().code(), "version": id.version().number(),
            "month": id.month().map(YearMonth::number),
        })
    };
    let clinic = id.clinic().to_string();
    let root_json = json!({ "kind": "index-root", "clinic": clinic, "version": 1 });
    let secret_json = json!({ "kind": "secret", "clinic": clinic, "purpose": "log-signing", "version": 1 });
    let wrapped = wrap_dek(id, 4);
    let mut bent = wrapped;
    bent[70] ^= 1;
    let case = |name: &str, id: Value, wrapped: &[u8], outcome: &Value| {
        let mut case = json!({
            "name": name, "epoch": 1, "epoch_key": hex(&EPOCH_KEY), "id": id, "wrapped": hex(wrapped),
        });
        case.as_object_mut().unwrap().extend(outcome.as_object().unwrap().clone());
        case
    };
    let key = || json!({ "key": hex(&DEK) });
    vec![
        case("a data key", dek_json(id), &wrapped, &key()),
        case("a data key of one month", dek_json(monthly), &wrap_dek(monthly, 5), &key()),
        case("an index root", root_json.clone(), root.as_bytes(), &key()),
        case("a signing seed", secret_json.clone(), secret.as_bytes(), &key()),
        case("a data key moved to a class", dek_json(monthly), &wrapped, &refused("commitment")),
        case("an index root as a secret", secret_json, root.as_bytes(), &refused("commitment")),
        case("a secret as an index root", root_json, secret.as_bytes(), &refused("commitment")),
        case("a changed data key", dek_json(id), &bent, &refused("altered")),
    ]
}

fn index_case() -> Value {
    let clinic = example_dek_id().clinic();
    let id = IndexRootId { clinic, version: KeyVersion::FIRST };
    let root = IndexRoot::generate(id, &mut ReplayRng::new(&DEK));
    let check = root.check_value();
    let keys = root.search_keys(&check).unwrap();
    let phone = PhoneNumber::parse("+52 81 1234 5678").unwrap();
    let name = PersonName::parse("José", "Treviño").unwrap();
    let source = SourceIdentity { system: "hospital".into(), resource: "Patient".into(), id: "12".into() };
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    let born = records_model::BirthDate::parse("1958-03-09", today).unwrap();
    let email = records_model::EmailAddress::parse("Jose.T@clinica.test").unwrap();
    let names = |tokens: Vec<crypto_vault::BlindToken>| {
        tokens.iter().map(|token| hex(token.as_bytes())).collect::<Vec<_>>()
    };
    json!({
        "root": hex(&DEK), "clinic": clinic.to_string(), "version": 1, "check": hex(&check.0),
        "phone": { "value": phone.as_str(), "token": hex(keys.phone(&phone).as_bytes()) },
        "email": { "value": "jose.t@clinica.test", "token": hex(keys.email(&email).as_bytes()) },
        "source_identity": {
            "value": [source.system, source.resource, source.id],
            "token": hex(keys.source_identity(&source).as_bytes()),
        },
        "name": { "value": ["jose", "trevino"], "tokens": names(keys.name(&name)) },
        "name_birth_date": {
            "value": ["1958-03-09 jose", "1958-03-09 trevino"],
            "tokens": names(keys.name_with_birth_date(&name, born)),
        },
    })
}

fn content_case() -> Value {
    let dek = Dek::generate(example_dek_id(), &mut ReplayRng::new(&DEK));
    let sealed = seal_record(&dek, &example_record(), salt(9)).unwrap();
    let fields: Vec<_> =
        sealed.fields.iter().map(|(field, envelope)| json!([field.code(), hex(envelope)])).collect();
    json!({ "fields": fields, "content_hash": hex(&sealed.content_hash) })
}

#[test]
#[cfg_attr(miri, ignore = "many tries: minutes under Miri")]
fn the_fixtures_are_what_this_version_writes() {
    let fields = [field_cases(), padding_cases()].concat();
    let all = json!({
        "format": "resguardo-vault-v1",
        "fields": fields,
        "keys": key_cases(),
        "index": index_case(),
        "content": content_case(),
    });
    let text = serde_json::to_string_pretty(&all).unwrap() + "\n";
    expect_file!["../../../../fixtures/vault/v1.json"].assert_eq(&text);
}
