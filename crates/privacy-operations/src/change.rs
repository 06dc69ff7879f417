//! The one vocabulary of writing: whatever an operation changes is one of these.

use audit_log::Closing;
use chrono::{DateTime, NaiveDate, Utc};
use consent_policy::Consent;
use crypto_vault::{DekId, EpochEnd, EpochId, KeystoreRow, WrappedKey};
use privacy_notice::Residence;
use records_model::{
    Actor, ActorId, AlertId, BlockId, CaseId, ClinicId, ConsentId, DisposalId, EntryId, EvidenceId,
    LegalHold, RecordId, RecordVersion, Restriction, RestrictionId, RetentionClass, SubjectId, SubjectKind,
    TrainingRecord,
};

use crate::word::{ConsentEvidence, EvidenceKind, ReviewVerdict, SecretRowKind, TokenField};
use crate::{
    AgeMark, BlockRow, DisposalExtent, FloorRow, KeystoreFact, NewSuspension, PasswordHash, StoredAlert,
    StoredAttachment, StoredRecord,
};

/// A wrapped secret of the clinic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRow {
    /// What it is.
    pub kind: SecretRowKind,
    /// Its version, from 1.
    pub version: u32,
    /// The epoch whose key wraps it.
    pub epoch: u32,
    /// The wrapped bytes.
    pub wrapped: Vec<u8>,
    /// By which the right secret is recognised.
    pub check_value: Vec<u8>,
}

/// A chain of facts whose generation is raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainRow {
    /// The clinic's.
    Clinic,
    /// An actor's.
    Actor(ActorId),
    /// A person's.
    Subject(SubjectId),
}

/// What is on file about staff fitness, one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClearanceEntry {
    /// A training was completed.
    Training(TrainingRecord),
    /// A background check came back clear.
    BackgroundClear {
        /// Day of the outcome.
        on: NaiveDate,
        /// First day on which it no longer counts.
        expires_on: NaiveDate,
    },
    /// A background check came back not clear.
    BackgroundNotClear {
        /// Day of the outcome.
        on: NaiveDate,
    },
    /// The undertaking was signed.
    Undertaking {
        /// Day of signing.
        on: NaiveDate,
    },
    /// The employment ended.
    Left {
        /// Last day.
        on: NaiveDate,
    },
}

/// One entry of the log with its sealed side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// The entry.
    pub id: EntryId,
    /// Its canonical bytes.
    pub leaf: Vec<u8>,
    /// Whose key seals the side.
    pub side_subject: SubjectId,
    /// Of which class.
    pub side_class: RetentionClass,
    /// In which version.
    pub side_dek_version: u32,
    /// What the leaf commits to, sealed.
    pub side: Vec<u8>,
}

/// Evidence to enter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvidence {
    /// About whom.
    pub subject: SubjectId,
    /// Its id.
    pub id: EvidenceId,
    /// What it shows.
    pub kind: EvidenceKind,
    /// Who recorded it.
    pub recorded_by: ActorId,
    /// For whom it counts.
    pub actor: Option<ActorId>,
    /// Until when.
    pub ends_at: DateTime<Utc>,
    /// Version of the key that seals the reason.
    pub dek_version: u32,
    /// The reason, sealed.
    pub reason: Vec<u8>,
}

/// A rights request to open.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCase {
    /// About whom.
    pub subject: SubjectId,
    /// Its id.
    pub id: CaseId,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// Its document.
    pub document: serde_json::Value,
    /// Version of the key that seals the person's own words.
    pub dek_version: u32,
    /// Those words, sealed.
    pub words: Option<Vec<u8>>,
}

/// A step of a rights request.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCaseStep {
    /// About whom.
    pub subject: SubjectId,
    /// Which request.
    pub case: CaseId,
    /// Its number, from 1.
    pub step_no: u32,
    /// Who took it.
    pub taken_by: ActorId,
    /// The request as it is afterwards.
    pub document: serde_json::Value,
}

/// The content of a version of a record as a later version of its key seals it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealRow {
    /// Whose it is.
    pub subject: SubjectId,
    /// The record.
    pub record: RecordId,
    /// Its version.
    pub version: RecordVersion,
    /// With what it is kept and destroyed.
    pub class: RetentionClass,
    /// The version of the key.
    pub dek_version: u32,
    /// Its sealed fields, framed.
    pub sealed: Vec<u8>,
    /// SHA-256 of the sealed fields.
    pub content_hash: [u8; 32],
}

/// What is kept away, and the request that asked for it.
#[derive(Debug, Clone, PartialEq)]
pub enum KeepingChange {
    /// Enter a step of a rights request.
    PutStep(Box<NewCaseStep>),
    /// Keep classes of a person's records away.
    PutBlock {
        /// Whose.
        subject: SubjectId,
        /// The order.
        block: BlockRow,
        /// Who recorded it.
        recorded_by: ActorId,
    },
    /// Lift such an order.
    LiftBlock {
        /// Whose records.
        subject: SubjectId,
        /// Which order.
        block: BlockId,
    },
    /// Take a proposal to destroy back; the database says when.
    WithdrawDisposal {
        /// Whose records.
        subject: SubjectId,
        /// Which disposal.
        id: DisposalId,
        /// Who takes it back.
        officer: ActorId,
    },
}

/// One thing to write about what becomes of keys.
#[derive(Debug, Clone)]
pub enum KeyChange {
    /// Add the bytes of living keys as another epoch wraps them; those that are there already stay.
    PutWrappings(Vec<(DekId, WrappedKey)>),
    /// Let a key open only: a later version seals.
    RetireKey(DekId),
    /// Store content sealed anew; the records stay as they were written.
    PutSeals(Vec<SealRow>),
    /// Refuse content of older versions of a key from now on.
    RaiseMinimum {
        /// Whose key.
        subject: SubjectId,
        /// Of which class.
        class: RetentionClass,
        /// The lowest version whose content is read still.
        minimum: u32,
    },
    /// Wrap nothing under this epoch any more.
    CloseEpoch(EpochId),
    /// Enter how an epoch ended.
    EndEpoch(EpochEnd),
    /// Enter something about the keystore as a whole.
    PutFact(KeystoreFact),
}

/// One thing to write.
#[derive(Debug, Clone)]
pub enum Change {
    /// Found the clinic.
    FoundClinic(ClinicId),
    /// Put a document in force.
    PutDocument {
        /// Its file name.
        path: String,
        /// Its number, from 1.
        version_no: u32,
        /// Its text.
        content: String,
        /// SHA-256 of the text.
        content_hash: [u8; 32],
    },
    /// Store a wrapped secret of the clinic.
    PutSecret(SecretRow),
    /// Enter a person.
    PutSubject {
        /// Who.
        id: SubjectId,
        /// In what capacity.
        kind: SubjectKind,
        /// Country of residence, and part of it where that has laws of its own.
        residence: Option<Residence>,
        /// What retention needs of the date of birth.
        age: AgeMark,
    },
    /// Store a wrapped data key.
    PutKey(KeystoreRow),
    /// Store the name under which the log knows a person, sealed.
    PutSubjectPseudonym {
        /// Whose.
        subject: SubjectId,
        /// Version of the accounting key.
        dek_version: u32,
        /// Sealed bytes.
        sealed: Vec<u8>,
    },
    /// Store the tokens by which a person is found.
    PutTokens {
        /// Who.
        subject: SubjectId,
        /// Version of the index root.
        index_version: u32,
        /// The tokens.
        tokens: Vec<(TokenField, [u8; 32])>,
    },
    /// Store records.
    PutRecords(Vec<StoredRecord>),
    /// Store what is known of a file whose chunks this transaction has written already.
    PutAttachment(Box<StoredAttachment>),
    /// Set or move a retention floor; it only ever moves later.
    PutFloor {
        /// Whose.
        subject: SubjectId,
        /// The floor.
        floor: FloorRow,
    },
    /// Set or move the floor of one record of a class whose items end one by one; it only ever moves later.
    PutItemFloor {
        /// Whose.
        subject: SubjectId,
        /// The record.
        record: RecordId,
        /// The floor.
        floor: FloorRow,
    },
    /// Enrol an actor.
    PutActor {
        /// Who, in which role.
        actor: Actor,
        /// The person the actor is.
        subject: SubjectId,
        /// The name under which the log knows them, sealed.
        pseudonym: Vec<u8>,
    },
    /// Set how an actor signs in, and end every session they have.
    PutLogin {
        /// Whose.
        actor: ActorId,
        /// The name.
        login: String,
        /// The hash of the password.
        hash: PasswordHash,
    },
    /// Enter something about an actor's clearance.
    PutClearance {
        /// Whose.
        actor: ActorId,
        /// What.
        entry: ClearanceEntry,
    },
    /// Enter a care relation.
    PutCareRelation {
        /// The patient.
        subject: SubjectId,
        /// The staff member.
        actor: ActorId,
        /// From when.
        starts_at: DateTime<Utc>,
        /// Until when.
        ends_at: Option<DateTime<Utc>>,
    },
    /// End whatever part an actor takes in a person's care now.
    EndCareRelation {
        /// The patient.
        subject: SubjectId,
        /// The staff member.
        actor: ActorId,
    },
    /// Enter a consent.
    PutConsent {
        /// Whose.
        subject: SubjectId,
        /// The consent.
        consent: Box<Consent>,
        /// How it was taken.
        evidence: ConsentEvidence,
        /// Who recorded it.
        recorded_by: ActorId,
        /// The receipt, sealed.
        receipt: Vec<u8>,
    },
    /// End a consent for good.
    EndConsent {
        /// Whose.
        subject: SubjectId,
        /// Which.
        consent: ConsentId,
        /// Why.
        cause: consent_policy::EndCause,
    },
    /// Enter a restriction.
    PutRestriction {
        /// Whose.
        subject: SubjectId,
        /// The restriction.
        restriction: Restriction,
    },
    /// Lift a restriction.
    LiftRestriction {
        /// Whose.
        subject: SubjectId,
        /// Which.
        restriction: RestrictionId,
    },
    /// Enter evidence.
    PutEvidence(Box<NewEvidence>),
    /// Enter the officer's verdict on evidence.
    PutEvidenceReview {
        /// About whom.
        subject: SubjectId,
        /// Which.
        id: EvidenceId,
        /// Who judged.
        reviewed_by: ActorId,
        /// How.
        verdict: ReviewVerdict,
    },
    /// Enter an authority's suspension of the accounting.
    PutSuspension(Box<NewSuspension>),
    /// Enter an alert.
    PutAlert(Box<StoredAlert>),
    /// Enter the verdict on an alert.
    PutAlertVerdict {
        /// Whose accounting key seals it.
        owner: SubjectId,
        /// Which.
        id: AlertId,
        /// What was found, by whom, when.
        closing: Closing,
    },
    /// Open a rights request.
    PutCase(Box<NewCase>),
    /// Change what is kept away, or how a request stands.
    KeepAway(KeepingChange),
    /// Place a legal hold.
    PutHold {
        /// On whose records.
        subject: SubjectId,
        /// The hold.
        hold: LegalHold,
    },
    /// Propose one class of a person's records for destruction; the database says when, and how long to wait.
    PutDisposal {
        /// Whose.
        subject: SubjectId,
        /// The proposal.
        id: DisposalId,
        /// Which class.
        class: RetentionClass,
        /// How much of it.
        extent: DisposalExtent,
        /// Who proposes.
        proposed_by: ActorId,
    },
    /// Approve a disposal; the database says when.
    PutApproval {
        /// Whose records.
        subject: SubjectId,
        /// Which disposal.
        id: DisposalId,
        /// Who approves.
        officer: ActorId,
    },
    /// Destroy, through the one door of the schema, which checks everything again.
    Dispose {
        /// Whose records.
        subject: SubjectId,
        /// Which disposal.
        id: DisposalId,
    },
    /// Change what becomes of keys.
    Keep(KeyChange),
    /// Raise a generation by one.
    Raise(ChainRow),
    /// Append to the log.
    AppendEntries(Vec<EntryRow>),
}
