//! Frozen attachments: what this version writes, and what every version must open or refuse as on file.
//!
//! `UPDATE_EXPECT=1` rewrites the file; a line that changes there means that stored files would no longer open.

use crypto_vault::testing::{
    CountingRng, ReplayRng, example_attachment_context, example_clinic, example_dek_id, example_record,
};
use crypto_vault::{
    ATTACHMENT_HEADER_BYTES, Active, AttachmentError, AttachmentOpener, AttachmentSealer, CHUNK_BYTES,
    ContentType, Dek, FieldContext, RecordContext, Salt, SealedTable, SideField,
};
use expect_test::expect_file;
use records_model::{Category, ContentKind, RecordHead, RecordId, RecordVersion};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::fixture_json::{bytes, field, field_json, record, record_json};
use crate::support::hex;

const DEK: [u8; 32] = [0x11; 32];
const SEALED_CHUNK: usize = CHUNK_BYTES + 16;

fn dek() -> Dek<Active> {
    Dek::generate(example_dek_id(), &mut ReplayRng::new(&DEK))
}

fn sealed(content: &[u8], seed: u64) -> Vec<u8> {
    let (record, field) = example_attachment_context();
    sealed_at(&record, field, content, seed)
}

fn sealed_at(record: &RecordContext, field: FieldContext, content: &[u8], seed: u64) -> Vec<u8> {
    let salt = Salt::generate(&mut CountingRng::new(seed));
    let mut out = Vec::new();
    let mut sealer = AttachmentSealer::begin(&dek(), record, &field, salt, &mut out).unwrap();
    sealer.push(content, &mut out).unwrap();
    sealer.finish(&mut out).unwrap();
    out
}

fn cases() -> Vec<Value> {
    let opens = |name: &str, content: &[u8], sealed: &[u8]| json!({ "name": name, "sealed": hex(sealed), "length": content.len(), "content_sha256": hex(&Sha256::digest(content)) });
    let refused = |name: &str, sealed: &[u8], refused: &str| json!({ "name": name, "sealed": hex(sealed), "refused": refused });
    let of = |name: &str, keep: usize, record_version: u32, refused: &str| json!({ "name": name, "of": "two chunks", "keep": keep, "record_version": record_version, "refused": refused });
    let short = sealed(b"a scan", 21);
    let long: Vec<u8> = (0..=250_u8).cycle().take(CHUNK_BYTES + 3).collect();
    let two = sealed(&long, 22);
    let whole = two.len();
    let changed = |at: usize, bits: u8| {
        let mut changed = short.clone();
        changed[at] ^= bits;
        changed
    };
    vec![
        opens("one chunk", b"a scan", &short),
        opens("no bytes at all", b"", &sealed(b"", 23)),
        opens("two chunks", &long, &two),
        of("without the last chunk", ATTACHMENT_HEADER_BYTES + SEALED_CHUNK, 1, "truncated"),
        of("a tag cut", ATTACHMENT_HEADER_BYTES + SEALED_CHUNK + 15, 1, "truncated"),
        of("cut by one byte", whole - 1, 1, "altered"),
        of("cut inside the first chunk", 5_000, 1, "altered"),
        of("the header alone", ATTACHMENT_HEADER_BYTES, 1, "truncated"),
        of("less than the header", ATTACHMENT_HEADER_BYTES - 1, 1, "too-short"),
        of("the next version of the row", whole, 2, "commitment"),
        refused("another family", &changed(0, 0x40), "format"),
        refused("another suite", &changed(1, 0x02), "suite"),
        refused("an unknown flag", &changed(2, 0x01), "flags"),
        refused("the byte that is always zero", &changed(3, 0x01), "flags"),
        refused("another key version", &changed(7, 0x02), "key-number"),
        refused("the salt changed", &changed(8, 0x01), "commitment"),
        refused("the commitment changed", &changed(63, 0x01), "commitment"),
        refused("the content changed", &changed(64, 0x01), "altered"),
        refused("the tag changed", &changed(short.len() - 1, 0x01), "altered"),
        refused("one byte more", &[short.as_slice(), &[0]].concat(), "altered"),
    ]
}

/// Where the file of a record belongs: everything that can be bound is, and differs from what a side row has.
fn file_context() -> RecordContext {
    let head = RecordHead {
        version: RecordVersion::new(3).unwrap(),
        category: Category::ClinicalImages,
        kind: ContentKind::Image,
        reveals_health: true,
        genetic: true,
        ..example_record().head().clone()
    };
    RecordContext::of_attachment(example_clinic(), &head)
}

const FILE: &str = "the file of a record";

/// The file of a record with the whole context of that record, at other places and taken apart.
fn file_cases() -> Vec<Value> {
    let right = file_context();
    let of_record = |name: &str, record: &RecordContext, more: Value| {
        let mut case = json!({ "name": name, "record": record_json(record) });
        case.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        case
    };
    let content: Vec<u8> = (0..=252_u8).cycle().take(2 * CHUNK_BYTES + 5).collect();
    let file = sealed_at(&right, FieldContext::ATTACHED_FILE, &content, 31);
    let other = sealed_at(&right, FieldContext::ATTACHED_FILE, b"other", 32);
    let opens = |content: &[u8], sealed: &[u8]| {
        let hash = hex(&Sha256::digest(content));
        json!({ "sealed": hex(sealed), "length": content.len(), "content_sha256": hash })
    };
    let mut cases = vec![
        of_record(FILE, &right, opens(&content, &file)),
        of_record("another file of that record", &right, opens(b"other", &other)),
    ];
    let whole = json!({ "of": FILE, "keep": file.len(), "refused": "commitment" });
    cases.extend(
        elsewhere().iter().map(|(name, record)| of_record(&format!("{FILE}, {name}"), record, whole.clone())),
    );
    let as_text = FieldContext { content_type: ContentType::Text, ..FieldContext::ATTACHED_FILE };
    let as_answer = FieldContext::of_side_row(SideField::Answer, ContentType::Bytes);
    for (name, field) in [("as text", as_text), ("as an answer", as_answer)] {
        let mut case = of_record(&format!("{FILE}, {name}"), &right, whole.clone());
        case["field"] = field_json(field);
        cases.push(case);
    }
    let taken_apart = file_pieces(file.len(), other.len());
    cases.extend(taken_apart.into_iter().map(|(name, pieces, error)| {
        of_record(&format!("{FILE}, {name}"), &right, json!({ "pieces": pieces, "refused": error }))
    }));
    cases
}

/// Places that differ from the right one in one item, or in both that only a record has.
fn elsewhere() -> [(&'static str, RecordContext); 10] {
    let right = file_context();
    let with = |change: fn(&mut RecordContext)| {
        let mut context = right;
        change(&mut context);
        context
    };
    [
        ("in another category", with(|context| context.category = Some(Category::TreatmentNotes))),
        ("without a category", with(|context| context.category = None)),
        ("of another kind", with(|context| context.kind = Some(ContentKind::Document))),
        ("without a kind", with(|context| context.kind = None)),
        ("as a row that is no record's", with(|context| (context.category, context.kind) = (None, None))),
        ("at another record", with(|context| context.record = RecordId::from_uuid(Uuid::from_u128(0xdead)))),
        ("at the next version", with(|context| context.record_version = RecordVersion::new(4).unwrap())),
        ("in the record's own table", with(|context| context.table = SealedTable::Records)),
        ("where nothing reveals health", with(|context| context.reveals_health = false)),
        ("where nothing is genetic", with(|context| context.genetic = false)),
    ]
}

type Piece = (&'static str, usize, usize);

/// The file put together from pieces of itself and of the other one, and why that is refused.
fn file_pieces(len: usize, other_len: usize) -> Vec<(&'static str, Vec<Piece>, &'static str)> {
    let other = "another file of that record";
    let head = (FILE, 0, ATTACHMENT_HEADER_BYTES);
    let begins = |number: usize| ATTACHMENT_HEADER_BYTES + number * SEALED_CHUNK;
    let (first, second) = ((FILE, begins(0), begins(1)), (FILE, begins(1), begins(2)));
    let last = (FILE, begins(2), len);
    vec![
        ("two chunks swapped", vec![head, second, first, last], "altered"),
        ("a chunk twice", vec![head, first, first, last], "altered"),
        ("a chunk left out", vec![head, first, last], "altered"),
        ("the last chunk left out", vec![head, first, second], "truncated"),
        ("all but the head left out", vec![head], "truncated"),
        ("cut by one byte", vec![head, first, second, (FILE, begins(2), len - 1)], "altered"),
        ("a chunk of the other file", vec![head, (other, ATTACHMENT_HEADER_BYTES, other_len)], "altered"),
        (
            "under the head of the other file",
            vec![(other, 0, ATTACHMENT_HEADER_BYTES), first, second, last],
            "altered",
        ),
    ]
}

#[test]
#[cfg_attr(miri, ignore = "long content: minutes under Miri")]
fn the_attachment_fixtures_are_what_this_version_writes() {
    let (record, field) = example_attachment_context();
    let attachments = [cases(), file_cases()].concat();
    let all = json!({
        "format": "resguardo-attachment-v1",
        "dek": hex(&DEK),
        "dek_version": 1,
        "record": record_json(&record),
        "field": field_json(field),
        "attachments": attachments,
    });
    let text = serde_json::to_string_pretty(&all).unwrap() + "\n";
    expect_file!["../../../../fixtures/vault/attachments-v1.json"].assert_eq(&text);
}

fn code(error: AttachmentError) -> &'static str {
    match error {
        AttachmentError::TooShort { .. } => "too-short",
        AttachmentError::Format { .. } => "format",
        AttachmentError::Suite { .. } => "suite",
        AttachmentError::Flags { .. } => "flags",
        AttachmentError::KeyNumber { .. } => "key-number",
        AttachmentError::Commitment => "commitment",
        AttachmentError::Altered { .. } => "altered",
        AttachmentError::Truncated => "truncated",
        _ => "other",
    }
}

/// The bytes of a case: on file, or taken from other cases.
fn stored(cases: &[Value], case: &Value) -> Vec<u8> {
    let of = |name: &Value| bytes(cases.iter().find(|case| case["name"] == *name).unwrap(), "sealed");
    let at = |value: &Value| usize::try_from(value.as_u64().unwrap()).unwrap();
    if let Some(pieces) = case["pieces"].as_array() {
        pieces.iter().flat_map(|piece| of(&piece[0])[at(&piece[1])..at(&piece[2])].to_vec()).collect()
    } else if case["keep"].is_u64() {
        of(&case["of"])[..at(&case["keep"])].to_vec()
    } else {
        bytes(case, "sealed")
    }
}

#[test]
#[cfg_attr(miri, ignore = "long content: minutes under Miri")]
fn every_attachment_fixture_opens_or_is_refused_as_on_file() {
    let text = include_str!("../../../../fixtures/vault/attachments-v1.json");
    let all: Value = serde_json::from_str(text).unwrap();
    let cases = all["attachments"].as_array().unwrap();
    for case in cases {
        let sealed = stored(cases, case);
        let mut place = record(case.get("record").unwrap_or(&all["record"]));
        if let Some(version) = case["record_version"].as_u64() {
            place.record_version = RecordVersion::new(version.try_into().unwrap()).unwrap();
        }
        let field = field(case.get("field").unwrap_or(&all["field"]));
        let mut content = Vec::new();
        let (header, chunks) = sealed.split_at(sealed.len().min(ATTACHMENT_HEADER_BYTES));
        let opened = AttachmentOpener::begin(&dek(), &place, &field, header)
            .and_then(|opener| opener.push(chunks, &mut content))
            .and_then(|opener| opener.finish(&mut content));
        match opened {
            Ok(()) => assert_eq!(hex(&Sha256::digest(&content)), case["content_sha256"], "{}", case["name"]),
            Err(error) => assert_eq!(code(error), case["refused"], "{}", case["name"]),
        }
    }
}
