//! A clinic that embeds the engine, with a document of its own and nothing but the published surface.
//!
//! `tests/own_rule.rs` shows how it property-tests its rule: the laws that every document is held to, in one line,
//! and a sentence of its own.

use consent_policy::{Engine, PolicyDraft};

/// The clinic's document.
pub const DOCUMENT: &str = include_str!("../policy.toml");

/// The engine that decides by the clinic's document.
///
/// # Errors
///
/// What is wrong with the document: it cannot be read, or a law does not hold.
///
/// ```
/// assert_eq!(own_rule::engine()?.version().as_str(), "own-rule-1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn engine() -> Result<Engine, Box<dyn std::error::Error>> {
    Ok(Engine::new(PolicyDraft::parse(DOCUMENT)?.check()?))
}
