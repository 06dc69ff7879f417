//! Cedar as a second opinion: it decides an exported document, and has to decide it as our engine does.
//!
//! Outside the default members, because Cedar takes minutes to build:
//!
//! ```text
//! cargo test -p cedar-oracle                        # 10,000 requests a document
//! cargo test -p cedar-oracle --release -- --ignored # 100,000, and a slice without gaps
//! ```

mod question;

use cedar_policy::{
    Authorizer, Decision, Entities, Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator,
};
use consent_policy::{Facts, Outcome, Request, RuleSet, VerifiedPolicy, cedar};
use records_model::{Category, Set};
use thiserror::Error;

pub use question::{cedar_context, cedar_request};

/// A document as Cedar holds it.
pub struct CedarDocument {
    policies: PolicySet,
    schema: Schema,
    authorizer: Authorizer,
    entities: Entities,
}

/// What Cedar made of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CedarAnswer {
    /// The outcome over all categories.
    pub outcome: Outcome,
    /// The names of the rules that determined it, in order, without repetition.
    pub rules: Vec<String>,
}

/// Why Cedar cannot decide.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OracleError {
    /// The exported schema does not parse.
    #[error("cedar does not read the exported schema: {0}")]
    Schema(String),
    /// The exported policies do not parse.
    #[error("cedar does not read the exported policies: {0}")]
    Policies(String),
    /// The strict validator refuses them.
    #[error("cedar's strict validator says: {0}")]
    Strict(String),
    /// A request does not fit the schema.
    #[error("cedar does not take the request: {0}")]
    Request(String),
    /// Cedar skipped a policy that failed, which none may.
    #[error("a policy failed while cedar evaluated it: {0}")]
    Evaluation(String),
}

impl CedarDocument {
    /// Exports the document and has Cedar parse it and validate it strictly.
    ///
    /// # Errors
    ///
    /// [`OracleError`] with what Cedar says; a warning of the validator counts as an error.
    pub fn new(policy: &VerifiedPolicy) -> Result<Self, OracleError> {
        let (schema, _) = Schema::from_cedarschema_str(&cedar::schema()).map_err(schema_error)?;
        let policies = parsed(&cedar::policies(policy))?;
        let result = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        if !result.validation_passed_without_warnings() {
            return Err(OracleError::Strict(result.to_string()));
        }
        Ok(Self { policies, schema, authorizer: Authorizer::new(), entities: Entities::empty() })
    }

    /// How many policies there are: one for each rule that permits or forbids.
    #[must_use]
    pub fn policy_count(&self) -> usize {
        self.policies.policies().count()
    }

    /// Asks Cedar about every category of the request and joins the answers.
    ///
    /// # Errors
    ///
    /// [`OracleError`] if a request does not fit the schema or a policy fails.
    pub fn decide(&self, request: &Request, facts: &Facts) -> Result<CedarAnswer, OracleError> {
        let mut answers = Vec::new();
        for category in request.categories.iter() {
            answers.push(self.decide_category(request, category, facts)?);
        }
        let outcomes: Vec<Outcome> = answers.iter().map(|answer| answer.outcome).collect();
        let mut rules: Vec<String> = answers.into_iter().flat_map(|answer| answer.rules).collect();
        rules.sort();
        rules.dedup();
        Ok(CedarAnswer { outcome: joined(&outcomes), rules })
    }

    fn decide_category(
        &self,
        request: &Request,
        category: Category,
        facts: &Facts,
    ) -> Result<CedarAnswer, OracleError> {
        let asked = cedar_request(request, category, facts, Some(&self.schema))?;
        let response = self.authorizer.is_authorized(&asked, &self.policies, &self.entities);
        if let Some(error) = response.diagnostics().errors().next() {
            return Err(OracleError::Evaluation(error.to_string()));
        }
        let rules: Vec<String> = response.diagnostics().reason().map(ToString::to_string).collect();
        let outcome = match response.decision() {
            Decision::Allow => Outcome::Permit,
            Decision::Deny if rules.is_empty() => Outcome::NotApplicable,
            Decision::Deny => Outcome::Deny,
        };
        Ok(CedarAnswer { outcome, rules })
    }
}

/// The exported policies, each under the name of its rule.
///
/// # Errors
///
/// [`OracleError::Policies`] with what Cedar says.
pub fn parsed(text: &str) -> Result<PolicySet, OracleError> {
    let numbered: PolicySet = text.parse().map_err(policies_error)?;
    let named = numbered.policies().map(named).collect::<Result<Vec<Policy>, OracleError>>()?;
    PolicySet::from_policies(named).map_err(policies_error)
}

fn named(policy: &Policy) -> Result<Policy, OracleError> {
    let id = policy.annotation("id").ok_or_else(|| OracleError::Policies("a policy without an id".into()))?;
    Ok(policy.new_id(PolicyId::new(id)))
}

fn schema_error(error: impl std::fmt::Display) -> OracleError {
    OracleError::Schema(error.to_string())
}

fn policies_error(error: impl std::fmt::Display) -> OracleError {
    OracleError::Policies(error.to_string())
}

/// One forbidden category forbids the request; it is permitted only if there is a category and each is.
fn joined(outcomes: &[Outcome]) -> Outcome {
    if outcomes.contains(&Outcome::Deny) {
        Outcome::Deny
    } else if outcomes.is_empty() || outcomes.contains(&Outcome::NotApplicable) {
        Outcome::NotApplicable
    } else {
        Outcome::Permit
    }
}

/// The answer of our engine in the same words, for comparing.
///
/// Cedar names the permits of what it allows and the forbids of what it denies, category by category, so each
/// category is asked apart.
#[must_use]
pub fn our_answer(
    engine: &consent_policy::Engine,
    request: &Request,
    facts: &Facts,
    now: chrono::DateTime<chrono::Utc>,
) -> CedarAnswer {
    let mut rules: Vec<String> = Vec::new();
    for category in request.categories.iter() {
        let one = Request { categories: Set::one(category), ..request.clone() };
        let decision = engine.decide(&one, facts, now);
        rules.extend(determining(engine, &decision.rules, decision.outcome));
    }
    rules.sort();
    rules.dedup();
    CedarAnswer { outcome: engine.decide(request, facts, now).outcome, rules }
}

fn determining(engine: &consent_policy::Engine, matched: &RuleSet, outcome: Outcome) -> Vec<String> {
    let counts = |effect: &consent_policy::Effect| match outcome {
        Outcome::Permit => effect.is_permit(),
        Outcome::Deny => matches!(effect, consent_policy::Effect::Forbid { .. }),
        Outcome::NotApplicable => false,
    };
    let rules = matched.iter().filter_map(|position| engine.policy().rules().get(position));
    rules.filter(|rule| counts(&rule.effect)).map(|rule| rule.id.to_string()).collect()
}
