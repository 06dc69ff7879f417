//! The example clinic's policy, proved and asked.

use chrono::DateTime;
use consent_policy::{Engine, Facts, Outcome, PolicyDraft, Request};
use records_model::{
    Action, Category, ConsentForm, CountryClass, Detail, Fact, Field, Ground, Purpose, RecipientClass, Role,
    Set,
};

#[cfg(test)]
fn engine() -> Engine {
    let text = include_str!("../../../fixtures/clinics/elicells/policy.toml");
    let draft = PolicyDraft::parse(text).map_err(|error| error.to_string()).unwrap();
    Engine::new(draft.check().map_err(|error| error.to_string()).unwrap())
}

#[cfg(test)]
fn nurse_reads_laboratory() -> Request {
    Request {
        action: Action::Read,
        role: Role::Nurse,
        actor: None,
        purpose: Purpose::Treatment,
        undescribed: None,
        categories: Set::one(Category::Laboratory),
        recipient: RecipientClass::Internal,
        recipient_id: None,
        country: CountryClass::Domestic,
        ground: Ground::Consent,
        detail: Detail::Full,
    }
}

#[cfg(test)]
fn cleared() -> Set<Fact> {
    Set::of(&[Fact::Training, Fact::BackgroundCheck, Fact::Undertaking])
}

#[test]
fn a_nurse_reads_a_result_with_written_consent_and_is_told_what_is_missing_without() {
    let engine = engine();
    let request = nurse_reads_laboratory();
    let now = DateTime::UNIX_EPOCH;
    let in_care = cleared().with(Fact::CareRelation);

    let without = engine.decide(&request, &Facts::new(ConsentForm::None, in_care), now);
    assert_eq!(without.outcome, Outcome::NotApplicable);
    let first = engine.reasons(&without).next().unwrap();
    assert_eq!(first.rule.unwrap().as_str(), "care-read");
    assert_eq!(first.shortfall.consent, Some(ConsentForm::ExpressWritten));
    assert_eq!(engine.reasons(&without).last().unwrap().clauses[0].to_string(), "P-38");

    let with = engine.decide(&request, &Facts::new(ConsentForm::ExpressWritten, in_care), now);
    assert_eq!(with.outcome, Outcome::Permit);
    assert_eq!(with.fields_of(Category::Laboratory), Field::of_category(Category::Laboratory));

    let marketing = Request { purpose: Purpose::Marketing, ..request };
    let refused = engine.decide(&marketing, &Facts::new(ConsentForm::ExpressWritten, in_care), now);
    assert_eq!(refused.outcome, Outcome::Deny);
    assert_eq!(engine.reasons(&refused).next().unwrap().clauses[0].to_string(), "P-75");
}
