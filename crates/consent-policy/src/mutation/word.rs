//! A word of any of the eight dimensions, and the boxes of a rule that it may stand in.

use std::fmt;

use records_model::{
    Action, Category, CountryClass, Detail, Ground, Purpose, RecipientClass, Role, Set, Vocabulary,
};

use crate::{Rule, Scope};

/// A word of one of the eight dimensions of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    /// What is done.
    Action(Action),
    /// In which role.
    Role(Role),
    /// What for.
    Purpose(Purpose),
    /// With which category.
    Category(Category),
    /// Whom for.
    Recipient(RecipientClass),
    /// Where.
    Country(CountryClass),
    /// On what ground.
    Ground(Ground),
    /// How much of it.
    Detail(Detail),
}

/// One of the boxes of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// What the rule is about.
    Scope,
    /// The box at this position among those that it spares.
    Unless(usize),
}

impl Word {
    /// Every word of every dimension, dimension after dimension.
    pub fn all() -> impl Iterator<Item = Self> {
        fn words<V: Vocabulary>(wrap: fn(V) -> Word) -> impl Iterator<Item = Word> {
            V::ALL.iter().copied().map(wrap)
        }
        words(Self::Action)
            .chain(words(Self::Role))
            .chain(words(Self::Purpose))
            .chain(words(Self::Category))
            .chain(words(Self::Recipient))
            .chain(words(Self::Country))
            .chain(words(Self::Ground))
            .chain(words(Self::Detail))
    }

    /// Whether it is in the box.
    #[must_use]
    pub fn is_in(self, scope: &Scope) -> bool {
        match self {
            Self::Action(word) => scope.actions.contains(word),
            Self::Role(word) => scope.roles.contains(word),
            Self::Purpose(word) => scope.purposes.contains(word),
            Self::Category(word) => scope.categories.contains(word),
            Self::Recipient(word) => scope.recipients.contains(word),
            Self::Country(word) => scope.countries.contains(word),
            Self::Ground(word) => scope.grounds.contains(word),
            Self::Detail(word) => scope.details.contains(word),
        }
    }

    /// Puts it in the box, or takes it out.
    pub(super) fn toggle(self, scope: &mut Scope) {
        match self {
            Self::Action(word) => scope.actions = toggled(scope.actions, word),
            Self::Role(word) => scope.roles = toggled(scope.roles, word),
            Self::Purpose(word) => scope.purposes = toggled(scope.purposes, word),
            Self::Category(word) => scope.categories = toggled(scope.categories, word),
            Self::Recipient(word) => scope.recipients = toggled(scope.recipients, word),
            Self::Country(word) => scope.countries = toggled(scope.countries, word),
            Self::Ground(word) => scope.grounds = toggled(scope.grounds, word),
            Self::Detail(word) => scope.details = toggled(scope.details, word),
        }
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (dimension, code) = match self {
            Self::Action(word) => (Action::NAME, word.code()),
            Self::Role(word) => (Role::NAME, word.code()),
            Self::Purpose(word) => (Purpose::NAME, word.code()),
            Self::Category(word) => (Category::NAME, word.code()),
            Self::Recipient(word) => (RecipientClass::NAME, word.code()),
            Self::Country(word) => (CountryClass::NAME, word.code()),
            Self::Ground(word) => (Ground::NAME, word.code()),
            Self::Detail(word) => (Detail::NAME, word.code()),
        };
        write!(f, "the {dimension} `{code}`")
    }
}

impl Place {
    /// The boxes of a rule.
    pub(super) fn of(rule: &Rule) -> impl Iterator<Item = Self> + use<> {
        std::iter::once(Self::Scope).chain((0..rule.unless.len()).map(Self::Unless))
    }

    /// The box, if the rule has it.
    pub(super) fn scope_of(self, rule: &Rule) -> Option<&Scope> {
        match self {
            Self::Scope => Some(&rule.scope),
            Self::Unless(position) => rule.unless.get(position),
        }
    }

    pub(super) fn scope_mut(self, rule: &mut Rule) -> Option<&mut Scope> {
        match self {
            Self::Scope => Some(&mut rule.scope),
            Self::Unless(position) => rule.unless.get_mut(position),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scope => Ok(()),
            Self::Unless(position) => write!(f, " in `unless` box {}", position + 1),
        }
    }
}

/// The set with the word if it was without, without if it was with.
pub(crate) fn toggled<V: Vocabulary>(set: Set<V>, word: V) -> Set<V> {
    if set.contains(word) { set.without(word) } else { set.with(word) }
}
