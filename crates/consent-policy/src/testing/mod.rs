//! Strategies and a reference engine for property tests of this crate, of crates that embed it, and of a
//! clinic's own policy document.

mod consents;
mod document_laws;
mod edits;
mod life;
mod pieces;
mod requests;
mod seeded;

pub use proptest;

pub use crate::mutation::Edit;
pub use crate::reference::{ReferenceDecision, reference_decide};
pub use consents::{arb_consent, arb_consent_atom, arb_consent_exclusion, arb_consents, covering};
pub use document_laws::{BrokenLaw, DocumentLaws, is_no_narrower};
pub use edits::{arb_edit, arb_policy, arb_policy_draft, every_edit};
pub use life::{Life, LifeStep, arb_life};
pub use pieces::in_more_rules;
pub use requests::{arb_facts, arb_request, arb_request_near};
pub use seeded::{seeded_requests, seeded_requests_near};

/// The example clinic's policy document.
pub const EXAMPLE_DOCUMENT: &str = include_str!("../../../../fixtures/clinics/elicells/policy.toml");
