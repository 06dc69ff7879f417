//! Recovery: any k of n bring the keys back, fewer learn nothing, and what is false, mixed or damaged is refused.

use chrono::NaiveDate;
use crypto_vault::testing::proptest::prelude::*;
use crypto_vault::testing::{CountingRng, ReplayRng, example_index_root_id};
use crypto_vault::{
    EpochId, EpochKey, IndexRoot, Quorum, RecoveryError, RecoveryShare, ShareError, recover, split_recovery,
    verify_recovery,
};
use expect_test::expect;

use super::{day, epoch, index_root};

fn date() -> NaiveDate {
    day(0).date_naive()
}

fn shares(quorum: Quorum, seed: u64) -> Vec<RecoveryShare> {
    split_recovery(&epoch(2), &index_root(), quorum, date(), &mut CountingRng::new(seed)).unwrap()
}

/// Shares are not `Clone`; their text is read again instead.
fn again(share: &RecoveryShare) -> RecoveryShare {
    RecoveryShare::parse(&share.format()).ok().unwrap()
}

fn verified(shares: &[RecoveryShare]) -> Option<RecoveryError> {
    verify_recovery(shares, &epoch(2), &index_root(), day(1)).err()
}

#[test]
fn the_text_of_a_share_is_frozen() {
    let epoch = EpochKey::generate(EpochId::FIRST, &mut ReplayRng::new(&[0x22; 32]));
    let index = IndexRoot::generate(example_index_root_id(), &mut ReplayRng::new(&[0x33; 32]));
    let mut rng = CountingRng::new(1);
    let shares = split_recovery(&epoch, &index, Quorum::TWO_OF_THREE, date(), &mut rng).unwrap();
    expect![[r"
        resguardo-recovery-share-v1
        clinic: 01920000-0000-7000-8000-000000000c11
        epoch: 1
        index-version: 1
        date: 2024-10-04
        needed: 2
        holders: 3
        holder: 1
        set: 783825822a6f9e62
        key-check: 87429047e82f56e0ae321e79110b9fdb
        share: 9dce4348218b6d7bc7e43e7faa09ab4ae1c8eb19496e7d06666b2bc0cf72b72c906412ecee3d4510f068971d7588038c6d41f28adf28f00cf87ab7a73026a813
        check: 21fafee55e4fd725
    "]].assert_eq(&shares[0].format());
    assert!(recover(&[again(&shares[0]), again(&shares[2])]).is_ok());
}

#[test]
#[cfg_attr(miri, ignore = "many tries: minutes under Miri")]
fn any_two_of_three_bring_the_keys_back_and_one_alone_does_not() {
    let all = shares(Quorum::default(), 1);
    assert_eq!(all.iter().map(RecoveryShare::holder).collect::<Vec<_>>(), [1, 2, 3]);
    for (a, b) in [(0, 1), (0, 2), (1, 2), (2, 0)] {
        let pair = [again(&all[a]), again(&all[b])];
        let proof = verify_recovery(&pair, &epoch(2), &index_root(), day(1)).unwrap();
        assert_eq!((proof.epoch(), proof.at(), proof.holders().len()), (epoch(2).id(), day(1), 2));
    }
    assert_eq!(verified(&all), None);
    for share in &all {
        assert_eq!(verified(&[again(share)]), Some(RecoveryError::TooFew { given: 1, needed: 2 }));
    }
    assert_eq!(verified(&[]), Some(RecoveryError::TooFew { given: 0, needed: 2 }));
    let twice = [again(&all[0]), again(&all[0])];
    assert_eq!(verified(&twice), Some(RecoveryError::Twice { holder: 1 }));
}

#[test]
fn shares_of_two_splits_are_never_mixed() {
    let (first, second) = (shares(Quorum::default(), 1), shares(Quorum::default(), 2));
    let mixed = [again(&first[0]), again(&second[1])];
    assert_eq!(verified(&mixed), Some(RecoveryError::Mixed { holder: 2 }));
}

#[test]
fn a_recovery_of_other_keys_than_those_in_use_is_not_verified() {
    let all = shares(Quorum::default(), 1);
    let refused = |epoch: &EpochKey, index: &IndexRoot| verify_recovery(&all, epoch, index, day(1)).err();
    assert_eq!(refused(&epoch(3), &index_root()), Some(RecoveryError::OtherKeys));
    let same_number = EpochKey::generate(epoch(2).id(), &mut CountingRng::new(666));
    assert_eq!(refused(&same_number, &index_root()), Some(RecoveryError::OtherKeys));
    let other_root = IndexRoot::generate(example_index_root_id(), &mut CountingRng::new(5));
    assert_eq!(refused(&epoch(2), &other_root), Some(RecoveryError::OtherKeys));
}

/// A share whose value was replaced and whose check was made to fit, as a holder who cheats would do it.
fn forged(share: &RecoveryShare) -> RecoveryShare {
    use sha2::{Digest, Sha256};
    let text = share.format();
    let (body, _) = text.rsplit_once("check: ").unwrap();
    let at = body.find("share: ").unwrap() + 7;
    let digit = if body.as_bytes()[at] == b'0' { '1' } else { '0' };
    let body = format!("{}{digit}{}", &body[..at], &body[at + 1..]);
    let hash = Sha256::new_with_prefix(b"resguardo/recovery-share/v1\0").chain_update(&body).finalize();
    RecoveryShare::parse(&format!("{body}check: {}\n", crate::support::hex(&hash[..8]))).ok().unwrap()
}

#[test]
fn a_false_share_is_found_also_beside_enough_true_ones() {
    let all = shares(Quorum::default(), 1);
    let false_one = || forged(&all[2]);
    assert_eq!(verified(&[again(&all[0]), false_one()]), Some(RecoveryError::False));
    assert_eq!(verified(&[again(&all[0]), again(&all[1]), false_one()]), Some(RecoveryError::False));
}

#[test]
#[cfg_attr(miri, ignore = "many tries: minutes under Miri")]
fn every_changed_character_of_a_share_is_found() {
    let share = &shares(Quorum::default(), 1)[0];
    let text = share.format();
    for (at, _) in text.char_indices().filter(|(_, c)| *c != '\n') {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
        assert!(RecoveryShare::parse(std::str::from_utf8(&bytes).unwrap()).is_err(), "at {at}");
    }
    for cut in 0..text.len() - 1 {
        assert!(RecoveryShare::parse(&text[..cut]).is_err(), "cut at {cut}");
    }
    let longer = format!("{}more\n", text.as_str());
    assert_eq!(RecoveryShare::parse(&longer).err(), Some(ShareError::Trailing { line: 13 }));
    assert_eq!(RecoveryShare::parse("").err(), Some(ShareError::Title));
}

#[test]
fn a_quorum_is_two_at_least_and_never_more_than_there_are() {
    let made = |needed, holders| Quorum::new(needed, holders).is_ok();
    assert!(made(2, 2) && made(2, 3) && made(16, 16));
    assert!(!made(1, 3) && !made(0, 0) && !made(4, 3) && !made(2, 17));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(miri) { 1 } else { 64 }, ..ProptestConfig::default() })]

    #[test]
    fn exactly_as_many_as_are_needed_bring_the_keys_back(
        (needed, holders) in (2..6_u8).prop_flat_map(|needed| (Just(needed), needed..=8)),
        order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle(),
        seed in any::<u64>(),
    ) {
        let all = shares(Quorum::new(needed, holders).unwrap(), seed);
        let chosen = order.into_iter().filter(|holder| *holder < all.len());
        let chosen: Vec<_> = chosen.map(|holder| again(&all[holder])).collect();
        for given in 1..=chosen.len() {
            let refused = verified(&chosen[..given]);
            prop_assert_eq!(refused.is_none(), given >= usize::from(needed));
        }
    }

    #[test]
    fn the_shares_of_one_split_say_nothing_about_those_of_another(seed in any::<u64>(), other in any::<u64>()) {
        let share = |seed| shares(Quorum::default(), seed)[0].format();
        prop_assert_eq!(seed == other, share(seed) == share(other));
    }
}
