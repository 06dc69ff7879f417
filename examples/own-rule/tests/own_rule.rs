//! The clinic's own rule, as a property.

use chrono::DateTime;
use consent_policy::testing::arb_request_near;
use own_rule::{DOCUMENT, engine};
use proptest::prelude::*;
use records_model::{Category, Fact, Field, Role, Set};

consent_policy::laws!(DOCUMENT, edits: 400, seed: 1);

proptest! {
    /// Who is not cleared or not in the care relation sees nothing, and nobody sees more than three fields.
    #[test]
    fn the_pharmacy_sees_three_fields_of_those_it_serves(
        (request, facts) in arb_request_near(engine().unwrap().policy().rules()),
    ) {
        let decision = engine().unwrap().decide(&request, &facts, DateTime::UNIX_EPOCH);
        if decision.is_permit() {
            prop_assert_eq!((request.role, request.categories), (Role::Pharmacist, Set::one(Category::Medications)));
            prop_assert!(facts.present.contains(Fact::CareRelation) && facts.present.contains(Fact::Training));
            let three = Set::of(&[Field::Code, Field::Display, Field::Dose]);
            prop_assert!(three.contains_all(decision.any_fields()));
        }
    }
}
