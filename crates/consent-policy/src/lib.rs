//! Consents, and the policy document that is proved before it is in force.
//!
//! - [`Request`] and [`Facts`] say what is asked and what is true; [`Engine::decide`] answers with a
//!   [`Decision`]. Forbid beats permit, and what no rule permits is refused.
//! - [`Consent`] and [`consent_level`] say how far a person's consents cover a request; withdrawing one never
//!   opens anything.
//! - [`PolicyDraft::parse`] reads a TOML document, [`PolicyDraft::check`] proves the absolute promises, the
//!   polarity laws and the document's own invariants over the whole domain, and only the [`VerifiedPolicy`]
//!   that comes out makes an [`Engine`].
//!
//! "Proved" is said of the rules over this vocabulary, not of what people do with the data.

mod check;
mod consent;
mod consent_cover;
mod cuboid;
mod decision;
mod document;
mod engine;
mod obligation;
mod polarity;
mod policy;
mod promise;
mod reason;
mod request;
mod restriction;
mod rule;
mod rule_set;
mod scenario;
mod scope;
mod sentences;
mod space;
mod table;
mod withdrawal;
mod witness;

#[cfg(any(test, feature = "proptest"))]
pub mod testing;

#[cfg(test)]
mod laws;

pub use check::{CheckError, Lack, Violation};
pub use consent::{
    Consent, ConsentAtom, ConsentError, ConsentExclusion, ConsentParts, ConsentPurpose, ConsentRecipient,
    EndCause, Ended, Signer,
};
pub use consent_cover::{ConsentCover, consent_level};
pub use decision::{Decision, FieldsByCategory, Outcome};
pub use document::{DocumentError, DocumentProblem};
pub use engine::Engine;
pub use obligation::Obligation;
pub use polarity::{Loss, Step};
pub use policy::{Expectation, Invariant, PolicyDraft, PolicyHeader, Scenario, VerifiedPolicy};
pub use promise::Promise;
pub use reason::{Reason, Shortfall};
pub use request::{Facts, Request};
pub use restriction::{RestrictionCover, restriction_facts};
pub use rule::{Effect, FieldGrant, Rule, Text};
pub use rule_set::{RULES_MAX, RuleSet};
pub use scenario::Mismatch;
pub use scope::Scope;
pub use withdrawal::{Stopped, Withdrawal, WithdrawalError, withdraw};
pub use witness::Witness;
