//! What a document demanded of itself and no longer does: its rules may be the same, and the next edit goes unseen.

use std::collections::HashSet;

use records_model::RuleId;

use crate::{Invariant, PolicyDraft, Scenario};

/// Invariants and tests of an older document that a newer one lacks or words otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct GuardsLost {
    /// Invariants.
    pub invariants: Vec<RuleId>,
    /// Tests, by name.
    pub tests: Vec<String>,
}

impl GuardsLost {
    /// Whether the newer document demands at least the same.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.invariants.is_empty() && self.tests.is_empty()
    }
}

impl PolicyDraft {
    /// The guards of this document that a newer one no longer has in the same words. One that was made stricter
    /// counts too: a person has to look at it.
    ///
    /// ```
    /// # use consent_policy::PolicyDraft;
    /// # let document = include_str!("../../../fixtures/clinics/brisa/policy.toml");
    /// let older = PolicyDraft::parse(document)?;
    /// let mut newer = older.clone();
    /// newer.invariants.clear();
    /// assert!(older.difference(&newer).is_empty(), "every request is decided as before");
    /// assert_eq!(older.guards_lost(&newer).invariants.len(), older.invariants.len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn guards_lost(&self, newer: &Self) -> GuardsLost {
        let kept = |invariant: &&Invariant| {
            !newer.invariants.iter().any(|other| other.line_aside() == invariant.line_aside())
        };
        let tests: HashSet<String> = newer.scenarios.iter().map(Scenario::line_aside).collect();
        let mut lost: Vec<String> = self
            .scenarios
            .iter()
            .filter(|scenario| !tests.contains(&scenario.line_aside()))
            .map(|scenario| scenario.name.clone())
            .collect();
        lost.dedup();
        GuardsLost {
            invariants: self.invariants.iter().filter(kept).map(|invariant| invariant.id.clone()).collect(),
            tests: lost,
        }
    }
}

impl Invariant {
    /// The same, wherever it stands.
    fn line_aside(&self) -> Self {
        Self { line: 0, ..self.clone() }
    }
}

impl Scenario {
    /// All that it says, wherever it stands.
    fn line_aside(&self) -> String {
        format!("{:?}", Self { line: 0, ..self.clone() })
    }
}
