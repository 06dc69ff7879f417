//! Strategies for property tests of this crate and of crates that embed it, and histories made from a number.

mod export;
mod month;

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;
use records_model::testing::{
    arb_actor_id, arb_clinic_id, arb_instant, arb_record_id, arb_set, arb_subject_id, arb_word,
};
use records_model::{Action, ActorId, ClauseId, ClinicId, EntryId, PolicyVersionId, Purpose, RuleId};
use uuid::Uuid;

pub use export::{ExportParts, head};
pub use month::{SampleMonth, sample_month};
pub use proptest;

use crate::{
    Basis, Chain, Commitment, ContentHash, Event, Generations, Leaf, LeafParts, LogSigningKey, Moves,
    Outcome, Preimage, Pseudonym, Reason, Recipient, RecipientId, Salt,
};

/// The clinic of every history here.
#[must_use]
pub fn sample_clinic() -> ClinicId {
    ClinicId::from_uuid(Uuid::from_u128(0x0191_0000_0000_7000_8000_0000_0000_0c11))
}

/// The signing key of that clinic. It is public, and so proves nothing outside tests.
#[must_use]
pub fn sample_key() -> LogSigningKey {
    LogSigningKey::from_bytes(sample_clinic(), &[0x5a; 32])
}

/// One of four pseudonyms, so that two entries often share one.
pub fn arb_pseudonym() -> impl Strategy<Value = Pseudonym> {
    (1..=4_u8).prop_map(|byte| Pseudonym::from_bytes([byte; 16]))
}

/// Any rule id.
pub fn arb_rule_id() -> impl Strategy<Value = RuleId> {
    "[a-z][a-z0-9.-]{0,30}".prop_filter_map("a rule id", |text| RuleId::parse(&text).ok())
}

fn arb_generations() -> impl Strategy<Value = (u64, u64, u64)> {
    let generation = || prop_oneof![4 => 0..5_u64, 1 => 0..u64::MAX];
    (generation(), generation(), generation())
}

prop_compose! {
    fn arb_request()(
        action in proptest::option::of(arb_word()),
        purpose in proptest::option::of(arb_word()),
        ground in proptest::option::of(arb_word()),
        detail in proptest::option::of(arb_word()),
        outcome in arb_word::<Outcome>(),
        rules in proptest::collection::btree_set(arb_rule_id(), 0..4),
        policy in proptest::option::of("[a-z][a-z0-9.-]{0,20}"),
        content in proptest::option::of(any::<[u8; 32]>()),
        commitment in any::<[u8; 32]>(),
    ) -> LeafParts {
        LeafParts {
            clinic: sample_clinic(),
            entry: EntryId::from_uuid(Uuid::nil()),
            event: Event::Decision,
            at: DateTime::UNIX_EPOCH,
            subject: None,
            actor: None,
            action,
            purpose,
            ground,
            detail,
            outcome,
            rules,
            policy: policy.and_then(|text| PolicyVersionId::parse(&text).ok()),
            generations: Generations { clinic: 0, actor: None, subject: None },
            moves: Moves::None,
            content: content.map(ContentHash::from_bytes),
            commitment: Commitment::from_bytes(commitment),
        }
    }
}

/// Any valid entry, alone: its generations fit no particular log.
pub fn arb_leaf() -> impl Strategy<Value = Leaf> {
    arb_leaf_parts().prop_filter_map("a valid entry", |parts| Leaf::new(parts).ok())
}

prop_compose! {
    fn arb_leaf_parts()(
        parts in arb_request(),
        clinic in arb_clinic_id(),
        entry in any::<u128>(),
        event in arb_word::<Event>(),
        at in arb_instant(),
        micros in 0..1_000_000_i64,
        people in (proptest::option::of(arb_pseudonym()), proptest::option::of(arb_pseudonym())),
        generations in arb_generations(),
        moves in arb_word::<Moves>(),
        decided in prop_oneof![Just(Outcome::Permit), Just(Outcome::Deny), Just(Outcome::NotApplicable)],
    ) -> LeafParts {
        let moves = event.moved_chain().unwrap_or(moves);
        let actor = people.0.or((moves == Moves::Actor).then_some(Pseudonym::from_bytes([9; 16])));
        let subject = people.1.or((moves == Moves::Subject).then_some(Pseudonym::from_bytes([9; 16])));
        let outcome = match (event, parts.outcome) {
            _ if moves != Moves::None => Outcome::Permit,
            (Event::Decision, Outcome::None) => decided,
            (_, outcome) => outcome,
        };
        LeafParts {
            clinic,
            entry: EntryId::from_uuid(Uuid::from_u128(entry)),
            event,
            at: at + TimeDelta::microseconds(micros),
            subject,
            actor,
            outcome,
            generations: Generations {
                clinic: generations.0,
                actor: actor.map(|_| generations.1),
                subject: subject.map(|_| generations.2),
            },
            moves,
            ..parts
        }
    }
}

prop_compose! {
    /// Any basis of a decision.
    pub fn arb_basis()(
        (role, country, consent) in (arb_word(), arb_word(), arb_word()),
        (categories, present) in (arb_set(), arb_set()),
    ) -> Basis {
        Basis { role, categories, country, consent, present }
    }
}

prop_compose! {
    /// Any preimage.
    pub fn arb_preimage()(
        subject in proptest::option::of(arb_subject_id()),
        actor in proptest::option::of(arb_actor_id()),
        role in proptest::option::of(arb_word()),
        by in proptest::option::of(arb_actor_id()),
        recipient in proptest::option::of((arb_word(), proptest::option::of(arb_recipient_id()))),
        categories in arb_set(),
        records in proptest::collection::btree_set(arb_record_id(), 0..5),
        reasons in proptest::collection::btree_set((1..999_u16, arb_rule_id()), 0..4),
        basis in proptest::option::of(arb_basis()),
    ) -> Preimage {
        let reasons = reasons.into_iter();
        Preimage {
            subject,
            actor,
            role,
            by,
            undescribed_purpose: None,
            recipient: recipient.map(|(class, id)| Recipient { class, id }),
            categories,
            records,
            reasons: reasons
                .filter_map(|(clause, code)| Some(Reason { clause: ClauseId::new(clause)?, code }))
                .collect(),
            basis,
        }
    }
}

/// Any id of a recipient.
pub fn arb_recipient_id() -> impl Strategy<Value = RecipientId> {
    prop_oneof![
        any::<u128>()
            .prop_map(|id| RecipientId::Provider(records_model::ProviderId::from_uuid(Uuid::from_u128(id)))),
        arb_subject_id().prop_map(RecipientId::Person),
        any::<u128>().prop_map(|id| RecipientId::Actor(ActorId::from_uuid(Uuid::from_u128(id)))),
    ]
}

/// Any salt.
pub fn arb_salt() -> impl Strategy<Value = Salt> {
    any::<[u8; 32]>().prop_map(Salt::from_bytes)
}

/// A log as several writers would make it, in the order of its commits: one clinic, four actors, five subjects,
/// every chain moved now and then. Entry ids carry no order.
pub fn arb_history(max_entries: usize) -> impl Strategy<Value = Vec<Leaf>> {
    proptest::collection::vec(any::<u64>(), 0..=max_entries).prop_map(|steps| history_of(&steps))
}

/// The history that a number stands for; the same number gives the same bytes for ever.
#[must_use]
pub fn sample_history(seed: u64, entries: usize) -> Vec<Leaf> {
    let mut state = seed;
    let steps: Vec<u64> = std::iter::repeat_with(|| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(state)
    })
    .take(entries)
    .collect();
    history_of(&steps)
}

/// A well-known scrambling of 64 bits (the finaliser of `SplitMix64`, public domain).
const fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

fn history_of(steps: &[u64]) -> Vec<Leaf> {
    let mut generations: HashMap<Chain, u64> = HashMap::new();
    (0..).zip(steps).filter_map(|(position, step)| next_leaf(&mut generations, position, *step)).collect()
}

/// What one step does: event, outcome and moved chain, in sixteen kinds of which six change facts.
const fn step_kind(step: u64) -> (Event, Outcome, Moves) {
    match (step >> 16) % 16 {
        0 => (Event::ConsentGiven, Outcome::Permit, Moves::Subject),
        1 => (Event::ConsentEnded, Outcome::Permit, Moves::Subject),
        2 => (Event::RestrictionAdded, Outcome::Permit, Moves::Subject),
        3 => (Event::BreakGlassOpened, Outcome::Permit, Moves::Subject),
        4 => (Event::ClearanceChanged, Outcome::None, Moves::Actor),
        5 => (Event::PolicyActivated, Outcome::None, Moves::Clinic),
        6 => (Event::RecordWritten, Outcome::Permit, Moves::None),
        7 => (Event::DisclosureMade, Outcome::Permit, Moves::None),
        8 | 9 => (Event::Decision, Outcome::Deny, Moves::None),
        _ => (Event::Decision, Outcome::Permit, Moves::None),
    }
}

fn next_leaf(generations: &mut HashMap<Chain, u64>, position: u64, step: u64) -> Option<Leaf> {
    let (event, outcome, moves) = step_kind(step);
    let name = |tag: u8, number: u64| {
        Pseudonym::from_bytes([tag.wrapping_add(u8::try_from(number).unwrap_or_default()); 16])
    };
    let (actor, subject) = (name(0xa0, step % 4), name(0x50, (step >> 8) % 5));
    let read = |chain| generations.get(&chain).copied().unwrap_or_default();
    let noise = u128::from(mixed(step ^ position)) << 64 | u128::from(mixed(position));
    let parts = LeafParts {
        clinic: sample_clinic(),
        entry: EntryId::from_uuid(Uuid::from_u128(noise)),
        event,
        at: DateTime::UNIX_EPOCH
            + TimeDelta::microseconds(1_767_225_600_000_000)
            + TimeDelta::seconds(i64::try_from(position).unwrap_or_default()),
        subject: Some(subject),
        actor: Some(actor),
        action: Some(Action::Read),
        purpose: Some(Purpose::Treatment),
        ground: None,
        detail: None,
        outcome,
        rules: RuleId::parse("care-team-reads").into_iter().collect(),
        policy: PolicyVersionId::parse("sample-2026.1").ok(),
        generations: Generations {
            clinic: read(Chain::Clinic),
            actor: Some(read(Chain::Actor(actor))),
            subject: Some(read(Chain::Subject(subject))),
        },
        moves,
        content: None,
        commitment: Commitment::from_bytes([u8::try_from(step % 256).unwrap_or_default(); 32]),
    };
    let chain = match moves {
        Moves::None => None,
        Moves::Clinic => Some(Chain::Clinic),
        Moves::Actor => Some(Chain::Actor(actor)),
        Moves::Subject => Some(Chain::Subject(subject)),
    };
    if let Some(chain) = chain {
        *generations.entry(chain).or_default() += 1;
    }
    Leaf::new(parts).ok()
}
