//! The documents that both decide by.

use consent_policy::testing::{EXAMPLE_DOCUMENT, in_more_rules};
use consent_policy::{Engine, PolicyDraft};

const BRISA: &str = include_str!("../../../../fixtures/clinics/brisa/policy.toml");

fn draft(text: &str) -> PolicyDraft {
    PolicyDraft::parse(text).map_err(|error| error.to_string()).unwrap()
}

fn engine(draft: PolicyDraft) -> Engine {
    Engine::new(draft.check().map_err(|error| error.to_string()).unwrap())
}

/// Both clinics on file.
pub(crate) fn clinics() -> Vec<(&'static str, Engine)> {
    vec![("elicells", engine(draft(EXAMPLE_DOCUMENT))), ("brisa", engine(draft(BRISA)))]
}

/// The first 25 rules of one clinic, and the 93 of the other written in 200.
pub(crate) fn sizes() -> Vec<(&'static str, Engine)> {
    let mut few = draft(BRISA);
    few.rules.truncate(25);
    few.scenarios.clear();
    vec![("25 rules", engine(few)), ("200 rules", engine(in_more_rules(&draft(EXAMPLE_DOCUMENT), 200)))]
}
