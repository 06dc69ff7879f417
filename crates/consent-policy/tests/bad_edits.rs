//! Mistakes that a person may make in a document: each is refused by a law, with a request that shows it and
//! the name of the rule.

use consent_policy::{PolicyDraft, Violation};

const EXAMPLE: &str = include_str!("../../../fixtures/clinics/elicells/policy.toml");

/// The example with texts in place of others.
#[cfg(test)]
fn edited(edits: &[(&str, &str)]) -> PolicyDraft {
    let text = edits.iter().fold(EXAMPLE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the document does not hold {from:?}");
        text.replacen(from, to, 1)
    });
    PolicyDraft::parse(&text).map_err(|error| error.to_string()).unwrap()
}

#[cfg(test)]
fn violations(draft: PolicyDraft) -> Vec<String> {
    draft.check().map(|_| "accepted").unwrap_err().violations.iter().map(Violation::to_string).collect()
}

/// The violations that edits bring; what the document says about itself is set aside, so that the compiled laws
/// must find them.
#[cfg(test)]
fn refused(edits: &[(&str, &str)]) -> Vec<String> {
    violations(PolicyDraft { invariants: Vec::new(), scenarios: Vec::new(), ..edited(edits) })
}

#[cfg(test)]
fn shown(violations: &[String], rule: &str, law: &str) -> String {
    let named = format!("rule `{rule}`");
    let found = violations.iter().find(|said| said.contains(&named) && said.contains(law));
    let all = violations.join("\n");
    let said = found.unwrap_or_else(|| panic!("no violation of {law} by {rule} in:\n{all}"));
    // A witness is a whole request: who would do what with what, and the facts.
    assert!(said.contains(" would ") && said.contains("ground ") && said.contains("consent "), "{said}");
    said.clone()
}

#[test]
fn a_sale_permitted_under_a_new_purpose() {
    let said = refused(&[
        ("purpose = [\"never\"]", "purpose = [\"rental\"]"),
        (
            "purpose = [\"sharing\"]\ncategory = [\"basic-identity\"",
            "purpose = [\"sharing\", \"sale\"]\ncategory = [\"basic-identity\"",
        ),
    ]);
    let said = shown(&said, "sharing-on-explicit-consent", "the promise `never-sold`");
    assert!(said.contains("for sale"), "{said}");
}

#[test]
fn laboratory_results_for_the_hotel_by_a_slip_in_a_group() {
    // The hotel lands in the group of those who get clinical data, and out of the one that keeps it from them.
    let said = refused(&[
        ("by-consent-only = [", "by-consent-only = [\"hotel\", "),
        ("lodging-and-transport = [\"hotel\", \"transport\"]", "lodging-and-transport = [\"transport\"]"),
    ]);
    let said =
        shown(&said, "sharing-medical-on-explicit-consent", "`no-medical-category-for-lodging-or-transport`");
    assert!(said.contains("recipient hotel"), "{said}");
}

#[test]
fn broken_glass_that_lifts_a_restriction_everywhere() {
    let said = refused(&[(
        "requires = [\"restricted\"]",
        "requires = [\"restricted\"]\nexcludes = [\"break-glass\"]",
    )]);
    let said = shown(&said, "restricted", "the promise `break-glass-opens-no-secondary-use`");
    // Among the facts of the witness, not only in the name of the promise.
    let (_, facts) = said.split_once("facts ").unwrap();
    assert!(facts.contains("break-glass") && facts.contains("restricted"), "{said}");
}

#[test]
fn training_forgotten_for_one_role() {
    let said = refused(&[(
        "id = \"staff-trained\"\nclauses = [\"P-58\"]\neffect = \"forbid\"\nrole = [\"staff\"]",
        "id = \"staff-trained\"\nclauses = [\"P-58\"]\neffect = \"forbid\"\nrole = [\"staff\"]\nunless = [{ role = [\"billing\"] }]",
    )]);
    let said = shown(&said, "billing", "the promise `staff-trained`");
    assert!(said.contains("billing would"), "{said}");
}

#[test]
fn a_transfer_without_a_mechanism() {
    let said = refused(&[
        ("excludes = [\"transfer-mechanism\"]", "excludes = [\"transfer-mechanism\", \"provider-contract\"]"),
        (
            "recipient = [\"hotel\"]\ncountry = [\"domestic\"]",
            "recipient = [\"hotel\"]\ncountry = [\"domestic\", \"abroad\"]",
        ),
        (
            "unless-consent = \"express\"\nreason.es = \"Fuera del país",
            "requires = [\"consideration\"]\nreason.es = \"Fuera del país",
        ),
    ]);
    let said = shown(&said, "hotel", "the promise `no-unsafe-transfer`");
    assert!(said.contains("(abroad)") && !said.contains("transfer-mechanism,"), "{said}");
}

#[test]
fn tacit_consent_for_a_sensitive_category() {
    let care = "requires = [\"care-relation\"]\nconsent = \"express-written\"";
    let said = refused(&[(care, "requires = [\"care-relation\"]\nconsent = \"tacit\"")]);
    shown(&said, "care-read", "`no-tacit-sensitive`");
    shown(&said, "care-read", "lets tacit consent count");
}

/// Whoever is outside gets nothing in return for anything: also where the verb is another than to give.
#[test]
fn a_partner_who_keeps_data_in_return_for_something() {
    let rule = EXAMPLE.split("[[rule]]").find(|rule| rule.contains("id = \"nothing-in-return\"")).unwrap();
    let unless = rule.lines().find(|line| line.starts_with("unless")).unwrap();
    let said = refused(&[(unless, "action = [\"disclose\", \"link\", \"send\"]")]);
    let said = shown(&said, "legal-duty", "the promise `nothing-in-return`");
    assert!(said.contains("would read") && said.contains("consideration"), "{said}");
}

/// What reveals health asks for more than tacit consent on every ground.
#[test]
fn tacit_consent_that_opens_a_health_value_on_the_ground_of_contract() {
    let rule = "[[rule]]\nid = \"desk\"\nclauses = [\"P-34\"]\neffect = \"permit\"\naction = [\"read\"]\nrole = [\"patient-coordinator\"]\npurpose = [\"support\"]\ncategory = [\"travel\"]\nrecipient = [\"internal\"]\ncountry = [\"domestic\"]\nground = [\"contract\"]\ndetail = [\"full\"]\nconsent = \"tacit\"\nfields = [\"arrival\"]\nreason.es = \"Mesa.\"\nreason.en = \"Desk.\"\n\n[[invariant]]\n";
    let lifted = (
        "unless-consent = \"express-written\"\nreason.es = \"Este dato",
        "unless-consent = \"tacit\"\nreason.es = \"Este dato",
    );
    let said = refused(&[("[[invariant]]\n", rule), lifted]);
    let said = shown(&said, "health-values-need-written-consent", "the promise `no-tacit-health-value`");
    assert!(said.contains("reveals-health") && said.contains("ground contract"), "{said}");
}

#[test]
fn a_permit_that_excludes_a_favourable_fact() {
    let care = "requires = [\"care-relation\"]\nconsent = \"express-written\"";
    let said = refused(&[(care, &format!("excludes = [\"channel\"]\n{care}"))]);
    let said = shown(&said, "care-read", "once `channel` holds");
    assert!(said.contains("no longer be permitted"), "{said}");
}

#[test]
fn a_permit_that_requires_an_unfavourable_fact() {
    let care = "requires = [\"care-relation\"]\nconsent = \"express-written\"";
    let said =
        refused(&[(care, "requires = [\"care-relation\", \"genetic\"]\nconsent = \"express-written\"")]);
    shown(&said, "care-read", "once `genetic` no longer holds");
}

#[test]
fn a_forbid_that_requires_a_favourable_fact() {
    let said = refused(&[("requires = [\"blocked\"]", "requires = [\"blocked\", \"channel\"]")]);
    shown(&said, "blocked", "once `channel` holds");
}

#[test]
fn a_withdrawal_that_drops_the_permit_with_the_mask() {
    let list = EXAMPLE.split("[[rule]]").find(|rule| rule.contains("id = \"newsletter-list\"")).unwrap();
    let free = list.replace("obligations = [\"mask\"]\n", "");
    let masked = list
        .replace("\"newsletter-list\"", "\"newsletter-list-masked\"")
        .replace("consent = \"express\"", "consent = \"express-written\"");
    let said = refused(&[(list, &format!("{free}[[rule]]{masked}"))]);
    let said = shown(&said, "newsletter-list-masked", "once there is express-written consent");
    assert!(said.contains("losing that again would drop the obligation"), "{said}");
}

#[test]
fn what_only_this_clinic_promises_is_refused_by_its_own_invariants() {
    let said = violations(edited(&[(
        "role = [\"laboratory-staff\"]\npurpose = [\"care\"]\ncategory = [\"laboratory\", \"cell-traceability\"]",
        "role = [\"laboratory-staff\", \"reception\"]\npurpose = [\"care\"]\ncategory = [\"laboratory\", \"cell-traceability\"]",
    )]));
    let said = shown(&said, "laboratory-read", "the invariant `reception-sees-no-medical-data`");
    assert!(said.contains("reception would read laboratory"), "{said}");
}

/// A ground that asks for nothing is no ground: whoever claims consent shows one.
#[test]
fn a_permit_on_the_ground_of_consent_that_asks_for_none() {
    let internal = "category = [\"identity-contact\", \"travel\"]\nrecipient = [\"internal\"]\ncountry = [\"domestic\"]\n";
    let from = format!("{internal}ground = [\"contract\"]");
    let to = format!("{internal}ground = [\"contract\", \"consent\"]");
    let joined = (from.as_str(), to.as_str());
    let said = refused(&[joined]);
    let [one] = said.as_slice() else { panic!("{said:?}") };
    assert!(one.contains("rule `travel-desk` permits on the ground of consent and asks for none"), "{one}");
}

/// What is sensitive needs more than tacit consent; a document may be content with it for the rest.
#[test]
fn tacit_consent_is_enough_for_ordinary_data_that_reveals_nothing() {
    let (from, fields) =
        ("detail = \"any\"\nconsent = \"express\"\n", "fields = [\"given-names\", \"surnames\", \"phone\"");
    let to = "detail = \"any\"\nconsent = \"tacit\"\nexcludes = [\"reveals-health\"]\n";
    let (from, to) = (format!("{from}{fields}"), format!("{to}{fields}"));
    let draft = PolicyDraft {
        invariants: Vec::new(),
        scenarios: Vec::new(),
        ..edited(&[(from.as_str(), to.as_str())])
    };
    assert_eq!(draft.check().map(|_| ()), Ok(()));
}

/// Nobody allows it either way; but a document that says `deny` keeps the rule that forbids it.
#[test]
fn an_invariant_that_expects_deny_is_kept_by_a_forbid_and_by_nothing_else() {
    let invariant = "[[invariant]]\nid = \"no-trade-at-all\"\nclauses = [\"P-37\"]\npurpose = [\"trade\"]\nexpect = \"deny\"\n\n[[invariant]]\n";
    let added = ("[[invariant]]\n", invariant);
    assert_eq!(edited(&[added]).check().map(|_| ()), Ok(()));
    let forgotten = ("never = [\"sale\", \"rental\", \"trade\"]", "never = [\"sale\", \"rental\"]");
    let draft = PolicyDraft { scenarios: Vec::new(), ..edited(&[added, forgotten]) };
    let said = violations(draft);
    let one = said
        .iter()
        .find(|said| said.contains("the invariant `no-trade-at-all` is not kept by a rule that forbids"));
    assert!(one.is_some_and(|one| one.contains("for trade")), "{said:?}");
    // What the document itself says of trade is no longer kept by a rule either, and nothing is permitted.
    assert!(said.iter().all(|said| said.contains("is not kept by a rule that forbids")), "{said:?}");
}

#[test]
fn an_invariant_that_expects_deny_names_no_fields() {
    let with_fields = (
        "[[invariant]]\n",
        "[[invariant]]\nid = \"x\"\nclauses = [\"P-37\"]\nexpect = \"deny\"\nfields = [\"value\"]\n\n[[invariant]]\n",
    );
    let text = EXAMPLE.replacen(with_fields.0, with_fields.1, 1);
    let said = PolicyDraft::parse(&text).map(|_| ()).unwrap_err().to_string();
    assert!(said.contains("a denying invariant has no `fields`"), "{said}");
}
