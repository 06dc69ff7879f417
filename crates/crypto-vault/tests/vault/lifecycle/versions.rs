//! Versions of one key: one seals, a number is never given twice, and content below the minimum is refused.

use crypto_vault::testing::proptest::prelude::*;
use crypto_vault::testing::{CountingRng, arb_dek_id, example_dek_id};
use crypto_vault::{
    DekId, KeyVersion, KeyVersions, KeyVersionsError, Reseal, StoredKeyState, VersionRefused, YearMonth,
};
use records_model::{RetentionClass, SubjectId};
use uuid::Uuid;

use super::{epoch, row};

fn version(number: u32) -> KeyVersion {
    KeyVersion::new(number).unwrap()
}

fn id(number: u32) -> DekId {
    let id = example_dek_id();
    DekId::new(id.clinic(), id.subject(), id.class(), version(number), None).unwrap()
}

fn monthly(number: u32, month: u8) -> DekId {
    let id = example_dek_id();
    let month = YearMonth::new(2026, month);
    DekId::new(id.clinic(), id.subject(), RetentionClass::Voucher, version(number), month).unwrap()
}

#[test]
fn rows_of_another_key_a_number_twice_and_two_that_seal_are_refused() {
    let epoch = epoch(1);
    let of = |rows| KeyVersions::new(rows, KeyVersion::FIRST).unwrap_err();
    let active = |id| row(&epoch, id, StoredKeyState::Active);
    let retired = |id| row(&epoch, id, StoredKeyState::DecryptOnly);
    assert_eq!(of(vec![active(id(2)), retired(id(2))]), KeyVersionsError::Twice { version: version(2) });
    let both = KeyVersionsError::BothSeal { first: version(1), second: version(3) };
    assert_eq!(of(vec![active(id(3)), retired(id(2)), active(id(1))]), both);
    let other = SubjectId::from_uuid(Uuid::from_u128(9));
    let other = DekId::new(id(1).clinic(), other, id(1).class(), version(2), None).unwrap();
    assert_eq!(of(vec![retired(id(1)), active(other)]), KeyVersionsError::Mixed);
    let months = vec![active(monthly(1, 7)), active(monthly(2, 8))];
    assert!(KeyVersions::new(months, KeyVersion::FIRST).is_ok());
    let same_month = vec![active(monthly(1, 7)), active(monthly(2, 7))];
    let both = KeyVersionsError::BothSeal { first: version(1), second: version(2) };
    assert_eq!(of(same_month), both);
}

#[test]
fn each_month_has_a_key_of_its_own_and_versions_count_through() {
    let epoch = epoch(1);
    let mut rng = CountingRng::new(5);
    let mut versions = KeyVersions::new(Vec::new(), KeyVersion::FIRST).unwrap();
    for (number, month) in [(1, 7), (2, 8), (3, 8), (4, 9)] {
        let rotated = versions.rotate(&monthly(1, month), &epoch, &mut rng).unwrap();
        assert_eq!(rotated.dek.id(), &monthly(number, month));
        versions = rotated.versions;
    }
    let sealing = |month| versions.sealing(YearMonth::new(2026, month)).map(|row| row.id().version());
    assert_eq!([7, 8, 9, 10].map(sealing), [Some(version(1)), Some(version(3)), Some(version(4)), None]);
    assert_eq!(versions.sealing(None), None);
    let states: Vec<_> = versions.rows().iter().map(|row| row.state().code()).collect();
    assert_eq!(states, ["active", "decrypt-only", "active", "active"]);
}

#[test]
fn content_below_the_minimum_version_is_refused_although_its_key_is_there() {
    let epoch = epoch(1);
    let mut rng = CountingRng::new(5);
    let first = KeyVersions::new(Vec::new(), KeyVersion::FIRST).unwrap();
    let first = first.rotate(&id(1), &epoch, &mut rng).unwrap();
    let second = first.versions.rotate(&id(1), &epoch, &mut rng).unwrap();
    assert!(second.versions.opening(version(1)).is_ok());
    let from = epoch.open_dek(&second.versions.rows()[0]).ok().unwrap();
    let proof = Reseal::begin(&from, &second.dek, []).unwrap().finish().unwrap();
    let raised = second.versions.raise_minimum(&proof);
    let refused = VersionRefused::BelowMinimum { version: version(1), minimum: version(2) };
    assert_eq!((raised.minimum(), raised.opening(version(1))), (version(2), Err(refused)));
    assert_eq!(raised.opening(version(2)).unwrap().id(), second.dek.id());
    assert_eq!(raised.opening(version(3)), Err(VersionRefused::Unknown { version: version(3) }));
    assert_eq!(raised.clone().raise_minimum(&proof), raised);
}

#[test]
fn the_minimum_stays_below_an_older_month_that_still_opens() {
    let epoch = epoch(1);
    let rows = vec![
        row(&epoch, monthly(1, 7), StoredKeyState::DecryptOnly),
        row(&epoch, monthly(2, 8), StoredKeyState::DecryptOnly),
    ];
    let versions = KeyVersions::new(rows, KeyVersion::FIRST).unwrap();
    let next = versions.rotate(&monthly(1, 8), &epoch, &mut CountingRng::new(1)).unwrap();
    let from = epoch.open_dek(&next.versions.rows()[1]).ok().unwrap();
    let proof = Reseal::begin(&from, &next.dek, []).unwrap().finish().unwrap();
    assert_eq!(next.versions.raise_minimum(&proof).minimum(), version(1));
}

#[test]
fn a_destroyed_version_says_so_and_its_number_is_not_given_again() {
    let epoch = epoch(1);
    let rows = vec![row(&epoch, id(1), StoredKeyState::Destroyed)];
    let versions = KeyVersions::new(rows, KeyVersion::FIRST).unwrap();
    let refused = VersionRefused::State { version: version(1), state: StoredKeyState::Destroyed };
    assert_eq!(versions.opening(version(1)), Err(refused));
    let next = versions.rotate(&id(1), &epoch, &mut CountingRng::new(1)).unwrap();
    assert_eq!(next.dek.id().version(), version(2));
    let last = DekId::new(id(1).clinic(), id(1).subject(), id(1).class(), version(u32::MAX), None).unwrap();
    let last = KeyVersions::new(vec![row(&epoch, last, StoredKeyState::Active)], KeyVersion::FIRST).unwrap();
    let refused = last.rotate(&id(1), &epoch, &mut CountingRng::new(1)).err();
    assert_eq!(refused, Some(KeyVersionsError::NoNext));
}

proptest! {
    #[test]
    fn after_any_rotations_one_key_seals_and_every_earlier_one_opens(place in arb_dek_id(), count in 1..6_u32) {
        let epoch = epoch(1);
        let mut rng = CountingRng::new(5);
        let mut versions = KeyVersions::new(Vec::new(), KeyVersion::FIRST).unwrap();
        for number in 1..=count {
            let rotated = versions.rotate(&place, &epoch, &mut rng).unwrap();
            prop_assert_eq!(rotated.dek.id().version().number(), number);
            versions = rotated.versions;
            prop_assert_eq!(versions.sealing(place.month()).unwrap().id(), rotated.dek.id());
        }
        for number in 1..=count {
            let opening = versions.opening(version(number)).unwrap();
            prop_assert!(epoch.open_dek(opening).is_ok());
            prop_assert_eq!(opening.state() == StoredKeyState::Active, number == count);
        }
    }
}
