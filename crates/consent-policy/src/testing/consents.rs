//! Consents: any, and lists of them in which several bear on one request.

use chrono::TimeDelta;
use proptest::prelude::*;
use records_model::testing::{arb_instant, arb_set, arb_word};
use records_model::{
    Action, Category, ConsentForm, ConsentId, CountryClass, NoticeVersionId, Purpose, RecipientClass, Set,
};

use super::requests::{arb_provider_id, arb_undescribed};
use crate::{
    Consent, ConsentAtom, ConsentExclusion, ConsentParts, ConsentPurpose, ConsentRecipient, EndCause, Ended,
    Request, Signer,
};

fn arb_some<V: records_model::Vocabulary>() -> impl Strategy<Value = Set<V>> {
    (arb_word::<V>(), arb_set::<V>()).prop_map(|(word, set)| set.with(word))
}

fn arb_consent_purpose() -> impl Strategy<Value = ConsentPurpose> {
    prop_oneof![
        4 => arb_word::<Purpose>()
            .prop_filter("a purpose that somebody may consent to", |purpose| {
                !purpose.is_never_permitted() && *purpose != Purpose::Sharing
            })
            .prop_map(ConsentPurpose::Described),
        1 => arb_undescribed().prop_map(ConsentPurpose::Undescribed),
    ]
}

fn arb_consent_recipient() -> impl Strategy<Value = ConsentRecipient> {
    prop_oneof![
        arb_word::<RecipientClass>().prop_map(ConsentRecipient::Class),
        (arb_provider_id(), arb_word::<RecipientClass>())
            .prop_map(|(id, class)| ConsentRecipient::Provider { id, class }),
    ]
}

prop_compose! {
    /// Any atom of a consent.
    pub fn arb_consent_atom()(
        actions in arb_some::<Action>(),
        purpose in arb_consent_purpose(),
        categories in arb_some::<Category>(),
        recipient in arb_consent_recipient(),
        countries in arb_some::<CountryClass>(),
    ) -> ConsentAtom {
        let categories = categories.without(Category::Unclassified);
        let categories = if categories.is_empty() { Set::one(Category::Laboratory) } else { categories };
        ConsentAtom { actions, purpose, categories, recipient, countries }
    }
}

prop_compose! {
    /// Any exclusion that names at least one action.
    pub fn arb_consent_exclusion()(
        actions in arb_some::<Action>(),
        purposes in arb_set::<Purpose>(),
        categories in arb_set::<Category>(),
        recipients in arb_set::<RecipientClass>(),
        countries in arb_set::<CountryClass>(),
    ) -> ConsentExclusion {
        ConsentExclusion { actions, purposes, categories, recipients, countries }
    }
}

fn arb_ended() -> impl Strategy<Value = Ended> {
    let cause =
        proptest::sample::select(&[EndCause::Withdrawn, EndCause::Superseded, EndCause::Annulled][..]);
    (arb_instant(), cause).prop_map(|(at, cause)| Ended { at, cause })
}

/// Any consent: future, in force, run out or ended.
pub fn arb_consent() -> impl Strategy<Value = Consent> {
    let forms = proptest::sample::select(
        &[ConsentForm::Tacit, ConsentForm::Express, ConsentForm::ExpressWritten][..],
    );
    let notices = proptest::sample::select(&["2025-01", "2026-01"][..])
        .prop_filter_map("a written id", |text| NoticeVersionId::parse(text).ok());
    let ids = any::<u64>().prop_filter_map("a written id", |bits| {
        format!("00000000-0000-7000-8000-{:012x}", bits & 0xffff_ffff_ffff).parse::<ConsentId>().ok()
    });
    (
        (ids, notices, forms, proptest::bool::ANY),
        proptest::collection::vec(arb_consent_atom(), 1..4),
        proptest::collection::vec(arb_consent_exclusion(), 0..2),
        arb_instant(),
        proptest::option::weighted(0.5, 1..40_000_000_i64),
        proptest::option::weighted(0.3, arb_ended()),
    )
        .prop_filter_map(
            "parts of a consent",
            |((id, notice, form, by_person), atoms, minus, starts_at, term_seconds, ended)| {
                let expires_at = term_seconds.map(|seconds| starts_at + TimeDelta::seconds(seconds));
                let signer = if by_person { Signer::Person } else { Signer::Representative };
                let parts =
                    ConsentParts { id, atoms, minus, form, starts_at, expires_at, ended, notice, signer };
                Consent::try_from(parts).ok()
            },
        )
}

/// Up to six consents.
pub fn arb_consents() -> impl Strategy<Value = Vec<Consent>> {
    proptest::collection::vec(arb_consent(), 0..=6)
}

/// The consent with an atom that covers the request, if anybody may consent to it.
#[must_use]
pub fn covering(request: &Request, consent: &Consent) -> Option<Consent> {
    let purpose = match &request.undescribed {
        Some(id) => ConsentPurpose::Undescribed(id.clone()),
        None => ConsentPurpose::Described(request.purpose),
    };
    let mut parts = consent.parts().clone();
    parts.atoms.push(ConsentAtom {
        actions: Set::one(request.action),
        purpose,
        categories: request.categories,
        recipient: ConsentRecipient::Class(request.recipient),
        countries: Set::one(request.country),
    });
    parts.minus.clear();
    Consent::try_from(parts).ok()
}
