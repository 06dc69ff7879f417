//! The rules of a verified document as Cedar policies, for whoever already runs Cedar.
//!
//! The text needs nothing but Cedar itself; [`schema`] is what Cedar's strict validator holds [`policies`]
//! against. One Cedar policy is one rule, so a determining policy names the rule that answered.
//!
//! | of a request or of its facts | in Cedar |
//! |---|---|
//! | action | `Action::"read"` |
//! | role | principal, `Role::"nurse"` |
//! | one of the categories | resource, `Category::"laboratory"` |
//! | purpose, recipient class, country class, ground, detail | attributes of the context, each of an entity type of its own |
//! | facts that hold | `context.facts`, a set of `Fact` |
//! | form of consent in force | `context.consent`, a number: 0 none, 1 tacit, 2 express, 3 express and written |
//!
//! # What is the same and what is not
//!
//! Cedar answers for one category at a time. A request over several is permitted if and only if Cedar allows
//! each of them and there is at least one. *Allow* is [`Outcome::Permit`](crate::Outcome::Permit); *deny* with a
//! determining policy is `Deny`; *deny* without one is `NotApplicable`. That holds for every request over the
//! vocabulary and is tested against Cedar.
//!
//! Dates stay here: the facts are to be those of [`Facts::as_of`](crate::Facts::as_of) the moment. Cedar has no
//! word for fields and obligations, so a permit carries them as annotations, and a rule that only withholds
//! fields, which never changes an outcome, stands in the text as a comment.

mod condition;
mod schema;

use std::fmt::Write as _;

use records_model::{ConsentForm, Set, Vocabulary};

use crate::{Effect, FieldGrant, Rule, VerifiedPolicy};

pub use schema::schema;

/// The document as Cedar policies, in the order of its rules.
///
/// ```
/// # use consent_policy::{PolicyDraft, cedar};
/// let document = r#"
///     policy = { id = "first", version = "first-1", effective-on = 2026-01-01, language = "es-MX" }
///     [[rule]]
///     id = "not-sold"
///     clauses = ["P-37"]
///     effect = "forbid"
///     purpose = ["sale", "trade"]
///     reason = { es = "Sus datos no se venden.", en = "Your data are not sold." }
/// "#;
/// let policy = PolicyDraft::parse(document)?.check()?;
/// let text = cedar::policies(&policy);
/// assert!(text.ends_with(r#"
/// @id("not-sold")
/// @clauses("P-37")
/// forbid (principal, action, resource)
/// when { [Purpose::"sale", Purpose::"trade"].contains(context.purpose) };
/// "#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn policies(policy: &VerifiedPolicy) -> String {
    let header = policy.header();
    let mut text = format!(
        "// {} {}, exported. Outcomes are those of the document; fields, obligations, dates and reasons are not\n\
         // Cedar's to decide.\n",
        header.id, header.version
    );
    for rule in policy.rules() {
        text.push('\n');
        match rule.effect {
            Effect::Permit { .. } | Effect::Forbid { .. } => write_policy(&mut text, rule),
            Effect::Withhold { fields, .. } => write_comment(&mut text, rule, fields),
        }
    }
    text
}

fn write_policy(text: &mut String, rule: &Rule) {
    annotate(text, "id", rule.id.as_str());
    annotate(text, "clauses", &clauses_of(rule));
    if let Effect::Permit { fields, obligations, .. } = rule.effect {
        annotate(text, "fields", &fields_of(fields));
        annotate(text, "obligations", &words_of(obligations));
    }
    text.push_str(if rule.effect.is_permit() { "permit" } else { "forbid" });
    let (principal, action, resource) =
        (condition::principal(&rule.scope), condition::action(&rule.scope), condition::resource(&rule.scope));
    // Writing to a string cannot fail.
    let _ = write!(text, " ({principal}, {action}, {resource})");
    clause(text, "when", &applies_when(rule));
    for spared in rule.unless.iter().filter(|spared| !spared.is_empty()) {
        clause(text, "unless", &or_true(condition::inside(spared)));
    }
    if let Some(form) = lifted_from(&rule.effect) {
        clause(text, "unless", &[condition::consent_of(form)]);
    }
    text.push_str(";\n");
}

/// What has to hold beside the head of the policy.
fn applies_when(rule: &Rule) -> Vec<String> {
    let mut conditions = condition::beside_head(&rule.scope);
    conditions.extend(condition::all_present(rule.requires));
    conditions.extend(condition::none_present(rule.excludes));
    if let Effect::Permit { consent, .. } = rule.effect
        && consent > ConsentForm::None
    {
        conditions.push(condition::consent_of(consent));
    }
    conditions
}

const fn lifted_from(effect: &Effect) -> Option<ConsentForm> {
    match effect {
        Effect::Forbid { unless_consent } | Effect::Withhold { unless_consent, .. } => *unless_consent,
        Effect::Permit { .. } => None,
    }
}

/// A box without conditions spares everything.
fn or_true(conditions: Vec<String>) -> Vec<String> {
    if conditions.is_empty() { vec!["true".to_owned()] } else { conditions }
}

fn clause(text: &mut String, keyword: &str, conditions: &[String]) {
    if !conditions.is_empty() {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{keyword} {{ {} }}", conditions.join(" && "));
    }
}

fn annotate(text: &mut String, key: &str, value: &str) {
    if !value.is_empty() {
        // Ids and codes hold no quotes, and writing to a string cannot fail.
        let _ = writeln!(text, "@{key}(\"{value}\")");
    }
}

fn write_comment(text: &mut String, rule: &Rule, fields: FieldGrant) {
    // Writing to a string cannot fail.
    let _ =
        writeln!(text, "// {} ({}) withholds the fields: {}", rule.id, clauses_of(rule), fields_of(fields));
}

fn clauses_of(rule: &Rule) -> String {
    rule.clauses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn fields_of(grant: FieldGrant) -> String {
    match grant {
        FieldGrant::AllOfCategory => "all-of-category".to_owned(),
        FieldGrant::Listed(fields) => words_of(fields),
    }
}

fn words_of<V: Vocabulary>(set: Set<V>) -> String {
    set.iter().map(Vocabulary::code).collect::<Vec<_>>().join(" ")
}

/// The form of consent as the number that the policies compare.
///
/// ```
/// assert_eq!(consent_policy::cedar::consent_number(records_model::ConsentForm::Express), 2);
/// ```
#[must_use]
pub fn consent_number(form: ConsentForm) -> u8 {
    form.index()
}
