//! Strategies for property tests of this crate and of crates that embed it.

pub use proptest;
use proptest::prelude::*;
use records_model::testing::{arb_set, arb_word};
use records_model::{Action, Category, CountryClass, Detail, Ground, Purpose, RecipientClass, Role, Set};

use crate::{Asked, EvidenceKind, Receiver, Setting};

/// Any receiver that is in no register.
pub fn arb_receiver() -> impl Strategy<Value = Receiver> {
    prop_oneof![
        2 => Just(Receiver::Internal),
        3 => (arb_word::<RecipientClass>(), arb_word::<CountryClass>())
            .prop_map(|(class, country)| Receiver::Class(class, country)),
    ]
}

prop_compose! {
    /// Any question that an operation may put to the policy.
    pub fn arb_asked()(
        action in arb_word::<Action>(),
        purpose in arb_word::<Purpose>(),
        category in arb_word::<Category>(),
        more in arb_set::<Category>(),
        receiver in arb_receiver(),
        ground in arb_word::<Ground>(),
        detail in arb_word::<Detail>(),
        setting in prop_oneof![Just(Setting::InPerson), Just(Setting::Remote)],
    ) -> Asked {
        let categories = Set::one(category) | more;
        Asked { action, purpose, undescribed: None, categories, receiver, ground, detail, setting }
    }
}

/// Any role that staff hold.
pub fn arb_staff_role() -> impl Strategy<Value = Role> {
    arb_word::<Role>().prop_filter("held by staff", |role| role.is_staff())
}

/// Any kind of evidence.
pub fn arb_evidence_kind() -> impl Strategy<Value = EvidenceKind> {
    proptest::sample::select(EvidenceKind::ALL.as_slice())
}
