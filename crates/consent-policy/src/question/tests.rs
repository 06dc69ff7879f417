//! A question through its JSON: what is read, what is refused, and that it decides as its parts do.

use std::sync::LazyLock;

use expect_test::expect;
use proptest::prelude::*;
use records_model::testing::arb_instant;
use records_model::{ConsentForm, Fact};
use serde_json::{Value, json};

use super::*;
use crate::PolicyDraft;
use crate::testing::{EXAMPLE_DOCUMENT, arb_consents, arb_facts, arb_request, arb_request_near};

/// The example clinic's engine; its proofs are too slow to be repeated for each case.
static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(PolicyDraft::parse(EXAMPLE_DOCUMENT).unwrap().check().unwrap()));

fn least() -> Value {
    json!({"role": "nurse", "purpose": "treatment", "categories": ["laboratory"], "ground": "consent"})
}

/// The least question with some keys put over it; a null takes the key away.
fn with(changes: &Value) -> String {
    let mut question = least();
    for (key, value) in changes.as_object().unwrap() {
        question[key.as_str()] = value.clone();
    }
    question.to_string()
}

fn frozen_consent() -> Value {
    serde_json::from_str(include_str!("../../fixtures/consent-v1.json")).unwrap()
}

#[test]
fn what_is_left_out_is_what_the_options_leave_out() {
    let short = Question::parse(&least().to_string()).unwrap();
    let long = with(&json!({
        "action": "read", "recipient": "internal", "country": "domestic", "detail": "full",
        "facts": {"consent": "none", "present": []},
    }));
    assert_eq!(short, Question::parse(&long).unwrap());
    assert_eq!(*short.facts(), Facts::NONE);
}

#[test]
fn facts_may_be_a_list_and_consents_stand_beside_it() {
    let short = Question::parse(&with(&json!({"facts": ["training"]}))).unwrap();
    let long = Question::parse(&with(&json!({"facts": {"present": ["training"]}}))).unwrap();
    assert_eq!(short, long);
    let beside = with(&json!({
        "facts": ["training"], "consents": [frozen_consent()], "now": "2026-01-05T15:00:00Z",
    }));
    assert!(Question::parse(&beside).unwrap().facts().present.contains(Fact::Training));
    assert!(Question::parse(&with(&json!({"facts": ["trainin"]}))).is_err());
}

#[test]
fn sharing_names_its_purpose_and_no_other_purpose_has_one() {
    let read = |changes| Question::parse(&with(&changes));
    assert!(read(json!({"purpose": "sharing", "undescribed": "school-visit"})).is_ok());
    assert_eq!(read(json!({"purpose": "sharing"})), Err(QuestionError::Undescribed));
    assert_eq!(read(json!({"undescribed": "school-visit"})), Err(QuestionError::Undescribed));
}

#[test]
fn what_was_written_is_not_repeated_even_if_it_looks_like_the_message() {
    let mut consent = frozen_consent();
    consent["signer"] = json!("a, expected Nadia");
    let error = Question::parse(&with(&json!({"consents": [consent], "now": "2026-01-05T15:00:00Z"})));
    assert!(!error.unwrap_err().to_string().contains("Nadia"));
}

#[test]
fn who_asks_may_be_written_in_four_ways() {
    let id = "00000000-0000-7000-8000-000000000001";
    let read = |changes| Question::parse(&with(&changes)).unwrap().request().clone();
    let plain = read(json!({}));
    assert_eq!(read(json!({"role": null, "actor": "nurse"})), plain);
    assert_eq!(read(json!({"role": null, "actor": {"role": "nurse"}})), plain);
    let named = read(json!({"actor": id}));
    assert_eq!(read(json!({"role": null, "actor": {"id": id, "role": "nurse"}})), named);
    assert_eq!(named.actor, id.parse().ok());
}

/// The least question with one key more, written as it stands.
fn with_raw(key: &str) -> String {
    let least = with(&json!({}));
    let (rest, _) = least.rsplit_once('}').unwrap();
    format!("{rest},{key}}}")
}

#[test]
fn what_is_wrong_is_named_by_its_key_and_never_repeated() {
    let refused = |json: String| {
        let error = Question::parse(&json).expect_err("refused").to_string();
        assert!(!error.contains("Nadia"), "{error}");
        error + "\n"
    };
    let mut bad_consent = frozen_consent();
    bad_consent["form"] = json!("Nadia");
    let mut empty_consent = frozen_consent();
    empty_consent["atoms"] = json!([]);
    let mut typed = frozen_consent();
    typed["atoms"] = json!("Nadia");
    let lines = [
        refused(with(&json!({"purpos": "treatment"}))),
        refused(with(&json!({"Nadia": 1}))),
        refused(with(&json!({"purpose": null}))),
        refused(with(&json!({"purpose": "treatmnt"}))),
        refused(with(&json!({"purpose": "Nadia"}))),
        refused(with(&json!({"purpose": 7}))),
        refused(with(&json!({"action": null}))),
        refused(with(&json!({"categories": "laboratory"}))),
        refused(with(&json!({"categories": ["laboratori"]}))),
        refused(with(&json!({"recipient-id": "Nadia"}))),
        refused(with(&json!({"actor": {"role": "nurse"}}))),
        refused(with(&json!({"actor": {"rol": "nurse"}, "role": null}))),
        refused(with(&json!({"facts": {"presnt": []}}))),
        refused(with(&json!({"facts": {"present": ["trainin"]}}))),
        refused(with(&json!({"facts": "training"}))),
        refused(with(&json!({"facts": {"valid-until": "2026-01-05T15:00:00Z"}}))),
        refused(with(&json!({"consents": []}))),
        refused(with(&json!({"consents": [], "now": "yesterday"}))),
        refused(with(&json!({"consents": [], "facts": {"consent": "none"}, "now": "2026-01-05T15:00:00Z"}))),
        refused(with(&json!({"consents": [frozen_consent(), bad_consent]}))),
        refused(with(&json!({"consents": [empty_consent]}))),
        refused(with(&json!({"consents": [typed]}))),
        refused(r#"{"role":"nurse","role":"physician"}"#.to_owned()),
        refused(r#"{"role":"nurse" "purpose"}"#.to_owned()),
        refused("[]".to_owned()),
        refused(r#"{"role":"#.to_owned()),
        refused("{} {}".to_owned()),
    ];
    expect![[r"
        unknown key; did you mean `purpose`?
        unknown key; valid are action, role, actor, purpose, undescribed, categories, recipient, recipient-id, country, ground, detail, facts, consents, now
        `purpose` is missing
        `purpose`: not a known purpose; did you mean `treatment`?
        `purpose`: not a known purpose; names of groups are not read, `policy schema FILE` lists what they hold
        `purpose`: expected a word
        `action`: expected a word
        `categories`: expected a list of words
        `categories`: not a known data category; did you mean `laboratory`?
        `recipient-id`: expected the id of a provider
        the role is said by `role` and by `actor`; leave one out
        unknown key in `actor`; did you mean `role`?
        unknown key in `facts`; did you mean `present`?
        `facts.present`: not a known fact; did you mean `training`?
        `facts`: expected an object or a list of words
        `now` is missing: `facts.valid-until` has dates
        `now` is missing: `consents` has dates
        `now`: expected an instant such as 2026-01-05T15:00:00Z
        `facts.consent` and `consents` both say which consent covers it; leave one out
        `consents`, number 2: not a known consent form
        `consents`, number 1: a consent needs at least one atom, and every set of an atom at least one word
        `consents`, number 1: invalid type, expected a sequence
        column 35: the same key stands here twice
        column 17: expected `,` or `}`
        column 1: expected one object
        column 8: EOF while parsing a value
        column 4: trailing characters
    "]]
    .assert_eq(&lines.concat());
}

#[test]
fn a_null_is_no_absence_and_the_name_of_a_group_no_word() {
    let refused = |json: String| Question::parse(&json).expect_err("refused").to_string();
    for key in ["facts", "consents"] {
        let error = refused(with_raw(&format!("\"{key}\":null")));
        assert!(error.starts_with(&format!("`{key}`: expected ")), "{error}");
    }
    let inner = refused(with_raw(r#""facts":{"present":null}"#));
    assert_eq!(inner, "`facts.present`: expected a list of words");
    let group = refused(with(&json!({"role": "clinicians"})));
    assert!(
        group.contains("names of groups are not read, `policy schema FILE` lists what they hold"),
        "{group}"
    );
}

#[test]
fn consents_count_at_the_instant_of_the_question() {
    let ask = |now: &str| {
        let line = json!({
            "action": "disclose", "role": "physician", "purpose": "care-coordination",
            "categories": ["laboratory"], "recipient": "treating-provider",
            "recipient-id": "00000000-0000-7000-8000-000000000002", "country": "abroad", "ground": "consent",
            "facts": {"present": ["training"]}, "consents": [frozen_consent()], "now": now,
        });
        *Question::parse(&line.to_string()).unwrap().facts()
    };
    assert_eq!(ask("2026-01-05T14:59:59Z").consent, ConsentForm::None);
    let given = ask("2026-01-05T15:00:00Z");
    assert_eq!(given.consent, ConsentForm::ExpressWritten);
    assert_eq!(given.present, Set::one(Fact::Training));
    assert_eq!(given.valid_until, "2027-01-05T15:00:00Z".parse().ok());
    assert_eq!(ask("2027-01-05T09:00:00-06:00").consent, ConsentForm::None);
}

/// The JSON that a program would write for a request with its facts.
fn line(request: &Request, facts: &Facts, now: DateTime<Utc>) -> String {
    let mut line = serde_json::to_value(request).unwrap();
    line["facts"] = serde_json::to_value(facts).unwrap();
    line["now"] = json!(now);
    line.to_string()
}

fn assert_same(engine: &Engine, question: &Question, alone: &Decision) -> Result<(), TestCaseError> {
    let decision = question.decide(engine);
    prop_assert_eq!(&decision, alone);
    let reply = Reply::of(engine, question.request(), &decision);
    prop_assert_eq!(reply.outcome, alone.outcome);
    for category in question.request().categories.iter() {
        let request = Request { categories: Set::one(category), ..question.request().clone() };
        let by_itself = engine.decide(&request, question.facts(), question.now()).outcome;
        prop_assert_eq!(reply.categories.get(&category), Some(&by_itself));
    }
    prop_assert_eq!(reply.categories.len(), question.request().categories.len() as usize);
    prop_assert!(reply.rules.iter().copied().eq(engine.rule_ids(alone)));
    prop_assert!(reply.reasons.iter().copied().eq(engine.reasons(alone)));
    let open = reply.fields.values().fold(Set::EMPTY, |all, fields| all | *fields);
    prop_assert_eq!(open, alone.any_fields());
    Ok(())
}

/// The request with its purpose named as a question names it: by an id where it is sharing, and only there.
fn named(mut request: Request) -> Request {
    let sharing = request.purpose == records_model::Purpose::Sharing;
    let id = request.undescribed.take().or_else(|| "school-visit".parse().ok());
    request.undescribed = id.filter(|_| sharing);
    request
}

proptest! {
    /// A question in JSON decides as its request and facts do.
    #[test]
    fn a_question_decides_as_its_parts_do(
        request in arb_request().prop_map(named), facts in arb_facts(), now in arb_instant(),
    ) {
        let question = Question::parse(&line(&request, &facts, now)).unwrap();
        assert_same(&ENGINE, &question, &ENGINE.decide(&request, &facts, now))?;
    }

    /// The same near the edges of the rules, where most answers differ.
    #[test]
    fn also_near_the_edges_of_rules(
        (request, facts) in arb_request_near(ENGINE.policy().rules()), now in arb_instant(),
    ) {
        let request = named(request);
        let question = Question::parse(&line(&request, &facts, now)).unwrap();
        assert_same(&ENGINE, &question, &ENGINE.decide(&request, &facts, now))?;
    }

    /// Consents one by one count as much as the level that they come to.
    #[test]
    fn consents_count_as_their_level(
        request in arb_request().prop_map(named), facts in arb_facts(), consents in arb_consents(), now in arb_instant(),
    ) {
        let mut line = serde_json::to_value(&request).unwrap();
        line["facts"] = json!({"present": facts.present});
        line["consents"] = serde_json::to_value(&consents).unwrap();
        line["now"] = json!(now);
        let question = Question::parse(&line.to_string()).unwrap();
        let cover = consent_level(&consents, &request, now);
        prop_assert_eq!(question.facts().consent, cover.form);
        prop_assert_eq!(question.facts().present, facts.present);
        prop_assert_eq!(question.facts().valid_until, cover.valid_until);
    }
}
