//! Consents, restrictions and withdrawal: nothing that ends or limits ever opens anything.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use records_model::testing::{arb_instant, arb_restriction};
use records_model::{ConsentForm, Fact, Purpose, Restriction, Set};

use super::example_engine;
use crate::testing::{arb_consents, arb_request, arb_request_near, covering};
use crate::{
    Consent, ConsentError, ConsentParts, ConsentPurpose, EndCause, Ended, Engine, Facts, Request,
    consent_level, restriction_facts, withdraw,
};

static ENGINE: LazyLock<Engine> = LazyLock::new(example_engine);

/// A question with consents that are about it more often than chance would have it.
fn arb_case() -> impl Strategy<Value = (Request, Facts, Vec<Consent>)> {
    (arb_request_near(ENGINE.policy().rules()), arb_consents(), proptest::collection::vec(any::<bool>(), 6))
        .prop_map(|((request, facts), consents, about)| {
            let fitted = consents.into_iter().zip(about).map(|(consent, about)| {
                if about { covering(&request, &consent).unwrap_or(consent) } else { consent }
            });
            let fitted = fitted.collect();
            (request, Facts { valid_until: None, ..facts }, fitted)
        })
}

fn facts_with(facts: &Facts, consents: &[Consent], request: &Request, now: DateTime<Utc>) -> Facts {
    Facts { consent: consent_level(consents, request, now).form, ..*facts }
}

proptest! {
    #[test]
    fn withdrawing_any_of_them_never_opens_anything(
        (request, facts, consents) in arb_case(),
        which in any::<proptest::sample::Index>(),
        now in arb_instant(),
    ) {
        let open: Vec<_> = consents.iter().filter(|c| c.parts().ended.is_none()).map(Consent::id).collect();
        prop_assume!(!open.is_empty());
        let withdrawal = withdraw(&consents, &[open[which.index(open.len())]], now).unwrap();
        let left: Vec<Consent> = consents
            .iter()
            .cloned()
            .map(|c| if withdrawal.consents.contains(&c.id()) { c.end(withdrawal.ended).unwrap() } else { c })
            .collect();
        let before = ENGINE.decide(&request, &facts_with(&facts, &consents, &request, now), now);
        let after = ENGINE.decide(&request, &facts_with(&facts, &left, &request, now), now);
        prop_assert!(before.is_permit() || !after.is_permit());
        if after.is_permit() {
            prop_assert!(before.any_fields().contains_all(after.any_fields()));
            prop_assert!(after.obligations.contains_all(before.obligations));
        }
        let (was, is) = (consent_level(&consents, &request, now).form, consent_level(&left, &request, now).form);
        prop_assert!(is <= was);
        if is < was {
            prop_assert!(!withdrawal.stops.is_empty(), "what stops is said before it is confirmed");
        }
    }

    #[test]
    fn one_consent_more_never_lowers_the_level((request, _, consents) in arb_case(), now in arb_instant()) {
        for length in 0..consents.len() {
            let fewer = consent_level(&consents[..length], &request, now).form;
            prop_assert!(fewer <= consent_level(&consents[..=length], &request, now).form);
        }
    }

    #[test]
    fn the_level_holds_until_its_own_end(
        (request, _, consents) in arb_case(), now in arb_instant(), seconds in 0..30_000_000_i64,
    ) {
        let cover = consent_level(&consents, &request, now);
        let later = now + TimeDelta::seconds(seconds);
        if cover.valid_until.is_none_or(|until| later < until) {
            prop_assert_eq!(consent_level(&consents, &request, later).form, cover.form);
        }
    }

    #[test]
    fn an_ended_consent_counts_at_no_time((request, _, consents) in arb_case(), now in arb_instant()) {
        let ended = Ended { at: now, cause: EndCause::Withdrawn };
        let gone: Vec<Consent> =
            consents.into_iter().map(|c| c.clone().end(ended).unwrap_or(c)).collect();
        for days in [-900, -1, 0, 1, 900] {
            let level = consent_level(&gone, &request, now + TimeDelta::days(days));
            prop_assert_eq!((level.form, level.valid_until), (ConsentForm::None, None));
        }
    }

    #[test]
    fn a_restriction_more_never_opens_anything(
        (request, facts, _) in arb_case(),
        restrictions in proptest::collection::vec(arb_restriction(), 0..4),
        added in arb_restriction(),
        now in arb_instant(),
    ) {
        let decide = |restrictions: &[Restriction]| {
            let cover = restriction_facts(restrictions, &request, now);
            ENGINE.decide(&request, &facts.and(cover.facts, cover.valid_until), now)
        };
        let before = decide(&restrictions);
        let mut more = restrictions.clone();
        more.push(added);
        let after = decide(&more);
        prop_assert!(before.is_permit() || !after.is_permit());
        prop_assert!(!after.is_permit() || before.any_fields().contains_all(after.any_fields()));
    }

    #[test]
    fn consent_for_one_undescribed_purpose_never_opens_another(
        consents in arb_consents(), request in arb_request(), now in arb_instant(),
    ) {
        let asked = Request { purpose: Purpose::Sharing, ..request };
        let named = consents.iter().any(|consent| {
            consent.parts().atoms.iter().any(|atom| match (&atom.purpose, &asked.undescribed) {
                (ConsentPurpose::Undescribed(id), Some(wanted)) => id == wanted,
                _ => false,
            })
        });
        if !named {
            prop_assert_eq!(consent_level(&consents, &asked, now).form, ConsentForm::None);
        }
    }

    #[test]
    fn a_consent_survives_json(consents in arb_consents()) {
        for consent in consents {
            let json = serde_json::to_string(&consent).unwrap();
            prop_assert_eq!(serde_json::from_str::<Consent>(&json).unwrap(), consent);
        }
    }
}

fn parts() -> ConsentParts {
    serde_json::from_str(include_str!("../../fixtures/consent-v1.json")).unwrap()
}

#[test]
fn the_json_of_a_consent_is_frozen() {
    let frozen = include_str!("../../fixtures/consent-v1.json").trim_end();
    assert_eq!(serde_json::to_string_pretty(&Consent::try_from(parts()).unwrap()).unwrap(), frozen);
}

#[test]
fn what_nobody_can_agree_to_is_no_consent() {
    let with = |change: fn(&mut ConsentParts)| {
        let mut parts = parts();
        change(&mut parts);
        Consent::try_from(parts).unwrap_err()
    };
    let sale = |parts: &mut ConsentParts| parts.atoms[0].purpose = ConsentPurpose::Described(Purpose::Sale);
    assert_eq!(with(sale), ConsentError::NeverPermitted);
    let sharing =
        |parts: &mut ConsentParts| parts.atoms[0].purpose = ConsentPurpose::Described(Purpose::Sharing);
    assert_eq!(with(sharing), ConsentError::SharingWithoutId);
    assert_eq!(with(|parts| parts.atoms.clear()), ConsentError::Empty);
    assert_eq!(with(|parts| parts.atoms[0].countries = Set::EMPTY), ConsentError::Empty);
    assert_eq!(with(|parts| parts.form = ConsentForm::None), ConsentError::NoForm);
    assert_eq!(with(|parts| parts.expires_at = Some(parts.starts_at)), ConsentError::Period);
    let open = |parts: &mut ConsentParts| parts.minus.push(crate::ConsentExclusion::default());
    assert_eq!(with(open), ConsentError::EmptyExclusion);
    let ended = Ended { at: parts().starts_at, cause: EndCause::Superseded };
    let consent = Consent::try_from(parts()).unwrap();
    assert_eq!(consent.end(ended).unwrap().end(ended), Err(ConsentError::AlreadyEnded));
}

#[test]
fn a_withdrawal_says_what_stops_and_refuses_what_cannot_end() {
    let consent = Consent::try_from(parts()).unwrap();
    let now = consent.parts().starts_at;
    let withdrawal = withdraw(std::slice::from_ref(&consent), &[consent.id()], now).unwrap();
    let stopped: Vec<_> = withdrawal.stops.iter().map(|stop| (stop.categories, stop.still)).collect();
    // Outcomes were taken out of the consent for providers, so only the laboratory stops there.
    let (laboratory, images) = (records_model::Category::Laboratory, records_model::Category::ClinicalImages);
    assert_eq!(stopped, [(Set::one(laboratory), ConsentForm::None), (Set::one(images), ConsentForm::None)]);

    let mut weaker = parts();
    weaker.id = "00000000-0000-7000-8000-000000000004".parse().unwrap();
    weaker.form = ConsentForm::Express;
    let weaker = Consent::try_from(weaker).unwrap();
    let both = [consent.clone(), weaker.clone()];
    let withdrawal = withdraw(&both, &[consent.id()], now).unwrap();
    assert!(withdrawal.stops.iter().all(|stop| stop.still == ConsentForm::Express));
    assert!(
        withdraw(&both, &[weaker.id()], now).unwrap().stops.is_empty(),
        "the stronger one still covers it"
    );

    let ended = consent.clone().end(withdrawal.ended).unwrap();
    let id = consent.id();
    assert_eq!(withdraw(&[], &[id], now), Err(crate::WithdrawalError::Unknown { consent: id }));
    assert_eq!(withdraw(&[ended], &[id], now), Err(crate::WithdrawalError::AlreadyEnded { consent: id }));
    assert_eq!(withdraw(&[consent], &[], now), Err(crate::WithdrawalError::Nothing));
}

#[test]
fn a_consent_is_in_force_from_its_start_to_before_its_end() {
    let consent = Consent::try_from(parts()).unwrap();
    let (start, end) = (consent.parts().starts_at, consent.parts().expires_at.unwrap());
    let second = TimeDelta::seconds(1);
    let in_force = [start - second, start, end - second, end].map(|at| consent.is_in_force(at));
    assert_eq!(in_force, [false, true, true, false]);
}

#[test]
fn a_restriction_of_a_self_paid_item_is_one_that_must_be_agreed_to() {
    let at = DateTime::UNIX_EPOCH;
    let restriction: Restriction = serde_json::from_str(
        r#"{"id":"00000000-0000-7000-8000-000000000009","kind":"must-agree",
            "scope":{"recipients":["insurer"]},"starts_at":"2026-01-01T00:00:00Z","lifted_at":null}"#,
    )
    .unwrap();
    let request: Request = serde_json::from_str(include_str!("../../fixtures/request-v1.json")).unwrap();
    let insurer = Request { recipient: records_model::RecipientClass::Insurer, ..request.clone() };
    let later = restriction.starts_at;
    let list = [restriction];
    assert_eq!(restriction_facts(&list, &insurer, later).facts, Set::one(Fact::RestrictedMustAgree));
    assert_eq!(restriction_facts(&list, &insurer, at).valid_until, Some(later));
    assert_eq!(restriction_facts(&list, &request, later).facts, Set::EMPTY);
}

#[test]
fn a_restriction_is_in_force_from_its_start_to_before_it_is_lifted() {
    let restriction: Restriction = serde_json::from_str(
        r#"{"id":"00000000-0000-7000-8000-000000000009","kind":"opposition","scope":{},
            "starts_at":"2026-01-01T00:00:00Z","lifted_at":"2026-02-01T00:00:00Z"}"#,
    )
    .unwrap();
    let request: Request = serde_json::from_str(include_str!("../../fixtures/request-v1.json")).unwrap();
    let (start, lifted) = (restriction.starts_at, restriction.lifted_at.unwrap());
    let list = [restriction];
    let restricted = |at| restriction_facts(&list, &request, at).facts.contains(Fact::Restricted);
    let second = TimeDelta::seconds(1);
    assert_eq!([start - second, start, lifted - second, lifted].map(restricted), [false, true, true, false]);
}

/// Who does not say who asks may be the very person that a restriction names.
#[test]
fn a_restriction_that_names_a_person_bears_on_a_request_that_names_nobody() {
    let restriction = |scope: &str, unless: &str| -> Restriction {
        let text = format!(
            r#"{{"id":"00000000-0000-7000-8000-000000000009","kind":"opposition","scope":{scope},"unless":{unless},
                "starts_at":"2026-01-01T00:00:00Z","lifted_at":null}}"#
        );
        serde_json::from_str(&text).unwrap()
    };
    let named = r#"{"actor":"00000000-0000-7000-8000-000000000007"}"#;
    let request: Request = serde_json::from_str(include_str!("../../fixtures/request-v1.json")).unwrap();
    let [ours, other] = ["00000000-0000-7000-8000-000000000007", "00000000-0000-7000-8000-000000000008"]
        .map(|id| Some(serde_json::from_value(id.into()).unwrap()));
    let restricted = |restriction: &Restriction, actor| {
        let list = std::slice::from_ref(restriction);
        let facts = restriction_facts(list, &Request { actor, ..request.clone() }, restriction.starts_at);
        facts.facts.contains(Fact::Restricted)
    };
    let against = restriction(named, "[]");
    assert_eq!([ours, other, None].map(|actor| restricted(&against, actor)), [true, false, true]);
    let but_for = restriction("{}", &format!("[{named}]"));
    assert_eq!([ours, other, None].map(|actor| restricted(&but_for, actor)), [false, true, true]);
}
