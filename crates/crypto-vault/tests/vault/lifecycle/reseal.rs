//! Partial disposal: what stays is sealed under the next version, opened once, and only then may the old key go.

use crypto_vault::testing::proptest::prelude::*;
use crypto_vault::testing::{example_dek_id, example_record_context};
use crypto_vault::{
    Active, BatchSealer, Dek, DekId, FieldContext, KeyStepError, KeyVersion, OpenError, RecordContext,
    RecordOpener, Reseal, ResealError, ShredGround, StoredKeyState,
};
use records_model::{Field, RecordId, RecordVersion, RetentionClass};
use uuid::Uuid;

use super::{day, epoch, row, salt};
use crate::support::{note, same_bytes, value};

type Fields = Vec<(FieldContext, Vec<u8>)>;

fn second() -> Dek<Active> {
    let id = example_dek_id();
    let version = KeyVersion::new(2).unwrap();
    Dek::generate(
        DekId::new(id.clinic(), id.subject(), id.class(), version, None).unwrap(),
        &mut crypto_vault::testing::CountingRng::new(2),
    )
}

fn place(number: u128) -> RecordContext {
    RecordContext { record: RecordId::from_uuid(Uuid::from_u128(number)), ..example_record_context().1 }
}

fn sealed_row(dek: &Dek<Active>, number: u128) -> Fields {
    let mut sealer = BatchSealer::new(dek, &place(number), salt(u64::try_from(number).unwrap())).unwrap();
    [(note(), format!("note {number}")), (value(), number.to_string())]
        .map(|(field, text)| (field, sealer.seal(&field, text.as_bytes()).unwrap()))
        .into()
}

fn named(number: u128) -> (crypto_vault::SealedTable, RecordId, RecordVersion) {
    let place = place(number);
    (place.table, place.record, place.record_version)
}

fn opened(
    dek: &Dek<Active>,
    number: u128,
    envelope: &[u8],
    field: FieldContext,
) -> Result<Vec<u8>, OpenError> {
    RecordOpener::for_envelope(dek, &place(number), envelope)?
        .open(&field, envelope)
        .map(|text| text.to_vec())
}

#[test]
fn survivors_open_under_the_next_version_and_the_rest_goes_with_the_old_one() {
    let (old, new) = (same_bytes(example_dek_id()), second());
    let rows: Vec<_> = (1..=3).map(|number| sealed_row(&old, number)).collect();
    let mut reseal = Reseal::begin(&old, &new, [named(1), named(3)]).unwrap();
    assert_eq!(reseal.waiting(), 2);
    let mut resealed = Vec::new();
    for number in [1, 3] {
        let fields = &rows[usize::try_from(number).unwrap() - 1];
        resealed.push((number, reseal.row(&place(number), fields, salt(9)).unwrap()));
    }
    let proof = reseal.finish().unwrap();
    for (number, envelopes) in &resealed {
        assert_eq!(
            opened(&new, *number, &envelopes[0], note()).unwrap(),
            format!("note {number}").as_bytes()
        );
        assert_eq!(opened(&new, *number, &envelopes[1], value()).unwrap(), number.to_string().as_bytes());
    }
    assert!(opened(&new, 2, &rows[1][0].1, note()).is_err());

    let old_row = row(&epoch(1), *old.id(), StoredKeyState::DecryptOnly);
    let ground = ShredGround::SurvivorsResealed(proof);
    assert!(old_row.begin_shred(&ground, &[], day(1)).is_ok());
    let new_row = row(&epoch(1), *new.id(), StoredKeyState::DecryptOnly);
    assert_eq!(new_row.begin_shred(&ground, &[], day(1)), Err(KeyStepError::GroundOfAnother));
}

#[test]
fn nothing_is_proved_while_a_survivor_waits() {
    let (old, new) = (same_bytes(example_dek_id()), second());
    let mut reseal = Reseal::begin(&old, &new, [named(1), named(2)]).unwrap();
    let fields = sealed_row(&old, 1);
    reseal.row(&place(1), &fields, salt(9)).unwrap();
    assert_eq!(reseal.row(&place(1), &fields, salt(9)), Err(ResealError::NotWaiting));
    assert_eq!(reseal.row(&place(7), &sealed_row(&old, 7), salt(9)), Err(ResealError::NotWaiting));
    assert_eq!(reseal.finish(), Err(ResealError::Waiting { count: 1 }));
}

#[test]
fn a_survivor_that_does_not_open_keeps_the_old_key() {
    let (old, new) = (same_bytes(example_dek_id()), second());
    let mut reseal = Reseal::begin(&old, &new, [named(1)]).unwrap();
    let mut fields = sealed_row(&old, 1);
    fields[1].1[70] ^= 1;
    let refused = reseal.row(&place(1), &fields, salt(9));
    assert_eq!(refused, Err(ResealError::Open(OpenError::Altered)));
    let moved = sealed_row(&old, 2);
    assert_eq!(reseal.row(&place(1), &moved, salt(9)), Err(ResealError::Open(OpenError::Commitment)));
    assert_eq!(reseal.waiting(), 1);
}

#[test]
fn resealing_goes_to_a_later_version_of_the_same_key_only() {
    let (old, new) = (same_bytes(example_dek_id()), second());
    let refused = |from: &Dek<Active>, to: &Dek<Active>| Reseal::begin(from, to, []).err();
    assert_eq!(refused(&old, &new), None);
    assert_eq!(refused(&new, &old), Some(ResealError::NotLater));
    assert_eq!(refused(&old, &old), Some(ResealError::NotLater));
    let id = new.id();
    let payment = DekId::new(id.clinic(), id.subject(), RetentionClass::Payment, id.version(), None).unwrap();
    assert_eq!(refused(&old, &same_bytes(payment)), Some(ResealError::NotLater));
}

proptest! {
    #[test]
    fn whatever_was_resealed_says_the_same_and_no_longer_opens_under_the_old_key(
        contents in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 1..6),
    ) {
        let (old, new) = (same_bytes(example_dek_id()), second());
        let names = [Field::Note, Field::Value, Field::Unit, Field::Display, Field::Page];
        let mut sealer = BatchSealer::new(&old, &place(1), salt(3)).unwrap();
        let fields: Fields = names.into_iter().zip(&contents).map(|(name, content)| {
            let field = FieldContext::of_record(name);
            (field, sealer.seal(&field, content).unwrap())
        }).collect();
        let mut reseal = Reseal::begin(&old, &new, [named(1)]).unwrap();
        let envelopes = reseal.row(&place(1), &fields, salt(4)).unwrap();
        for (((field, _), envelope), content) in fields.iter().zip(&envelopes).zip(&contents) {
            prop_assert_eq!(&opened(&new, 1, envelope, *field).unwrap(), content);
            prop_assert!(opened(&old, 1, envelope, *field).is_err());
        }
    }
}
