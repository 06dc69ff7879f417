//! A test of a document that is written once and asked many times, and an invariant that spares something.

use crate::testing::EXAMPLE_DOCUMENT;
use crate::{Expectation, Outcome, PolicyDraft, Scenario};

const TABLE: &str = r#"
[[test]]
name = "invented"
action = ["read"]
role = ["clinicians"]
purpose = "treatment"
category = ["laboratory", "medications"]
ground = "consent"
detail = "any"
facts = ["undertaking"]
needs = ["training", "background-check", "care-relation"]
needs-consent = "express-written"
even-with = ["genetic", "reveals-health"]
expect = "permit"
rule = "care-read"
fields = "all-of-category"
"#;

fn parsed(table: &str) -> Result<PolicyDraft, String> {
    PolicyDraft::parse(&format!("{EXAMPLE_DOCUMENT}{table}")).map_err(|error| error.to_string())
}

fn invented(draft: &PolicyDraft) -> Vec<&Scenario> {
    draft.scenarios.iter().filter(|scenario| scenario.name.starts_with("invented")).collect()
}

#[test]
fn a_table_stands_for_every_combination_with_and_without_each_fact_that_it_names() {
    let draft = parsed(TABLE).unwrap();
    let asked = invented(&draft);
    // Two roles and five details; and the first role or the first detail with 2 facts more, without 3 facts,
    // with 3 weaker forms of consent.
    assert_eq!(asked.len(), 2 * 5 + (1 + 1 + 4) * (2 + 3 + 3));
    let permitted = Expectation::Outcome(Outcome::Permit);
    assert_eq!(asked.iter().filter(|scenario| scenario.expect == permitted).count(), 2 * 5 + (1 + 1 + 4) * 2);
    let name = |text: &str| asked.iter().any(|scenario| scenario.name == text);
    assert!(name("invented (nurse, full)") && name("invented (physician, coded), without training"));
    assert!(name("invented (physician, masked), even with genetic"));
    assert!(name("invented (nurse, existence), with tacit consent"));
    assert!(draft.check().is_ok());
}

#[test]
fn a_table_that_says_too_much_fails_at_the_question_that_shows_it() {
    let said = |from: &str, to: &str| {
        let draft = parsed(&TABLE.replacen(from, to, 1)).unwrap();
        draft.check().map(|_| "accepted").unwrap_err().to_string()
    };
    let more = said("needs = [", "needs = [\"in-person\", ");
    assert!(
        more.contains("test \"invented (physician, existence), without in-person\": the outcome is Permit")
    );
    let even = said("even-with = [", "even-with = [\"restricted\", ");
    assert!(even.contains("test \"invented (physician, coded), even with restricted\": the outcome is Deny"));
    let role = said("role = [\"clinicians\"]", "role = [\"clinicians\", \"billing\"]");
    assert!(role.contains("test \"invented (billing, full)\": the outcome is NotApplicable"), "{role}");
    let form = said("needs-consent = \"express-written\"", "needs-consent = \"express\"");
    assert!(form.contains("test \"invented (nurse, full)\": the outcome is NotApplicable"), "{form}");
    let fields = said("fields = \"all-of-category\"", "fields = [\"code\"]");
    assert!(fields.contains("the open fields are: code, display"), "{fields}");
}

#[test]
fn a_table_that_makes_no_sense_is_refused_where_it_stands() {
    let said = |from: &str, to: &str| parsed(&TABLE.replacen(from, to, 1)).map(|_| "read").unwrap_err();
    let refused = said("expect = \"permit\"", "expect = \"refused\"");
    assert!(refused.ends_with("a test that expects a refusal has no `needs`"), "{refused}");
    let empty = said("role = [\"clinicians\"]", "role = []");
    assert!(empty.ends_with("an empty list asks nothing"), "{empty}");
    let huge = said("role = [\"clinicians\"]", "role = \"any\"\nrecipient = \"any\"\ncountry = \"any\"");
    assert!(huge.contains("combinations of words; at most 2048 fit"), "{huge}");
}

#[test]
fn an_invariant_says_nothing_of_what_it_spares() {
    let invariant = "[[invariant]]\nid = \"who-reads-results\"\nclauses = [\"P-51\"]\naction = [\"read\"]\n\
                     category = [\"laboratory\"]\npurpose = [\"treatment\"]\n\
                     unless = [{ role = [\"clinicians\"] }, { role = [\"laboratory-staff\"] }]\n";
    assert!(parsed(invariant).unwrap().check().is_ok());
    let narrower = invariant.replacen(", { role = [\"laboratory-staff\"] }", "", 1);
    let said = parsed(&narrower).unwrap().check().map(|_| "accepted").unwrap_err().to_string();
    assert!(said.contains("rule `laboratory-read` breaks the invariant `who-reads-results`"), "{said}");
    assert!(said.contains("laboratory-staff would read laboratory for treatment"), "{said}");
}
