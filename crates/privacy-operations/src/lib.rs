//! Every operation of a clinic as a pure plan.
//!
//! An [`Operation`] says what it [`Needs`] (locks and facts). A store takes the locks, loads the
//! [`LoadedFacts`], and asks for a [`Plan`]: the [`Change`]s to write, log entries among them, and the outcome
//! to hand back once they are committed. Nothing here reads a clock, a database or randomness of its own.
//!
//! **A denial is an outcome, not an error**: its log entry is part of the plan and is committed. An
//! [`OperationError`] means that nothing could be decided, and nothing is written.

mod answer;
mod ask;
mod attach;
mod attached;
mod block;
mod card;
mod change;
mod citation;
mod consent;
mod custody;
mod custody_files;
mod custody_records;
mod disclose;
mod disposal;
mod evidence;
mod facts;
mod file;
mod house;
mod import;
mod judge;
mod keeping;
mod keys;
mod keystore;
mod ledger;
mod masking;
mod needs;
mod oversight;
mod plan;
mod read;
mod receipt;
mod register;
mod restrict;
mod review;
mod rights;
mod sealed;
mod self_dealing;
mod setup;
mod sign_in;
mod staff;
mod trail;
mod withdrawal;
mod word;
mod write;

#[cfg(any(test, feature = "proptest"))]
pub mod testing;

pub use answer::{Answer, ReasonText};
pub use attach::{AskToAttach, AttachFile, Attached, AttachingAsked, FilePlace, FileToAttach};
pub use attached::{FilePermit, FileUsed, UseAttachment};
pub use block::{BlockChanged, GrantBlock, Granting, LiftBlock};
pub use change::{
    ChainRow, Change, ClearanceEntry, EntryRow, KeepingChange, KeyChange, NewCase, NewCaseStep, NewEvidence,
    SealRow, SecretRow,
};
pub use citation::{UnknownCitation, check_citations};
pub use consent::{ConsentGiven, ConsentsWithdrawn, GiveConsent, Receipt, WithdrawConsent};
pub use custody::{CloseEpoch, EndEpoch, NoteKeys, RewrapKeys, RewrapSecrets, Tended, ask_custody};
pub use custody_files::{AskToReseal, FileToReseal, ResealAsked, ResealAttachment};
pub use custody_records::{PreviewRotation, ResealRecords, RotateKey, RotationPreviewed};
pub use disclose::{DiscloseRecords, DisclosedPage, Disclosure, PageField, PagePermit};
pub use disposal::{
    ApproveDisposal, CarryOutDisposal, DisposalApproved, DisposalBlock, DisposalDone, DisposalProposed,
    DueClasses, PreviewDisposal, Previewed, Proposal, ProposeDisposal, ResealSurvivors, SurvivorsResealed,
    Tokens, WithdrawDisposal,
};
pub use evidence::{
    BREAK_GLASS_HOURS_MAX, EVIDENCE_DAYS_MAX, EvidenceRecorded, RecordEvidence, ReviewEvidence,
};
pub use facts::{
    ActorFacts, ApprovalRow, CareRelationRow, CaseRow, ClinicFacts, DisposalExtent, DisposalRow, DocumentRow,
    EvidenceRow, FloorRow, HeldBack, KeyWrappings, KeystoreFacts, LoadedFacts, SealedStream,
    StoredAttachment, StoredOrigin, StoredRecord, SubjectFacts,
};
pub use file::{FileViewed, PersonFile, ViewFile};
pub use house::{House, SETTINGS_PATH};
pub use import::{ImportBundle, ImportCounts, ImportItem, Imported};
pub use judge::{Asked, Receiver, Setting};
pub use keeping::{BlockExtent, BlockRow, HeldRow, KeptFacts};
pub use keys::{KeyPlace, KeyRing, Moment, Tools};
pub use keystore::{EnterKeystoreFact, KeystoreFact, RecoveryStep};
pub use ledger::EntryDraft;
pub use masking::{Shown, masked};
pub use needs::{KeystoreNeed, Load, LockMode, Needs, RecordSelection, SubjectNeed};
pub use oversight::{
    AlertJudged, HouseWords, JudgeAlert, LogAsking, LogPermit, LogView, LogViewed, NewSuspension,
    OverseeWork, RaiseAlert, StoredAlert, SuspendAccounting, Suspended, ViewLog, WorkList, open_alert,
};
pub use plan::{Operation, OperationError, Plan};
pub use read::{ReadCell, ReadPermit, UseRecords, Used};
pub use receipt::{IssueReceipt, ReceiptIssued};
pub use register::{FindPerson, PersonDetails, RegisterPerson, Registered, duplicate_tokens, search_tokens};
pub use restrict::{AddRestriction, LiftRestriction, RestrictionChanged};
pub use review::{AgeMark, Keeping, KeptAnchor, RetentionFound, ReviewRetention};
pub use rights::{OpenRequest, RequestOpened};
pub use sealed::{attachment_context, fields_of, open, sealed_fields};
pub use setup::{ActivateDocument, FoundClinic, clinic_subject, first_versions, new_secrets, system_actor};
pub use sign_in::{ExportLog, LogTaken, PasswordHash, SetLogin, SignIn, SignInOutcome};
pub use staff::{AdmitPerson, EndCareRelation, EnrolStaff, RecordCareRelation, RecordClearance};
pub use trail::{open_actor_pseudonym, open_side};
pub use withdrawal::{PreviewWithdrawal, WithdrawalPreview, WithdrawalPreviewed, received_under};
pub use word::{ConsentEvidence, EvidenceKind, ReviewVerdict, SecretRowKind, TokenField};
pub use write::{CardNumberAnswer, RevealedHealth, WriteRecord, Written};
