//! Tests of a document: one question each, or a table of them written once.
//!
//! A dimension that lists several words stands for each of them, with every combination of the others; only
//! categories are asked for together, as a request asks for them. `even-with` asks again with each fact added,
//! `needs` and `needs-consent` ask again without, and then expect a refusal: for the first word of every list,
//! and for every other word of one list with the first of the others. The full product of words and facts would
//! be tens of thousands of questions at every load, and nothing more is found by it.

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

/// How many combinations of words one table may stand for.
const QUESTIONS_MAX: u32 = 2_048;

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
    let combinations = combinations(groups, source)?;
    let shared = shared(groups, source)?;
    let several = combinations.len() > 1;
    let mut scenarios = Vec::new();
    for Combination { request, words, strayed } in combinations {
        let name = if several {
            format!("{} ({words})", source.name.get_ref())
        } else {
            source.name.get_ref().clone()
        };
        let questions = shared.questions(&name, &request, source.name.span().start);
        let again = if strayed <= 1 { usize::MAX } else { 1 };
        scenarios.extend(questions.take(again));
    }
    Ok(scenarios)
}

impl Shared {
    /// The question itself, and what it is asked again with and without.
    fn questions(&self, name: &str, request: &Request, line: usize) -> impl Iterator<Item = Scenario> {
        let asked = move |name: String, consent, facts| Scenario {
            name,
            request: request.clone(),
            facts: Facts::new(consent, facts),
            expect: self.expect,
            rule: self.rule.clone(),
            fields: self.fields,
            obligations: self.obligations,
            line,
        };
        let refused = move |name: String, consent, facts| Scenario {
            expect: Expectation::Refused,
            rule: None,
            fields: None,
            obligations: None,
            ..asked(name, consent, facts)
        };
        let (all, consent) = (self.facts, self.consent);
        let with = self.even_with.iter();
        let with = with.map(move |fact| asked(format!("{name}, even with {fact}"), consent, all.with(fact)));
        let without = self.needs.iter();
        let without =
            without.map(move |fact| refused(format!("{name}, without {fact}"), consent, all.without(fact)));
        let weaker = self.weaker.iter();
        let weaker = weaker.map(move |form| refused(format!("{name}, with {form} consent"), form, all));
        std::iter::once(asked(name.to_owned(), consent, all)).chain(with).chain(without).chain(weaker)
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

/// One choice of words.
struct Combination {
    request: Request,
    /// The words by which it differs from the others.
    words: String,
    /// In how many lists it takes another word than the first.
    strayed: usize,
}

/// Every combination.
fn combinations(groups: &Groups, source: &TestSource) -> Result<Vec<Combination>, Located> {
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
    let request = Request {
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
    let recipients = groups.recipient.set_or(&source.recipient, RecipientClass::Internal)?;
    let countries = groups.country.set_or(&source.country, CountryClass::Domestic)?;
    let details = groups.detail.set_or(&source.detail, Detail::Full)?;
    let lengths =
        [actions.len(), roles.len(), purposes.len(), recipients.len(), countries.len(), grounds.len()];
    let count = lengths.into_iter().fold(details.len(), u32::saturating_mul);
    if count > QUESTIONS_MAX {
        let problem = DocumentProblem::TooManyQuestions { count, most: QUESTIONS_MAX };
        return Err(Located { span: source.name.span(), problem });
    }
    let mut all = vec![Combination { request, words: String::new(), strayed: 0 }];
    spread(&mut all, actions, |request, word| request.action = word);
    spread(&mut all, roles, |request, word| request.role = word);
    spread(&mut all, purposes, |request, word| request.purpose = word);
    spread(&mut all, recipients, |request, word| request.recipient = word);
    spread(&mut all, countries, |request, word| request.country = word);
    spread(&mut all, grounds, |request, word| request.ground = word);
    spread(&mut all, details, |request, word| request.detail = word);
    Ok(all)
}

/// Each combination once for every word.
fn spread<V: Vocabulary>(all: &mut Vec<Combination>, list: Set<V>, put: impl Fn(&mut Request, V)) {
    let before = std::mem::take(all);
    for Combination { request, words, strayed } in before {
        all.extend(list.iter().enumerate().map(|(position, word)| {
            let (mut request, mut words) = (request.clone(), words.clone());
            put(&mut request, word);
            if list.len() > 1 {
                let comma = if words.is_empty() { "" } else { ", " };
                // Writing to a string cannot fail.
                let _ = write!(words, "{comma}{}", word.code());
            }
            Combination { request, words, strayed: strayed + usize::from(position > 0) }
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
