//! Shredding: the steps of one key, holds, crashes, and keys that come back.

use crypto_vault::testing::proptest::prelude::*;
use crypto_vault::testing::{arb_dek_id, example_dek_id};
use crypto_vault::{
    ErasureLedger, KeyStepError, KeystoreRow, RecordOpener, ShredConflict, ShredFacts, ShredGround,
    ShredStep, StoredKeyState, UnwrapError,
};
use records_model::{RetentionClass, Set};

use super::{day, epoch, hold, row};
use crate::support::{Sealed, note, sealed};

const GROUND: ShredGround = ShredGround::WholeClass;

/// The walk of a key from its use to its end, one state after the other.
fn walk() -> [KeystoreRow; 4] {
    let active = row(&epoch(1), example_dek_id(), StoredKeyState::Active);
    let retired = active.retire().unwrap();
    let pending = retired.begin_shred(&GROUND, &[], day(1)).unwrap();
    let destroyed = pending.destroy(&[], day(1)).unwrap();
    [active, retired, pending, destroyed]
}

#[test]
fn a_key_walks_from_active_to_destroyed_and_loses_its_bytes_at_the_end() {
    let states = walk().map(|row| (row.state(), row.wrapped().is_some()));
    let expected = [
        (StoredKeyState::Active, true),
        (StoredKeyState::DecryptOnly, true),
        (StoredKeyState::ShredPending, true),
        (StoredKeyState::Destroyed, false),
    ];
    assert_eq!(states, expected);
}

#[test]
fn a_key_leaves_no_state_but_by_its_step() {
    let [active, retired, pending, destroyed] = walk();
    let held = retired.hold().unwrap();
    assert_eq!(held.release().unwrap(), retired);
    for row in [&active, &retired, &pending, &destroyed, &held] {
        let from = row.state();
        let tried = [
            (StoredKeyState::DecryptOnly, row.retire(), StoredKeyState::Active),
            (StoredKeyState::Held, row.hold(), StoredKeyState::DecryptOnly),
            (StoredKeyState::DecryptOnly, row.release(), StoredKeyState::Held),
            (
                StoredKeyState::ShredPending,
                row.begin_shred(&GROUND, &[], day(1)),
                StoredKeyState::DecryptOnly,
            ),
            (StoredKeyState::Destroyed, row.destroy(&[], day(1)), StoredKeyState::ShredPending),
        ];
        for (to, outcome, only_from) in tried {
            match outcome {
                Ok(next) => assert_eq!((from, next.state(), next.id()), (only_from, to, row.id())),
                Err(error) => {
                    assert_eq!(error, KeyStepError::Order { from, to });
                    assert_ne!(from, only_from);
                }
            }
        }
    }
}

#[test]
fn shred_under_hold() {
    let [_, retired, pending, _] = walk();
    let clinical = Set::one(RetentionClass::Clinical);
    let keeps = [hold(Set::of(&[]), day(0), None), hold(clinical, day(0), Some(day(2)))];
    for hold in keeps {
        let held = KeyStepError::Held { hold: hold.id };
        let holds = [hold];
        assert_eq!(retired.begin_shred(&GROUND, &holds, day(1)), Err(held));
        // The hold came after destruction had begun: the bytes stay.
        assert_eq!(pending.destroy(&holds, day(1)), Err(held));
    }
    let elsewhere = hold(Set::one(RetentionClass::Payment), day(0), None);
    let released = hold(clinical, day(0), Some(day(1)));
    let later = hold(clinical, day(2), None);
    for hold in [elsewhere, released, later] {
        assert!(retired.begin_shred(&GROUND, std::slice::from_ref(&hold), day(1)).is_ok());
        assert!(pending.destroy(&[hold], day(1)).is_ok());
    }
    let held = retired.hold().unwrap();
    let (from, to) = (StoredKeyState::Held, StoredKeyState::ShredPending);
    assert_eq!(held.begin_shred(&GROUND, &[], day(1)), Err(KeyStepError::Order { from, to }));
}

fn facts(key: KeystoreRow) -> ShredFacts {
    ShredFacts { intent_logged_at: None, key, tokens_left: 3, ledger_at: None, certificate_at: None }
}

/// Does one step, as the store would.
fn done(mut facts: ShredFacts, step: ShredStep) -> ShredFacts {
    match step {
        ShredStep::LogIntent => facts.intent_logged_at = Some(day(1)),
        ShredStep::EnterLedger => facts.ledger_at = Some(day(1)),
        ShredStep::BeginShred => facts.key = facts.key.begin_shred(&GROUND, &[], day(1)).unwrap(),
        ShredStep::DestroyKey => facts.key = facts.key.destroy(&[], day(1)).unwrap(),
        ShredStep::RemoveTokens => facts.tokens_left = 0,
        ShredStep::WriteCertificate => facts.certificate_at = Some(day(1)),
        ShredStep::Done => {}
    }
    facts
}

#[test]
#[cfg_attr(miri, ignore = "many tries: minutes under Miri")]
fn crash_between_every_two_shred_steps() {
    let Sealed { context, note: envelope, .. } = sealed();
    let [_, retired, ..] = walk();
    let mut stands = facts(retired);
    let mut steps = Vec::new();
    loop {
        // A crash here loses everything but what is on file; the next run reads that and goes on.
        let step = stands.clone().next_step().unwrap();
        if step == ShredStep::Done {
            break;
        }
        steps.push(step);
        let opened = epoch(1).open_dek(&stands.key).ok();
        let opens = opened.is_some_and(|dek| {
            RecordOpener::for_envelope(&dek, &context, &envelope)
                .is_ok_and(|mut opener| opener.open(&note(), &envelope).is_ok())
        });
        assert_eq!(opens, step <= ShredStep::BeginShred, "before {step:?}");
        // No key goes before the log and the ledger know, and no certificate says that it went before it did.
        assert!(
            stands.key.wrapped().is_some()
                || (stands.intent_logged_at.is_some() && stands.ledger_at.is_some())
        );
        assert!(stands.certificate_at.is_none());
        stands = done(stands, step);
    }
    let all = [
        ShredStep::LogIntent,
        ShredStep::EnterLedger,
        ShredStep::BeginShred,
        ShredStep::DestroyKey,
        ShredStep::RemoveTokens,
        ShredStep::WriteCertificate,
    ];
    assert_eq!(steps, all);
}

#[test]
fn a_shredding_that_contradicts_its_order_goes_no_further() {
    let [active, retired, pending, destroyed] = walk();
    let state = StoredKeyState::Active;
    assert_eq!(facts(active).next_step(), Err(ShredConflict::NotRetired { state }));
    let conflict = |facts: ShredFacts| facts.next_step().unwrap_err();
    let (done, missing) = (ShredStep::BeginShred, ShredStep::LogIntent);
    assert_eq!(conflict(facts(pending)), ShredConflict::OutOfOrder { done, missing });
    let early = ShredFacts { certificate_at: Some(day(1)), ..facts(retired) };
    let (done, missing) = (ShredStep::WriteCertificate, ShredStep::LogIntent);
    assert_eq!(conflict(early), ShredConflict::OutOfOrder { done, missing });
    let unlogged = ShredFacts { ledger_at: Some(day(1)), ..facts(destroyed.clone()) };
    let (done, missing) = (ShredStep::EnterLedger, ShredStep::LogIntent);
    assert_eq!(conflict(unlogged), ShredConflict::OutOfOrder { done, missing });
    let intent_logged_at = Some(day(1));
    let forgotten = ShredFacts { intent_logged_at, ..facts(destroyed) };
    let (done, missing) = (ShredStep::BeginShred, ShredStep::EnterLedger);
    assert_eq!(conflict(forgotten), ShredConflict::OutOfOrder { done, missing });
}

#[test]
fn resurrecting_a_shredded_key() {
    let [active, retired, pending, destroyed] = walk();
    let epoch = epoch(1);
    let mut ledger = ErasureLedger::new();
    ledger.enter(*destroyed.id(), day(1));
    for copy in [&active, &retired, &pending, &retired.hold().unwrap()] {
        // An older copy of the row, put back: its bytes are sound, so only the ledger stops it.
        assert_eq!(epoch.open_dek(copy).is_ok(), copy.state().opens());
        let replay = ledger.replay(vec![copy.clone()]);
        assert_eq!((replay.rows.len(), &replay.rows[0]), (1, &destroyed));
        assert_eq!(replay.destroyed_again, [*destroyed.id()]);
        let state = StoredKeyState::Destroyed;
        assert_eq!(epoch.open_dek(&replay.rows[0]).err(), Some(UnwrapError::State { state }));
    }
    // Nor does any step lead back.
    for next in StoredKeyState::ALL {
        assert!(!StoredKeyState::Destroyed.may_become(*next));
        assert!(!next.opens() || !StoredKeyState::ShredPending.may_become(*next));
    }
}

proptest! {
    #[test]
    fn a_replay_destroys_exactly_what_the_ledger_names_and_once_is_enough(
        rows in proptest::collection::vec((arb_dek_id(), proptest::sample::select(StoredKeyState::ALL), any::<bool>()), 0..8),
    ) {
        let epoch = epoch(1);
        let mut ledger = ErasureLedger::new();
        for (id, _, named) in &rows {
            if *named {
                ledger.enter(*id, day(1));
                ledger.enter(*id, day(2));
            }
        }
        let before: Vec<_> = rows.iter().map(|(id, state, _)| row(&epoch, *id, *state)).collect();
        let replay = ledger.replay(before.clone());
        for (was, is) in before.iter().zip(&replay.rows) {
            let named = ledger.entered_at(was.id());
            prop_assert!(named.is_none_or(|at| at == day(1)));
            prop_assert_eq!(is == was, named.is_none() || was.state() == StoredKeyState::Destroyed);
            prop_assert_eq!(is.id(), was.id());
            prop_assert!(named.is_none() || is.wrapped().is_none());
        }
        prop_assert_eq!(ledger.replay(replay.rows.clone()).destroyed_again, []);
        prop_assert_eq!(ledger.replay(replay.rows.clone()).rows, replay.rows);
    }
}
