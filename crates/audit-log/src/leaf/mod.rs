//! Leaf v1: one entry of the log as canonical bytes.

mod canonical;
mod reading;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use records_model::{Action, ClinicId, Detail, EntryId, Ground, PolicyVersionId, Purpose, RuleId};
use thiserror::Error;

pub use canonical::DecodeError;
pub(crate) use canonical::{Reader, Writer};
pub(crate) use reading::{Outline, Reading};

use crate::{Commitment, ContentHash, Event, Moves, Outcome, Pseudonym, TreeHash, leaf_hash};

/// The generations of facts that an entry read, one per chain that it touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Generations {
    /// Of the clinic's facts.
    pub clinic: u64,
    /// Of the actor's facts, if the entry names an actor.
    pub actor: Option<u64>,
    /// Of the subject's facts, if the entry names a subject.
    pub subject: Option<u64>,
}

/// What an entry says, before it is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafParts {
    /// Whose log.
    pub clinic: ClinicId,
    /// The entry.
    pub entry: EntryId,
    /// What happened.
    pub event: Event,
    /// When; kept to the microsecond.
    pub at: DateTime<Utc>,
    /// About whom.
    pub subject: Option<Pseudonym>,
    /// Whose clearance was read; in a change of clearance, whose clearance it is. Who made that change stands
    /// in the preimage, and in the decision entry of the same transaction.
    pub actor: Option<Pseudonym>,
    /// What was to be done.
    pub action: Option<Action>,
    /// What for.
    pub purpose: Option<Purpose>,
    /// On what ground.
    pub ground: Option<Ground>,
    /// In what detail.
    pub detail: Option<Detail>,
    /// What came out.
    pub outcome: Outcome,
    /// The rules that spoke.
    pub rules: BTreeSet<RuleId>,
    /// The policy version that they stand in.
    pub policy: Option<PolicyVersionId>,
    /// The generations of the facts that were read, under the locks.
    pub generations: Generations,
    /// The chain that this entry moves from its generation to the next.
    pub moves: Moves,
    /// Hash of the sealed content that the entry is about.
    pub content: Option<ContentHash>,
    /// Binds the side row.
    pub commitment: Commitment,
}

/// Why parts do not make an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LeafError {
    /// A person without a generation, or a generation without a person.
    #[error("the {chain} and the generation of its facts go together")]
    GenerationMismatch {
        /// `actor` or `subject`.
        chain: &'static str,
    },
    /// It moves the chain of somebody it does not name.
    #[error("an entry that moves the {chain}'s facts must name one")]
    MovedChainAbsent {
        /// `actor` or `subject`.
        chain: &'static str,
    },
    /// The generation after this one cannot be counted.
    #[error("the generation cannot be counted any further")]
    GenerationExhausted,
    /// It moves another chain than its kind does.
    #[error("an entry `{event}` moves `{expected}`, not `{found}`")]
    WrongChain {
        /// The kind.
        event: Event,
        /// The chain it must move.
        expected: Moves,
        /// The chain it was to move.
        found: Moves,
    },
    /// A refusal changes nothing.
    #[error("a refusal cannot move a chain")]
    RefusalMoves,
    /// A decision that decided nothing.
    #[error("a decision needs an outcome")]
    DecisionWithoutOutcome,
    /// More rules than an entry holds.
    #[error("an entry names at most {max} rules, not {count}")]
    TooManyRules {
        /// How many there were.
        count: usize,
        /// The most allowed.
        max: usize,
    },
    /// A time that cannot be written in microseconds.
    #[error("the time is outside the calendar")]
    Time,
}

/// Why bytes are not an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LeafDecodeError {
    /// The bytes are not canonical.
    #[error(transparent)]
    Bytes(#[from] DecodeError),
    /// The bytes are canonical, but no entry says that.
    #[error(transparent)]
    Parts(#[from] LeafError),
}

/// One valid entry of the log.
///
/// Its canonical bytes never change; `fixtures/log/leaf-v1.txt` holds examples and refused ones. Numbers are
/// big-endian, a text is one byte of length and its ASCII bytes, an absent word is the empty text, an absent
/// byte string is a byte 0 and a present one a byte 1 before it:
///
/// ```text
/// version = 1 | clinic 16 | entry 16 | event text | time i64, microseconds since 1970 UTC
/// subject 0 or 1+16 | actor 0 or 1+16 | action text | purpose text | ground text | detail text | outcome text
/// count u16 of rules, each text, strictly ascending | policy version text or empty
/// clinic generation u64 | actor generation 0 or 1+u64 | subject generation 0 or 1+u64 | moved chain text
/// content hash 0 or 1+32 | commitment 32
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf(LeafParts);

impl Leaf {
    /// The version of the bytes.
    pub const VERSION: u8 = 1;
    /// Most rules that one entry names.
    pub const RULES_MAX: usize = 1024;

    /// Checks the parts; a time finer than a microsecond is cut.
    ///
    /// # Errors
    ///
    /// [`LeafError`] says which rule the parts broke.
    pub fn new(parts: LeafParts) -> Result<Self, LeafError> {
        let at = DateTime::from_timestamp_micros(parts.at.timestamp_micros()).ok_or(LeafError::Time)?;
        let leaf = Self(LeafParts { at, ..parts });
        leaf.outline().check(leaf.0.rules.len())?;
        Ok(leaf)
    }

    /// What it says.
    #[must_use]
    pub const fn parts(&self) -> &LeafParts {
        &self.0
    }

    /// What it says, to keep.
    #[must_use]
    pub fn into_parts(self) -> LeafParts {
        self.0
    }

    /// Its hash in the tree.
    #[must_use]
    pub fn hash(&self) -> TreeHash {
        leaf_hash(&self.encode())
    }

    /// Its canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let leaf = &self.0;
        let mut out = Writer::with_version(Self::VERSION);
        out.uuid(leaf.clinic.as_uuid());
        out.uuid(leaf.entry.as_uuid());
        out.word(leaf.event);
        out.raw(&leaf.at.timestamp_micros().to_be_bytes());
        out.optional(leaf.subject, |out, name| out.raw(name.as_bytes()));
        out.optional(leaf.actor, |out, name| out.raw(name.as_bytes()));
        out.word_or_absent(leaf.action);
        out.word_or_absent(leaf.purpose);
        out.word_or_absent(leaf.ground);
        out.word_or_absent(leaf.detail);
        out.word(leaf.outcome);
        out.count(leaf.rules.len());
        leaf.rules.iter().for_each(|rule| out.text(rule.as_str()));
        out.text(leaf.policy.as_ref().map_or("", PolicyVersionId::as_str));
        out.u64(leaf.generations.clinic);
        out.optional(leaf.generations.actor, Writer::u64);
        out.optional(leaf.generations.subject, Writer::u64);
        out.word(leaf.moves);
        out.optional(leaf.content, |out, hash| out.raw(hash.as_bytes()));
        out.raw(leaf.commitment.as_bytes());
        out.finish()
    }

    /// Reads canonical bytes: all of them, and no other spelling of the same entry.
    ///
    /// # Errors
    ///
    /// [`LeafDecodeError`] names the part that cannot be read or the rule that is broken.
    pub fn decode(bytes: &[u8]) -> Result<Self, LeafDecodeError> {
        Reading::of(bytes)?.leaf().map_err(LeafDecodeError::Bytes)
    }

    /// The parts that place it and tell whose it is.
    pub(crate) const fn outline(&self) -> Outline {
        let parts = &self.0;
        Outline {
            clinic: parts.clinic,
            entry: parts.entry,
            event: parts.event,
            subject: parts.subject,
            actor: parts.actor,
            outcome: parts.outcome,
            generations: parts.generations,
            moves: parts.moves,
        }
    }
}
