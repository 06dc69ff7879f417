//! Sets of words as conditions of a Cedar policy. A set that holds the whole vocabulary needs no condition.

use records_model::{
    Action, Category, ConsentForm, CountryClass, Detail, Fact, Ground, Purpose, RecipientClass, Role, Set,
    Vocabulary,
};

use crate::Scope;

/// A vocabulary as an entity type of the schema.
pub(super) trait EntityType: Vocabulary {
    const ENTITY: &'static str;
}

macro_rules! entity_types {
    ($($word:ty = $name:literal,)+) => {$(
        impl EntityType for $word {
            const ENTITY: &'static str = $name;
        }
    )+};
}

entity_types! {
    Action = "Action",
    Role = "Role",
    Category = "Category",
    Purpose = "Purpose",
    RecipientClass = "Recipient",
    CountryClass = "Country",
    Ground = "Ground",
    Detail = "Detail",
    Fact = "Fact",
}

fn entity<V: EntityType>(word: V) -> String {
    format!("{}::\"{}\"", V::ENTITY, word.code())
}

fn entities<V: EntityType>(set: Set<V>) -> String {
    let words: Vec<String> = set.iter().map(entity).collect();
    format!("[{}]", words.join(", "))
}

/// The only word of a set that holds one.
fn single<V: Vocabulary>(set: Set<V>) -> Option<V> {
    set.iter().next().filter(|_| set.len() == 1)
}

/// A variable of the head of a policy, with the one word it must equal, if it is one.
fn head<V: EntityType>(variable: &str, set: Set<V>) -> String {
    single(set).map_or_else(|| variable.to_owned(), |word| format!("{variable} == {}", entity(word)))
}

pub(super) fn principal(scope: &Scope) -> String {
    head("principal", scope.roles)
}

pub(super) fn resource(scope: &Scope) -> String {
    head("resource", scope.categories)
}

/// The head may list actions, and only actions.
pub(super) fn action(scope: &Scope) -> String {
    let several = scope.actions.len() > 1 && scope.actions != Set::full();
    if several { format!("action in {}", entities(scope.actions)) } else { head("action", scope.actions) }
}

/// That the expression is one of the words; nothing if every word is.
fn is_one_of<V: EntityType>(expression: &str, set: Set<V>) -> Option<String> {
    if set == Set::full() {
        return None;
    }
    Some(match single(set) {
        Some(word) => format!("{expression} == {}", entity(word)),
        None => format!("{}.contains({expression})", entities(set)),
    })
}

/// The conditions of a box that the head of a policy does not state.
pub(super) fn beside_head(scope: &Scope) -> Vec<String> {
    let by_head = |condition: Option<String>, stated: bool| condition.filter(|_| !stated);
    let [roles, categories] = [
        by_head(is_one_of("principal", scope.roles), single(scope.roles).is_some()),
        by_head(is_one_of("resource", scope.categories), single(scope.categories).is_some()),
    ];
    [roles, categories].into_iter().chain(of_context(scope)).flatten().collect()
}

/// All conditions of a box.
pub(super) fn inside(scope: &Scope) -> Vec<String> {
    let of_head = [
        is_one_of("action", scope.actions),
        is_one_of("principal", scope.roles),
        is_one_of("resource", scope.categories),
    ];
    of_head.into_iter().chain(of_context(scope)).flatten().collect()
}

fn of_context(scope: &Scope) -> [Option<String>; 5] {
    [
        is_one_of("context.purpose", scope.purposes),
        is_one_of("context.recipient", scope.recipients),
        is_one_of("context.country", scope.countries),
        is_one_of("context.ground", scope.grounds),
        is_one_of("context.detail", scope.details),
    ]
}

pub(super) fn all_present(facts: Set<Fact>) -> Option<String> {
    (!facts.is_empty()).then(|| match single(facts) {
        Some(fact) => format!("context.facts.contains({})", entity(fact)),
        None => format!("context.facts.containsAll({})", entities(facts)),
    })
}

pub(super) fn none_present(facts: Set<Fact>) -> Option<String> {
    (!facts.is_empty()).then(|| match single(facts) {
        Some(fact) => format!("!context.facts.contains({})", entity(fact)),
        None => format!("!context.facts.containsAny({})", entities(facts)),
    })
}

pub(super) fn consent_of(weakest: ConsentForm) -> String {
    format!("context.consent >= {}", super::consent_number(weakest))
}
