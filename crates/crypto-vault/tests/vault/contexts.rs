//! The encoding of contexts: frozen bytes, and no two contexts with the same ones.

use crypto_vault::testing::proptest::prelude::*;
use crypto_vault::testing::{
    arb_dek_id, arb_field_context, arb_record_context, example_dek_id, example_index_root_id,
    example_record_context,
};
use crypto_vault::{
    ContentType, DekId, FieldContext, KeyVersion, RecordContext, SealedTable, SecretId, SecretKind,
    SideField, YearMonth,
};
use expect_test::expect;
use records_model::{
    Category, ContentKind, Field, RecordId, RecordVersion, RetentionClass, SubjectId, Vocabulary,
};

use crate::support::hex;

/// Items as text where they are text, in hexadecimal where they are not.
fn shown(encoded: &[u8]) -> String {
    let items = items(encoded).unwrap();
    let readable = |item: &Vec<u8>| {
        let plain = item.iter().all(|b| b.is_ascii_lowercase() || *b == b'-');
        if plain { String::from_utf8_lossy(item).into_owned() } else { format!("0x{}", hex(item)) }
    };
    items.iter().map(readable).collect::<Vec<_>>().join("|")
}

/// An independent reader: what was written reads back in exactly one way.
fn items(mut encoded: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut items = Vec::new();
    while !encoded.is_empty() {
        let (len, rest) = encoded.split_first_chunk::<2>()?;
        let (item, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
        items.push(item.to_vec());
        encoded = rest;
    }
    Some(items)
}

#[test]
fn the_bytes_of_every_kind_of_context_are_frozen() {
    let (_, record) = example_record_context();
    let side = RecordContext::of_side_row(
        record.clinic,
        record.subject,
        RetentionClass::Accounting,
        SealedTable::LogDetails,
        record.record,
    );
    let month = YearMonth::new(2026, 7);
    let monthly =
        DekId::new(record.clinic, record.subject, RetentionClass::Website, KeyVersion::FIRST, month);
    let secret = SecretId { clinic: record.clinic, kind: SecretKind::LogSigning, version: KeyVersion::FIRST };
    let lines = [
        shown(&record.encode()),
        shown(&side.encode()),
        shown(&FieldContext::of_record(Field::Note).encode()),
        shown(&FieldContext::of_side_row(SideField::Salts, ContentType::Json).encode()),
        shown(&example_dek_id().encode()),
        shown(&monthly.unwrap().encode()),
        shown(&example_index_root_id().encode()),
        shown(&secret.encode()),
        hex(&FieldContext::of_record(Field::Note).encode()),
    ];
    expect![[r"
        record|0x01920000000070008000000000000c11|0x019200000000700080000000000005b1|clinical|records|0x019200000000700080000000000002ec|0x00000001|laboratory|result|0x00|0x00
        record|0x01920000000070008000000000000c11|0x019200000000700080000000000005b1|accounting|log-details|0x019200000000700080000000000002ec|0x00000001|||0x00|0x00
        field|record|note|0x00000001|text
        field|side|salts|0x00000001|json
        dek|0x01920000000070008000000000000c11|0x019200000000700080000000000005b1|clinical|0x00000001|
        dek|0x01920000000070008000000000000c11|0x019200000000700080000000000005b1|website|0x00000001|0x0003176f
        index-root|0x01920000000070008000000000000c11|0x00000001
        secret|0x01920000000070008000000000000c11|log-signing|0x00000001
        00056669656c6400067265636f726400046e6f7465000400000001000474657874"]].assert_eq(&lines.join("\n"));
}

#[test]
fn codes_that_are_bound_are_frozen_and_told_apart() {
    let tables = SealedTable::ALL.iter().map(|word| word.code());
    let sides = SideField::ALL.iter().map(|word| word.code());
    let types = ContentType::ALL.iter().map(|word| word.code());
    let codes: Vec<_> = tables.chain(sides).chain(types).collect();
    expect!["records log-details pseudonyms consent-evidence case-details incident-details attachments evidence details salts identity evidence narrative answer file text padded-text json bytes"].assert_eq(&codes.join(" "));
    assert!(codes.iter().all(|code| !code.is_empty() && code.len() <= 64));
}

#[test]
fn no_bound_code_is_empty_or_long() {
    fn check<V: Vocabulary>() {
        assert!(V::ALL.iter().all(|word| (1..=64).contains(&word.code().len())), "{}", V::NAME);
    }
    check::<Category>();
    check::<ContentKind>();
    check::<Field>();
    check::<RetentionClass>();
}

/// Moving the end of one part into the next is what a careless concatenation would not notice.
#[test]
fn contexts_that_would_collide_when_only_put_side_by_side_stay_apart() {
    let (_, base) = example_record_context();
    let image = RecordContext {
        class: RetentionClass::Clinical,
        category: Some(Category::ClinicalImages),
        kind: None,
        ..base
    };
    let swapped = RecordContext { category: None, kind: Some(ContentKind::Image), ..image };
    assert_ne!(image.encode(), swapped.encode());
    let note = RecordContext { category: None, kind: Some(ContentKind::Note), ..base };
    assert_ne!(note.encode(), RecordContext { kind: None, ..note }.encode());
    let flags = RecordContext { reveals_health: true, genetic: false, ..base };
    assert_ne!(flags.encode(), RecordContext { reveals_health: false, genetic: true, ..base }.encode());
    let field = FieldContext::of_record(Field::Note).encode();
    let side = FieldContext::of_side_row(SideField::Narrative, ContentType::Text).encode();
    assert_ne!(field, side);
}

/// Contexts drawn close together, so that equal ones and nearly equal ones both occur.
fn arb_close_context() -> impl Strategy<Value = RecordContext> {
    (arb_record_context(), 0..2_u128, 0..2_u128, 1..3_u32).prop_map(|(context, subject, record, version)| {
        RecordContext {
            clinic: example_record_context().1.clinic,
            subject: SubjectId::from_uuid(uuid::Uuid::from_u128(subject)),
            record: RecordId::from_uuid(uuid::Uuid::from_u128(record)),
            record_version: RecordVersion::new(version).unwrap(),
            class: RetentionClass::Clinical,
            table: SealedTable::Records,
            category: context.category.filter(|category| category.index() < 2),
            kind: context.kind.filter(|kind| kind.index() < 2),
            ..context
        }
    })
}

proptest! {
    #[test]
    fn two_record_contexts_are_equal_exactly_if_their_bytes_are(
        a in prop_oneof![arb_record_context(), arb_close_context()],
        b in arb_close_context(),
    ) {
        prop_assert_eq!(a == b, a.encode() == b.encode());
    }

    #[test]
    fn two_field_contexts_are_equal_exactly_if_their_bytes_are(
        a in arb_field_context(), b in arb_field_context(),
    ) {
        prop_assert_eq!(a == b, a.encode() == b.encode());
    }

    #[test]
    fn every_part_of_a_context_reads_back_from_its_bytes(context in arb_record_context()) {
        let items = items(&context.encode()).unwrap();
        let expected: Vec<Vec<u8>> = vec![
            b"record".to_vec(),
            context.clinic.as_uuid().as_bytes().to_vec(),
            context.subject.as_uuid().as_bytes().to_vec(),
            context.class.code().into(),
            context.table.code().into(),
            context.record.as_uuid().as_bytes().to_vec(),
            context.record_version.number().to_be_bytes().to_vec(),
            context.category.map_or("", Vocabulary::code).into(),
            context.kind.map_or("", Vocabulary::code).into(),
            vec![u8::from(context.reveals_health)],
            vec![u8::from(context.genetic)],
        ];
        prop_assert_eq!(items, expected);
    }

    #[test]
    fn every_part_of_a_key_id_reads_back_from_its_bytes(id in arb_dek_id()) {
        let items = items(&id.encode()).unwrap();
        let month = id.month().map(|month| month.number().to_be_bytes().to_vec()).unwrap_or_default();
        let expected: Vec<Vec<u8>> = vec![
            b"dek".to_vec(),
            id.clinic().as_uuid().as_bytes().to_vec(),
            id.subject().as_uuid().as_bytes().to_vec(),
            id.class().code().into(),
            id.version().number().to_be_bytes().to_vec(),
            month,
        ];
        prop_assert_eq!(items, expected);
    }

    #[test]
    fn a_key_has_a_month_exactly_if_items_of_its_class_end_one_by_one(id in arb_dek_id()) {
        let other = if id.month().is_some() { None } else { YearMonth::new(2026, 7) };
        prop_assert!(DekId::new(id.clinic(), id.subject(), id.class(), id.version(), other).is_err());
        let monthly = matches!(id.class(), RetentionClass::Website | RetentionClass::Voucher);
        prop_assert_eq!(id.month().is_some(), monthly);
    }
}
