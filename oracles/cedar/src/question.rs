//! A request and its facts in Cedar's terms, as the exported schema types them.

use std::str::FromStr;

use cedar_policy::{Context, EntityId, EntityTypeName, EntityUid, RestrictedExpression, Schema};
use consent_policy::{Facts, Request, cedar};
use records_model::{Category, Vocabulary};

use crate::OracleError;

/// The request, looked at for one category. With a schema, Cedar checks it.
///
/// # Errors
///
/// [`OracleError::Request`] with what Cedar says.
pub fn cedar_request(
    request: &Request,
    category: Category,
    facts: &Facts,
    schema: Option<&Schema>,
) -> Result<cedar_policy::Request, OracleError> {
    cedar_policy::Request::new(
        uid("Role", request.role)?,
        uid("Action", request.action)?,
        uid("Category", category)?,
        cedar_context(request, facts)?,
        schema,
    )
    .map_err(|error| OracleError::Request(error.to_string()))
}

/// What the exported policies read from the context.
///
/// # Errors
///
/// [`OracleError::Request`] with what Cedar says.
pub fn cedar_context(request: &Request, facts: &Facts) -> Result<Context, OracleError> {
    let mut present = Vec::new();
    for fact in facts.present.iter() {
        present.push(entity("Fact", fact)?);
    }
    let pairs = [
        ("purpose", entity("Purpose", request.purpose)?),
        ("recipient", entity("Recipient", request.recipient)?),
        ("country", entity("Country", request.country)?),
        ("ground", entity("Ground", request.ground)?),
        ("detail", entity("Detail", request.detail)?),
        ("facts", RestrictedExpression::new_set(present)),
        ("consent", RestrictedExpression::new_long(cedar::consent_number(facts.consent).into())),
    ];
    let pairs = pairs.into_iter().map(|(key, value)| (key.to_owned(), value));
    Context::from_pairs(pairs).map_err(|error| OracleError::Request(error.to_string()))
}

fn entity<V: Vocabulary>(entity_type: &str, word: V) -> Result<RestrictedExpression, OracleError> {
    uid(entity_type, word).map(RestrictedExpression::new_entity_uid)
}

fn uid<V: Vocabulary>(entity_type: &str, word: V) -> Result<EntityUid, OracleError> {
    let name = EntityTypeName::from_str(entity_type).map_err(|e| OracleError::Request(e.to_string()))?;
    Ok(EntityUid::from_type_name_and_id(name, EntityId::new(word.code())))
}
