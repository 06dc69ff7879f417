//! Each attack on attachments by name, and what streams and random access must agree on.

use crypto_vault::testing::proptest::prelude::*;
use crypto_vault::testing::{CountingRng, example_attachment_context, example_dek_id};
use crypto_vault::{
    ATTACHMENT_HEADER_BYTES, AttachmentChunks, AttachmentError, AttachmentOpener, AttachmentSealError,
    AttachmentSealer, CHUNK_BYTES, ContentType, FieldContext, RecordContext, Salt, SealedTable, SideField,
};
use records_model::{Category, ClinicId, ContentKind, RecordId, RecordVersion, RetentionClass, SubjectId};
use uuid::Uuid;

use crate::support::{id_for, rng, same_bytes};

const SEALED_CHUNK: usize = CHUNK_BYTES + 16;

fn content(len: usize) -> Vec<u8> {
    (0..len).map(|at| u8::try_from((at / 7 + at / CHUNK_BYTES * 31) % 256).unwrap()).collect()
}

pub(crate) fn sealed_in_parts(content: &[u8], part: usize, seed: u64) -> Vec<u8> {
    let (record, field) = example_attachment_context();
    let salt = Salt::generate(&mut CountingRng::new(seed));
    let mut out = Vec::new();
    let dek = same_bytes(example_dek_id());
    let mut sealer = AttachmentSealer::begin(&dek, &record, &field, salt, &mut out).unwrap();
    for part in content.chunks(part) {
        sealer.push(part, &mut out).unwrap();
    }
    sealer.finish(&mut out).unwrap();
    out
}

fn sealed(content: &[u8]) -> Vec<u8> {
    sealed_in_parts(content, usize::MAX, 1)
}

fn open_at(
    record: &RecordContext,
    field: FieldContext,
    sealed: &[u8],
    part: usize,
) -> Result<Vec<u8>, AttachmentError> {
    let (header, chunks) = sealed.split_at(ATTACHMENT_HEADER_BYTES.min(sealed.len()));
    let mut opener = AttachmentOpener::begin(&same_bytes(id_for(record)), record, &field, header)?;
    let mut out = Vec::new();
    for part in chunks.chunks(part) {
        opener = opener.push(part, &mut out)?;
    }
    opener.finish(&mut out)?;
    Ok(out)
}

pub(crate) fn open(sealed: &[u8]) -> Result<Vec<u8>, AttachmentError> {
    let (record, field) = example_attachment_context();
    open_at(&record, field, sealed, 5_000)
}

fn len(bytes: &[u8]) -> u64 {
    bytes.len().try_into().unwrap()
}

/// Random access to a sealed attachment that lies in memory.
fn chunks_of(sealed: &[u8]) -> Result<AttachmentChunks, AttachmentError> {
    let (record, field) = example_attachment_context();
    let place = AttachmentChunks::last_chunk(len(sealed))?;
    let last = &sealed[usize::try_from(place.start).unwrap()..];
    let dek = same_bytes(example_dek_id());
    AttachmentChunks::begin(&dek, &record, &field, sealed, len(sealed), last)
}

fn at(chunks: &AttachmentChunks, sealed: &[u8], number: u64) -> Result<Vec<u8>, AttachmentError> {
    let place = chunks.place(number)?;
    let range = usize::try_from(place.start).unwrap()..usize::try_from(place.end).unwrap();
    chunks.open(number, &sealed[range]).map(|content| content.to_vec())
}

/// Four chunks, the last of five bytes.
fn four_chunks() -> (Vec<u8>, Vec<u8>) {
    let content = content(3 * CHUNK_BYTES + 5);
    let sealed = sealed(&content);
    assert_eq!(open(&sealed).unwrap(), content);
    (content, sealed)
}

fn chunk(number: usize) -> std::ops::Range<usize> {
    let start = ATTACHMENT_HEADER_BYTES + number * SEALED_CHUNK;
    start..start + SEALED_CHUNK
}

#[test]
#[cfg_attr(miri, ignore = "long content: minutes under Miri")]
fn chunk_reorder() {
    let (_, mut sealed) = four_chunks();
    let (first, second) = (sealed[chunk(0)].to_vec(), sealed[chunk(1)].to_vec());
    sealed[chunk(0)].copy_from_slice(&second);
    sealed[chunk(1)].copy_from_slice(&first);
    assert_eq!(open(&sealed), Err(AttachmentError::Altered { number: 0 }));
    let chunks = chunks_of(&sealed).unwrap();
    assert_eq!(at(&chunks, &sealed, 0), Err(AttachmentError::Altered { number: 0 }));
    assert_eq!(at(&chunks, &sealed, 1), Err(AttachmentError::Altered { number: 1 }));
    assert!(at(&chunks, &sealed, 2).is_ok());
}

#[test]
#[cfg_attr(miri, ignore = "long content: minutes under Miri")]
fn chunk_duplicate() {
    let (_, sealed) = four_chunks();
    let second = sealed[chunk(1)].to_vec();
    let mut replaced = sealed.clone();
    replaced[chunk(2)].copy_from_slice(&second);
    assert_eq!(open(&replaced), Err(AttachmentError::Altered { number: 2 }));
    let at_end = chunk(1).end;
    let inserted = [&sealed[..at_end], &second, &sealed[at_end..]].concat();
    assert_eq!(open(&inserted), Err(AttachmentError::Altered { number: 2 }));
    assert_eq!(chunks_of(&inserted).err(), Some(AttachmentError::Altered { number: 4 }));
}

#[test]
#[cfg_attr(miri, ignore = "long content: minutes under Miri")]
fn chunk_drop_last() {
    let (_, sealed) = four_chunks();
    let cut = &sealed[..chunk(2).end];
    assert_eq!(open(cut), Err(AttachmentError::Truncated));
    assert_eq!(chunks_of(cut).err(), Some(AttachmentError::Truncated));
    // Two chunks fewer, with the real last one moved up.
    let moved = [&sealed[..chunk(0).end], &sealed[chunk(2).end..]].concat();
    assert_eq!(open(&moved), Err(AttachmentError::Altered { number: 1 }));
    assert_eq!(chunks_of(&moved).err(), Some(AttachmentError::Altered { number: 1 }));
}

#[test]
#[cfg_attr(miri, ignore = "long content: minutes under Miri")]
fn attachment_truncation_at_every_length() {
    // Every length of a short one; of one with two chunks, every length near an edge and every 61st elsewhere.
    for whole in [sealed(&content(300)), sealed(&content(CHUNK_BYTES + 40))] {
        let edges = [chunk(0).start, chunk(0).end, whole.len()];
        let near_edge = |len: usize| edges.iter().any(|edge| edge.abs_diff(len) < 100);
        for len in (0..whole.len()).filter(|len| near_edge(*len) || whole.len() < 1_000 || len % 61 == 0) {
            assert!(open(&whole[..len]).is_err(), "{len} bytes");
            assert!(chunks_of(&whole[..len]).is_err(), "{len} bytes, random access");
        }
    }
    let sealed = sealed(&content(CHUNK_BYTES + 40));
    assert!(open(&sealed).is_ok() && chunks_of(&sealed).is_ok());
    assert!(open(&[sealed.as_slice(), &[0]].concat()).is_err());
    assert!(chunks_of(&[sealed.as_slice(), &[0]].concat()).is_err());
}

#[test]
#[cfg_attr(miri, ignore = "many tries: minutes under Miri")]
fn attachment_every_single_bit_flipped() {
    let (record, field) = example_attachment_context();
    let mut sealed = sealed(b"short, so that every bit can be tried");
    for bit in 0..sealed.len() * 8 {
        sealed[bit / 8] ^= 1 << (bit % 8);
        assert!(open_at(&record, field, &sealed, usize::MAX).is_err(), "bit {bit}");
        assert!(chunks_of(&sealed).is_err(), "bit {bit}, random access");
        sealed[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(open(&sealed).is_ok());
}

#[test]
#[cfg_attr(miri, ignore = "long content: minutes under Miri")]
fn attachment_swap_between_places() {
    let (record, field) = example_attachment_context();
    let sealed = sealed(&content(20_000));
    assert!(open_at(&record, field, &sealed, 20_000).is_ok());
    let other = Uuid::from_u128(0xdead);
    let changes: [fn(&mut RecordContext, Uuid); 10] = [
        |context, other| context.clinic = ClinicId::from_uuid(other),
        |context, other| context.subject = SubjectId::from_uuid(other),
        |context, _| context.class = RetentionClass::Payment,
        |context, _| context.table = SealedTable::LogDetails,
        |context, other| context.record = RecordId::from_uuid(other),
        |context, _| context.record_version = RecordVersion::new(2).unwrap(),
        |context, _| context.category = Some(Category::Travel),
        |context, _| context.kind = Some(ContentKind::Image),
        |context, _| context.reveals_health = true,
        |context, _| context.genetic = true,
    ];
    for change in changes {
        let mut elsewhere = record;
        change(&mut elsewhere, other);
        assert_eq!(open_at(&elsewhere, field, &sealed, 9), Err(AttachmentError::Commitment));
    }
    let as_text = FieldContext { content_type: ContentType::Text, ..field };
    let as_answer = FieldContext::of_side_row(SideField::Answer, ContentType::Bytes);
    for field in [as_text, as_answer] {
        assert_eq!(open_at(&record, field, &sealed, 9), Err(AttachmentError::Commitment));
    }
}

#[test]
#[cfg_attr(miri, ignore = "long content: minutes under Miri")]
fn a_chunk_of_another_attachment_of_the_same_row() {
    let (content, sealed) = four_chunks();
    let mut other = sealed_in_parts(&content, usize::MAX, 2);
    other[chunk(1)].copy_from_slice(&sealed[chunk(1)]);
    assert_eq!(open(&other), Err(AttachmentError::Altered { number: 1 }));
}

#[test]
#[cfg_attr(miri, ignore = "many tries: minutes under Miri")]
fn attachment_suite_flag_and_version_downgrade() {
    let sealed = sealed(b"x");
    let with = |at: usize, byte: u8| {
        let mut changed = sealed.clone();
        changed[at] = byte;
        open(&changed).unwrap_err()
    };
    for found in (0..=u8::MAX).filter(|byte| *byte != 0xA1) {
        assert_eq!(with(0, found), AttachmentError::Format { found });
    }
    for found in (0..=u8::MAX).filter(|byte| *byte != 1) {
        assert_eq!(with(1, found), AttachmentError::Suite { found });
    }
    for found in 1..=u8::MAX {
        assert_eq!(with(2, found), AttachmentError::Flags { found });
        assert_eq!(with(3, found), AttachmentError::Flags { found });
    }
    assert_eq!(with(7, 2), AttachmentError::KeyNumber { found: 2, held: 1 });
}

#[test]
fn a_key_seals_attachments_of_its_own_person_only() {
    let (mut record, field) = example_attachment_context();
    record.subject = SubjectId::from_uuid(Uuid::from_u128(0xdead));
    let salt = Salt::generate(&mut rng());
    let mut out = Vec::new();
    let dek = same_bytes(example_dek_id());
    let refused = AttachmentSealer::begin(&dek, &record, &field, salt, &mut out).err();
    assert_eq!((refused, out.len()), (Some(AttachmentSealError::KeyOfAnother), 0));
    let opened = AttachmentOpener::begin(&dek, &record, &field, &sealed(b"x"));
    assert_eq!(opened.err(), Some(AttachmentError::KeyOfAnother));
}

#[test]
#[cfg_attr(miri, ignore = "long content: minutes under Miri")]
fn content_around_the_size_of_a_chunk() {
    for len in [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES] {
        let content = content(len);
        let sealed = sealed(&content);
        let chunks = len / CHUNK_BYTES + 1;
        assert_eq!(sealed.len(), ATTACHMENT_HEADER_BYTES + len + chunks * 16);
        assert_eq!(open(&sealed).unwrap(), content);
        let access = chunks_of(&sealed).unwrap();
        assert_eq!((access.content_len(), access.count()), (len as u64, chunks as u64));
        assert_eq!(access.place(access.count()), Err(AttachmentError::NoSuchChunk));
        assert_eq!(access.locate(len as u64), Err(AttachmentError::NoSuchChunk));
        assert_eq!(access.open(0, &sealed[..20]).err(), Some(AttachmentError::NoSuchChunk));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    #[cfg_attr(miri, ignore = "long content: minutes under Miri")]
    fn parts_of_any_size_give_the_same_bytes_and_every_offset_is_found(
        len in prop_oneof![0..200_usize, (0..5_usize, 0..3_usize).prop_map(|(chunks, more)| (chunks * CHUNK_BYTES + more).saturating_sub(1))],
        seal_part in 1..40_000_usize,
        open_part in 1..40_000_usize,
        offset in any::<prop::sample::Index>(),
    ) {
        let content = content(len);
        let sealed = sealed_in_parts(&content, seal_part, 1);
        prop_assert_eq!(&sealed, &sealed_in_parts(&content, usize::MAX, 1));
        let (record, field) = example_attachment_context();
        prop_assert_eq!(&open_at(&record, field, &sealed, open_part).unwrap(), &content);
        if len > 0 {
            let offset = offset.index(len);
            let access = chunks_of(&sealed).unwrap();
            let (number, within) = access.locate(offset as u64).unwrap();
            prop_assert_eq!(at(&access, &sealed, number).unwrap()[within], content[offset]);
        }
    }
}
