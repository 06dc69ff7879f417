//! A log that a stranger can check, and that can forget.
//!
//! - An entry is a [`Leaf`]: canonical, versioned bytes that name people only by random pseudonyms. What it does
//!   not say in clear is its [`Preimage`], sealed elsewhere and bound by a salted [`Commitment`]; when the key of
//!   the preimages is destroyed, the tree stays whole and names nobody.
//! - The entries of one clinic are the leaves of one Merkle tree (RFC 9162): [`Frontier`] appends,
//!   [`inclusion_proof`] and [`consistency_proof`] prove, and anybody can verify.
//! - A [`Checkpoint`] is a signed head of that tree. Rewriting shows from the last head that *somebody else* holds.
//! - [`sequence`] places committed entries so that three chains of facts are respected at once; [`check_order`]
//!   tells from the log alone whether they were: no permit stands after the withdrawal of its consent.
//! - An export is lines of JSON ([`ExportWriter`]); [`Verifier`] reads it as a stream and names the first bad entry.
//!
//! Nothing here reads a clock, draws randomness or opens a file.

mod alerts;
mod bytes;
mod checkpoint;
mod event;
mod export;
mod leaf;
mod merkle;
mod order;
mod preimage;
mod projection;
mod sequence;

#[cfg(any(test, feature = "proptest"))]
pub mod testing;

pub use alerts::{
    Act, ActKind, Alert, AlertParts, AlertRule, CloseError, Closing, ContactToken, DutyHours, DutyHoursError,
    RulePrecision, StaffFacts, Thresholds, Verdict, find_alerts, new_alerts, precision_by_rule,
};
pub use bytes::{Commitment, ContentHash, Pseudonym, TreeHash};
pub use checkpoint::{
    Checkpoint, CheckpointError, LogSigningKey, NoteError, ReceiptError, VerifiedReceipt, VerifierKey,
    VerifierKeyError, origin, sign_certificate, sign_receipt, timestamp_request, verify_certificate,
    verify_receipt,
};
pub use event::{Event, Moves, Outcome};
pub use export::{
    AnchorError, Anchors, EntryName, ExportWriter, Fault, Finding, GrowthBundle, InclusionBundle,
    InclusionError, Place, ProofSearch, Report, TrailDifference, Verifier, verify_export,
};
pub use leaf::{DecodeError, Generations, Leaf, LeafDecodeError, LeafError, LeafParts};
pub use merkle::{
    Frontier, FrontierError, ProofError, consistency_proof, consistency_ranges, inclusion_proof,
    inclusion_ranges, leaf_hash, node_hash, root_of, verify_consistency, verify_inclusion,
};
pub use order::{Chain, OrderCheck, OrderFault, check_order};
pub use preimage::{Basis, Preimage, PreimageTooLarge, Reason, Recipient, RecipientId, Salt, commit};
pub use projection::{
    Accounting, AccountingHeadings, Disclosure, Look, Names, OpenGlass, Opened, OpenedError, ReaderWords,
    RecipientLines, ReviewState, ShownLook, Statement, Suspension, SuspensionError, accounting_csv,
    accounting_html, accounting_of_disclosures, accounting_window, glass_to_review, looks_csv, looks_html,
    open_accounting, shown_looks, who_looked,
};
pub use records_model::{ClinicId, EntryId};
pub use sequence::{SequenceError, sequence};
