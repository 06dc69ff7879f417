//! From what is written to a draft in which every word is a word of ours.

use chrono::NaiveDate;
use records_model::{ClauseId, ConsentForm, Field, PolicyVersionId, RuleId, Set};
use toml::Spanned;

use super::error::{DocumentProblem, Located};
use super::groups::{Groups, word};
use super::scenarios;
use super::source::{
    BoxSource, EffectSource, HeaderSource, InvariantSource, Listed, PolicySource, RefusalSource, RuleSource,
};
use super::words::Words;
use crate::{Effect, FieldGrant, Invariant, PolicyDraft, PolicyHeader, Refusal, Rule, Text};

/// The keyword for every field that a record of the category may hold.
pub(super) const ALL_OF_CATEGORY: &str = "all-of-category";
/// The keyword for no field.
pub(super) const NO_FIELD: &str = "none";

pub(super) fn draft(source: &PolicySource, groups: &Groups) -> Result<PolicyDraft, Located> {
    Ok(PolicyDraft {
        header: header(&source.policy)?,
        rules: source.rules.iter().map(|text| rule(groups, text)).collect::<Result<_, _>>()?,
        invariants: source.invariants.iter().map(|text| invariant(groups, text)).collect::<Result<_, _>>()?,
        scenarios: scenarios::of(groups, &source.tests)?,
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

pub(super) fn rule_id(text: &Spanned<String>) -> Result<RuleId, Located> {
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

pub(super) fn field_grant(groups: &Groups, words: &Spanned<Words>) -> Result<FieldGrant, Located> {
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
    let fields = expected_fields(groups, &source.fields)?;
    Ok(Invariant {
        id: rule_id(&source.id)?,
        clauses: clauses(&source.clauses)?,
        scope: groups.scope(&sets)?,
        unless: source.unless.iter().map(|sets| groups.scope(sets)).collect::<Result<_, _>>()?,
        present: groups.fact.explicit(&source.present)?,
        absent: groups.fact.explicit(&source.absent)?,
        consent_below: source.consent_below.as_ref().map(word).transpose()?,
        fields,
        refusal: refusal(source.expect.as_ref(), fields)?,
        line: source.id.span().start,
    })
}

/// Fields are closed by what withholds them too, so a forbid cannot be asked of fields alone.
fn refusal(expect: Option<&Spanned<RefusalSource>>, fields: Option<Set<Field>>) -> Result<Refusal, Located> {
    match (expect.map(Spanned::get_ref), expect, fields) {
        (Some(RefusalSource::Deny), Some(expect), Some(_)) => {
            let problem = DocumentProblem::KeyOfOtherEffect { effect: "denying invariant", key: "fields" };
            Err(Located { span: expect.span(), problem })
        }
        (Some(RefusalSource::Deny), ..) => Ok(Refusal::Forbidden),
        (Some(RefusalSource::Refused) | None, ..) => Ok(Refusal::Any),
    }
}
