//! The promise report: every clause with a computed state (P-3).

use chrono::{DateTime, Utc};
use records_model::ClauseId;
use serde::Serialize;

use crate::evaluate::evaluate;
use crate::{Bilingual, Clause, ClauseCatalogue, Evaluator, Evidence};

/// How a clause stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum ClauseState {
    /// The facts show it kept.
    Kept,
    /// A fact shows it broken.
    Broken {
        /// What is wrong.
        why: Bilingual,
        /// What mends it.
        mend: Bilingual,
    },
    /// Nobody looked, or nothing in the product can look yet: neither kept nor broken may be said.
    NotEvidenced,
}

impl ClauseState {
    /// A stable code: `kept`, `broken` or `not-evidenced`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Broken { .. } => "broken",
            Self::NotEvidenced => "not-evidenced",
        }
    }
}

/// One line of the promise report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClauseReport {
    /// The clause.
    pub id: ClauseId,
    /// Section of the clinic's policy.
    pub section: String,
    /// What is promised, in our own words.
    pub promise: Bilingual,
    /// The check that computed the state; none stands behind a clause of `clauses-not-yet.toml`.
    pub evaluator: Option<Evaluator>,
    /// How it stands.
    #[serde(flatten)]
    pub state: ClauseState,
}

/// The state of every clause of the catalogue, in its order. Never typed in: the same evidence gives the
/// same report.
///
/// ```
/// use chrono::DateTime;
/// use privacy_notice::{ClauseCatalogue, ClauseState, Evidence, report};
///
/// let text = std::fs::read_to_string("../../fixtures/clinics/elicells/clauses.toml").unwrap();
/// let catalogue = ClauseCatalogue::parse(&text).unwrap();
/// let lines = report(&catalogue, &Evidence::default(), DateTime::UNIX_EPOCH);
/// assert_eq!(lines.len(), 93);
/// assert!(lines.iter().all(|line| line.state == ClauseState::NotEvidenced), "nobody looked yet");
/// ```
#[must_use]
pub fn report(catalogue: &ClauseCatalogue, evidence: &Evidence, now: DateTime<Utc>) -> Vec<ClauseReport> {
    catalogue.iter().map(|clause| line(clause, evidence, now)).collect()
}

fn line(clause: &Clause, evidence: &Evidence, now: DateTime<Utc>) -> ClauseReport {
    ClauseReport {
        id: clause.id,
        section: clause.section.clone(),
        promise: clause.promise.clone(),
        evaluator: clause.evaluator,
        state: clause
            .evaluator
            .map_or(ClauseState::NotEvidenced, |evaluator| evaluate(evaluator, clause.id, evidence, now)),
    }
}
