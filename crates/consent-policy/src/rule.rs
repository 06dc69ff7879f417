//! One rule of a policy document.

use records_model::{Category, ClauseId, ConsentForm, Fact, Field, RuleId, Set};

use crate::{Facts, Obligation, Request, Scope};

/// A sentence in both languages of the clinic.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Text {
    /// Spanish, as written in Mexico unless the document says otherwise.
    pub es: String,
    /// English.
    pub en: String,
}

/// Which fields a rule speaks of, in each category that it covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldGrant {
    /// Every field that a record of the category may hold; written `"all-of-category"`.
    AllOfCategory,
    /// These fields, as far as a record of the category may hold them.
    Listed(Set<Field>),
}

impl FieldGrant {
    /// No field: custody, or an answer that something exists.
    pub const NONE: Self = Self::Listed(Set::EMPTY);

    /// The fields in one category.
    #[must_use]
    pub fn of(self, category: Category) -> Set<Field> {
        match self {
            Self::AllOfCategory => Field::of_category(category),
            Self::Listed(fields) => fields & Field::of_category(category),
        }
    }
}

/// What a rule does to the requests that it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Permits the request, if no forbid matches.
    Permit {
        /// The weakest form of consent with which it applies.
        consent: ConsentForm,
        /// The fields that it opens.
        fields: FieldGrant,
        /// What is owed for it.
        obligations: Set<Obligation>,
    },
    /// Forbids the request, whatever permits it.
    Forbid {
        /// From this form of consent on it does not apply; `None` of the option: no consent lifts it.
        unless_consent: Option<ConsentForm>,
    },
    /// Takes fields away from whatever is permitted, without refusing the rest.
    Withhold {
        /// From this form of consent on it does not apply.
        unless_consent: Option<ConsentForm>,
        /// The fields that it takes away.
        fields: FieldGrant,
    },
}

impl Effect {
    /// Whether it permits.
    #[must_use]
    pub const fn is_permit(&self) -> bool {
        matches!(self, Self::Permit { .. })
    }

    /// Whether this form of consent lets the rule apply.
    #[must_use]
    pub fn applies_with(&self, form: ConsentForm) -> bool {
        match self {
            Self::Permit { consent, .. } => form >= *consent,
            Self::Forbid { unless_consent } | Self::Withhold { unless_consent, .. } => {
                unless_consent.is_none_or(|lifted_from| form < lifted_from)
            }
        }
    }
}

/// One rule: a box over the dimensions, facts, an effect and the reason it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name in the document.
    pub id: RuleId,
    /// The promises that it keeps; at least one.
    pub clauses: Vec<ClauseId>,
    /// The requests that it is about.
    pub scope: Scope,
    /// Boxes inside the scope that it is not about.
    pub unless: Vec<Scope>,
    /// Facts without which it does not apply.
    pub requires: Set<Fact>,
    /// Facts with which it does not apply.
    pub excludes: Set<Fact>,
    /// What it does.
    pub effect: Effect,
    /// One sentence that a patient understands.
    pub reason: Text,
    /// Line of the document, from 1; 0 for a rule that was not read from one.
    pub line: usize,
}

impl Rule {
    /// Whether the request, looked at for one category, is what the rule is about, whatever the facts.
    #[must_use]
    pub fn is_about(&self, request: &Request, category: Category) -> bool {
        self.scope.contains(request, category)
            && !self.unless.iter().any(|spared| spared.contains(request, category))
    }

    /// Whether the facts let it apply.
    #[must_use]
    pub fn applies(&self, facts: &Facts) -> bool {
        facts.present.contains_all(self.requires)
            && !facts.present.intersects(self.excludes)
            && self.effect.applies_with(facts.consent)
    }
}
