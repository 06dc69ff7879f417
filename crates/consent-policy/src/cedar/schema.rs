//! The vocabulary as a Cedar schema.

use std::fmt::Write as _;

use records_model::{
    Action, Category, CountryClass, Detail, Fact, Ground, Purpose, RecipientClass, Role, Vocabulary,
};

use super::condition::EntityType;

/// The Cedar schema of everything that [`policies`](super::policies) may name.
///
/// It depends on the vocabulary alone, not on a document: every entity type lists its words, so Cedar's strict
/// validator refuses a word that is none.
///
/// ```
/// let schema = consent_policy::cedar::schema();
/// assert!(schema.contains(r#"entity Country enum ["domestic", "abroad"];"#));
/// ```
#[must_use]
pub fn schema() -> String {
    let mut text = String::new();
    entity::<Role>(&mut text);
    entity::<Category>(&mut text);
    entity::<Purpose>(&mut text);
    entity::<RecipientClass>(&mut text);
    entity::<CountryClass>(&mut text);
    entity::<Ground>(&mut text);
    entity::<Detail>(&mut text);
    entity::<Fact>(&mut text);
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "\naction {} appliesTo {{\n  principal: Role,\n  resource: Category,\n  context: {{\n",
        codes::<Action>()
    );
    for (attribute, entity) in [
        ("purpose", Purpose::ENTITY),
        ("recipient", RecipientClass::ENTITY),
        ("country", CountryClass::ENTITY),
        ("ground", Ground::ENTITY),
        ("detail", Detail::ENTITY),
    ] {
        let _ = writeln!(text, "    {attribute}: {entity},");
    }
    let _ = write!(text, "    facts: Set<{}>,\n    consent: Long,\n  }},\n}};\n", Fact::ENTITY);
    text
}

fn entity<V: EntityType>(text: &mut String) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "entity {} enum [{}];", V::ENTITY, codes::<V>());
}

fn codes<V: Vocabulary>() -> String {
    V::ALL.iter().map(|word| format!("\"{}\"", word.code())).collect::<Vec<_>>().join(", ")
}
