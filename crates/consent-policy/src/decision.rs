//! The answer to a request.

use chrono::{DateTime, Utc};
use records_model::{Category, Field, Set, Vocabulary};

use crate::{Facts, Obligation, RuleSet};

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nobody allowed it: the list of circumstances is closed (4.1, P-38). Enforced like a denial.
    NotApplicable,
    /// A rule permits it and none forbids it, for every category.
    Permit,
    /// A promise forbids it.
    Deny,
}

/// How many categories there are; a decision keeps fields for each.
const CATEGORIES: usize = Category::ALL.len();

/// Permitted fields, category by category.
///
/// A field opened in one category is never thereby open in another: the name of a patient is not the name of
/// the emergency contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldsByCategory {
    fields: [Set<Field>; CATEGORIES],
}

impl FieldsByCategory {
    /// No field anywhere.
    pub const NONE: Self = Self { fields: [Set::EMPTY; CATEGORIES] };

    /// The fields open in one category.
    #[must_use]
    pub fn of(&self, category: Category) -> Set<Field> {
        self.fields.get(usize::from(category.index())).copied().unwrap_or_default()
    }

    /// The names of all open fields, whatever their category: for showing, and for a request over one
    /// category. To open a record, ask [`FieldsByCategory::of`] its own category.
    #[must_use]
    pub fn any(&self) -> Set<Field> {
        self.fields.iter().fold(Set::EMPTY, |all, fields| all | *fields)
    }

    pub(crate) fn put(&mut self, category: Category, fields: Set<Field>) {
        if let Some(slot) = self.fields.get_mut(usize::from(category.index())) {
            *slot = fields;
        }
    }
}

/// The answer to one request: small, on the stack, and readable through the engine that gave it.
///
/// [`Engine::reasons`](crate::Engine::reasons) and [`Engine::rule_ids`](crate::Engine::rule_ids) turn it into
/// words. Never reuse it in another transaction: `valid_until` bounds scheduled changes only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// What was decided.
    pub outcome: Outcome,
    /// Every rule that matched, for any of the categories.
    pub rules: RuleSet,
    /// Permits that are about this request and did not apply for want of a fact or a consent.
    pub near_misses: RuleSet,
    /// What may be seen, category by category; empty unless permitted.
    pub fields: FieldsByCategory,
    /// What is owed; empty unless permitted.
    pub obligations: Set<Obligation>,
    /// The first instant at which it may change by schedule.
    pub valid_until: Option<DateTime<Utc>>,
    /// The facts as they counted.
    pub facts: Facts,
}

impl Decision {
    /// What an answer starts from: nothing allowed it.
    pub(crate) const UNDECIDED: Self = Self {
        outcome: Outcome::NotApplicable,
        rules: RuleSet::EMPTY,
        near_misses: RuleSet::EMPTY,
        fields: FieldsByCategory::NONE,
        obligations: Set::EMPTY,
        valid_until: None,
        facts: Facts::NONE,
    };

    /// Whether it was permitted; everything else is a refusal.
    #[must_use]
    pub fn is_permit(&self) -> bool {
        self.outcome == Outcome::Permit
    }

    /// The fields open in one category.
    #[must_use]
    pub fn fields_of(&self, category: Category) -> Set<Field> {
        self.fields.of(category)
    }

    /// The names of all open fields; see [`FieldsByCategory::any`].
    #[must_use]
    pub fn any_fields(&self) -> Set<Field> {
        self.fields.any()
    }
}
