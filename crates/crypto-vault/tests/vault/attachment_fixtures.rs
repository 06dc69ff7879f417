//! Frozen attachments: what this version writes, and what every version must open or refuse as on file.
//!
//! `UPDATE_EXPECT=1` rewrites the file; a line that changes there means that stored files would no longer open.

use crypto_vault::testing::{CountingRng, ReplayRng, example_attachment_context, example_dek_id};
use crypto_vault::{
    ATTACHMENT_HEADER_BYTES, Active, AttachmentError, AttachmentOpener, AttachmentSealer, CHUNK_BYTES, Dek,
    Salt,
};
use expect_test::expect_file;
use records_model::{RecordVersion, Vocabulary};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{hex, unhex};

const DEK: [u8; 32] = [0x11; 32];
const SEALED_CHUNK: usize = CHUNK_BYTES + 16;

fn dek() -> Dek<Active> {
    Dek::generate(example_dek_id(), &mut ReplayRng::new(&DEK))
}

fn sealed(content: &[u8], seed: u64) -> Vec<u8> {
    let (record, field) = example_attachment_context();
    let salt = Salt::generate(&mut CountingRng::new(seed));
    let mut out = Vec::new();
    let mut sealer = AttachmentSealer::begin(&dek(), &record, &field, salt, &mut out).unwrap();
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

#[test]
fn the_attachment_fixtures_are_what_this_version_writes() {
    let (record, field) = example_attachment_context();
    let all = json!({
        "format": "resguardo-attachment-v1",
        "dek": hex(&DEK),
        "dek_version": 1,
        "record": {
            "clinic": record.clinic.to_string(), "subject": record.subject.to_string(),
            "class": record.class.code(), "table": record.table.code(), "record": record.record.to_string(),
            "record_version": record.record_version.number(), "category": "", "kind": "",
            "reveals_health": record.reveals_health, "genetic": record.genetic,
        },
        "field": {
            "space": "side", "name": "file",
            "schema_version": field.schema_version, "content_type": field.content_type.code(),
        },
        "attachments": cases(),
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

#[test]
fn every_attachment_fixture_opens_or_is_refused_as_on_file() {
    let text = include_str!("../../../../fixtures/vault/attachments-v1.json");
    let all: Value = serde_json::from_str(text).unwrap();
    let cases = all["attachments"].as_array().unwrap();
    let stored = |name: &Value| {
        unhex(cases.iter().find(|case| case["name"] == *name).unwrap()["sealed"].as_str().unwrap())
    };
    let (mut record, field) = example_attachment_context();
    for case in cases {
        let sealed = match case["keep"].as_u64() {
            Some(keep) => stored(&case["of"])[..usize::try_from(keep).unwrap()].to_vec(),
            None => stored(&case["name"]),
        };
        let version = case["record_version"].as_u64().unwrap_or(1).try_into().unwrap();
        record.record_version = RecordVersion::new(version).unwrap();
        let mut content = Vec::new();
        let (header, chunks) = sealed.split_at(sealed.len().min(ATTACHMENT_HEADER_BYTES));
        let opened = AttachmentOpener::begin(&dek(), &record, &field, header)
            .and_then(|opener| opener.push(chunks, &mut content))
            .and_then(|opener| opener.finish(&mut content));
        match opened {
            Ok(()) => assert_eq!(hex(&Sha256::digest(&content)), case["content_sha256"], "{}", case["name"]),
            Err(error) => assert_eq!(code(error), case["refused"], "{}", case["name"]),
        }
    }
}
