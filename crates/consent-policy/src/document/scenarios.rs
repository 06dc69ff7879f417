//! Tests of a document: one question each, or a table of them written once.
//!
//! A dimension that lists several words stands for each of them, with every combination of the others; only
//! categories are asked for together, as a request asks for them. `even-with` asks again with each fact added,
//! `needs` and `needs-consent` ask again without, and then expect a refusal.

use std::fmt::Write as _;

use records_model::{
    ConsentForm, CountryClass, Detail, Fact, Field, RecipientClass, RuleId, Set, Vocabulary,
};
use toml::Spanned;

use super::error::{DocumentProblem, Located};
use super::groups::{Groups, word, word_or};
use super::resolve::{field_grant, rule_id};
use super::source::{ExpectSource, TestSource};
use super::words::Words;
use crate::{Expectation, Facts, Obligation, Outcome, Request, Scenario};

/// How many questions one table may stand for.
const QUESTIONS_MAX: usize = 4_096;

pub(super) fn of(groups: &Groups, tests: &[TestSource]) -> Result<Vec<Scenario>, Located> {
    let mut scenarios = Vec::with_capacity(tests.len());
    for test in tests {
        scenarios.extend(table(groups, test)?);
    }
    Ok(scenarios)
}

/// What all questions of one test share.
struct Shared {
    facts: Set<Fact>,
    needs: Set<Fact>,
    even_with: Set<Fact>,
    consent: ConsentForm,
    /// Whether the form of consent is needed, or only there.
    weaker: Set<ConsentForm>,
    expect: Expectation,
    rule: Option<RuleId>,
    fields: Option<Set<Field>>,
    obligations: Option<Set<Obligation>>,
}

fn table(groups: &Groups, source: &TestSource) -> Result<Vec<Scenario>, Located> {
    let requests = requests(groups, source)?;
    let shared = shared(groups, source)?;
    let several = requests.len() > 1;
    let mut scenarios = Vec::new();
    for (request, words) in requests {
        let name = if several {
            format!("{} ({words})", source.name.get_ref())
        } else {
            source.name.get_ref().clone()
        };
        scenarios.extend(shared.questions(&name, &request, source.name.span().start));
    }
    if scenarios.len() > QUESTIONS_MAX {
        let problem = DocumentProblem::TooManyQuestions { count: scenarios.len(), most: QUESTIONS_MAX };
        return Err(Located { span: source.name.span(), problem });
    }
    Ok(scenarios)
}

impl Shared {
    /// The question itself, and what it is asked again with and without.
    fn questions(&self, name: &str, request: &Request, line: usize) -> Vec<Scenario> {
        let asked = |name: String, consent, facts| Scenario {
            name,
            request: request.clone(),
            facts: Facts::new(consent, facts),
            expect: self.expect,
            rule: self.rule.clone(),
            fields: self.fields,
            obligations: self.obligations,
            line,
        };
        let refused = |scenario: Scenario| Scenario {
            expect: Expectation::Refused,
            rule: None,
            fields: None,
            obligations: None,
            ..scenario
        };
        let all = self.facts;
        let mut questions = vec![asked(name.to_owned(), self.consent, all)];
        let with = self.even_with.iter();
        questions.extend(
            with.map(|fact| asked(format!("{name}, even with {fact}"), self.consent, all.with(fact))),
        );
        let without = self.needs.iter();
        questions.extend(
            without.map(|fact| {
                refused(asked(format!("{name}, without {fact}"), self.consent, all.without(fact)))
            }),
        );
        let weaker = self.weaker.iter();
        questions
            .extend(weaker.map(|form| refused(asked(format!("{name}, with {form} consent"), form, all))));
        questions
    }
}

fn shared(groups: &Groups, source: &TestSource) -> Result<Shared, Located> {
    let expect = expectation(source.expect);
    let needed = source.needs.as_ref().map(|words| ("needs", words.span()));
    let needed = needed.or_else(|| source.needs_consent.as_ref().map(|word| ("needs-consent", word.span())));
    if let Some((key, span)) = needed.filter(|_| expect != Expectation::Outcome(Outcome::Permit)) {
        let problem = DocumentProblem::KeyOfOtherEffect { effect: "test that expects a refusal", key };
        return Err(Located { span, problem });
    }
    let needs = groups.fact.explicit(&source.needs)?;
    let needs_consent = source.needs_consent.as_ref().map(word::<ConsentForm>).transpose()?;
    let consent = word_or(source.consent.as_ref(), ConsentForm::None)?;
    let weaker =
        |needed: ConsentForm| ConsentForm::ALL.iter().copied().filter(|form| *form < needed).collect();
    let obligations = source.obligations.as_ref();
    Ok(Shared {
        facts: groups.fact.explicit(&source.facts)? | needs,
        needs,
        even_with: groups.fact.explicit(&source.even_with)?,
        consent: needs_consent.unwrap_or(consent),
        weaker: needs_consent.map_or(Set::EMPTY, weaker),
        expect,
        rule: source.rule.as_ref().map(rule_id).transpose()?,
        fields: source.fields.as_ref().map(|words| expected_fields(groups, source, words)).transpose()?,
        obligations: obligations.map(|words| groups.obligation.explicit(&Some(words.clone()))).transpose()?,
    })
}

/// The fields to compare with; `all-of-category` means all that the categories asked for may hold.
fn expected_fields(
    groups: &Groups,
    source: &TestSource,
    words: &Spanned<Words>,
) -> Result<Set<Field>, Located> {
    let (grant, categories) = (field_grant(groups, words)?, groups.category.set(&source.category)?);
    Ok(match grant {
        crate::FieldGrant::Listed(fields) => fields,
        crate::FieldGrant::AllOfCategory => {
            categories.iter().fold(Set::EMPTY, |all, category| all | grant.of(category))
        }
    })
}

/// Every combination, each with the words by which it differs from the others.
fn requests(groups: &Groups, source: &TestSource) -> Result<Vec<(Request, String)>, Located> {
    let category = groups.category.set(&source.category)?;
    let first = |span: std::ops::Range<usize>| {
        let problem = DocumentProblem::NothingListed;
        Located { span, problem }
    };
    let actions = groups.action.set(&source.action)?;
    let action = actions.iter().next().ok_or_else(|| first(source.action.span()))?;
    let roles = groups.role.set(&source.role)?;
    let role = roles.iter().next().ok_or_else(|| first(source.role.span()))?;
    let purposes = groups.purpose.set(&source.purpose)?;
    let purpose = purposes.iter().next().ok_or_else(|| first(source.purpose.span()))?;
    let grounds = groups.ground.set(&source.ground)?;
    let ground = grounds.iter().next().ok_or_else(|| first(source.ground.span()))?;
    let one = Request {
        action,
        role,
        actor: None,
        purpose,
        undescribed: None,
        categories: category,
        recipient: RecipientClass::Internal,
        recipient_id: None,
        country: CountryClass::Domestic,
        ground,
        detail: Detail::Full,
    };
    let mut all = vec![(one, String::new())];
    spread(&mut all, actions, |request, word| request.action = word);
    spread(&mut all, roles, |request, word| request.role = word);
    spread(&mut all, purposes, |request, word| request.purpose = word);
    let recipients = groups.recipient.set_or(&source.recipient, RecipientClass::Internal)?;
    spread(&mut all, recipients, |request, word| request.recipient = word);
    let countries = groups.country.set_or(&source.country, CountryClass::Domestic)?;
    spread(&mut all, countries, |request, word| request.country = word);
    spread(&mut all, grounds, |request, word| request.ground = word);
    let details = groups.detail.set_or(&source.detail, Detail::Full)?;
    spread(&mut all, details, |request, word| request.detail = word);
    Ok(all)
}

/// Each request once for every word.
fn spread<V: Vocabulary>(all: &mut Vec<(Request, String)>, words: Set<V>, put: impl Fn(&mut Request, V)) {
    let before = std::mem::take(all);
    for (request, said) in before {
        all.extend(words.iter().map(|word| {
            let (mut request, mut said) = (request.clone(), said.clone());
            put(&mut request, word);
            if words.len() > 1 {
                let comma = if said.is_empty() { "" } else { ", " };
                // Writing to a string cannot fail.
                let _ = write!(said, "{comma}{}", word.code());
            }
            (request, said)
        }));
    }
}

const fn expectation(source: ExpectSource) -> Expectation {
    match source {
        ExpectSource::Permit => Expectation::Outcome(Outcome::Permit),
        ExpectSource::Deny => Expectation::Outcome(Outcome::Deny),
        ExpectSource::NotApplicable => Expectation::Outcome(Outcome::NotApplicable),
        ExpectSource::Refused => Expectation::Refused,
    }
}
