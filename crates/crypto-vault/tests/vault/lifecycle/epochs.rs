//! The end of an epoch: rewrapping that may stop anywhere, surveys, copies, and the four conditions.

use crypto_vault::testing::proptest::prelude::*;
use crypto_vault::testing::{CountingRng, arb_dek_id, example_clinic, example_dek_id, example_index_root_id};
use crypto_vault::{
    CopyId, DestructionOutcome, EpochDestruction, EpochEnd, EpochHold, EpochId, EpochKey, EpochRotation,
    KeyVersion, KeystoreItem, KeystoreRow, KeystoreSurvey, NotYet, OpenError, Quorum, RECOVERY_AGE_DAYS_MAX,
    RecoveryVerified, Secret, SecretId, SecretKind, StoredKeyState, SurveyError, UnwrapError, VerifiedCopy,
    split_recovery, verify_recovery,
};
use records_model::HoldId;
use uuid::Uuid;

use super::{day, epoch, index_root, row, salt};

fn survey(epoch: &EpochKey, rows: &[KeystoreRow]) -> Result<KeystoreSurvey, SurveyError> {
    KeystoreSurvey::open_all(epoch, rows.iter().map(KeystoreItem::Dek))
}

fn rows(epoch: &EpochKey) -> Vec<KeystoreRow> {
    let id = example_dek_id();
    let version = |number| {
        let version = KeyVersion::new(number).unwrap();
        crypto_vault::DekId::new(id.clinic(), id.subject(), id.class(), version, None).unwrap()
    };
    (1..).zip(StoredKeyState::ALL).map(|(number, state)| row(epoch, version(number), *state)).collect()
}

fn rewrapped(from: &EpochKey, to: &EpochKey) -> Vec<KeystoreRow> {
    let rotation = EpochRotation::new(from, to).unwrap();
    rows(from).iter().map(|row| rotation.rewrap(row, salt(8)).unwrap()).collect()
}

#[test]
fn rewrapping_keeps_every_state_and_leaves_what_is_being_destroyed() {
    let (from, to) = (epoch(1), epoch(2));
    for (was, is) in rows(&from).iter().zip(rewrapped(&from, &to)) {
        assert_eq!((was.id(), was.state()), (is.id(), is.state()));
        let expected = if was.state().opens() { Some(to.id()) } else { was.epoch() };
        assert_eq!(is.epoch(), expected, "{}", was.state());
        assert_eq!(to.open_dek(&is).is_ok(), was.state().opens());
    }
}

#[test]
fn a_rotation_goes_to_the_next_epoch_only() {
    let refused = |from, to| EpochRotation::new(&epoch(from), &epoch(to)).is_err();
    assert_eq!(
        [(1, 2), (1, 3), (2, 2), (2, 1)].map(|(from, to)| refused(from, to)),
        [false, true, true, true]
    );
}

#[test]
fn a_rotation_run_again_finds_a_wrapping_that_somebody_put_there() {
    let (from, to) = (epoch(1), epoch(2));
    let rotation = EpochRotation::new(&from, &to).unwrap();
    let once = rotation.rewrap(&row(&from, example_dek_id(), StoredKeyState::Active), salt(1)).unwrap();
    assert_eq!(rotation.rewrap(&once, salt(2)).unwrap(), once);
    let mallory = EpochKey::generate(to.id(), &mut CountingRng::new(666));
    let forged = row(&mallory, example_dek_id(), StoredKeyState::Active);
    assert!(rotation.rewrap(&forged, salt(2)).is_err());
}

#[test]
fn index_root_and_secrets_move_with_the_data_keys() {
    let (from, to) = (epoch(1), epoch(2));
    let rotation = EpochRotation::new(&from, &to).unwrap();
    let id = SecretId { clinic: example_clinic(), kind: SecretKind::LogSigning, version: KeyVersion::FIRST };
    let secret = Secret::generate(id, &mut CountingRng::new(4));
    let old_root = from.wrap_index_root(&index_root(), salt(1));
    let old_secret = from.wrap_secret(&secret, salt(2));
    let root = rotation.rewrap_index_root(example_index_root_id(), &old_root, salt(3)).unwrap();
    let moved = rotation.rewrap_secret(id, &old_secret, salt(4)).unwrap();
    assert_eq!(to.open_secret(id, &moved).ok().unwrap().expose(), secret.expose());
    let items = [KeystoreItem::IndexRoot(example_index_root_id(), &root), KeystoreItem::Secret(id, &moved)];
    assert_eq!(KeystoreSurvey::open_all(&to, items).unwrap().live(), 2);
    let forgotten = [KeystoreItem::Secret(id, &old_secret)];
    let cause = UnwrapError::Epoch { found: from.id(), held: to.id() };
    assert_eq!(KeystoreSurvey::open_all(&to, forgotten), Err(SurveyError::DoesNotOpen { opened: 0, cause }));
}

#[test]
fn a_survey_opens_every_live_key_and_finds_the_one_that_does_not() {
    let (from, to) = (epoch(1), epoch(2));
    let mut rows = rewrapped(&from, &to);
    let whole = survey(&to, &rows).unwrap();
    assert_eq!((whole.epoch(), whole.live()), (to.id(), 3));
    rows.reverse();
    assert_eq!(survey(&to, &rows), Ok(whole));
    let twice = [rows.clone(), rows.clone()].concat();
    assert_eq!(survey(&to, &twice), Err(SurveyError::Twice));
    let fewer = survey(&to, &rows[1..]).unwrap();
    assert_ne!(fewer.digest(), whole.digest());
    let differs = VerifiedCopy::of(CopyId([1; 16]), fewer, &whole, day(0));
    assert_eq!(differs, Err(SurveyError::CopyDiffers));

    let mallory = EpochKey::generate(to.id(), &mut CountingRng::new(666));
    rows[3] = row(&mallory, *rows[3].id(), StoredKeyState::DecryptOnly);
    let cause = UnwrapError::Envelope(OpenError::Commitment);
    assert_eq!(survey(&to, &rows), Err(SurveyError::DoesNotOpen { opened: 1, cause }));
}

fn recovery_of(epoch: &EpochKey, on: i64) -> RecoveryVerified {
    let date = day(on).date_naive();
    let shares = split_recovery(epoch, &index_root(), Quorum::default(), date, &mut CountingRng::new(3));
    verify_recovery(&shares.unwrap()[1..], epoch, &index_root(), day(on)).unwrap()
}

/// Everything that the four conditions ask of the end of epoch 1 on day 100.
struct Ready {
    survey: KeystoreSurvey,
    copies: Vec<VerifiedCopy>,
    holds: Vec<EpochHold>,
    recovery: Option<RecoveryVerified>,
}

impl Ready {
    fn new() -> Self {
        let to = epoch(2);
        let survey = survey(&to, &rewrapped(&epoch(1), &to)).unwrap();
        let copy = |id| VerifiedCopy::of(CopyId([id; 16]), survey, &survey, day(99)).unwrap();
        Self {
            survey,
            copies: vec![copy(1), copy(2)],
            holds: Vec::new(),
            recovery: Some(recovery_of(&to, 50)),
        }
    }

    fn prove(&self) -> Result<EpochDestruction, Vec<NotYet>> {
        let ending = EpochId::FIRST;
        EpochDestruction::prove(
            ending,
            self.survey,
            &self.copies,
            &self.holds,
            self.recovery.as_ref(),
            day(100),
        )
    }
}

fn epoch_hold(number: u32, released_at: Option<i64>) -> EpochHold {
    EpochHold {
        hold: HoldId::from_uuid(Uuid::from_u128(5)),
        epoch: EpochId::new(number).unwrap(),
        released_at: released_at.map(day),
    }
}

#[test]
fn an_epoch_ends_only_once_all_four_conditions_hold() {
    let leave = Ready::new().prove().unwrap();
    assert_eq!((leave.epoch(), leave.keystore().live()), (EpochId::FIRST, 3));

    let mut not_rewrapped = Ready::new();
    not_rewrapped.survey = survey(&epoch(1), &rows(&epoch(1))).unwrap();
    let found = EpochId::FIRST;
    let refused = not_rewrapped.prove().unwrap_err();
    assert_eq!(refused[0], NotYet::NotRewrapped { ending: found, found });

    let mut same_copy_twice = Ready::new();
    same_copy_twice.copies[1] = same_copy_twice.copies[0];
    assert_eq!(same_copy_twice.prove(), Err(vec![NotYet::Copies { found: 1 }]));

    let mut stale_copies = Ready::new();
    let fewer = &rewrapped(&epoch(1), &epoch(2))[1..];
    stale_copies.survey = survey(&epoch(2), fewer).unwrap();
    assert_eq!(stale_copies.prove(), Err(vec![NotYet::Copies { found: 0 }]));

    let mut held = Ready::new();
    held.holds = vec![epoch_hold(1, None)];
    assert_eq!(held.prove(), Err(vec![NotYet::Held { hold: held.holds[0].hold }]));
    held.holds = vec![epoch_hold(1, Some(100)), epoch_hold(2, None)];
    assert!(held.prove().is_ok());

    for recovery in [
        None,
        Some(recovery_of(&epoch(1), 50)),
        Some(recovery_of(&epoch(2), 99 - RECOVERY_AGE_DAYS_MAX)),
        Some(recovery_of(&epoch(2), 101)),
    ] {
        let unsure = Ready { recovery, ..Ready::new() };
        assert_eq!(unsure.prove(), Err(vec![NotYet::Recovery]));
    }
    let oldest = recovery_of(&epoch(2), 100 - RECOVERY_AGE_DAYS_MAX);
    assert!(Ready { recovery: Some(oldest), ..Ready::new() }.prove().is_ok());
}

#[test]
fn only_a_provider_that_can_prove_it_makes_a_destroyed_epoch() {
    let at = day(101);
    let leave = || Ready::new().prove().unwrap();
    let EpochEnd::Destroyed(ended) = leave().carried_out(DestructionOutcome::Destroyed { at }) else {
        panic!()
    };
    assert_eq!((ended.epoch(), ended.at()), (EpochId::FIRST, at));
    let unproved = leave().carried_out(DestructionOutcome::CannotProve { at });
    assert_eq!(unproved, EpochEnd::Unproved { epoch: EpochId::FIRST, at });
}

proptest! {
    #[test]
    #[cfg_attr(miri, ignore = "many tries: minutes under Miri")]
    fn a_rotation_stopped_anywhere_and_run_again_ends_the_same(
        ids in proptest::collection::btree_map(arb_dek_id(), proptest::sample::select(StoredKeyState::ALL), 1..8),
        stop in any::<prop::sample::Index>(),
    ) {
        let (from, to) = (epoch(1), epoch(2));
        let rotation = EpochRotation::new(&from, &to).unwrap();
        let mut rows: Vec<_> = ids.iter().map(|(id, state)| row(&from, *id, *state)).collect();
        let stop = stop.index(rows.len());
        for row in &mut rows[..stop] {
            *row = rotation.rewrap(row, salt(1)).unwrap();
        }
        let partly = survey(&to, &rows);
        let left = rows[stop..].iter().any(|row| row.state().opens());
        prop_assert_eq!(partly.is_err(), left);
        for row in &mut rows {
            *row = rotation.rewrap(row, salt(2)).unwrap();
        }
        let live = ids.values().filter(|state| state.opens()).count();
        prop_assert_eq!(survey(&to, &rows).unwrap().live(), u64::try_from(live).unwrap());
    }

    #[test]
    fn leave_to_destroy_needs_every_condition(
        few_copies in any::<bool>(), held in any::<bool>(), unsure in any::<bool>(),
    ) {
        let mut ready = Ready::new();
        if few_copies { ready.copies.truncate(1); }
        if held { ready.holds.push(epoch_hold(1, None)); }
        if unsure { ready.recovery = None; }
        let reasons = ready.prove().err().map_or(0, |reasons| reasons.len());
        prop_assert_eq!(reasons, usize::from(few_copies) + usize::from(held) + usize::from(unsure));
    }
}
