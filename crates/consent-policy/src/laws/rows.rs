//! The predicate of a list chooses what deciding row by row permits, and refuses what no row can settle.

use std::sync::LazyLock;

use chrono::DateTime;
use proptest::prelude::*;
use records_model::{
    Action, Category, ConsentForm, CountryClass, Detail, Fact, Ground, Polarity, Purpose, RecipientClass,
    Role, Set, Vocabulary,
};

use super::example_engine;
use crate::testing::arb_request_near;
use crate::{Engine, Facts, LeftOpen, PartialRequest, Request, RowMark};

static ENGINE: LazyLock<Engine> = LazyLock::new(example_engine);

/// Every way in which a row may be marked.
fn ways() -> [Set<Fact>; 4] {
    let (health, genetic) = (Set::one(Fact::RevealsHealth), Set::one(Fact::Genetic));
    [Set::EMPTY, health, genetic, health | genetic]
}

proptest! {
    #[test]
    fn a_row_is_chosen_if_and_only_if_deciding_about_it_permits(
        (request, facts) in arb_request_near(ENGINE.policy().rules()),
        categories in records_model::testing::arb_set::<Category>(),
        stale in any::<bool>(),
    ) {
        let now = DateTime::UNIX_EPOCH;
        let facts = if stale { Facts { valid_until: Some(now), ..facts } } else { facts };
        let request = Request { categories: request.categories | categories, ..request };
        let rows = ENGINE.policy().permitted_rows(&PartialRequest::over_rows(&request, &facts, now)).unwrap();
        for category in Category::ALL {
            for marks in ways() {
                let alone = Request { categories: Set::one(*category), ..request.clone() };
                let of_row = Facts { present: (facts.present - RowMark::facts()) | marks, ..facts };
                let permits = request.categories.contains(*category) && ENGINE.decide(&alone, &of_row, now).is_permit();
                prop_assert_eq!(rows.chooses(*category, marks), permits);
            }
        }
    }
}

#[test]
fn what_no_row_can_settle_is_refused_and_named() {
    let policy = ENGINE.policy();
    let request = Request {
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
    };
    let favourable = Fact::ALL.iter().copied().filter(|fact| fact.polarity() == Polarity::Favourable);
    let facts = Facts::new(ConsentForm::ExpressWritten, favourable.collect());
    let known = PartialRequest::over_rows(&request, &facts, DateTime::UNIX_EPOCH);
    assert!(policy.permitted_rows(&known).unwrap().chooses(Category::Laboratory, Set::EMPTY));

    let mut role = known;
    role.scope.roles = Set::full();
    assert_eq!(policy.permitted_rows(&role), Err(LeftOpen::Dimension("role")));
    let care = PartialRequest { present: known.present.without(Fact::CareRelation), ..known };
    assert_eq!(policy.permitted_rows(&care), Err(LeftOpen::Fact(Fact::CareRelation)));
    let consent = PartialRequest { forms: Set::full(), ..known };
    assert_eq!(policy.permitted_rows(&consent), Err(LeftOpen::Consent));
}
