//! The eight dimensions of a request, as sets.

use records_model::{
    Action, Category, CountryClass, Detail, Ground, Purpose, RecipientClass, Role, Set, Vocabulary,
};

use crate::Request;

/// How many dimensions a request has.
pub(crate) const DIMENSIONS: usize = 8;

/// A box over the dimensions: every request that is inside all eight sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope {
    /// Actions.
    pub actions: Set<Action>,
    /// Roles.
    pub roles: Set<Role>,
    /// Purposes.
    pub purposes: Set<Purpose>,
    /// Categories.
    pub categories: Set<Category>,
    /// Recipient classes.
    pub recipients: Set<RecipientClass>,
    /// Country classes.
    pub countries: Set<CountryClass>,
    /// Grounds.
    pub grounds: Set<Ground>,
    /// Detail levels.
    pub details: Set<Detail>,
}

impl Scope {
    /// Every request.
    #[must_use]
    pub fn any() -> Self {
        Self {
            actions: Set::full(),
            roles: Set::full(),
            purposes: Set::full(),
            categories: Set::full(),
            recipients: Set::full(),
            countries: Set::full(),
            grounds: Set::full(),
            details: Set::full(),
        }
    }

    /// Whether the request, looked at for one of its categories, is inside.
    #[must_use]
    pub fn contains(&self, request: &Request, category: Category) -> bool {
        self.actions.contains(request.action)
            && self.roles.contains(request.role)
            && self.purposes.contains(request.purpose)
            && self.categories.contains(category)
            && self.recipients.contains(request.recipient)
            && self.countries.contains(request.country)
            && self.grounds.contains(request.ground)
            && self.details.contains(request.detail)
    }

    /// The sets as bit masks, in the order action, role, purpose, category, recipient, country, ground, detail.
    pub(crate) fn masks(&self) -> [u64; DIMENSIONS] {
        [
            self.actions.bits(),
            self.roles.bits(),
            self.purposes.bits(),
            self.categories.bits(),
            self.recipients.bits(),
            self.countries.bits(),
            self.grounds.bits(),
            self.details.bits(),
        ]
    }

    /// The inverse of [`Scope::masks`].
    pub(crate) fn from_masks(masks: [u64; DIMENSIONS]) -> Self {
        let [actions, roles, purposes, categories, recipients, countries, grounds, details] = masks;
        Self {
            actions: Set::from_bits(actions),
            roles: Set::from_bits(roles),
            purposes: Set::from_bits(purposes),
            categories: Set::from_bits(categories),
            recipients: Set::from_bits(recipients),
            countries: Set::from_bits(countries),
            grounds: Set::from_bits(grounds),
            details: Set::from_bits(details),
        }
    }
}

/// The positions of a request's words, in the order of [`Scope::masks`]; the category stands apart.
pub(crate) fn positions(request: &Request, category: Category) -> [u8; DIMENSIONS] {
    [
        request.action.index(),
        request.role.index(),
        request.purpose.index(),
        category.index(),
        request.recipient.index(),
        request.country.index(),
        request.ground.index(),
        request.detail.index(),
    ]
}

/// The words of a request over one category, as masks of one bit each; `None` if it has no category.
pub(crate) fn one(request: &Request) -> Option<[u64; DIMENSIONS]> {
    let category = request.categories.iter().next()?;
    Some(positions(request, category).map(|position| 1 << position))
}
