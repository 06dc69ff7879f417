//! The export for Cedar, as it is printed. That Cedar decides by it as we do is tested in `oracles/cedar`.

use consent_policy::{PolicyDraft, VerifiedPolicy, cedar};

#[cfg(test)]
fn verified(text: &str) -> VerifiedPolicy {
    let draft = PolicyDraft::parse(text).map_err(|error| error.to_string()).unwrap();
    draft.check().map_err(|error| error.to_string()).unwrap()
}

#[test]
fn the_exported_document_is_the_one_on_file() {
    let policy = verified(include_str!("../../../fixtures/clinics/brisa/policy.toml"));
    expect_test::expect_file!["../fixtures/brisa.cedar"].assert_eq(&cedar::policies(&policy));
}

#[test]
fn the_schema_is_the_one_on_file() {
    expect_test::expect_file!["../fixtures/vocabulary.cedarschema"].assert_eq(&cedar::schema());
}

/// Every shape of a rule that the documents on file lack: one word, all words, boxes spared, consent that lifts.
#[test]
fn each_part_of_a_rule_has_its_place() {
    let policy = verified(
        r#"
        policy = { id = "shapes", version = "shapes-1", effective-on = 2026-01-01, language = "es-MX" }
        [[rule]]
        id = "own-record"
        clauses = ["P-62", "P-15"]
        effect = "permit"
        action = ["read"]
        role = ["person"]
        purpose = ["rights"]
        category = ["laboratory"]
        recipient = ["the-person"]
        country = "any"
        ground = ["own-request"]
        detail = ["full", "masked"]
        unless = [{ country = ["abroad"], detail = ["full"] }]
        requires = ["identity-proof", "channel"]
        excludes = ["blocked"]
        consent = "express"
        fields = ["code", "value"]
        obligations = ["write-note"]
        reason = { es = "Usted puede verlo.", en = "You may see it." }
        [[rule]]
        id = "nothing-withheld-from-you"
        clauses = ["P-14"]
        effect = "withhold"
        requires = ["reveals-health"]
        unless-consent = "express-written"
        fields = ["health-preferences"]
        reason = { es = "Se aparta.", en = "Left out." }
        [[rule]]
        id = "no-reading-for-promotion"
        clauses = ["P-75"]
        effect = "forbid"
        action = ["read", "disclose"]
        purpose = ["marketing"]
        unless-consent = "express"
        reason = { es = "No sin acuerdo.", en = "Not without agreement." }
        "#,
    );
    let expected = expect_test::expect![[r#"
        // shapes shapes-1, exported. Outcomes are those of the document; fields, obligations, dates and reasons are not
        // Cedar's to decide.

        @id("own-record")
        @clauses("P-62 P-15")
        @fields("code value")
        @obligations("write-note")
        permit (principal == Role::"person", action == Action::"read", resource == Category::"laboratory")
        when { context.purpose == Purpose::"rights" && context.recipient == Recipient::"the-person" && context.ground == Ground::"own-request" && [Detail::"masked", Detail::"full"].contains(context.detail) && context.facts.containsAll([Fact::"channel", Fact::"identity-proof"]) && !context.facts.contains(Fact::"blocked") && context.consent >= 2 }
        unless { context.country == Country::"abroad" && context.detail == Detail::"full" };

        // nothing-withheld-from-you (P-14) withholds the fields: health-preferences

        @id("no-reading-for-promotion")
        @clauses("P-75")
        forbid (principal, action in [Action::"read", Action::"disclose"], resource)
        when { context.purpose == Purpose::"marketing" }
        unless { context.consent >= 2 };
    "#]];
    expected.assert_eq(&cedar::policies(&policy));
}
