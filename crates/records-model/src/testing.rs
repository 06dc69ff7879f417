//! Strategies for property tests of this crate and of crates that embed it.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use uuid::Uuid;

pub use proptest;

use crate::{
    Action, ActorId, Category, ClinicId, Purpose, RecipientClass, RecordId, Restriction, RestrictionId,
    RestrictionKind, RestrictionScope, Role, Set, SubjectId, Vocabulary,
};

/// Any word of a vocabulary.
pub fn arb_word<V: Vocabulary>() -> impl Strategy<Value = V> {
    proptest::sample::select(V::ALL)
}

/// Any set of words of a vocabulary; small sets are as common as large ones.
pub fn arb_set<V: Vocabulary>() -> impl Strategy<Value = Set<V>> {
    prop_oneof![
        1 => Just(Set::EMPTY),
        3 => arb_word::<V>().prop_map(Set::one),
        2 => proptest::sample::subsequence(V::ALL, 0..=V::ALL.len()).prop_map(|words| Set::of(&words)),
    ]
}

/// Any instant within two years of 2026-01-01, to the second.
pub fn arb_instant() -> impl Strategy<Value = DateTime<Utc>> {
    (0..63_072_000_i64).prop_map(|s| DateTime::UNIX_EPOCH + TimeDelta::seconds(1_767_225_600 + s))
}

/// Any subject id.
pub fn arb_subject_id() -> impl Strategy<Value = SubjectId> {
    any::<u128>().prop_map(|bits| SubjectId::from_uuid(Uuid::from_u128(bits)))
}

/// Any clinic id.
pub fn arb_clinic_id() -> impl Strategy<Value = ClinicId> {
    any::<u128>().prop_map(|bits| ClinicId::from_uuid(Uuid::from_u128(bits)))
}

/// Any record id.
pub fn arb_record_id() -> impl Strategy<Value = RecordId> {
    any::<u128>().prop_map(|bits| RecordId::from_uuid(Uuid::from_u128(bits)))
}

/// One of four actors, so that two requests often share one.
pub fn arb_actor_id() -> impl Strategy<Value = ActorId> {
    (1..=4_u128).prop_map(|bits| ActorId::from_uuid(Uuid::from_u128(bits)))
}

prop_compose! {
    /// Any scope of a restriction.
    pub fn arb_restriction_scope()(
        actions in arb_set::<Action>(),
        purposes in arb_set::<Purpose>(),
        categories in arb_set::<Category>(),
        recipients in arb_set::<RecipientClass>(),
        roles in arb_set::<Role>(),
        actor in proptest::option::weighted(0.2, arb_actor_id()),
    ) -> RestrictionScope {
        RestrictionScope { actions, purposes, categories, recipients, roles, actor }
    }
}

prop_compose! {
    /// Any restriction; a third of them are lifted.
    pub fn arb_restriction()(
        id in any::<u128>(),
        kind in arb_word::<RestrictionKind>(),
        scope in arb_restriction_scope(),
        unless in proptest::collection::vec(arb_restriction_scope(), 0..2),
        starts_at in arb_instant(),
        lifted_after_seconds in proptest::option::weighted(0.33, 0..20_000_000_i64),
    ) -> Restriction {
        Restriction {
            id: RestrictionId::from_uuid(Uuid::from_u128(id)),
            kind,
            scope,
            unless,
            starts_at,
            lifted_at: lifted_after_seconds.map(|seconds| starts_at + TimeDelta::seconds(seconds)),
        }
    }
}
