//! What an operation needs before it can decide: locks first, then facts.

use crypto_vault::EpochId;
use records_model::{ActorId, Category, RecordId, RetentionClass, Set, SubjectId};

/// How strongly a chain of facts is locked: shared to decide on it, exclusive to change it. A lock is never
/// upgraded, so an operation that may change facts starts exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockMode {
    /// Others may decide on the same facts at the same time.
    Shared,
    /// Nobody else decides on these facts until the transaction ends.
    Exclusive,
}

/// Which records of a person to load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordSelection {
    /// None.
    None,
    /// The newest version of every record in these categories, sealed content included.
    Categories(Set<Category>),
    /// Of the records in these categories, those that [`Operation::rows`](crate::Operation::rows) chooses, content
    /// included, and how many of each sort are left where they are.
    Permitted(Set<Category>),
    /// The newest version of one record.
    One(RecordId),
    /// Every version of one record.
    VersionsOf(RecordId),
    /// Every version of every record kept with this class, sealed content included.
    EveryVersion(RetentionClass),
    /// What is known of every record without its content: identity, fingerprint, category, class, anchor.
    Heads,
}

/// One more kind of fact about a person that an operation asks for. Consents, restrictions, evidence, the care
/// relation and the keys are always loaded: every decision rests on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// Retention floors and legal holds.
    Retention,
    /// Rights requests.
    Cases,
    /// The files attached to the records asked for, without their chunks.
    Attachments,
    /// How each consent was taken.
    ConsentEvidence,
    /// Suspensions of the accounting.
    Suspensions,
    /// Alerts that are sealed with their key.
    Alerts,
    /// What was proposed for destruction, and who approved it.
    Disposals,
}

/// What is needed about one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectNeed {
    /// Who.
    pub id: SubjectId,
    /// How strongly their chain is locked.
    pub lock: LockMode,
    /// Which records.
    pub records: RecordSelection,
    /// What else.
    pub also: Vec<Load>,
    /// The token of where they come from: its bearer is looked up under a lock of its own, so that two imports of
    /// one person see each other.
    pub source: Option<[u8; 32]>,
}

impl SubjectNeed {
    /// The facts a decision rests on, without records.
    #[must_use]
    pub const fn new(id: SubjectId, lock: LockMode) -> Self {
        Self { id, lock, records: RecordSelection::None, also: Vec::new(), source: None }
    }

    /// The same with records.
    #[must_use]
    pub fn with_records(self, records: RecordSelection) -> Self {
        Self { records, ..self }
    }

    /// The same with one more kind of fact.
    #[must_use]
    pub fn with(mut self, load: Load) -> Self {
        self.also.push(load);
        self
    }
}

/// What is needed of the keystore beyond the keys of whoever takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeystoreNeed {
    /// Nothing.
    Nothing,
    /// Every wrapping of the keys of these people, whose chains are locked shared: no disposal runs meanwhile.
    WrappingsOf(Vec<SubjectId>),
    /// How many living keys are not wrapped under this epoch.
    NotWrappedUnder(EpochId),
}

/// Everything an operation needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// How strongly the clinic's own chain is locked.
    pub clinic: LockMode,
    /// Who acts, and how strongly their chain is locked.
    pub actor: (ActorId, LockMode),
    /// Who enters something about that actor, if it is somebody else; decided on, never changed.
    pub by: Option<ActorId>,
    /// The person concerned, if there is one on file.
    pub subject: Option<SubjectNeed>,
    /// The keystore.
    pub keystore: KeystoreNeed,
}

impl Needs {
    /// A decision by this actor about this person.
    #[must_use]
    pub const fn decision(actor: ActorId, subject: SubjectNeed) -> Self {
        Self {
            clinic: LockMode::Shared,
            actor: (actor, LockMode::Shared),
            by: None,
            subject: Some(subject),
            keystore: KeystoreNeed::Nothing,
        }
    }

    /// A decision by this actor that is about nobody on file.
    #[must_use]
    pub const fn without_subject(actor: ActorId) -> Self {
        Self {
            clinic: LockMode::Shared,
            actor: (actor, LockMode::Shared),
            by: None,
            subject: None,
            keystore: KeystoreNeed::Nothing,
        }
    }

    /// The same with something of the keystore.
    #[must_use]
    pub fn with_keystore(self, keystore: KeystoreNeed) -> Self {
        Self { keystore, ..self }
    }
}
