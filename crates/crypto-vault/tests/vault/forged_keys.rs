//! Wrapped keys: forged, moved, downgraded, of another kind, of another epoch, or past their end.

use crypto_vault::testing::proptest::prelude::*;
use crypto_vault::testing::{
    CountingRng, ReplayRng, arb_dek_id, example_clinic, example_dek_id, example_index_root_id,
    example_record_context,
};
use crypto_vault::{
    Active, BatchSealer, Dek, DekId, EpochId, EpochKey, IndexRoot, IndexRootId, KeyVersion, KeystoreRow,
    KeystoreRowError, OpenError, OpenedDek, RecordOpener, Salt, Secret, SecretId, SecretKind, StoredKeyState,
    UnwrapError, WrappedKey, WrappedKeyError,
};
use records_model::{ClinicId, RetentionClass, SubjectId};
use uuid::Uuid;

use crate::support::{Sealed, note, same_bytes, sealed};

fn epoch(number: u32, seed: u64) -> EpochKey {
    EpochKey::generate(EpochId::new(number).unwrap(), &mut CountingRng::new(seed))
}

fn salt() -> Salt {
    Salt::generate(&mut CountingRng::new(11))
}

fn row(id: DekId, state: StoredKeyState, wrapped: &WrappedKey) -> KeystoreRow {
    KeystoreRow::new(id, state, Some(wrapped.clone())).unwrap()
}

/// `None` on success: keys have no `Debug`.
fn refusal(epoch: &EpochKey, row: &KeystoreRow) -> Option<UnwrapError> {
    epoch.open_dek(row).err()
}

const COMMITMENT: Option<UnwrapError> = Some(UnwrapError::Envelope(OpenError::Commitment));

#[test]
fn a_wrapped_key_opens_what_it_sealed_and_seals_only_while_active() {
    let Sealed { context, dek, note: envelope, .. } = sealed();
    let epoch = epoch(1, 1);
    let wrapped = WrappedKey::parse(epoch.wrap_dek(&dek, salt()).as_bytes()).unwrap();
    for state in [StoredKeyState::Active, StoredKeyState::DecryptOnly, StoredKeyState::Held] {
        let key = epoch.open_dek(&row(*dek.id(), state, &wrapped)).ok().unwrap();
        let mut opener = RecordOpener::for_envelope(&key, &context, &envelope).unwrap();
        assert_eq!(opener.open(&note(), &envelope).unwrap().as_slice(), b"slept well, no fever");
        assert_eq!(key.active().is_some(), state == StoredKeyState::Active);
        assert_eq!(matches!(key, OpenedDek::Active(_)), state == StoredKeyState::Active);
    }
}

#[test]
fn a_key_on_its_way_to_destruction_opens_nothing() {
    let dek = same_bytes(example_dek_id());
    let epoch = epoch(1, 1);
    let wrapped = epoch.wrap_dek(&dek, salt());
    let state = StoredKeyState::ShredPending;
    assert_eq!(refusal(&epoch, &row(*dek.id(), state, &wrapped)), Some(UnwrapError::State { state }));
    let state = StoredKeyState::Destroyed;
    let tombstone = KeystoreRow::new(*dek.id(), state, None).unwrap();
    assert_eq!(refusal(&epoch, &tombstone), Some(UnwrapError::State { state }));
}

#[test]
fn exactly_a_destroyed_key_has_no_bytes() {
    let dek = same_bytes(example_dek_id());
    let wrapped = epoch(1, 1).wrap_dek(&dek, salt());
    let remain = KeystoreRow::new(*dek.id(), StoredKeyState::Destroyed, Some(wrapped));
    assert_eq!(remain, Err(KeystoreRowError::BytesRemain));
    for &state in StoredKeyState::ALL.iter().filter(|state| **state != StoredKeyState::Destroyed) {
        let missing = KeystoreRow::new(*dek.id(), state, None);
        assert_eq!(missing, Err(KeystoreRowError::BytesMissing { state }));
    }
}

#[test]
fn a_key_state_only_moves_forward_and_a_held_or_sealing_key_is_never_shredded() {
    use StoredKeyState::{Active, DecryptOnly, Destroyed, Held, ShredPending};
    let moves: Vec<_> = StoredKeyState::ALL
        .iter()
        .flat_map(|from| StoredKeyState::ALL.iter().map(move |to| (*from, *to)))
        .filter(|(from, to)| from.may_become(*to))
        .collect();
    let expected = [
        (Active, DecryptOnly),
        (DecryptOnly, Held),
        (DecryptOnly, ShredPending),
        (Held, DecryptOnly),
        (ShredPending, Destroyed),
    ];
    assert_eq!(moves, expected);
    let read: Vec<_> = StoredKeyState::ALL.iter().map(|s| StoredKeyState::parse(s.code()).unwrap()).collect();
    assert_eq!(read, StoredKeyState::ALL);
    assert!(StoredKeyState::parse("revived").is_err());
}

#[test]
fn forged_wrapped_dek() {
    let dek = same_bytes(example_dek_id());
    let ours = epoch(1, 1);
    let mallory = epoch(1, 2);
    let forged = row(*dek.id(), StoredKeyState::Active, &mallory.wrap_dek(&dek, salt()));
    assert_eq!(refusal(&mallory, &forged), None);
    assert_eq!(refusal(&ours, &forged), COMMITMENT);
}

#[test]
fn a_wrapped_dek_moved_to_another_clinic_person_class_version_or_month() {
    let ours = epoch(1, 1);
    let id = example_dek_id();
    let wrapped = ours.wrap_dek(&same_bytes(id), salt());
    assert_eq!(refusal(&ours, &row(id, StoredKeyState::Active, &wrapped)), None);
    let other = Uuid::from_u128(0xdead);
    let new = |clinic, subject, class, version| DekId::new(clinic, subject, class, version, None).unwrap();
    for moved in [
        new(ClinicId::from_uuid(other), id.subject(), id.class(), id.version()),
        new(id.clinic(), SubjectId::from_uuid(other), id.class(), id.version()),
        new(id.clinic(), id.subject(), RetentionClass::Marketing, id.version()),
        new(id.clinic(), id.subject(), id.class(), KeyVersion::new(2).unwrap()),
    ] {
        assert_eq!(refusal(&ours, &row(moved, StoredKeyState::Active, &wrapped)), COMMITMENT);
    }
    let monthly = |month| {
        let month = crypto_vault::YearMonth::new(2026, month);
        DekId::new(id.clinic(), id.subject(), RetentionClass::Website, id.version(), month).unwrap()
    };
    let july = ours.wrap_dek(&same_bytes(monthly(7)), salt());
    assert_eq!(refusal(&ours, &row(monthly(7), StoredKeyState::Active, &july)), None);
    assert_eq!(refusal(&ours, &row(monthly(8), StoredKeyState::Active, &july)), COMMITMENT);
}

#[test]
fn every_single_bit_of_a_wrapped_dek_flipped() {
    let ours = epoch(1, 1);
    let id = example_dek_id();
    let mut bytes = ours.wrap_dek(&same_bytes(id), salt()).as_bytes().to_vec();
    for bit in 0..bytes.len() * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(wrapped) = WrappedKey::parse(&bytes) {
            assert!(refusal(&ours, &row(id, StoredKeyState::Active, &wrapped)).is_some(), "bit {bit}");
        }
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    assert!(WrappedKey::parse(&bytes).is_ok());
}

#[test]
fn a_wrapped_dek_cut_or_extended() {
    let bytes = epoch(1, 1).wrap_dek(&same_bytes(example_dek_id()), salt()).as_bytes().to_vec();
    for len in 0..bytes.len() {
        assert_eq!(WrappedKey::parse(&bytes[..len]), Err(WrappedKeyError::Length { len }));
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(WrappedKey::parse(&longer), Err(WrappedKeyError::Length { len: longer.len() }));
    let mut no_epoch = bytes;
    no_epoch[4..8].fill(0);
    assert_eq!(WrappedKey::parse(&no_epoch), Err(WrappedKeyError::EpochZero));
}

/// An epoch key whose bytes are also those of a data key: only the labels keep them apart.
#[test]
fn a_wrapped_key_never_opens_as_a_field_nor_a_field_as_a_wrapped_key() {
    let (id, context) = example_record_context();
    let bytes = [0x42; 32];
    let shared_epoch = EpochKey::generate(EpochId::FIRST, &mut ReplayRng::new(&bytes));
    let shared_dek: Dek<Active> = Dek::generate(id, &mut ReplayRng::new(&bytes));
    let wrapped = shared_epoch.wrap_dek(&same_bytes(id), salt());
    let as_field = RecordOpener::for_envelope(&shared_dek, &context, wrapped.as_bytes()).err();
    assert_eq!(as_field, Some(OpenError::Commitment));
    let mut sealer = BatchSealer::new(&shared_dek, &context, salt()).unwrap();
    let field = WrappedKey::parse(&sealer.seal(&note(), &[0x11; 32]).unwrap()).unwrap();
    assert_eq!(refusal(&shared_epoch, &row(id, StoredKeyState::Active, &field)), COMMITMENT);
}

#[test]
fn a_key_of_one_kind_never_opens_as_another() {
    let ours = epoch(1, 1);
    let root_id = example_index_root_id();
    let secret_id =
        SecretId { clinic: example_clinic(), kind: SecretKind::LogSigning, version: KeyVersion::FIRST };
    let mut rng = CountingRng::new(20);
    let root = ours.wrap_index_root(&IndexRoot::generate(root_id, &mut rng), salt());
    let seed = Secret::generate(secret_id, &mut rng);
    let secret = ours.wrap_secret(&seed, salt());
    assert!(ours.open_index_root(root_id, &root).is_ok());
    assert_eq!(ours.open_secret(secret_id, &secret).ok().unwrap().expose(), seed.expose());
    assert_eq!(ours.open_index_root(root_id, &secret).err(), COMMITMENT);
    assert_eq!(ours.open_secret(secret_id, &root).err(), COMMITMENT);
    assert_eq!(refusal(&ours, &row(example_dek_id(), StoredKeyState::Active, &root)), COMMITMENT);
    let elsewhere = IndexRootId { clinic: ClinicId::from_uuid(Uuid::from_u128(1)), ..root_id };
    assert_eq!(ours.open_index_root(elsewhere, &root).err(), COMMITMENT);
    let next = SecretId { version: KeyVersion::new(2).unwrap(), ..secret_id };
    assert_eq!(ours.open_secret(next, &secret).err(), COMMITMENT);
}

#[test]
fn a_new_epoch_opens_what_was_rewrapped_and_the_old_one_no_longer_does() {
    let Sealed { context, dek, note: envelope, .. } = sealed();
    let (old, new) = (epoch(1, 1), epoch(2, 2));
    let wrapped = old.wrap_dek(&dek, salt());
    let moved = old.rewrap_dek(dek.id(), &wrapped, &new, salt()).unwrap();
    assert_eq!((wrapped.epoch(), moved.epoch()), (old.id(), new.id()));
    let opened = new.open_dek(&row(*dek.id(), StoredKeyState::Active, &moved)).ok().unwrap();
    assert!(RecordOpener::for_envelope(&opened, &context, &envelope).is_ok());
    let (found, held) = (new.id(), old.id());
    let stale = refusal(&old, &row(*dek.id(), StoredKeyState::Active, &moved));
    assert_eq!(stale, Some(UnwrapError::Epoch { found, held }));
    let wrong_source = new.rewrap_dek(dek.id(), &wrapped, &new, salt()).unwrap_err();
    assert_eq!(wrong_source, UnwrapError::Epoch { found: held, held: found });
}

#[test]
fn an_epoch_renumbered_in_the_header_does_not_open() {
    let (old, new) = (epoch(1, 1), epoch(2, 1));
    let id = example_dek_id();
    let mut bytes = *old.wrap_dek(&same_bytes(id), salt()).as_bytes();
    bytes[7] = 2;
    let renumbered = WrappedKey::parse(&bytes).unwrap();
    assert_eq!(refusal(&new, &row(id, StoredKeyState::Active, &renumbered)), COMMITMENT);
}

proptest! {
    #[test]
    fn a_wrapped_dek_opens_for_its_own_id_only(a in arb_dek_id(), b in arb_dek_id(), seed in any::<u64>()) {
        let ours = epoch(1, seed);
        let wrapped = ours.wrap_dek(&same_bytes(a), salt());
        prop_assert_eq!(refusal(&ours, &row(a, StoredKeyState::Active, &wrapped)), None);
        let other = refusal(&ours, &row(b, StoredKeyState::Active, &wrapped));
        prop_assert_eq!(other.is_none(), a == b);
    }
}
