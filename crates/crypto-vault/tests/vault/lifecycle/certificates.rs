//! Certificates: pending while anything survives, irrecoverable once nothing does, and never back.

use crypto_vault::testing::example_dek_id;
use crypto_vault::testing::proptest::prelude::*;
use crypto_vault::{
    Certificate, CertificateError, CertificateState, CopyId, Coverage, DestroyedEpoch, DestructionOutcome,
    EpochDestruction, EpochEnd, EpochId, IndexTokens, KeyVersion, KeystoreItem, KeystoreSurvey, Quorum,
    StoredKeyState, Survives, Survivor, VerifiedCopy, split_recovery, verify_recovery,
};

use super::{day, epoch, index_root, row};

fn number(number: u32) -> EpochId {
    EpochId::new(number).unwrap()
}

/// The proof that this epoch was destroyed on this day, come by as the product comes by it.
fn destroyed(ending: u32, on: i64) -> DestroyedEpoch {
    let next = epoch(ending + 1);
    let kept = row(&next, example_dek_id(), StoredKeyState::Active);
    let survey = KeystoreSurvey::open_all(&next, [KeystoreItem::Dek(&kept)]).unwrap();
    let copies = [1, 2].map(|id| VerifiedCopy::of(CopyId([id; 16]), survey, &survey, day(on)).unwrap());
    let mut rng = crypto_vault::testing::CountingRng::new(3);
    let date = day(on).date_naive();
    let shares = split_recovery(&next, &index_root(), Quorum::default(), date, &mut rng).unwrap();
    let recovery = verify_recovery(&shares, &next, &index_root(), day(on)).unwrap();
    let leave =
        EpochDestruction::prove(number(ending), survey, &copies, &[], Some(&recovery), day(on)).unwrap();
    match leave.carried_out(DestructionOutcome::Destroyed { at: day(on) }) {
        EpochEnd::Destroyed(ended) => ended,
        EpochEnd::Unproved { .. } => panic!("it was destroyed"),
    }
}

fn certificate(wrapped_by: (u32, u32), tokens: IndexTokens) -> Certificate {
    let key = row(&epoch(1), example_dek_id(), StoredKeyState::Destroyed);
    let (first, last) = wrapped_by;
    Certificate::new(&key, Coverage::WholeKey, (number(first), number(last)), tokens, day(10)).unwrap()
}

const TOKENS: KeyVersion = KeyVersion::FIRST;

fn tokens_until(on: i64) -> IndexTokens {
    IndexTokens::InBackups { version: TOKENS, last_expires_at: day(on), retired_at: None }
}

#[test]
fn a_certificate_says_what_survives_until_nothing_does() {
    let pending = certificate((1, 1), tokens_until(60));
    let state = CertificateState::Pending {
        epoch: Some(number(1)),
        index_version: Some(TOKENS),
        backup_horizon: Some(day(60)),
    };
    assert_eq!(pending.state(day(11)), state);
    let wrapped = Survives { what: Survivor::WrappedKey { epoch: number(1) }, until: None };
    let tokens = Survives { what: Survivor::SearchTokens { version: TOKENS }, until: Some(day(60)) };
    assert_eq!(pending.survives(day(11)), [wrapped, tokens]);

    let ended = pending.clone().epoch_destroyed(&destroyed(1, 30));
    assert_eq!(ended.survives(day(31)), [tokens]);
    let state =
        CertificateState::Pending { epoch: None, index_version: Some(TOKENS), backup_horizon: Some(day(60)) };
    assert_eq!(ended.state(day(59)), state);
    assert_eq!(ended.state(day(60)), CertificateState::Irrecoverable { at: day(60) });
    assert_eq!(ended.survives(day(60)), []);

    let retired = ended.index_retired(TOKENS, day(40));
    assert_eq!(retired.state(day(41)), CertificateState::Irrecoverable { at: day(40) });
    assert!(matches!(pending.state(day(9_999)), CertificateState::Pending { .. }));
}

#[test]
fn every_epoch_that_ever_wrapped_the_key_must_end() {
    let pending = certificate((2, 3), IndexTokens::None);
    let one = pending.clone().epoch_destroyed(&destroyed(3, 20));
    let state =
        CertificateState::Pending { epoch: Some(number(2)), index_version: None, backup_horizon: None };
    assert_eq!(one.state(day(99)), state);
    let other = pending.epoch_destroyed(&destroyed(2, 5)).epoch_destroyed(&destroyed(4, 6));
    assert!(
        matches!(other.state(day(99)), CertificateState::Pending { epoch, .. } if epoch == Some(number(3)))
    );
    assert_eq!(
        one.epoch_destroyed(&destroyed(2, 5)).state(day(99)),
        CertificateState::Irrecoverable { at: day(20) }
    );
}

#[test]
fn a_key_with_bytes_has_no_certificate() {
    for &state in StoredKeyState::ALL {
        let key = row(&epoch(1), example_dek_id(), state);
        let made =
            Certificate::new(&key, Coverage::WholeKey, (number(1), number(1)), IndexTokens::None, day(1));
        match made {
            Ok(_) => assert_eq!(state, StoredKeyState::Destroyed),
            Err(error) => assert_eq!(error, CertificateError::NotDestroyed { state }),
        }
    }
    let key = row(&epoch(1), example_dek_id(), StoredKeyState::Destroyed);
    let rows = Coverage::Rows { count: 4 };
    let backwards = Certificate::new(&key, rows, (number(2), number(1)), IndexTokens::None, day(1));
    assert_eq!(backwards, Err(CertificateError::Epochs { first: number(2), last: number(1) }));
    let partly = Certificate::new(&key, rows, (number(1), number(1)), IndexTokens::None, day(1)).unwrap();
    assert_eq!((partly.coverage(), partly.key(), partly.destroyed_at()), (rows, key.id(), day(1)));
}

proptest! {
    #[test]
    fn once_irrecoverable_always_irrecoverable_and_then_nothing_survives(
        last in 1..4_u32,
        ends in proptest::collection::vec((1..4_u32, 5..40_i64), 0..5),
        expires in proptest::option::of(5..50_i64),
        retired in proptest::option::of(5..50_i64),
        now in 10..60_i64,
        later in 0..30_i64,
    ) {
        let tokens = expires.map_or(IndexTokens::None, tokens_until);
        let mut certificate = certificate((1, last), tokens);
        for (epoch, on) in &ends {
            certificate = certificate.epoch_destroyed(&destroyed(*epoch, *on));
        }
        if let Some(on) = retired {
            certificate = certificate.index_retired(TOKENS, day(on));
        }
        let state = certificate.state(day(now));
        let is_final = matches!(state, CertificateState::Irrecoverable { .. });
        prop_assert_eq!(is_final, certificate.survives(day(now)).is_empty());
        let all_ended = (1..=last).all(|epoch| {
            ends.iter().find(|(ended, _)| *ended == epoch).is_some_and(|(_, on)| *on <= now)
        });
        let no_tokens = expires.is_none_or(|on| on.min(retired.unwrap_or(i64::MAX)) <= now);
        prop_assert_eq!(is_final, all_ended && no_tokens);
        if is_final {
            prop_assert_eq!(certificate.state(day(now + later)), state);
            let again = certificate.epoch_destroyed(&destroyed(1, now + 1)).index_retired(TOKENS, day(now + 1));
            prop_assert_eq!(again.state(day(now + later)), state);
        }
    }
}
