//! A box of states, for people and programs to read.

use std::fmt;

use records_model::{Category, ConsentForm, Fact, Set, Vocabulary};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::cuboid::Cuboid;
use crate::{Facts, Request, Scope, Witness};

/// A box of states: sets of words over the eight dimensions, facts that hold, facts that do not, and the forms of
/// consent. It is never empty.
///
/// A *state* is a request over one category, together with a truth value for every fact and one form of consent.
/// Facts that are in neither set may hold or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(Cuboid);

impl Region {
    pub(crate) const fn of(cuboid: Cuboid) -> Self {
        Self(cuboid)
    }

    /// The sets over the dimensions.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.0.scope()
    }

    /// The facts that hold in every state of it.
    #[must_use]
    pub const fn present(&self) -> Set<Fact> {
        self.0.present
    }

    /// The facts that hold in no state of it.
    #[must_use]
    pub const fn absent(&self) -> Set<Fact> {
        self.0.absent
    }

    /// The forms of consent.
    #[must_use]
    pub fn forms(&self) -> Set<ConsentForm> {
        self.0.forms()
    }

    /// How many states it holds, exactly.
    #[must_use]
    pub fn states(&self) -> u128 {
        self.0.states()
    }

    /// Whether the state is inside: the request looked at for one of its categories, and the facts.
    #[must_use]
    pub fn contains(&self, request: &Request, category: Category, facts: &Facts) -> bool {
        self.scope().contains(request, category)
            && facts.present.contains_all(self.0.present)
            && !facts.present.intersects(self.0.absent)
            && self.forms().contains(facts.consent)
    }

    /// One state of it: the first word of each set, and no fact that it does not ask for.
    #[must_use]
    pub fn witness(&self) -> Option<Witness> {
        Witness::of(&self.0, None)
    }

    /// Whether no two of them share a state.
    #[must_use]
    pub fn are_disjoint(regions: &[Self]) -> bool {
        let meets_none = |(position, one): (usize, &Self)| {
            regions.iter().skip(position + 1).all(|other| !one.0.meets(&other.0))
        };
        regions.iter().enumerate().all(meets_none)
    }
}

/// `any` for all words of the list, else the words.
fn words<V: Vocabulary>(set: Set<V>) -> String {
    if set == Set::full() { "any".to_owned() } else { listed(set) }
}

fn listed<V: Vocabulary>(set: Set<V>) -> String {
    set.iter().map(Vocabulary::code).collect::<Vec<_>>().join(" ")
}

/// The forms of consent in few words: `any`, `express or more`, `up to tacit`, or the list.
fn forms_in_words(forms: Set<ConsentForm>) -> String {
    let up_to = |last: ConsentForm| -> Set<ConsentForm> {
        ConsentForm::ALL.iter().copied().filter(|form| *form <= last).collect()
    };
    let (weakest, strongest) = (forms.iter().next(), forms.iter().last());
    match (weakest, strongest) {
        _ if forms == Set::full() => "any".to_owned(),
        (Some(weakest), Some(ConsentForm::ExpressWritten))
            if forms.len() > 1 && forms == (up_to(weakest).complement().with(weakest)) =>
        {
            format!("{weakest} or more")
        }
        (Some(ConsentForm::None), Some(strongest)) if forms.len() > 1 && forms == up_to(strongest) => {
            format!("up to {strongest}")
        }
        _ => listed(forms),
    }
}

/// Only what it says something about; all of it if it says nothing.
impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scope = self.scope();
        let dimensions = [
            ("action", words(scope.actions)),
            ("role", words(scope.roles)),
            ("purpose", words(scope.purposes)),
            ("category", words(scope.categories)),
            ("recipient", words(scope.recipients)),
            ("country", words(scope.countries)),
            ("ground", words(scope.grounds)),
            ("detail", words(scope.details)),
            ("consent", forms_in_words(self.forms())),
        ];
        let said = dimensions.into_iter().filter(|(_, words)| words != "any");
        let facts = [("with", listed(self.present())), ("without", listed(self.absent()))];
        let said: Vec<String> = said
            .chain(facts.into_iter().filter(|(_, words)| !words.is_empty()))
            .map(|(name, words)| format!("{name} {words}"))
            .collect();
        if said.is_empty() { f.write_str("everything") } else { f.write_str(&said.join(" | ")) }
    }
}

/// One dimension in JSON: `"any"`, or its words.
struct Words<V>(Set<V>);

impl<V: Vocabulary + Serialize> Serialize for Words<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 == Set::full() { serializer.serialize_str("any") } else { self.0.serialize(serializer) }
    }
}

impl Serialize for Region {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scope = self.scope();
        let mut region = serializer.serialize_struct("Region", 12)?;
        region.serialize_field("action", &Words(scope.actions))?;
        region.serialize_field("role", &Words(scope.roles))?;
        region.serialize_field("purpose", &Words(scope.purposes))?;
        region.serialize_field("category", &Words(scope.categories))?;
        region.serialize_field("recipient", &Words(scope.recipients))?;
        region.serialize_field("country", &Words(scope.countries))?;
        region.serialize_field("ground", &Words(scope.grounds))?;
        region.serialize_field("detail", &Words(scope.details))?;
        region.serialize_field("consent", &Words(self.forms()))?;
        region.serialize_field("present", &self.present())?;
        region.serialize_field("absent", &self.absent())?;
        // Larger than any number that readers of JSON keep exact, so it is a text.
        region.serialize_field("states", &self.states().to_string())?;
        region.end()
    }
}
