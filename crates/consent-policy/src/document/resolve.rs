//! From what is written to a draft in which every word is a word of ours.

use chrono::NaiveDate;
use records_model::{
    ClauseId, ConsentForm, CountryClass, Detail, Field, PolicyVersionId, RecipientClass, RuleId, Set,
};
use toml::Spanned;

use super::error::{DocumentProblem, Located};
use super::groups::{Groups, word, word_or};
use super::source::{
    BoxSource, EffectSource, ExpectSource, HeaderSource, InvariantSource, Listed, PolicySource, RuleSource,
    TestSource,
};
use super::words::Words;
use crate::{
    Effect, Expectation, Facts, FieldGrant, Invariant, Outcome, PolicyDraft, PolicyHeader, Request, Rule,
    Scenario, Text,
};

/// The keyword for every field that a record of the category may hold.
const ALL_OF_CATEGORY: &str = "all-of-category";
/// The keyword for no field.
const NO_FIELD: &str = "none";

pub(super) fn draft(source: PolicySource) -> Result<PolicyDraft, Located> {
    let groups = Groups::new(source.groups)?;
    Ok(PolicyDraft {
        header: header(&source.policy)?,
        rules: source.rules.iter().map(|text| rule(&groups, text)).collect::<Result<_, _>>()?,
        invariants: source
            .invariants
            .iter()
            .map(|text| invariant(&groups, text))
            .collect::<Result<_, _>>()?,
        scenarios: source.tests.iter().map(|text| scenario(&groups, text)).collect::<Result<_, _>>()?,
    })
}

fn header(source: &HeaderSource) -> Result<PolicyHeader, Located> {
    let day = source.effective_on.get_ref().date.filter(|_| source.effective_on.get_ref().time.is_none());
    let effective_on = day
        .and_then(|d| NaiveDate::from_ymd_opt(i32::from(d.year), u32::from(d.month), u32::from(d.day)))
        .ok_or_else(|| Located { span: source.effective_on.span(), problem: DocumentProblem::Day })?;
    let version = PolicyVersionId::parse(source.version.get_ref())
        .map_err(|error| Located { span: source.version.span(), problem: DocumentProblem::Id(error) })?;
    let language = source.language.get_ref().clone();
    Ok(PolicyHeader { id: rule_id(&source.id)?, version, effective_on, language })
}

fn rule_id(text: &Spanned<String>) -> Result<RuleId, Located> {
    RuleId::parse(text.get_ref())
        .map_err(|error| Located { span: text.span(), problem: DocumentProblem::Id(error) })
}

fn clauses(list: &[Spanned<String>]) -> Result<Vec<ClauseId>, Located> {
    let parse = |text: &Spanned<String>| {
        ClauseId::parse(text.get_ref())
            .map_err(|error| Located { span: text.span(), problem: DocumentProblem::Clause(error) })
    };
    list.iter().map(parse).collect()
}

fn rule(groups: &Groups, source: &RuleSource) -> Result<Rule, Located> {
    let sets = BoxSource {
        action: source.action.clone(),
        role: source.role.clone(),
        purpose: source.purpose.clone(),
        category: source.category.clone(),
        recipient: source.recipient.clone(),
        country: source.country.clone(),
        ground: source.ground.clone(),
        detail: source.detail.clone(),
    };
    Ok(Rule {
        id: rule_id(&source.id)?,
        clauses: clauses(&source.clauses)?,
        scope: groups.scope(&sets)?,
        unless: source.unless.iter().map(|sets| groups.scope(sets)).collect::<Result<_, _>>()?,
        requires: groups.fact.explicit(&source.requires)?,
        excludes: groups.fact.explicit(&source.excludes)?,
        effect: effect(groups, source, &sets)?,
        reason: Text { es: source.reason.es.clone(), en: source.reason.en.clone() },
        line: source.id.span().start,
    })
}

/// What may stand under `fields`.
const FIELD_WORDS: &str = "a list, \"all-of-category\" or \"none\"";
/// What may stand under `consent`.
const CONSENT_WORDS: &str = "\"none\", \"tacit\", \"express\" or \"express-written\"";

fn effect(groups: &Groups, source: &RuleSource, sets: &BoxSource) -> Result<Effect, Located> {
    let at = || source.id.span();
    let refuse = |present: bool, effect, key| {
        let problem = DocumentProblem::KeyOfOtherEffect { effect, key };
        if present { Err(Located { span: at(), problem }) } else { Ok(()) }
    };
    let without = |effect, key, words| {
        let problem = DocumentProblem::EffectWithout { effect, key, words };
        Located { span: at(), problem }
    };
    let unless_consent = source.unless_consent.as_ref().map(word).transpose()?;
    match source.effect {
        EffectSource::Permit => {
            refuse(unless_consent.is_some(), "permit", "unless-consent")?;
            if let Some(dimension) = open_dimension(sets) {
                return Err(Located { span: at(), problem: DocumentProblem::PermitWithout { dimension } });
            }
            let consent = source.consent.as_ref();
            let consent = consent.ok_or_else(|| without("permit", "consent", CONSENT_WORDS))?;
            let fields = source.fields.as_ref();
            let fields = fields.ok_or_else(|| without("permit", "fields", FIELD_WORDS))?;
            Ok(Effect::Permit {
                consent: word::<ConsentForm>(consent)?,
                fields: field_grant(groups, fields)?,
                obligations: groups.obligation.explicit(&source.obligations)?,
            })
        }
        EffectSource::Forbid => {
            refuse(source.consent.is_some(), "forbid", "consent")?;
            refuse(source.fields.is_some(), "forbid", "fields")?;
            refuse(source.obligations.is_some(), "forbid", "obligations")?;
            Ok(Effect::Forbid { unless_consent })
        }
        EffectSource::Withhold => {
            refuse(source.consent.is_some(), "withhold", "consent")?;
            refuse(source.obligations.is_some(), "withhold", "obligations")?;
            let fields = source.fields.as_ref();
            let fields = fields.ok_or_else(|| without("withhold", "fields", FIELD_WORDS))?;
            Ok(Effect::Withhold { unless_consent, fields: field_grant(groups, fields)? })
        }
    }
}

/// The first dimension that a permit does not name.
fn open_dimension(sets: &BoxSource) -> Option<&'static str> {
    let dimensions: [(&Listed, &'static str); 8] = [
        (&sets.action, "action"),
        (&sets.role, "role"),
        (&sets.purpose, "purpose"),
        (&sets.category, "category"),
        (&sets.recipient, "recipient"),
        (&sets.country, "country"),
        (&sets.ground, "ground"),
        (&sets.detail, "detail"),
    ];
    dimensions.into_iter().find(|(sets, _)| sets.is_none()).map(|(_, dimension)| dimension)
}

fn field_grant(groups: &Groups, words: &Spanned<Words>) -> Result<FieldGrant, Located> {
    match words.get_ref() {
        Words::One(text) if text == ALL_OF_CATEGORY => Ok(FieldGrant::AllOfCategory),
        Words::One(text) if text == NO_FIELD => Ok(FieldGrant::NONE),
        _ => Ok(FieldGrant::Listed(groups.field.explicit(&Some(words.clone()))?)),
    }
}

/// A list of fields to compare with; `none` means no field.
fn expected_fields(groups: &Groups, words: &Listed) -> Result<Option<Set<Field>>, Located> {
    let Some(words) = words else { return Ok(None) };
    match field_grant(groups, words)? {
        FieldGrant::Listed(fields) => Ok(Some(fields)),
        FieldGrant::AllOfCategory => {
            let problem = DocumentProblem::AnyHere { vocabulary: "field" };
            Err(Located { span: words.span(), problem })
        }
    }
}

fn invariant(groups: &Groups, source: &InvariantSource) -> Result<Invariant, Located> {
    let sets = BoxSource {
        action: source.action.clone(),
        role: source.role.clone(),
        purpose: source.purpose.clone(),
        category: source.category.clone(),
        recipient: source.recipient.clone(),
        country: source.country.clone(),
        ground: source.ground.clone(),
        detail: source.detail.clone(),
    };
    Ok(Invariant {
        id: rule_id(&source.id)?,
        clauses: clauses(&source.clauses)?,
        scope: groups.scope(&sets)?,
        present: groups.fact.explicit(&source.present)?,
        absent: groups.fact.explicit(&source.absent)?,
        consent_below: source.consent_below.as_ref().map(word).transpose()?,
        fields: expected_fields(groups, &source.fields)?,
        line: source.id.span().start,
    })
}

fn scenario(groups: &Groups, source: &TestSource) -> Result<Scenario, Located> {
    let request = Request {
        action: word(&source.action)?,
        role: word(&source.role)?,
        actor: None,
        purpose: word(&source.purpose)?,
        undescribed: None,
        categories: groups.category.set(&source.category)?,
        recipient: word_or(source.recipient.as_ref(), RecipientClass::Internal)?,
        recipient_id: None,
        country: word_or(source.country.as_ref(), CountryClass::Domestic)?,
        ground: word(&source.ground)?,
        detail: word_or(source.detail.as_ref(), Detail::Full)?,
    };
    let consent = word_or(source.consent.as_ref(), ConsentForm::None)?;
    Ok(Scenario {
        name: source.name.get_ref().clone(),
        request,
        facts: Facts::new(consent, groups.fact.explicit(&source.facts)?),
        expect: expectation(source.expect),
        rule: source.rule.as_ref().map(rule_id).transpose()?,
        fields: expected_fields(groups, &source.fields)?,
        obligations: source
            .obligations
            .as_ref()
            .map(|words| groups.obligation.explicit(&Some(words.clone())))
            .transpose()?,
        line: source.name.span().start,
    })
}

const fn expectation(source: ExpectSource) -> Expectation {
    match source {
        ExpectSource::Permit => Expectation::Outcome(Outcome::Permit),
        ExpectSource::Deny => Expectation::Outcome(Outcome::Deny),
        ExpectSource::NotApplicable => Expectation::Outcome(Outcome::NotApplicable),
        ExpectSource::Refused => Expectation::Refused,
    }
}
