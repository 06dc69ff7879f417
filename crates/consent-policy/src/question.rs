//! A request with its evidence, and the answer to it, each as one JSON object: what is decided in bulk.

mod error;
mod read;
mod strict;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use records_model::{Category, Field, RuleId, Set};
use serde::Serialize;

use crate::{Consent, Decision, Engine, Facts, Obligation, Outcome, Reason, Request, consent_level};

pub use error::{QuestionError, QuestionKey};

/// A request, what is true, and when.
///
/// [`Question::parse`] reads the JSON that `policy decide --requests` takes, one object for each question:
///
/// - `role`, `purpose`, `categories` and `ground` have to be there. The role may also stand in `actor`, as in
///   `{"id": "...", "role": "nurse"}`, or be its whole value; `actor` may be the id alone beside a `role`.
/// - `action` is `read`, `recipient` is `internal`, `country` is `domestic` and `detail` is `full` unless said
///   otherwise. `undescribed` and `recipient-id` are as in [`Request`].
/// - `facts` holds `consent` (a form), `present` (a list of facts) and `valid-until`, each if known; or it is the list
///   of facts alone. `consents`
///   is a list of [`Consent`]s, from which the form is computed at `now`; together with `facts.consent` it is
///   refused. `now` is RFC 3339, and needed where a date is to be compared with it.
///
/// Every word is a word of a vocabulary: names of a document's groups are not read.
///
/// ```
/// use consent_policy::{Question, QuestionError};
///
/// let question = Question::parse(
///     r#"{"role":"nurse","purpose":"treatment","categories":["laboratory"],"ground":"consent",
///         "facts":{"consent":"express-written","present":["training"]}}"#,
/// )?;
/// assert_eq!(question.request().categories.len(), 1);
///
/// let error = Question::parse(r#"{"role":"nurse","purpos":"treatment"}"#).err().ok_or("refused")?;
/// assert_eq!(error.to_string(), "unknown key; did you mean `purpose`?");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    request: Request,
    facts: Facts,
    now: DateTime<Utc>,
}

impl Question {
    /// A question whose facts are known; `now` is the instant at which they were read.
    #[must_use]
    pub const fn new(request: Request, facts: Facts, now: DateTime<Utc>) -> Self {
        Self { request, facts, now }
    }

    /// A question whose consents are known one by one; what else holds is in `facts`, whose own form of consent
    /// does not count.
    #[must_use]
    pub fn with_consents(request: Request, facts: Facts, consents: &[Consent], now: DateTime<Utc>) -> Self {
        let cover = consent_level(consents, &request, now);
        let facts = Facts { consent: cover.form, ..facts }.and(Set::EMPTY, cover.valid_until);
        Self { request, facts, now }
    }

    /// Reads one JSON object.
    ///
    /// # Errors
    ///
    /// [`QuestionError`] names the key or the column, and the nearest word where one is near; it does not repeat
    /// what was written.
    pub fn parse(json: &str) -> Result<Self, QuestionError> {
        read::question(json)
    }

    /// What is asked.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// What is true.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// When it was true.
    #[must_use]
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The decision, as [`Engine::decide`] gives it.
    #[must_use]
    pub fn decide(&self, engine: &Engine) -> Decision {
        engine.decide(&self.request, &self.facts, self.now)
    }
}

/// The answer to a question, to be written as one JSON object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reply<'a> {
    /// What was decided.
    pub outcome: Outcome,
    /// What each category comes to by itself: which of them keep the request from being permitted.
    pub categories: BTreeMap<Category, Outcome>,
    /// Every rule that matched, in the order of the document.
    pub rules: Vec<&'a RuleId>,
    /// Every reason, the deciding ones first; with what was missing where a permit nearly applied.
    pub reasons: Vec<Reason<'a>>,
    /// The open fields of each category that has one; none unless permitted.
    pub fields: BTreeMap<Category, Set<Field>>,
    /// What is owed; nothing unless permitted.
    pub obligations: Set<Obligation>,
    /// The first instant at which it may change by schedule.
    pub valid_until: Option<DateTime<Utc>>,
}

impl<'a> Reply<'a> {
    /// The decision that this engine gave on this request, in words.
    #[must_use]
    pub fn of(engine: &'a Engine, request: &Request, decision: &'a Decision) -> Self {
        let fields = request.categories.iter().map(|category| (category, decision.fields_of(category)));
        Self {
            outcome: decision.outcome,
            categories: by_category(engine, request, decision).collect(),
            rules: engine.rule_ids(decision).collect(),
            reasons: engine.reasons(decision).collect(),
            fields: fields.filter(|(_, open)| !open.is_empty()).collect(),
            obligations: decision.obligations,
            valid_until: decision.valid_until,
        }
    }
}

/// The outcome of each category alone, on the facts as they counted.
fn by_category(
    engine: &Engine,
    request: &Request,
    decision: &Decision,
) -> impl Iterator<Item = (Category, Outcome)> {
    // They have lapsed already, if they had.
    let facts = Facts { valid_until: None, ..decision.facts };
    request.categories.iter().map(move |category| {
        let alone = Request { categories: Set::one(category), ..request.clone() };
        (category, engine.decide(&alone, &facts, DateTime::UNIX_EPOCH).outcome)
    })
}

#[cfg(test)]
mod tests;
