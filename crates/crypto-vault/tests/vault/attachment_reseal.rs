//! An attachment from one version of its key to the next: the same content, under another key.

use crypto_vault::testing::proptest::prelude::*;
use crypto_vault::testing::{CountingRng, example_attachment_context, example_dek_id, example_record};
use crypto_vault::{
    ATTACHMENT_HEADER_BYTES, Active, AttachmentError, AttachmentOpener, AttachmentReseal,
    AttachmentResealError, CHUNK_BYTES, Dek, DekId, FieldContext, KeyVersion, RecordContext, Salt,
    SealedTable,
};
use records_model::SubjectId;
use uuid::Uuid;

use crate::attachments::{open, sealed_in_parts};
use crate::support::{rng, same_bytes};

fn next() -> Dek<Active> {
    let id = example_dek_id();
    let version = KeyVersion::new(id.version().number() + 1).unwrap();
    Dek::generate(
        DekId::new(id.clinic(), id.subject(), id.class(), version, id.month()).unwrap(),
        &mut CountingRng::new(8),
    )
}

fn resealed(sealed: &[u8], part: usize, to: &Dek<Active>) -> Result<Vec<u8>, AttachmentResealError> {
    let (record, field) = example_attachment_context();
    let (header, chunks) = sealed.split_at(ATTACHMENT_HEADER_BYTES);
    let mut out = Vec::new();
    let keys = (&same_bytes(example_dek_id()), to);
    let salt = Salt::generate(&mut rng());
    let mut reseal = AttachmentReseal::begin(keys, &record, &field, header, salt, &mut out)?;
    for part in chunks.chunks(part) {
        reseal = reseal.push(part, &mut out)?;
    }
    reseal.finish(&mut out)?;
    Ok(out)
}

fn open_under(dek: &Dek<Active>, sealed: &[u8]) -> Result<Vec<u8>, AttachmentError> {
    let (record, field) = example_attachment_context();
    let (header, chunks) = sealed.split_at(ATTACHMENT_HEADER_BYTES);
    let mut out = Vec::new();
    AttachmentOpener::begin(dek, &record, &field, header)?.push(chunks, &mut out)?.finish(&mut out)?;
    Ok(out)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    #[cfg_attr(miri, ignore = "long content: minutes under Miri")]
    fn what_is_resealed_is_the_same_and_opens_under_the_later_key_only(
        len in prop_oneof![0..200_usize, (0..4_usize, 0..3_usize).prop_map(|(chunks, more)| (chunks * CHUNK_BYTES + more).saturating_sub(1))],
        part in 1..40_000_usize,
    ) {
        let content = vec![0x5a; len];
        let old = sealed_in_parts(&content, usize::MAX, 1);
        let new = resealed(&old, part, &next()).unwrap();
        prop_assert_eq!(new.len(), old.len());
        prop_assert_eq!(open_under(&next(), &new).unwrap(), content);
        prop_assert!(open(&new).is_err());
    }
}

#[test]
#[cfg_attr(miri, ignore = "long content: minutes under Miri")]
fn what_does_not_open_is_not_resealed() {
    let content = vec![1; 2 * CHUNK_BYTES + 9];
    let whole = sealed_in_parts(&content, usize::MAX, 1);
    let mut altered = whole.clone();
    altered[ATTACHMENT_HEADER_BYTES + CHUNK_BYTES + 16] ^= 1;
    let refused = resealed(&altered, 7_000, &next()).unwrap_err();
    assert_eq!(refused, AttachmentResealError::Open(AttachmentError::Altered { number: 1 }));
    let cut = &whole[..whole.len() - 25];
    let refused = resealed(cut, 7_000, &next()).unwrap_err();
    assert_eq!(refused, AttachmentResealError::Open(AttachmentError::Truncated));
}

#[test]
fn only_a_later_version_of_the_same_key_takes_over() {
    let old = sealed_in_parts(b"x", usize::MAX, 1);
    let same = same_bytes(example_dek_id());
    assert_eq!(resealed(&old, 9, &same).unwrap_err(), AttachmentResealError::NotLater);
    let id = example_dek_id();
    let another = SubjectId::from_uuid(Uuid::from_u128(0xdead));
    let id = DekId::new(id.clinic(), another, id.class(), KeyVersion::new(9).unwrap(), id.month()).unwrap();
    let stranger = Dek::generate(id, &mut CountingRng::new(8));
    assert_eq!(resealed(&old, 9, &stranger).unwrap_err(), AttachmentResealError::NotLater);
}

#[test]
fn the_file_of_a_record_is_bound_to_all_that_the_record_is_bound_to() {
    let record = example_record();
    let clinic = example_dek_id().clinic();
    let file = RecordContext::of_attachment(clinic, record.head());
    let of_record = RecordContext::of_record(clinic, record.head());
    assert_eq!(RecordContext { table: SealedTable::Records, ..file }, of_record);
    assert_ne!(file.encode(), of_record.encode());
    assert_eq!(FieldContext::ATTACHED_FILE, example_attachment_context().1);
}
