//! Consents, and the policy document that is proved before it is in force.
//!
//! - [`Request`] and [`Facts`] say what is asked and what is true; [`Engine::decide`] answers with a
//!   [`Decision`]. Forbid beats permit, and what no rule permits is refused.
//! - [`Consent`] and [`consent_level`] say how far a person's consents cover a request; withdrawing one never
//!   opens anything. [`restriction_facts`] does the same for what a person asked to be spared.
//! - [`PolicyDraft::parse`] reads a TOML document, [`PolicyDraft::check`] proves the absolute promises
//!   ([`Promise`]), the polarity laws ([`Step`], [`Loss`]) and the document's own invariants over the whole
//!   domain, and only the [`VerifiedPolicy`] that comes out makes an [`Engine`].
//! - [`Question`] is a request with its evidence as one JSON object, and [`Reply`] the answer as one.
//! - [`CookieChoice`] and [`standing`] say what a website may keep on a device.
//! - [`Replay`] and [`WhatIf`] decide requests of the past under a document: who would have been refused, and what
//!   a draft would turn.
//!
//! - Of a verified policy, [`VerifiedPolicy::verification`] lists what was proved and which rules change nothing,
//!   [`VerifiedPolicy::enumerate`] shows in every state that the boxes of the proofs, the engine and the plainest reading
//!   of the rules decide alike, [`VerifiedPolicy::difference`] says exactly what a newer document widens and narrows, [`VerifiedPolicy::who_can`] and [`VerifiedPolicy::residual`] answer partial requests,
//!   and [`Engine::openings`] says what would open a refusal.
//! # Concepts
//!
//! A **request** ([`Request`]) says who would do what with which categories of data, what for, for whom and on what
//! ground: eight dimensions, each a closed list of words. **Facts** ([`Facts`]) say what is true at that moment:
//! how far consents cover it ([`consent_level`]), what the person limited ([`restriction_facts`]), and what a
//! loader found in evidence that is in force. Every fact has a direction: a training may only open, a limit may
//! only close.
//!
//! A **rule** ([`Rule`]) is a box over the dimensions with facts that it requires or excludes. It permits (some
//! fields, for some obligations), forbids, or withholds fields. Forbid beats permit, and what no rule permits is
//! refused, which is an answer of its own: [`Outcome::NotApplicable`] says that nobody allowed it, with the
//! permits that were nearest.
//!
//! A **document** ([`PolicyDraft`]) is a list of rules in TOML, with what its author asserts of them. It comes into
//! force only as a [`VerifiedPolicy`], and [`PolicyDraft::check`] is the one way there: it proves the absolute
//! promises ([`Promise`]), the direction of every fact ([`Step`], [`Loss`]) and the document's own invariants over
//! the whole domain by box algebra, and runs its tests. What fails is named with its rule and a request that shows
//! it ([`Witness`]). "Proved" is said of the rules over this vocabulary, not of what people do with the data.
//!
//! # A first policy
//!
//! A permit names all eight dimensions; a forbid that leaves one out means every word of it.
//!
//! ```
//! use consent_policy::{Engine, Facts, Outcome, PolicyDraft, Request};
//! use records_model::{ConsentForm, Set};
//!
//! let document = r#"
//!     [policy]
//!     id = "first"
//!     version = "first-1"
//!     effective-on = 2026-01-01
//!     language = "es-MX"
//!
//!     [[rule]]
//!     id = "own-record"
//!     clauses = ["P-62"]
//!     effect = "permit"
//!     action = ["read"]
//!     role = ["person"]
//!     purpose = ["rights"]
//!     category = ["laboratory", "medications"]
//!     recipient = ["the-person"]
//!     country = "any"
//!     ground = ["own-request"]
//!     detail = "any"
//!     requires = ["identity-proof"]
//!     consent = "none"
//!     fields = "all-of-category"
//!     reason.es = "Usted puede ver lo que se guarda sobre usted."
//!     reason.en = "You may see what is kept about you."
//! "#;
//! let engine = Engine::new(PolicyDraft::parse(document)?.check()?);
//!
//! let request: Request = serde_json::from_str(
//!     r#"{"action":"read","role":"person","purpose":"rights","categories":["laboratory"],
//!         "recipient":"the-person","country":"domestic","ground":"own-request","detail":"full"}"#,
//! )?;
//! let facts = Facts::new(ConsentForm::None, Set::EMPTY);
//! let now = chrono::DateTime::UNIX_EPOCH;
//! let decision = engine.decide(&request, &facts, now);
//!
//! assert_eq!(decision.outcome, Outcome::NotApplicable);
//! let nearest = engine.reasons(&decision).next().ok_or("every decision has a reason")?;
//! assert_eq!(nearest.en, "The identity of whoever asks, or their authority, is not proved yet.");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A document that breaks a promise does not load; the error names the rule and shows a request:
//!
//! ```
//! # use consent_policy::PolicyDraft;
//! let document = r#"
//!     policy = { id = "bad", version = "bad-1", effective-on = 2026-01-01, language = "es-MX" }
//!     [[rule]]
//!     id = "promotion"
//!     clauses = ["P-75"]
//!     effect = "permit"
//!     action = ["disclose"]
//!     role = ["system"]
//!     purpose = ["marketing", "sale"]
//!     category = ["identity-contact"]
//!     recipient = ["marketing-partner"]
//!     country = ["domestic"]
//!     ground = ["consent"]
//!     detail = ["full"]
//!     consent = "express"
//!     fields = ["email"]
//!     reason = { es = "Promoción.", en = "Promotion." }
//! "#;
//! let error = PolicyDraft::parse(document)?.check().err().ok_or("refused")?;
//! assert!(error.to_string().contains("rule `promotion` breaks the promise `never-sold` (P-37)"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Embedding
//!
//! The crate does no I/O, reads no clock and holds no state of its own. An [`Engine`] decides in any thread; keep
//! one for each document in force, and replace it when a newer one is proved. Gather the facts in the transaction
//! that acts on the answer, pass `now`, and write the decision down with [`Engine::version`] and
//! [`Engine::rule_ids`] in the same transaction. A refusal is an answer, never an error.
//!
//! ```
//! # use consent_policy::{Consent, Engine, Facts, PolicyDraft, Request, consent_level};
//! # use records_model::{Fact, Set};
//! # fn answer(document: &str, consents: &[Consent], now: chrono::DateTime<chrono::Utc>)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! let engine = Engine::new(PolicyDraft::parse(document)?.check()?);
//! let request: Request = serde_json::from_str(
//!     r#"{"action":"read","role":"nurse","purpose":"treatment","categories":["laboratory"],
//!         "recipient":"internal","country":"domestic","ground":"consent","detail":"full"}"#,
//! )?;
//! let cover = consent_level(consents, &request, now);
//! let facts = Facts::new(cover.form, Set::of(&[Fact::Training])).and(Set::EMPTY, cover.valid_until);
//!
//! let decision = engine.decide(&request, &facts, now);
//! for reason in engine.reasons(&decision) {
//!     println!("{} {:?}", reason.en, reason.clauses);
//! }
//! # Ok(())
//! # }
//! # let document = include_str!("../../../fixtures/clinics/brisa/policy.toml");
//! # answer(document, &[], chrono::DateTime::UNIX_EPOCH)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Testing your own policy
//!
//! A document brings its own tests. A dimension that lists several words stands for each of them; `needs` and
//! `needs-consent` are taken away again, one at a time, and must be missed; `even-with` is added and must make no
//! difference; `fields` and `obligations` are exact:
//!
//! ```toml
//! [[test]]
//! name = "who treats you reads your results, with your written consent"
//! action = "read"
//! role = ["physician", "nurse"]
//! purpose = ["treatment", "monitoring"]
//! category = ["laboratory"]
//! ground = "consent"
//! needs = ["training", "background-check", "undertaking", "care-relation"]
//! needs-consent = "express-written"
//! even-with = ["genetic"]
//! expect = "permit"
//! rule = "care-read"
//! fields = "all-of-category"
//! obligations = []
//! ```
//!
//! An invariant is stronger than a test: in its box nothing is permitted, whatever the other facts are, but for the
//! boxes under `unless`. One invariant without any set, and with every box that a permit may open under `unless`,
//! is a closed list. With `expect = "deny"` it says more: everything in the box is forbidden by a rule, and not only
//! allowed by nobody, so that a permit that is written later opens nothing there.
//!
//! Whether tests and invariants say enough, [`mutation`] finds out: it makes every single edit of every rule and
//! names those that nothing catches. With the feature `proptest`, the macro `laws!` turns a document into tests that
//! hold it to every law of this crate, and `testing` has the strategies to write one's own; the crate `own-rule` in
//! `examples` does both in under 30 lines. [`document_schema`] is for editors, and `formatted` (feature `format`)
//! writes a document in one way and keeps its comments.

mod carve;
pub mod cedar;
mod check;
mod compiled;
mod consent;
mod consent_cover;
mod cookies;
mod cuboid;
mod decision;
mod difference;
mod document;
mod engine;
mod fault;
mod guards;
mod index;
pub mod mutation;
mod obligation;
mod openings;
mod polarity;
mod policy;
mod promise;
mod question;
mod quotient;
mod reason;
mod reference;
mod region;
mod replay;
mod request;
mod residual;
mod restriction;
mod rows;
mod rule;
mod rule_set;
mod scenario;
mod scope;
mod sentences;
mod space;
mod table;
mod verification;
mod what_if;
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
pub use cookies::{
    BrowserSignal, CookieChoice, CookieClass, CookieReceipt, CookieStanding, ReceiptLine, standing,
};
pub use decision::{Decision, FieldsByCategory, Outcome};
pub use difference::{Change, ChangeKind, Difference, Direction};
pub use document::{DocumentError, DocumentProblem, document_schema};
#[cfg(any(test, feature = "format"))]
pub use document::{FormatError, formatted};
pub use engine::Engine;
pub use fault::{Fault, FaultKind};
pub use guards::GuardsLost;
pub use obligation::Obligation;
pub use openings::Openings;
pub use polarity::{Loss, Step};
pub use policy::{Expectation, Invariant, PolicyDraft, PolicyHeader, Refusal, Scenario, VerifiedPolicy};
pub use promise::Promise;
pub use question::{Question, QuestionError, QuestionKey, Reply};
pub use quotient::{Axis, ENUMERATED_STATES_MAX, Enumeration, EnumerationError, Method};
pub use reason::{Reason, Shortfall};
pub use reference::{ReferenceDecision, reference_decide};
pub use region::Region;
pub use replay::{PLACES_MAX, Replay, ReplayCause, ReplayCell, ReplayReport, Tally};
pub use request::{Facts, Request};
pub use residual::{PartialRequest, Permitted};
pub use restriction::{RestrictionCover, restriction_facts};
pub use rows::{LeftOpen, RowCondition, RowMark, RowPredicate};
pub use rule::{Effect, FieldGrant, Rule, Text};
pub use rule_set::{RULES_MAX, RuleSet};
pub use scenario::{Mismatch, Tried};
pub use scope::Scope;
pub use verification::{PolarityProofs, RuleCounts, Verification};
pub use what_if::{Flip, PastDecision, Turn, WhatIf, WhatIfReport};
pub use withdrawal::{Stopped, Withdrawal, WithdrawalError, withdraw};
pub use witness::Witness;
