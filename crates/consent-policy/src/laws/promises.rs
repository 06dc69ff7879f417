//! The absolute promises, as a patient would test them: whatever the request, the facts and the consents.

use std::sync::LazyLock;

use chrono::DateTime;
use proptest::prelude::*;
use records_model::testing::arb_word;
use records_model::{
    Category, ConsentForm, CountryClass, Fact, Field, Polarity, Purpose, RecipientClass, Role, Sensitivity,
    Set,
};

use super::example_engine;
use crate::testing::{arb_facts, arb_request, arb_request_near};
use crate::{Decision, Engine, Facts, Obligation, Request};

static ENGINE: LazyLock<Engine> = LazyLock::new(example_engine);

fn arb_question() -> impl Strategy<Value = (Request, Facts)> {
    prop_oneof![(arb_request(), arb_facts()), arb_request_near(ENGINE.policy().rules())]
}

fn decide(request: &Request, facts: &Facts) -> Decision {
    ENGINE.decide(request, facts, DateTime::UNIX_EPOCH)
}

/// Whether `better` permits whatever `worse` permits, opens what it opens and owes nothing that it does not owe.
fn is_no_narrower(better: &Decision, worse: &Decision) -> bool {
    let all: &[Category] = records_model::Vocabulary::ALL;
    !worse.is_permit()
        || (better.is_permit()
            && all.iter().all(|c| better.fields_of(*c).contains_all(worse.fields_of(*c)))
            && worse.obligations.contains_all(better.obligations))
}

proptest! {
    #[test]
    fn a_sale_is_never_permitted(
        (request, facts) in arb_question(),
        purpose in proptest::sample::select(&[Purpose::Sale, Purpose::Rental, Purpose::Trade][..]),
    ) {
        let decision = decide(&Request { purpose, ..request }, &facts);
        prop_assert!(!decision.is_permit());
    }

    #[test]
    fn tacit_consent_is_none_for_a_sensitive_category((request, facts) in arb_question()) {
        prop_assume!(request.categories.iter().all(|c| c.sensitivity() == Sensitivity::Sensitive));
        let tacit = decide(&request, &Facts { consent: ConsentForm::Tacit, ..facts });
        let none = decide(&request, &Facts { consent: ConsentForm::None, ..facts });
        prop_assert_eq!(tacit.outcome, none.outcome);
        prop_assert_eq!(tacit.rules, none.rules);
        prop_assert_eq!(tacit.fields, none.fields);
        prop_assert_eq!(tacit.obligations, none.obligations);
    }

    #[test]
    fn no_fact_moves_a_decision_against_its_polarity((request, facts) in arb_question(), fact in arb_word::<Fact>()) {
        let with = decide(&request, &Facts { present: facts.present.with(fact), ..facts });
        let without = decide(&request, &Facts { present: facts.present.without(fact), ..facts });
        match fact.polarity() {
            Polarity::Favourable => prop_assert!(is_no_narrower(&with, &without)),
            Polarity::Unfavourable => prop_assert!(is_no_narrower(&without, &with)),
        }
    }

    #[test]
    fn a_weaker_consent_never_opens_anything((request, facts) in arb_question(), form in arb_word::<ConsentForm>()) {
        let weaker = decide(&request, &Facts { consent: form.min(facts.consent), ..facts });
        let stronger = decide(&request, &Facts { consent: form.max(facts.consent), ..facts });
        prop_assert!(is_no_narrower(&stronger, &weaker));
    }

    #[test]
    fn facts_that_lapsed_open_nothing((request, facts) in arb_question(), seconds in 0..1_000_i64) {
        let now = DateTime::UNIX_EPOCH;
        let lapsed = Facts { valid_until: Some(now - chrono::TimeDelta::seconds(seconds)), ..facts };
        let fresh = Facts { valid_until: None, ..facts };
        prop_assert!(is_no_narrower(&decide(&request, &fresh), &decide(&request, &lapsed)));
    }

    #[test]
    fn staff_without_clearance_see_nothing(
        (request, facts) in arb_question(),
        role in arb_word::<Role>(),
        missing in proptest::sample::select(&[Fact::Training, Fact::BackgroundCheck, Fact::Undertaking][..]),
    ) {
        prop_assume!(role.is_staff());
        let facts = Facts { present: facts.present.without(missing), ..facts };
        let decision = decide(&Request { role, ..request }, &facts);
        prop_assert!(!decision.is_permit());
    }

    #[test]
    fn a_hotel_or_a_driver_sees_nothing_about_health(
        (request, facts) in arb_question(),
        recipient in proptest::sample::select(&[RecipientClass::Hotel, RecipientClass::Transport][..]),
    ) {
        let decision = decide(&Request { recipient, ..request.clone() }, &facts);
        if decision.is_permit() {
            prop_assert!(!request.categories.iter().any(Category::is_medical));
            prop_assert!(!facts.as_of(DateTime::UNIX_EPOCH).present.contains(Fact::RevealsHealth));
            prop_assert!(!decision.any_fields().contains(Field::HealthPreferences));
        }
    }

    #[test]
    fn a_hotel_gets_six_fields_and_a_driver_five((request, facts) in arb_question()) {
        for (recipient, allowed) in [
            (RecipientClass::Hotel, &[
                Field::GivenNames, Field::Surnames, Field::Arrival, Field::Departure, Field::Companions,
                Field::Preferences,
            ][..]),
            (RecipientClass::Transport, &[
                Field::GivenNames, Field::Surnames, Field::Phone, Field::PickupTime, Field::PickupPlace,
            ][..]),
        ] {
            let request = Request { recipient, purpose: Purpose::Travel, ..request.clone() };
            prop_assert!(Set::of(allowed).contains_all(decide(&request, &facts).any_fields()));
        }
    }

    #[test]
    fn what_is_not_classified_is_read_by_nobody((request, facts) in arb_question()) {
        let request = Request { categories: request.categories.with(Category::Unclassified), ..request };
        let decision = decide(&request, &facts);
        let moves = matches!(request.action, records_model::Action::Write | records_model::Action::Collect);
        prop_assert!(decision.fields_of(Category::Unclassified).is_empty() || moves);
    }

    #[test]
    fn nothing_crosses_a_border_without_a_mechanism(
        (request, facts) in arb_question(),
        recipient in arb_word::<RecipientClass>(),
    ) {
        prop_assume!(!matches!(
            recipient,
            RecipientClass::Internal | RecipientClass::ThePerson | RecipientClass::Representative
        ));
        let request = Request { recipient, country: CountryClass::Abroad, ..request };
        let facts = Facts { present: facts.present.without(Fact::TransferMechanism), ..facts };
        prop_assert!(!decide(&request, &facts).is_permit());
    }

    #[test]
    fn a_permit_in_an_emergency_is_reviewed_and_told((request, facts) in arb_question()) {
        let request = Request { ground: records_model::Ground::EmergencyToSelf, ..request };
        let decision = decide(&request, &facts);
        let looked = matches!(request.action, records_model::Action::Read | records_model::Action::Disclose);
        if decision.is_permit() && looked {
            prop_assert!(decision.obligations.contains(Obligation::TellThePerson));
            prop_assert!(decision.obligations.contains(Obligation::WriteNote));
        }
    }
}
