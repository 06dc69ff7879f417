//! What a store loads before a decision, as plain values.

use std::collections::BTreeSet;
use std::sync::Arc;

use audit_log::Suspension;
use chrono::{DateTime, NaiveDate, Utc};
use consent_policy::Consent;
use crypto_vault::{ATTACHMENT_HEADER_BYTES, DekId, KeystoreRow, StoredKeyState, WrappedKey};
use privacy_notice::Residence;
use records_model::{
    Actor, ActorId, AnchorEvent, CaseId, Category, Clearance, ClinicId, ConsentId, ContentForm, ContentKind,
    Context, DisposalId, EvidenceId, ExternalAuthor, Fact, LegalHold, RecordId, RecordVersion, Restriction,
    RetentionClass, Role, Set, SubjectId, SubjectKind,
};

use crate::{AgeMark, ConsentEvidence, EvidenceKind, KeptFacts, ReviewVerdict, SecretRow, StoredAlert};

/// One document of the clinic, in force.
#[derive(Debug, Clone)]
pub struct DocumentRow {
    /// Its file name, such as `policy.toml`.
    pub path: String,
    /// Its number, from 1.
    pub version_no: u32,
    /// Its text.
    pub content: Arc<str>,
    /// SHA-256 of the text.
    pub content_hash: [u8; 32],
}

/// The clinic's own facts.
#[derive(Debug, Clone)]
pub struct ClinicFacts {
    /// Which clinic.
    pub id: ClinicId,
    /// How many changes its chain has seen.
    pub generation: u64,
    /// The newest document of each kind.
    pub documents: Vec<DocumentRow>,
    /// Its wrapped secrets, newest version of each kind.
    pub secrets: Vec<SecretRow>,
    /// The newest signed head of the log, if there is one.
    pub checkpoint: Option<Arc<str>>,
}

/// Who acts.
#[derive(Debug, Clone)]
pub struct ActorFacts {
    /// Who, in which role.
    pub actor: Actor,
    /// The person the actor is.
    pub subject: SubjectId,
    /// How many changes their chain has seen.
    pub generation: u64,
    /// What is on file about their fitness to see records.
    pub clearance: Clearance,
    /// The name under which the log knows them, sealed with their staff key.
    pub pseudonym: Vec<u8>,
    /// Their staff keys, wrapped.
    pub keys: Vec<KeystoreRow>,
}

/// A piece of evidence without its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceRow {
    /// Its id.
    pub id: EvidenceId,
    /// What it shows.
    pub kind: EvidenceKind,
    /// Who recorded it.
    pub recorded_by: ActorId,
    /// For whom it counts; nobody named counts for every actor.
    pub actor: Option<ActorId>,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when.
    pub ends_at: DateTime<Utc>,
    /// The officer's verdict, if there is one.
    pub verdict: Option<ReviewVerdict>,
}

/// Where a stored record came from; the id there is known by its keyed token only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredOrigin {
    /// Written here.
    Authored {
        /// Who wrote it.
        author: ActorId,
        /// When.
        at: DateTime<Utc>,
    },
    /// Received from elsewhere.
    External {
        /// The system.
        system: String,
        /// The kind of resource there.
        resource: String,
        /// Keyed token of (system, resource, id).
        token: [u8; 32],
        /// Keyed fingerprint of the content.
        fingerprint: [u8; 32],
        /// Whether it says who wrote it.
        author: ExternalAuthor,
    },
}

/// One version of one record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// The record.
    pub id: RecordId,
    /// Whose it is.
    pub subject: SubjectId,
    /// Its version.
    pub version: RecordVersion,
    /// Its category.
    pub category: Category,
    /// What sort of item it is.
    pub kind: ContentKind,
    /// Codes, words, or both.
    pub form: ContentForm,
    /// Where it was collected.
    pub context: Context,
    /// With what it is kept and destroyed.
    pub class: RetentionClass,
    /// A value in it reveals health although its category does not say so.
    pub reveals_health: bool,
    /// It holds genetic results.
    pub genetic: bool,
    /// Where it came from.
    pub origin: StoredOrigin,
    /// What its retention is counted from.
    pub anchor: AnchorEvent,
    /// When that was.
    pub anchor_at: DateTime<Utc>,
    /// When it was stored.
    pub recorded_at: DateTime<Utc>,
    /// Version of the data key.
    pub dek_version: u32,
    /// Its sealed fields, framed; empty when only the head was asked for.
    pub sealed: Vec<u8>,
    /// SHA-256 of the sealed fields.
    pub content_hash: [u8; 32],
}

/// The sealed bytes of a file that is attached to a version of a record, without its chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAttachment {
    /// Whose it is.
    pub subject: SubjectId,
    /// The record.
    pub record: RecordId,
    /// Its version.
    pub version: RecordVersion,
    /// With what it is kept and destroyed: the record's own class.
    pub class: RetentionClass,
    /// What was sealed.
    pub stream: SealedStream,
    /// When it was stored.
    pub stored_at: DateTime<Utc>,
}

/// What is known of sealed bytes that are stored chunk by chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedStream {
    /// Version of the data key.
    pub dek_version: u32,
    /// Its head.
    pub header: [u8; ATTACHMENT_HEADER_BYTES],
    /// How long it is, head and chunks, in bytes.
    pub sealed_bytes: u64,
    /// SHA-256 of all of it, which the log keeps.
    pub content_hash: [u8; 32],
}

/// Records that a list did not load, because nothing in them may be permitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldBack {
    /// Their category.
    pub category: Category,
    /// What they reveal beyond it.
    pub about: Set<Fact>,
    /// How many; at least one.
    pub count: u64,
}

/// Until when a class must be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FloorRow {
    /// Which class.
    pub class: RetentionClass,
    /// What it was counted from.
    pub anchor: AnchorEvent,
    /// When that was.
    pub anchor_at: DateTime<Utc>,
    /// Last day on which it must still be there.
    pub keep_through: NaiveDate,
}

/// A rights request as stored.
#[derive(Debug, Clone)]
pub struct CaseRow {
    /// Its id.
    pub id: CaseId,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// Its document as it is now, as `rights-requests` writes it.
    pub document: serde_json::Value,
    /// How many steps were taken.
    pub steps: u32,
}

/// One approval of a disposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApprovalRow {
    /// The actor who approved.
    pub officer: ActorId,
    /// The person that actor is: two roles of one person are one approval.
    pub person: SubjectId,
    /// In which role.
    pub role: Role,
    /// When.
    pub at: DateTime<Utc>,
}

/// How much of a class a disposal destroys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisposalExtent {
    /// All of it, with every key: of a class that ends as a whole.
    Class,
    /// These records, of a class whose items end one by one; what stays is sealed under another key before theirs goes.
    Items(BTreeSet<RecordId>),
}

impl DisposalExtent {
    /// Whether a record of the class goes.
    #[must_use]
    pub fn covers(&self, record: RecordId) -> bool {
        match self {
            Self::Class => true,
            Self::Items(items) => items.contains(&record),
        }
    }
}

/// What of a person's records was proposed for destruction: a class, or items of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisposalRow {
    /// Its id.
    pub id: DisposalId,
    /// The class.
    pub class: RetentionClass,
    /// How much of it is to go.
    pub extent: DisposalExtent,
    /// Who proposed it.
    pub proposed_by: ActorId,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Before this instant it is not carried out.
    pub not_before: DateTime<Utc>,
    /// Who approved it, in order.
    pub approvals: Vec<ApprovalRow>,
    /// When it was carried out, if it was.
    pub done_at: Option<DateTime<Utc>>,
    /// When the proposal was taken back, if it was.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// Everything loaded about one person.
#[derive(Debug, Clone)]
pub struct SubjectFacts {
    /// Who.
    pub id: SubjectId,
    /// In what capacity.
    pub kind: SubjectKind,
    /// Country of residence, if stated.
    pub residence: Option<Residence>,
    /// What retention needs of the date of birth.
    pub age: AgeMark,
    /// How many changes their chain has seen.
    pub generation: u64,
    /// The name under which the log knows them, sealed with their accounting key, and that key's version.
    pub pseudonym: Option<(u32, Vec<u8>)>,
    /// Their keys, wrapped.
    pub keys: Vec<KeystoreRow>,
    /// Their consents, ended ones included.
    pub consents: Vec<Consent>,
    /// How each of them was taken, if asked for.
    pub consent_evidence: Vec<(ConsentId, ConsentEvidence)>,
    /// Their restrictions, lifted ones included.
    pub restrictions: Vec<Restriction>,
    /// Evidence on file.
    pub evidence: Vec<EvidenceRow>,
    /// Since when the acting person takes part in their care, if they do now.
    pub care_relation: Option<CareRelationRow>,
    /// How their records are kept.
    pub kept: KeptFacts,
    /// The records asked for, newest version of each.
    pub records: Vec<StoredRecord>,
    /// The files attached to them, if asked for: of each version of a record the newest seal.
    pub attachments: Vec<StoredAttachment>,
    /// What was left where it is, if only what may be permitted was asked for.
    pub held_back: Vec<HeldBack>,
    /// Retention floors, if asked for.
    pub floors: Vec<FloorRow>,
    /// Floors of the loaded records whose class ends item by item, if floors are asked for.
    pub item_floors: Vec<(RecordId, FloorRow)>,
    /// What those records are counted from, of each the latest over all its versions, if floors are asked for.
    pub item_anchors: Vec<(RecordId, AnchorEvent, DateTime<Utc>)>,
    /// Legal holds, if asked for.
    pub holds: Vec<LegalHold>,
    /// Rights requests, if asked for.
    pub cases: Vec<CaseRow>,
    /// Suspensions of the accounting, if asked for, those that are over included.
    pub suspensions: Vec<Suspension>,
    /// Alerts sealed with their key, if asked for, closed ones included.
    pub alerts: Vec<StoredAlert>,
    /// Disposals proposed, done ones included, if asked for.
    pub disposals: Vec<DisposalRow>,
}

impl SubjectFacts {
    /// What is known of a person who is being entered in this operation.
    #[must_use]
    pub fn new_person(id: SubjectId, kind: SubjectKind, age: AgeMark) -> Self {
        Self {
            id,
            kind,
            residence: None,
            age,
            generation: 0,
            pseudonym: None,
            keys: Vec::new(),
            consents: Vec::new(),
            consent_evidence: Vec::new(),
            restrictions: Vec::new(),
            evidence: Vec::new(),
            care_relation: None,
            kept: KeptFacts::default(),
            records: Vec::new(),
            attachments: Vec::new(),
            held_back: Vec::new(),
            floors: Vec::new(),
            item_floors: Vec::new(),
            item_anchors: Vec::new(),
            holds: Vec::new(),
            cases: Vec::new(),
            suspensions: Vec::new(),
            alerts: Vec::new(),
            disposals: Vec::new(),
        }
    }
}

/// A care relation between the acting person and the person concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CareRelationRow {
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when, if an end is set.
    pub ends_at: Option<DateTime<Utc>>,
}

/// A data key with its bytes of every epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyWrappings {
    /// Which key.
    pub id: DekId,
    /// How it stands.
    pub state: StoredKeyState,
    /// Its bytes, ascending by epoch.
    pub wrappings: Vec<WrappedKey>,
}

/// What was asked of the keystore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeystoreFacts {
    /// Nothing.
    NotAsked,
    /// The keys of the people named.
    Wrappings(Vec<KeyWrappings>),
    /// How many living keys are not wrapped under the epoch named.
    NotWrapped(u64),
}

/// Everything loaded for one operation.
#[derive(Debug, Clone)]
pub struct LoadedFacts {
    /// The clinic.
    pub clinic: ClinicFacts,
    /// Who acts, if enrolled.
    pub actor: Option<ActorFacts>,
    /// Who enters something about that actor, if it is somebody else.
    pub by: Option<ActorFacts>,
    /// The person concerned, if on file.
    pub subject: Option<SubjectFacts>,
    /// Who bears the token of the source that was asked for, if anybody does.
    pub bearer: Option<SubjectId>,
    /// The keystore.
    pub keystore: KeystoreFacts,
}
