//! Each attack on sealed fields by name. Every one begins from content that does open where it belongs.

use crypto_vault::testing::{CountingRng, example_dek_id, example_record, example_record_context};
use crypto_vault::{
    BatchSealer, CONTENT_BYTES_MAX, Dek, DekId, FIELDS_MAX, FieldContext, KeyVersion, OVERHEAD_BYTES,
    OpenError, RecordContext, RecordOpener, Salt, SealError, SealedTable, open_fields, seal_record,
};
use records_model::{
    Category, ClinicId, ContentKind, Field, RecordId, RecordVersion, RetentionClass, Set, SubjectId,
    Vocabulary,
};
use uuid::Uuid;

use crate::support::{Sealed, note, open_at, open_with, rng, same_bytes, sealed, value};

const OTHER: Uuid = Uuid::from_u128(0xdead);

/// The content opens where it belongs, and with the same key bytes at the other place it does not.
fn refused_at(change: impl FnOnce(&mut RecordContext)) {
    let Sealed { context, note: envelope, .. } = sealed();
    assert_eq!(open_at(&context, note(), &envelope).unwrap(), b"slept well, no fever");
    let mut elsewhere = context;
    change(&mut elsewhere);
    assert_eq!(open_at(&elsewhere, note(), &envelope), Err(OpenError::Commitment));
}

#[test]
fn swap_between_clinics() {
    refused_at(|context| context.clinic = ClinicId::from_uuid(OTHER));
}

#[test]
fn swap_between_patients() {
    refused_at(|context| context.subject = SubjectId::from_uuid(OTHER));
}

#[test]
fn swap_between_classes() {
    refused_at(|context| context.class = RetentionClass::Payment);
}

#[test]
fn swap_between_tables() {
    refused_at(|context| context.table = SealedTable::LogDetails);
}

#[test]
fn swap_between_records() {
    refused_at(|context| context.record = RecordId::from_uuid(OTHER));
}

#[test]
fn replay_of_an_older_version() {
    refused_at(|context| context.record_version = RecordVersion::new(2).unwrap());
}

#[test]
fn swap_between_categories() {
    refused_at(|context| context.category = Some(Category::Travel));
}

#[test]
fn swap_between_kinds() {
    refused_at(|context| context.kind = Some(ContentKind::Note));
}

#[test]
fn a_record_passed_off_as_a_side_row() {
    refused_at(|context| {
        context.category = None;
        context.kind = None;
    });
}

#[test]
fn edit_of_the_flag_that_it_reveals_health() {
    refused_at(|context| context.reveals_health = !context.reveals_health);
}

#[test]
fn edit_of_the_flag_that_it_is_genetic() {
    refused_at(|context| context.genetic = !context.genetic);
}

#[test]
fn swap_between_the_two_flags() {
    let Sealed { mut context, dek, .. } = sealed();
    context.genetic = true;
    let mut sealer = BatchSealer::new(&dek, &context, Salt::generate(&mut rng())).unwrap();
    let envelope = sealer.seal(&note(), b"x").unwrap();
    let swapped = RecordContext { genetic: false, reveals_health: true, ..context };
    assert!(open_at(&context, note(), &envelope).is_ok());
    assert_eq!(open_at(&swapped, note(), &envelope), Err(OpenError::Commitment));
}

#[test]
fn swap_between_fields() {
    let Sealed { context, dek, note: envelope, value: other } = sealed();
    let mut opener = RecordOpener::for_envelope(&dek, &context, &envelope).unwrap();
    assert!(opener.open(&note(), &envelope).is_ok());
    assert!(opener.open(&value(), &other).is_ok());
    assert_eq!(opener.open(&value(), &envelope).unwrap_err(), OpenError::Altered);
    assert_eq!(opener.open(&note(), &other).unwrap_err(), OpenError::Altered);
}

#[test]
fn swap_between_schema_versions_and_content_types() {
    let Sealed { context, note: envelope, .. } = sealed();
    let newer = FieldContext { schema_version: 2, ..note() };
    let json = FieldContext { content_type: crypto_vault::ContentType::Json, ..note() };
    assert_eq!(open_at(&context, newer, &envelope), Err(OpenError::Altered));
    assert_eq!(open_at(&context, json, &envelope), Err(OpenError::Altered));
}

#[test]
fn swap_between_slots() {
    let Sealed { context, mut note, mut value, .. } = sealed();
    assert_eq!((note[3], value[3]), (0, 1));
    (note[3], value[3]) = (1, 0);
    assert_eq!(open_at(&context, crate::support::note(), &note), Err(OpenError::Altered));
    assert_eq!(open_at(&context, crate::support::value(), &value), Err(OpenError::Altered));
}

#[test]
fn a_field_of_another_write_of_the_same_version() {
    let Sealed { context, dek, note: envelope, .. } = sealed();
    let salt = Salt::generate(&mut CountingRng::new(5));
    let other = BatchSealer::new(&dek, &context, salt).unwrap().seal(&value(), b"40.2").unwrap();
    let mut opener = RecordOpener::for_envelope(&dek, &context, &envelope).unwrap();
    assert_eq!(opener.open(&value(), &other).unwrap_err(), OpenError::OtherWrite);
}

#[test]
fn the_key_of_another_version() {
    let Sealed { context, note: envelope, .. } = sealed();
    let (clinic, subject, class) = (context.clinic, context.subject, context.class);
    let second = DekId::new(clinic, subject, class, KeyVersion::new(2).unwrap(), None).unwrap();
    let refused = open_with(&same_bytes(second), &context, note(), &envelope);
    assert_eq!(refused, Err(OpenError::KeyNumber { found: 1, held: 2 }));
}

#[test]
fn the_header_renumbered_for_the_key_of_another_version() {
    let Sealed { context, note: mut envelope, .. } = sealed();
    let (clinic, subject, class) = (context.clinic, context.subject, context.class);
    let second = DekId::new(clinic, subject, class, KeyVersion::new(2).unwrap(), None).unwrap();
    envelope[7] = 2;
    assert_eq!(open_with(&same_bytes(second), &context, note(), &envelope), Err(OpenError::Commitment));
}

#[test]
fn another_key_with_the_same_id() {
    let Sealed { context, note: envelope, .. } = sealed();
    let other = Dek::generate(example_dek_id(), &mut CountingRng::new(8));
    assert_eq!(open_with(&other, &context, note(), &envelope), Err(OpenError::Commitment));
}

#[test]
fn a_key_used_for_a_record_that_is_not_its_own() {
    let Sealed { context, dek, note: envelope, .. } = sealed();
    let changes: [fn(&mut RecordContext); 3] = [
        |context| context.clinic = ClinicId::from_uuid(OTHER),
        |context| context.subject = SubjectId::from_uuid(OTHER),
        |context| context.class = RetentionClass::Payment,
    ];
    for change in changes {
        let mut elsewhere = context;
        change(&mut elsewhere);
        assert_eq!(open_with(&dek, &elsewhere, note(), &envelope), Err(OpenError::KeyOfAnother));
        let refused = BatchSealer::new(&dek, &elsewhere, Salt::generate(&mut rng())).err();
        assert_eq!(refused, Some(SealError::KeyOfAnother));
    }
}

#[test]
#[cfg_attr(miri, ignore = "many tries: minutes under Miri")]
fn truncation_at_every_length() {
    let Sealed { context, note: envelope, .. } = sealed();
    for len in 0..envelope.len() {
        let error = open_at(&context, note(), &envelope[..len]).unwrap_err();
        let expected = if len < OVERHEAD_BYTES { OpenError::TooShort { len } } else { OpenError::Altered };
        assert_eq!(error, expected, "{len} bytes");
    }
}

#[test]
fn one_byte_added_at_either_end() {
    let Sealed { context, note: envelope, .. } = sealed();
    let longer = [envelope.as_slice(), &[0]].concat();
    assert_eq!(open_at(&context, note(), &longer), Err(OpenError::Altered));
    let shifted = [&[0], envelope.as_slice()].concat();
    assert_eq!(open_at(&context, note(), &shifted), Err(OpenError::Format { found: 0 }));
}

#[test]
#[cfg_attr(miri, ignore = "many tries: minutes under Miri")]
fn every_single_bit_flipped() {
    let Sealed { context, note: mut envelope, dek, value: sibling } = sealed();
    // An opener of an untouched field of the same write must refuse it as well.
    let mut opener = RecordOpener::for_envelope(&dek, &context, &sibling).unwrap();
    for bit in 0..envelope.len() * 8 {
        envelope[bit / 8] ^= 1 << (bit % 8);
        assert!(open_at(&context, note(), &envelope).is_err(), "bit {bit}");
        assert!(opener.open(&note(), &envelope).is_err(), "bit {bit}, opener of a sibling");
        envelope[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(opener.open(&note(), &envelope).is_ok());
}

#[test]
#[cfg_attr(miri, ignore = "many tries: minutes under Miri")]
fn version_downgrade() {
    let Sealed { context, note: mut envelope, .. } = sealed();
    for found in (0..=u8::MAX).filter(|byte| *byte != 0xE1) {
        envelope[0] = found;
        assert_eq!(open_at(&context, note(), &envelope), Err(OpenError::Format { found }));
    }
}

#[test]
#[cfg_attr(miri, ignore = "many tries: minutes under Miri")]
fn suite_downgrade() {
    let Sealed { context, note: mut envelope, .. } = sealed();
    for found in (0..=u8::MAX).filter(|byte| *byte != 1) {
        envelope[1] = found;
        assert_eq!(open_at(&context, note(), &envelope), Err(OpenError::Suite { found }));
    }
}

#[test]
#[cfg_attr(miri, ignore = "many tries: minutes under Miri")]
fn flag_downgrade() {
    let Sealed { context, note: mut envelope, .. } = sealed();
    for found in 1..=u8::MAX {
        envelope[2] = found;
        assert_eq!(open_at(&context, note(), &envelope), Err(OpenError::Flags { found }));
    }
}

#[test]
fn the_slot_that_does_not_exist() {
    let Sealed { context, note: mut envelope, .. } = sealed();
    envelope[3] = 255;
    assert_eq!(open_at(&context, note(), &envelope), Err(OpenError::Slot));
}

#[test]
fn a_commitment_replaced_by_another() {
    let Sealed { context, note: mut envelope, dek, value: sibling } = sealed();
    let mut opener = RecordOpener::for_envelope(&dek, &context, &sibling).unwrap();
    envelope[32..64].fill(0);
    assert_eq!(open_at(&context, note(), &envelope), Err(OpenError::Commitment));
    assert_eq!(opener.open(&note(), &envelope).unwrap_err(), OpenError::Commitment);
}

#[test]
fn row_rollback() {
    let dek = same_bytes(example_dek_id());
    let mut rng = rng();
    let first = seal_record(&dek, &example_record(), Salt::generate(&mut rng)).unwrap();
    let again = seal_record(&dek, &example_record(), Salt::generate(&mut rng)).unwrap();
    assert_ne!(first.content_hash, again.content_hash);
    assert_eq!(first.content_hash, crypto_vault::content_hash(&first.fields));
    let mut reordered = first.fields.clone();
    reordered.reverse();
    assert_eq!(first.content_hash, crypto_vault::content_hash(&reordered));
    let mut relabelled = first.fields.clone();
    let (a, b) = (relabelled[0].0, relabelled[1].0);
    (relabelled[0].0, relabelled[1].0) = (b, a);
    assert_ne!(first.content_hash, crypto_vault::content_hash(&relabelled));
    // The same place in the order and the same length, another name.
    let mut renamed = first.fields.clone();
    renamed.iter_mut().find(|(field, _)| *field == Field::Unit).unwrap().0 = Field::Page;
    assert_ne!(first.content_hash, crypto_vault::content_hash(&renamed));
    let fewer = &first.fields[1..];
    assert_ne!(first.content_hash, crypto_vault::content_hash(fewer));
}

#[test]
fn two_fields_never_hash_like_one_that_swallowed_the_other() {
    let hash = crypto_vault::content_hash;
    let two = [(Field::Note, vec![1, 2]), (Field::Page, vec![3])];
    // What stands between two envelopes, moved inside the first: with and without a length of the second.
    let swallowed: [&[u8]; 2] =
        [&[1, 2, 0, 4, b'p', b'a', b'g', b'e', 3], &[1, 2, b'p', b'a', b'g', b'e', 3]];
    for envelope in swallowed {
        assert_ne!(hash(&two), hash(&[(Field::Note, envelope.to_vec())]));
    }
}

#[test]
fn an_edited_head_makes_the_record_fail_to_open() {
    let dek = same_bytes(example_dek_id());
    let sealed = seal_record(&dek, &example_record(), Salt::generate(&mut rng())).unwrap();
    let all = Set::<Field>::full();
    let opened = open_fields(&dek, &sealed.head, &sealed.fields, all).unwrap();
    assert_eq!(&opened, example_record().content());
    let mut edited = sealed.head.clone();
    edited.genetic = true;
    let refused = open_fields(&dek, &edited, &sealed.fields, all).unwrap_err();
    assert_eq!(refused, OpenError::Commitment);
}

#[test]
fn one_bad_field_keeps_the_whole_call_closed_and_others_untouched() {
    let dek = same_bytes(example_dek_id());
    let mut sealed = seal_record(&dek, &example_record(), Salt::generate(&mut rng())).unwrap();
    let damaged = sealed.fields.iter_mut().find(|(field, _)| *field == Field::Unit).unwrap();
    damaged.1[70] ^= 1;
    let wanted = Set::of(&[Field::Unit, Field::Value]);
    assert_eq!(open_fields(&dek, &sealed.head, &sealed.fields, wanted).unwrap_err(), OpenError::Altered);
    let opened = open_fields(&dek, &sealed.head, &sealed.fields, Set::one(Field::Value)).unwrap();
    assert_eq!(opened.len(), 1);
    assert!(open_fields(&dek, &sealed.head, &sealed.fields, Set::one(Field::Dose)).unwrap().is_empty());
}

#[test]
#[cfg_attr(miri, ignore = "long content: minutes under Miri")]
fn more_fields_or_bytes_than_an_envelope_holds() {
    let (id, context) = example_record_context();
    let dek = same_bytes(id);
    let mut sealer = BatchSealer::new(&dek, &context, Salt::generate(&mut rng())).unwrap();
    let huge = vec![0; CONTENT_BYTES_MAX + 1];
    let mut out = vec![1, 2, 3];
    let too_long = SealError::TooLong { len: CONTENT_BYTES_MAX + 1 };
    assert_eq!(sealer.seal_into(&note(), &huge, &mut out), Err(too_long));
    assert_eq!(out, [1, 2, 3]);
    let largest = sealer.seal(&note(), &huge[1..]).unwrap();
    assert_eq!(largest.len(), CONTENT_BYTES_MAX + OVERHEAD_BYTES);
    assert_eq!(open_at(&context, note(), &largest).unwrap().len(), CONTENT_BYTES_MAX);
    let longer = [largest, vec![0]].concat();
    assert_eq!(open_at(&context, note(), &longer), Err(OpenError::TooLong { len: longer.len() }));
    for slot in 1..FIELDS_MAX {
        let envelope = sealer.seal(&note(), b"").unwrap();
        assert_eq!((usize::from(envelope[3]), envelope.len()), (slot, OVERHEAD_BYTES));
        assert!(open_at(&context, note(), &envelope).unwrap().is_empty());
    }
    assert_eq!(sealer.seal(&note(), b""), Err(SealError::TooManyFields));
}

#[test]
fn no_two_fields_of_a_write_share_a_nonce_and_no_two_writes_a_key() {
    let Sealed { context, dek, .. } = sealed();
    let mut rng = rng();
    let mut seal = |contents: [&[u8]; 2]| {
        let mut sealer = BatchSealer::new(&dek, &context, Salt::generate(&mut rng)).unwrap();
        contents.map(|content| sealer.seal(&note(), content).unwrap()[64..68].to_vec())
    };
    let [a, b] = seal([b"same", b"same"]);
    let [c, _] = seal([b"same", b"same"]);
    assert_ne!(a, b);
    assert_ne!(a, c);
}

#[test]
#[cfg_attr(miri, ignore = "many tries: minutes under Miri")]
fn context_encoding_collisions() {
    // One code that is a category and a kind: without lengths, a row of either would have the bytes of the other.
    let (_, context) = example_record_context();
    let as_category = RecordContext { category: Some(Category::BirthDate), kind: None, ..context };
    let as_kind = RecordContext { category: None, kind: Some(ContentKind::BirthDate), ..context };
    let dek = same_bytes(example_dek_id());
    let salt = Salt::generate(&mut rng());
    let envelope = BatchSealer::new(&dek, &as_category, salt).unwrap().seal(&note(), b"1958").unwrap();
    assert!(open_at(&as_category, note(), &envelope).is_ok());
    assert_eq!(open_at(&as_kind, note(), &envelope), Err(OpenError::Commitment));

    let mut seen = std::collections::BTreeSet::new();
    let mut count = 0;
    for category in Category::ALL.iter().copied().map(Some).chain([None]) {
        for kind in ContentKind::ALL.iter().copied().map(Some).chain([None]) {
            for table in SealedTable::ALL {
                let place = RecordContext { category, kind, table: *table, ..context };
                seen.insert(place.encode());
                count += 1;
            }
        }
    }
    assert_eq!((seen.len(), count > 1_000), (count, true));
}
