//! Section 9 as properties, and the example clinic's rules held against them.

use std::sync::LazyLock;

use expect_test::expect;
use proptest::prelude::*;
use records_model::testing::{arb_instant, arb_set};

use super::*;
use crate::testing::EXAMPLE_DOCUMENT;
use crate::{Engine, Outcome, PolicyDraft, consent_level};

static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(PolicyDraft::parse(EXAMPLE_DOCUMENT).unwrap().check().unwrap()));

const SIGNALS: [BrowserSignal; 2] = [BrowserSignal::None, BrowserSignal::GlobalPrivacyControl];

fn notice() -> NoticeVersionId {
    NoticeVersionId::parse("2025-01").unwrap()
}

prop_compose! {
    fn arb_choice()(allowed in arb_set(), at in arb_instant()) -> CookieChoice {
        CookieChoice::new(allowed, at, notice())
    }
}

fn arb_visit() -> impl Strategy<Value = (Option<CookieChoice>, BrowserSignal)> {
    (proptest::option::weighted(0.8, arb_choice()), proptest::sample::select(&SIGNALS[..]))
}

fn kept(choice: Option<&CookieChoice>, signal: BrowserSignal) -> Set<CookieClass> {
    CookieClass::ALL.iter().copied().filter(|class| standing(choice, signal, *class).is_kept()).collect()
}

fn id() -> ConsentId {
    "00000000-0000-7000-8000-000000000009".parse().unwrap()
}

proptest! {
    /// P-82: the site works without any choice, after any, and whatever the browser says.
    #[test]
    fn the_essential_needs_no_choice((choice, signal) in arb_visit()) {
        prop_assert!(kept(choice.as_ref(), signal).contains(CookieClass::Essential));
    }

    /// P-83, P-84: nothing else is kept unless somebody said so.
    #[test]
    fn nothing_else_is_kept_without_an_affirmative_choice((choice, signal) in arb_visit()) {
        let said = choice.as_ref().map(CookieChoice::allowed).unwrap_or_default();
        prop_assert!(said.with(CookieClass::Essential).contains_all(kept(choice.as_ref(), signal)));
        prop_assert_eq!(kept(None, signal), Set::one(CookieClass::Essential));
    }

    /// P-83, P-85: the signal only ever takes away, and always takes measuring away, with its reason.
    #[test]
    fn the_signal_never_opens_anything((choice, _) in arb_visit()) {
        let (quiet, signalled) =
            (kept(choice.as_ref(), SIGNALS[0]), kept(choice.as_ref(), SIGNALS[1]));
        prop_assert!(quiet.contains_all(signalled));
        prop_assert_eq!(
            standing(choice.as_ref(), SIGNALS[1], CookieClass::Analytics),
            CookieStanding::SignalledOff
        );
    }

    /// P-85: taking a class out of a choice takes that class away and opens none.
    #[test]
    fn withdrawing_never_opens_anything((choice, signal) in arb_visit(), out in arb_set::<CookieClass>()) {
        let Some(choice) = choice else { return Ok(()) };
        let later = choice.at() + chrono::TimeDelta::seconds(1);
        let fewer = CookieChoice::new(choice.allowed() - out, later, notice());
        let after = kept(Some(&fewer), signal);
        prop_assert!(kept(Some(&choice), signal).contains_all(after));
        prop_assert!(!after.intersects(out.without(CookieClass::Essential)));
        let withdrawn = choice.allowed().intersects(out);
        prop_assert_eq!(fewer.ends(&choice).cause == EndCause::Withdrawn, withdrawn);
    }

    /// The example clinic's document decides every class as its standing says.
    #[test]
    fn the_document_decides_as_the_standing_says((choice, signal) in arb_visit()) {
        for class in CookieClass::ALL {
            let facts = CookieChoice::facts(choice.as_ref(), signal, *class);
            let decision = ENGINE.decide(&class.request(), &facts, DateTime::UNIX_EPOCH);
            let stands = standing(choice.as_ref(), signal, *class);
            prop_assert_eq!(decision.is_permit(), stands.is_kept(), "{} {:?}", class, stands);
            if stands == CookieStanding::SignalledOff {
                prop_assert_eq!(decision.outcome, Outcome::Deny);
            }
        }
    }

    /// The consent of a choice covers exactly what was chosen, from its instant on, and no more once it ended.
    #[test]
    fn the_consent_of_a_choice_is_the_choice(choice in arb_choice()) {
        let consent = choice.consent(id());
        prop_assert_eq!(consent.is_none(), choice.allowed().is_empty());
        let consents: Vec<Consent> = consent.into_iter().collect();
        for class in [CookieClass::Analytics, CookieClass::Preference] {
            let form = |consents: &[Consent], at| consent_level(consents, &class.request(), at).form;
            let facts = CookieChoice::facts(Some(&choice), BrowserSignal::None, class);
            prop_assert_eq!(form(&consents, choice.at()), facts.consent);
            let before = choice.at() - chrono::TimeDelta::seconds(1);
            prop_assert_eq!(form(&consents, before), ConsentForm::None);
            let none = CookieChoice::new(Set::EMPTY, choice.at(), notice());
            let ended: Vec<Consent> =
                consents.iter().map(|one| one.clone().end(none.ends(&choice)).unwrap()).collect();
            prop_assert_eq!(form(&ended, choice.at()), ConsentForm::None);
        }
    }
}

#[test]
fn only_one_value_of_the_header_is_the_signal() {
    for (value, signal) in [
        (None, BrowserSignal::None),
        (Some("0"), BrowserSignal::None),
        (Some("true"), BrowserSignal::None),
        (Some("1, 1"), BrowserSignal::None),
        (Some(" 1 "), BrowserSignal::GlobalPrivacyControl),
        (Some("1"), BrowserSignal::GlobalPrivacyControl),
    ] {
        assert_eq!(BrowserSignal::of_header(value), signal, "{value:?}");
    }
}

#[test]
fn the_receipt_says_why_measuring_stays_off_although_it_was_clicked() {
    let at = "2026-11-24T18:00:00Z".parse().unwrap();
    let choice = CookieChoice::new(Set::full(), at, notice());
    let receipt = choice.receipt(id(), BrowserSignal::GlobalPrivacyControl);
    expect![[r#"
        {
          "receipt": "00000000-0000-7000-8000-000000000009",
          "chosen-at": "2026-11-24T18:00:00Z",
          "notice": "2025-01",
          "allowed": [
            "analytics",
            "preference"
          ],
          "refused": [],
          "signal": "global-privacy-control",
          "classes": [
            {
              "class": "essential",
              "standing": "essential",
              "clause": "P-82",
              "es": "El sitio no funciona sin esto; no hace falta que usted elija.",
              "en": "The site does not work without it; there is nothing for you to choose."
            },
            {
              "class": "analytics",
              "standing": "signalled-off",
              "clause": "P-83",
              "es": "Su navegador pidió que no se le mida, y eso vale sobre cualquier clic.",
              "en": "Your browser asked not to be measured, and that outweighs any click."
            },
            {
              "class": "preference",
              "standing": "allowed",
              "clause": "P-84",
              "es": "Usted lo permitió y puede cambiarlo cuando quiera.",
              "en": "You allowed it, and can change that whenever you like."
            }
          ]
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&receipt).unwrap());
}
