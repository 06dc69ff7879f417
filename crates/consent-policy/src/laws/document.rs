//! What may not come into force, and what the refusal says.

use chrono::DateTime;
use proptest::prelude::*;
use records_model::{Category, Fact, RecipientClass, Role, Sensitivity};

use super::example_draft;
use crate::testing::{EXAMPLE_DOCUMENT, arb_policy_draft, arb_request_near};
use crate::{
    Decision, Engine, Facts, Loss, PolicyDraft, Promise, Request, Step, VerifiedPolicy, Violation, Witness,
};

/// What the check says of the document with one text in place of another.
fn refusal(from: &str, to: &str) -> String {
    assert!(EXAMPLE_DOCUMENT.contains(from), "the document does not hold {from:?}");
    refusal_of(&EXAMPLE_DOCUMENT.replacen(from, to, 1))
}

fn refusal_of(text: &str) -> String {
    let draft = PolicyDraft::parse(text).map_err(|error| error.to_string()).unwrap();
    draft.check().map(|_| "accepted").unwrap_err().to_string()
}

fn without_rule(id: &str) -> String {
    let mut draft = example_draft();
    draft.rules.retain(|rule| rule.id.as_str() != id);
    draft.invariants.clear();
    draft.scenarios.clear();
    draft.check().map(|_| "accepted").unwrap_err().to_string()
}

#[test]
fn a_sale_under_another_name_is_refused_with_the_rule_and_a_witness() {
    let opened = EXAMPLE_DOCUMENT
        .replacen("id = \"never-sold\"\nclauses = [\"P-37\"]\neffect = \"forbid\"\npurpose = [\"never\"]", "id = \"never-sold\"\nclauses = [\"P-37\"]\neffect = \"forbid\"\npurpose = [\"rental\", \"trade\"]", 1)
        .replacen("purpose = [\"sharing\"]", "purpose = [\"sharing\", \"sale\"]", 1);
    let said = refusal_of(&opened);
    assert!(
        said.contains("rule `sharing-on-explicit-consent` breaks the promise `never-sold` (P-37)"),
        "{said}"
    );
    assert!(said.contains("for sale"), "{said}");
}

#[test]
fn a_hotel_among_the_clinical_words_is_refused_by_the_compiled_promise() {
    let opened = EXAMPLE_DOCUMENT
        .replacen("category = [\"medical-by-nature\"]\nrecipient", "category = [\"outcomes\"]\nrecipient", 1)
        .replacen(
            "category = [\"identity-contact\", \"travel\"]\nrecipient = [\"hotel\"]",
            "category = [\"identity-contact\", \"travel\", \"medical\"]\nrecipient = [\"hotel\"]",
            1,
        )
        .replacen("fields = [\"hotel\"]", "fields = [\"hotel\", \"display\"]", 1);
    let said = refusal_of(&opened);
    assert!(said.contains("`no-medical-category-for-lodging-or-transport` (P-40)"), "{said}");
    assert!(said.contains("recipient hotel"), "{said}");
}

#[test]
fn forgetting_a_clearance_is_refused() {
    for (rule, promise) in [
        ("staff-trained", "staff-trained"),
        ("staff-checked", "staff-checked"),
        ("staff-bound-by-secrecy", "staff-bound-by-secrecy"),
    ] {
        let said = without_rule(rule);
        assert!(said.contains(&format!("breaks the promise `{promise}`")), "{said}");
    }
}

#[test]
fn other_forgotten_promises_are_refused() {
    for (rule, promise) in [
        ("genetic-only-on-court-order", "genetic-needs-court-order"),
        ("lodging-and-transport-see-no-health-value", "no-health-value-for-lodging-or-transport"),
        ("nothing-in-return", "nothing-in-return"),
    ] {
        let said = without_rule(rule);
        assert!(said.contains(&format!("breaks the promise `{promise}`")), "{said}");
    }
}

/// The facts that make a ground what it says: each forgotten on the one rule that asks for it.
#[test]
fn a_ground_without_its_evidence_is_refused() {
    for (evidence, promise, clause) in [
        ("cited-norm", "duty-cites-norm", "P-36"),
        ("legal-demand", "demand-on-file", "P-42"),
        ("two-approvers", "safety-approved-twice", "P-43"),
        ("named-risk", "harm-names-risk", "P-45"),
    ] {
        let said = refusal(&format!("\nrequires = [\"{evidence}\"]"), "");
        assert!(said.contains(&format!("breaks the promise `{promise}` ({clause})")), "{said}");
    }
}

#[test]
fn no_rule_measures_against_the_signal_of_the_browser() {
    let said = without_rule("browser-signal-honoured");
    assert!(said.contains("breaks the promise `signal-keeps-measuring-off` (P-83)"), "{said}");
}

#[test]
fn breaking_the_glass_cannot_lift_a_restriction_everywhere() {
    let said =
        refusal("requires = [\"restricted\"]", "requires = [\"restricted\"]\nexcludes = [\"break-glass\"]");
    assert!(
        said.contains("rule `restricted` breaks the promise `break-glass-opens-no-secondary-use`"),
        "{said}"
    );
}

#[test]
fn tacit_consent_cannot_count_for_a_sensitive_category() {
    let care = "requires = [\"care-relation\"]\nconsent = \"express-written\"";
    let said = refusal(care, "requires = [\"care-relation\"]\nconsent = \"tacit\"");
    assert!(said.contains("`no-tacit-sensitive`") && said.contains("lets tacit consent count"), "{said}");
}

#[test]
fn facts_against_their_polarity_are_refused() {
    let care = "requires = [\"care-relation\"]\nconsent = \"express-written\"";
    let said = refusal(care, &format!("excludes = [\"channel\"]\n{care}"));
    assert!(
        said.contains("rule `care-read` lets something favourable do harm: once `channel` holds"),
        "{said}"
    );
    let said = refusal(care, "requires = [\"care-relation\", \"genetic\"]\nconsent = \"express-written\"");
    assert!(said.contains("once `genetic` no longer holds"), "a permit needs an unfavourable fact: {said}");
    let said = refusal("requires = [\"blocked\"]", "requires = [\"blocked\", \"channel\"]");
    assert!(said.contains("rule `blocked`") && said.contains("once `channel` holds"), "{said}");
}

#[test]
fn a_mask_that_comes_with_a_consent_is_refused_because_it_would_go_with_it() {
    let free = "obligations = [\"mask\"]\nreason.es = \"Promoción ve";
    let twin = EXAMPLE_DOCUMENT.replacen(free, "reason.es = \"Promoción ve", 1);
    let start = twin.find("[[rule]]\nid = \"newsletter-list\"").unwrap();
    let end = twin[start + 1..].find("\n[[rule]]").unwrap() + start + 1;
    let masked = twin[start..end]
        .replace("newsletter-list", "newsletter-list-masked")
        .replace("consent = \"express\"", "consent = \"express-written\"\nobligations = [\"mask\"]");
    let said = refusal_of(&twin.replacen(&twin[start..end], &format!("{}{}", &twin[start..end], masked), 1));
    assert!(said.contains("once there is express-written consent, it would owe `mask`"), "{said}");
}

#[test]
fn the_decision_table_is_the_one_on_file() {
    let policy = example_draft().check().unwrap();
    expect_test::expect_file!["../../../../fixtures/clinics/elicells/decision-table.txt"]
        .assert_eq(&policy.decision_table());
}

#[test]
fn a_rule_that_says_too_little_is_refused() {
    let said = refusal("clauses = [\"P-37\"]", "clauses = []");
    assert!(said.contains("rule `never-sold` cites no clause"), "{said}");
    let said = refusal("id = \"nothing-in-return\"", "id = \"never-sold\"");
    assert!(said.contains("a rule named `never-sold` stands in the document already"), "{said}");
    let said = refusal("fields = [\"driver\"]", "fields = [\"driver\", \"lot\"]");
    assert!(said.contains("names the field `lot`, which none of its categories holds"), "{said}");
}

#[test]
fn a_scenario_that_comes_out_otherwise_is_named_with_its_line() {
    let wrong = "\n[[test]]\nname = \"wrong\"\naction = \"read\"\nrole = \"nurse\"\npurpose = \"treatment\"\n\
                 category = [\"laboratory\"]\nground = \"consent\"\nexpect = \"permit\"\n";
    let text = format!("{EXAMPLE_DOCUMENT}{wrong}");
    let said = refusal_of(&text);
    let line = text.lines().position(|line| line == "name = \"wrong\"").unwrap() + 1;
    assert!(said.contains(&format!("line {line}: test \"wrong\": the outcome is Deny")), "{said}");
}

#[test]
fn a_wrong_word_or_key_is_placed_and_the_nearest_one_named() {
    let said = |text: &str| PolicyDraft::parse(text).unwrap_err().to_string();
    let word = EXAMPLE_DOCUMENT.replacen("ground = [\"processor\"]", "ground = [\"procesor\"]", 1);
    let line = word.lines().position(|line| line.contains("procesor")).unwrap() + 1;
    assert_eq!(said(&word), format!("line {line}, column 11: not a known ground; did you mean `processor`?"));
    let key = EXAMPLE_DOCUMENT.replacen("recipient = [\"outside\"]", "recipent = [\"outside\"]", 1);
    let line = key.lines().position(|line| line.starts_with("recipent")).unwrap() + 1;
    assert_eq!(said(&key), format!("line {line}, column 1: unknown key; did you mean `recipient`?"));
    let group = EXAMPLE_DOCUMENT.replacen("role = [\"front-desk\"]", "role = [\"frontdesk\"]", 1);
    assert!(said(&group).ends_with("not a known role; did you mean `front-desk`?"));
    let open = EXAMPLE_DOCUMENT.replacen("detail = \"any\"\nconsent = \"none\"", "consent = \"none\"", 1);
    assert!(said(&open).contains("a permit must name its detail; write \"any\""));
    let silent = EXAMPLE_DOCUMENT.replacen("fields = [\"driver\"]\n", "", 1);
    assert!(said(&silent).contains("a permit must name its fields: a list, \"all-of-category\" or \"none\""));
    let mixed =
        EXAMPLE_DOCUMENT.replacen("purpose = [\"never\"]", "purpose = [\"never\"]\nfields = \"none\"", 1);
    assert!(said(&mixed).contains("a forbid has no `fields`"));
    let group = EXAMPLE_DOCUMENT.replacen("clinicians = [", "nurse = [", 1);
    assert!(said(&group).contains("a group cannot have the name of a role"));
    let facts = EXAMPLE_DOCUMENT.replacen("requires = [\"restricted\"]", "requires = \"any\"", 1);
    assert!(said(&facts).contains("\"any\" has no meaning for facts"));
    let day = EXAMPLE_DOCUMENT.replacen("2025-01-01", "2025-01-01T10:00:00", 1);
    assert!(said(&day).contains("not a day; write it as YYYY-MM-DD"));
    let clause = EXAMPLE_DOCUMENT.replacen("\"P-37\"", "\"37\"", 1);
    assert!(said(&clause).contains("a clause is written `P-` and a number"));
    let broken = EXAMPLE_DOCUMENT.replacen("[policy]", "[policy", 1);
    assert!(said(&broken).starts_with("line 7, column"), "{}", said(&broken));
}

fn decide(draft: &PolicyDraft, request: &Request, facts: &Facts) -> Decision {
    // An engine for rules that are not proved: that is what a witness is tested with.
    Engine::new(VerifiedPolicy::proved(draft.clone())).decide(request, facts, DateTime::UNIX_EPOCH)
}

fn shows(draft: &PolicyDraft, witness: &Witness) -> bool {
    let decision = decide(draft, &witness.request, &witness.facts);
    decision.is_permit() && witness.field.is_none_or(|field| decision.any_fields().contains(field))
}

fn after(step: Step, facts: &Facts) -> Facts {
    match step {
        Step::Gained(fact) => Facts { present: facts.present.with(fact), ..*facts },
        Step::Freed(fact) => Facts { present: facts.present.without(fact), ..*facts },
        Step::Consented(consent) => Facts { consent, ..*facts },
    }
}

/// Rules only: scenarios and invariants would refuse most edits before a law does.
fn arb_rules() -> impl Strategy<Value = PolicyDraft> {
    let bare = PolicyDraft { scenarios: Vec::new(), invariants: Vec::new(), ..example_draft() };
    arb_policy_draft(&bare)
}

proptest! {
    // A check is a proof over the whole domain: 48 edited documents are thorough enough for one run.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_witness_shows_what_it_is_said_to_show(draft in arb_rules()) {
        let violations = draft.clone().check().map_or_else(|error| error.violations, |_| Vec::new());
        for violation in violations {
            match violation {
                Violation::Promise { promise, witness, .. } => {
                    prop_assert!(shows(&draft, &witness), "{promise}: {witness}");
                }
                Violation::Polarity { step, loss, witness, .. } => {
                    let later = decide(&draft, &witness.request, &after(step, &witness.facts));
                    let lost = match loss {
                        Loss::Permit => !later.is_permit(),
                        Loss::Field(field) => !later.any_fields().contains(field),
                        Loss::Freedom(owed) => {
                            let before = decide(&draft, &witness.request, &witness.facts);
                            later.obligations.contains(owed) && !before.obligations.contains(owed)
                        }
                    };
                    prop_assert!(shows(&draft, &witness) && lost, "{step} {loss}: {witness}");
                }
                _ => {}
            }
        }
    }

    #[test]
    fn a_document_that_loads_keeps_the_promises_whatever_was_edited(
        (draft, (request, facts)) in arb_rules().prop_flat_map(|draft| {
            let near = arb_request_near(&draft.rules);
            (Just(draft), near)
        }),
        fact in proptest::sample::select(records_model::Vocabulary::ALL),
    ) {
        let Ok(policy) = draft.check() else { return Ok(()) };
        let engine = Engine::new(policy);
        let decision = engine.decide(&request, &facts, DateTime::UNIX_EPOCH);
        let facts = facts.as_of(DateTime::UNIX_EPOCH);
        if decision.is_permit() {
            prop_assert_eq!(broken_by(&request, &facts), None);
            let fact: Fact = fact;
            let better = match fact.polarity() {
                records_model::Polarity::Favourable => facts.present.with(fact),
                records_model::Polarity::Unfavourable => facts.present.without(fact),
            };
            let later = engine.decide(&request, &Facts { present: better, ..facts }, DateTime::UNIX_EPOCH);
            prop_assert!(later.is_permit());
            prop_assert!(later.any_fields().contains_all(decision.any_fields()));
            prop_assert!(decision.obligations.contains_all(later.obligations));
        }
    }
}

/// The promise that permitting this would break, told by hand.
fn broken_by(request: &Request, facts: &Facts) -> Option<Promise> {
    let lodging = matches!(request.recipient, RecipientClass::Hotel | RecipientClass::Transport);
    let on_consent = request.ground == records_model::Ground::Consent;
    let weak = facts.consent < records_model::ConsentForm::Express;
    let staff = |fact| Role::is_staff(request.role) && !facts.present.contains(fact);
    let sensitive = |c: Category| c.sensitivity() == Sensitivity::Sensitive;
    let broken = [
        (request.purpose.is_never_permitted(), Promise::NeverSold),
        (
            lodging && request.categories.iter().any(Category::is_medical),
            Promise::NoMedicalCategoryForLodgingOrTransport,
        ),
        (lodging && facts.present.contains(Fact::RevealsHealth), Promise::NoHealthValueForLodgingOrTransport),
        (staff(Fact::Training), Promise::StaffTrained),
        (staff(Fact::BackgroundCheck), Promise::StaffChecked),
        (staff(Fact::Undertaking), Promise::StaffBoundBySecrecy),
        (on_consent && weak && request.categories.iter().any(sensitive), Promise::NoTacitSensitive),
    ];
    broken.into_iter().find(|(broken, _)| *broken).map(|(_, promise)| promise)
}
