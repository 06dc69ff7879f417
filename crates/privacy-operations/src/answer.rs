//! A decision in words: what the screen, the command line and the log say of it.

use audit_log::Reason as LogReason;
use chrono::{DateTime, Utc};
use consent_policy::{Decision, Engine, Obligation, Outcome, Request};
use records_model::{ClauseId, RuleId, Set};
use serde::Serialize;

/// One ground for an answer, as a sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonText {
    /// The rule, if one decided; none where nothing allowed it.
    pub rule: Option<RuleId>,
    /// The clauses behind it.
    pub clauses: Vec<ClauseId>,
    /// In Spanish.
    pub es: String,
    /// In English.
    pub en: String,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What was asked.
    pub request: Request,
    /// What came out.
    pub outcome: Outcome,
    /// Every rule that matched.
    pub rules: Vec<RuleId>,
    /// Every ground, the deciding ones first.
    pub reasons: Vec<ReasonText>,
    /// What must be done because it was permitted.
    pub obligations: Set<Obligation>,
    /// Until when it can hold at the latest; it is never used again all the same.
    pub valid_until: Option<DateTime<Utc>>,
}

impl Answer {
    /// Puts a decision into words.
    #[must_use]
    pub fn of(engine: &Engine, request: &Request, decision: &Decision) -> Self {
        Self {
            request: request.clone(),
            outcome: decision.outcome,
            rules: engine.rule_ids(decision).cloned().collect(),
            reasons: engine
                .reasons(decision)
                .map(|reason| ReasonText {
                    rule: reason.rule.cloned(),
                    clauses: reason.clauses.to_vec(),
                    es: reason.es.to_owned(),
                    en: reason.en.to_owned(),
                })
                .collect(),
            obligations: decision.obligations,
            valid_until: decision.valid_until,
        }
    }

    /// Whether it may be done.
    #[must_use]
    pub fn is_permit(&self) -> bool {
        self.outcome == Outcome::Permit
    }
}

/// Code under which the log names the closed list of section 4.1 where no rule decided.
const CLOSED_LIST: &str = "closed-list";

/// The grounds as the log keeps them: one for each rule and clause.
pub(crate) fn log_reasons(engine: &Engine, decision: &Decision) -> impl Iterator<Item = LogReason> {
    let closed = RuleId::parse(CLOSED_LIST).ok();
    let mut reasons = Vec::new();
    for reason in engine.reasons(decision) {
        let Some(code) = reason.rule.or(closed.as_ref()) else { continue };
        reasons.extend(reason.clauses.iter().map(|clause| LogReason { clause: *clause, code: code.clone() }));
    }
    reasons.into_iter()
}
