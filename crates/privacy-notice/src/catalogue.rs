//! The clause catalogue: every promise of a clinic's policy in our own words.

use records_model::ClauseId;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Bilingual, Evaluator};

/// How a clause is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClauseKind {
    /// By the software itself.
    Kept,
    /// By a register that the software forces to stay current.
    Evidenced,
    /// By saying it truthfully in the notice.
    Notice,
}

/// One promise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// Its id.
    pub id: ClauseId,
    /// Where it stands in this clinic's policy, such as `4.1`; `head` is what stands before section 1.
    pub section: String,
    /// How it is kept.
    pub kind: ClauseKind,
    /// The check that computes its state; without one it stands in `clauses-not-yet.toml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evaluator: Option<Evaluator>,
    /// What is promised, in our own words.
    #[serde(flatten)]
    pub promise: Bilingual,
}

/// Why a catalogue cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CatalogueError {
    /// Not the form that is expected; the message names line, column and what would be valid.
    #[error("the clause catalogue cannot be read: {0}")]
    Form(#[from] toml::de::Error),
    /// No clause at all.
    #[error("a clause catalogue holds at least one clause")]
    Empty,
    /// Twice the same id, or ids that go back.
    #[error("{0} stands twice, or after a higher number")]
    Order(ClauseId),
    /// A language is missing.
    #[error("{0} must be said in both languages")]
    Language(ClauseId),
    /// No section, or not one of a policy.
    #[error("{0} must name its section as `head` or as a number such as 4.1")]
    Section(ClauseId),
}

/// Every clause of one clinic's policy, by rising id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClauseCatalogue(Vec<Clause>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueDraft {
    clause: Vec<ClauseDraft>,
}

/// The same as [`Clause`] without `flatten`, which would let unknown keys pass.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClauseDraft {
    id: ClauseId,
    section: String,
    kind: ClauseKind,
    evaluator: Option<Evaluator>,
    es: String,
    en: String,
}

impl ClauseCatalogue {
    /// Reads a `clauses.toml`.
    ///
    /// # Errors
    ///
    /// [`CatalogueError`]: the form, with line and column, or the first clause that cannot be used.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let draft: CatalogueDraft = toml::from_str(text)?;
        let mut clauses: Vec<Clause> = Vec::with_capacity(draft.clause.len());
        for draft in draft.clause {
            let ClauseDraft { id, section, kind, evaluator, es, en } = draft;
            let clause = Clause { id, section, kind, evaluator, promise: Bilingual { es, en } };
            if clauses.last().is_some_and(|last| last.id >= clause.id) {
                return Err(CatalogueError::Order(clause.id));
            }
            if clause.promise.is_incomplete() {
                return Err(CatalogueError::Language(clause.id));
            }
            if !is_section(&clause.section) {
                return Err(CatalogueError::Section(clause.id));
            }
            clauses.push(clause);
        }
        if clauses.is_empty() { Err(CatalogueError::Empty) } else { Ok(Self(clauses)) }
    }

    /// The clauses by rising id.
    pub fn iter(&self) -> impl Iterator<Item = &Clause> + Clone {
        self.0.iter()
    }

    /// One clause, if this clinic's policy holds it.
    #[must_use]
    pub fn get(&self, id: ClauseId) -> Option<&Clause> {
        self.0.binary_search_by_key(&id, |clause| clause.id).ok().and_then(|at| self.0.get(at))
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Never: a catalogue without a clause is refused. It is here because [`len`](Self::len) is.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The clauses that no check stands behind.
    pub fn without_evaluator(&self) -> impl Iterator<Item = ClauseId> + Clone {
        self.0.iter().filter(|clause| clause.evaluator.is_none()).map(|clause| clause.id)
    }
}

fn is_section(text: &str) -> bool {
    text == "head" || text.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// The clauses that no check keeps yet: `clauses-not-yet.toml`, a list that may only shrink.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotYet {
    /// The clauses, each with what is missing.
    #[serde(rename = "clause")]
    pub clauses: Vec<NotYetClause>,
}

/// One clause that no check keeps yet.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotYetClause {
    /// The clause.
    pub id: ClauseId,
    /// What is missing.
    pub missing: String,
}

impl NotYet {
    /// Reads `clauses-not-yet.toml`.
    ///
    /// # Errors
    ///
    /// [`CatalogueError::Form`], with line and column.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        Ok(toml::from_str(text)?)
    }
}
