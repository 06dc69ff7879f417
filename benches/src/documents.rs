//! The documents that are measured.

use consent_policy::testing::{EXAMPLE_DOCUMENT, in_more_rules};
use consent_policy::{Engine, PolicyDraft};

use crate::Failure;

/// The text of the smaller clinic's document.
pub const SMALLER_CLINIC: &str = include_str!("../../fixtures/clinics/brisa/policy.toml");

/// How many rules the small document has.
pub const FEW: usize = 25;

/// The first 25 rules of the smaller clinic's document.
///
/// # Errors
///
/// If the document cannot be read.
pub fn few_rules() -> Result<PolicyDraft, Failure> {
    let mut draft = PolicyDraft::parse(SMALLER_CLINIC)?;
    draft.rules.truncate(FEW);
    draft.scenarios.clear();
    Ok(draft)
}

/// The same 25 rules written in so many.
///
/// # Errors
///
/// If the document cannot be read, or breaks a law.
pub fn engine_of(rules: usize) -> Result<Engine, Failure> {
    let draft = in_more_rules(&few_rules()?, rules);
    if draft.rules.len() == rules { Ok(Engine::new(draft.check()?)) } else { Err("too few rules".into()) }
}

/// The larger clinic's whole document.
///
/// # Errors
///
/// If the document cannot be read, or breaks a law.
pub fn example_engine() -> Result<Engine, Failure> {
    Ok(Engine::new(PolicyDraft::parse(EXAMPLE_DOCUMENT)?.check()?))
}
