//! One request, with its facts, that shows what a document would let happen.

use std::fmt;

use records_model::{Category, ConsentForm, Fact, Field, Set, Vocabulary};

use crate::cuboid::Cuboid;
use crate::{Facts, Request};

/// A request and the facts under which a law is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The request, over one category.
    pub request: Request,
    /// The facts.
    pub facts: Facts,
    /// The field that would be open, if the law is about one.
    pub field: Option<Field>,
}

impl Witness {
    /// The first request of a cuboid, with no fact that the cuboid does not ask for.
    pub(crate) fn of(cuboid: &Cuboid, field: Option<Field>) -> Option<Self> {
        let scope = cuboid.scope();
        let request = Request {
            action: scope.actions.iter().next()?,
            role: scope.roles.iter().next()?,
            actor: None,
            purpose: scope.purposes.iter().next()?,
            undescribed: None,
            categories: Set::one(scope.categories.iter().next()?),
            recipient: scope.recipients.iter().next()?,
            recipient_id: None,
            country: scope.countries.iter().next()?,
            ground: scope.grounds.iter().next()?,
            detail: scope.details.iter().next()?,
        };
        let consent = cuboid.forms().iter().next().unwrap_or(ConsentForm::None);
        Some(Self { request, facts: Facts::new(consent, cuboid.present), field })
    }

    /// The category that it is about.
    #[must_use]
    pub fn category(&self) -> Option<Category> {
        self.request.categories.iter().next()
    }

    /// The facts that hold.
    #[must_use]
    pub const fn present(&self) -> Set<Fact> {
        self.facts.present
    }
}

impl fmt::Display for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Request { action, role, purpose, categories, recipient, country, ground, detail, .. } =
            &self.request;
        write!(
            f,
            "{role} would {} {categories} for {purpose}, recipient {recipient} ({country}), ",
            action.code()
        )?;
        write!(f, "ground {ground}, detail {detail}, consent {}", self.facts.consent)?;
        if self.facts.present.is_empty() {
            f.write_str(", no facts")?;
        } else {
            write!(f, ", facts {}", self.facts.present)?;
        }
        self.field.map_or(Ok(()), |field| write!(f, ", field {field}"))
    }
}
