//! An operation and its plan.

use std::sync::Arc;

use consent_policy::RowPredicate;
use records_model::{RecordError, SubjectId};
use thiserror::Error;

use crate::{Change, LoadedFacts, Moment, Needs, Tools};

/// One thing that can be done, as a pure function of loaded facts.
pub trait Operation {
    /// What the caller gets once everything is committed.
    type Outcome;

    /// Which locks and facts it needs; asked before anything is read.
    fn needs(&self) -> Needs;

    /// Which rows of a list may be loaded, worked out from everything else that was; asked only where the needs say
    /// [`RecordSelection::Permitted`](crate::RecordSelection::Permitted). Without an answer of its own, none.
    ///
    /// # Errors
    ///
    /// [`OperationError`] if nothing could be decided; then nothing is read.
    fn rows(&self, _facts: &LoadedFacts, _moment: Moment<'_>) -> Result<RowPredicate, OperationError> {
        Ok(RowPredicate::NOTHING)
    }

    /// Decides, and says what to write.
    ///
    /// # Errors
    ///
    /// [`OperationError`] if nothing could be decided; then nothing is written. A refusal by the policy is not
    /// an error but an outcome.
    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>)
    -> Result<Plan<Self::Outcome>, OperationError>;
}

/// What to write, in order, and what to hand back when it is written.
#[derive(Debug)]
pub struct Plan<T> {
    /// The changes; they stand or fall together.
    pub changes: Vec<Change>,
    /// The outcome.
    pub outcome: T,
}

/// Why nothing could be decided.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OperationError {
    /// The person is not on file at this clinic.
    #[error("no such person at this clinic; search for them by name or telephone first")]
    UnknownSubject(SubjectId),
    /// Somebody else bears the same identity at the source: another import was faster.
    #[error("this person was registered under another id a moment ago; import the bundle again")]
    RegisteredElsewhere(SubjectId),
    /// The actor is not on file at this clinic.
    #[error("no such actor at this clinic; enrol them with their role first")]
    UnknownActor,
    /// The provider is not in the register.
    #[error("no such provider in the register; add it with its contract first")]
    UnknownProvider,
    /// The consent is not on file, or has ended.
    #[error("no such consent in force for this person; `consents list` shows what there is")]
    UnknownConsent,
    /// The restriction is not on file, or was lifted.
    #[error("no such restriction in force for this person")]
    UnknownRestriction,
    /// The record is not on file.
    #[error("no such record of this person")]
    UnknownRecord,
    /// A category whose records have no field for a file.
    #[error("no file is stored with records of category {0}; attach it to one whose records hold documents")]
    NoFileHere(records_model::Category),
    /// While a file was on its way, what its storing rests on changed; nothing of it was stored.
    #[error(
        "what this rests on changed while the file was on its way, and nothing of it was stored; do it again"
    )]
    ChangedMeanwhile,
    /// The bytes of an attached file were altered, moved or cut.
    #[error(
        "an attached file does not open; restore its rows from a backup, and `resguardo vault doctor` names all that is affected: {0}"
    )]
    Attachment(#[from] crypto_vault::AttachmentError),
    /// A file could not be sealed.
    #[error("the file could not be sealed: {0}")]
    AttachmentSeal(#[from] crypto_vault::AttachmentSealError),
    /// A file could not be sealed anew.
    #[error(
        "an attached file could not be sealed anew; `resguardo vault doctor` names what does not open: {0}"
    )]
    AttachmentReseal(#[from] crypto_vault::AttachmentResealError),
    /// The evidence is not on file.
    #[error("no such evidence for this person")]
    UnknownEvidence,
    /// The clinic has no such document in force.
    #[error("the clinic has no `{0}` in force; activate one first")]
    DocumentMissing(Arc<str>),
    /// A document of the clinic cannot be read.
    #[error("`{path}` cannot be used: {why}")]
    Document {
        /// Its file name.
        path: Arc<str>,
        /// What is wrong, with the place.
        why: String,
    },
    /// A value breaks its own rules.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Something could not be sealed.
    #[error("the content could not be sealed: {0}")]
    Seal(#[from] crypto_vault::SealError),
    /// Something sealed does not open: it was altered, or stands in the wrong place.
    #[error(
        "sealed content does not open; restore the row from a backup, and run `resguardo promises report` to see how many are affected: {0}"
    )]
    Open(#[from] crypto_vault::OpenError),
    /// A wrapped key does not open.
    #[error("a key does not open; restore the keystore's rows from a backup: {0}")]
    Unwrap(#[from] crypto_vault::UnwrapError),
    /// A wrapped key is damaged.
    #[error("a stored key is damaged: {0}")]
    StoredKey(#[from] crypto_vault::WrappedKeyError),
    /// A keystore row contradicts itself.
    #[error("a keystore row contradicts itself: {0}")]
    KeystoreRow(#[from] crypto_vault::KeystoreRowError),
    /// A key id that cannot be.
    #[error("a key cannot be made: {0}")]
    KeyId(#[from] crypto_vault::DekIdError),
    /// The versions of a key contradict each other.
    #[error("the versions of a key contradict each other: {0}")]
    KeyVersions(#[from] crypto_vault::KeyVersionsError),
    /// Content could not be sealed anew.
    #[error("a record could not be sealed anew; `resguardo vault doctor` names what does not open: {0}")]
    Reseal(#[from] crypto_vault::ResealError),
    /// The epoch keys are not in order.
    #[error("the epoch keys are not in order: {0}")]
    RotationOrder(#[from] crypto_vault::RotationOrder),
    /// A key was not wrapped for the next epoch.
    #[error(
        "a key was not wrapped for the next epoch; `resguardo vault doctor` names what does not open: {0}"
    )]
    Rotation(#[from] crypto_vault::RotationError),
    /// Living keys that the next epoch does not wrap.
    #[error(
        "{count} keys are not wrapped under the epoch in force; run `resguardo vault rotate-epoch` again"
    )]
    KeysLeft {
        /// How many.
        count: u64,
    },
    /// The blind index belongs to another key.
    #[error(transparent)]
    IndexKey(#[from] crypto_vault::IndexKeyMismatch),
    /// A consent breaks its own rules.
    #[error(transparent)]
    Consent(#[from] consent_policy::ConsentError),
    /// A log entry speaks of too much.
    #[error(transparent)]
    Preimage(#[from] audit_log::PreimageTooLarge),
    /// The alert is not on file.
    #[error("no such alert; `audit alerts` shows those that wait for a verdict")]
    UnknownAlert,
    /// The alert has its verdict.
    #[error("this alert was closed before; a verdict is final")]
    AlertClosed,
    /// The operation needs a person and none was loaded.
    #[error("this operation is about a person, and none was named")]
    SubjectNotNamed,
    /// The clinic has documents already.
    #[error("this clinic was founded before; activate documents one by one instead")]
    AlreadyFounded,
    /// Another text under the same version.
    #[error(
        "the document says version `{0}`, which is in force with another text; give the new one its own version"
    )]
    VersionTaken(records_model::PolicyVersionId),
    /// A written consent without a signature.
    #[error(
        "an express-written consent needs a signature on paper or on a screen; record how it was signed, or take it in another form"
    )]
    ConsentUnsigned,
    /// More than tacit, from conduct.
    #[error(
        "what somebody did after a notice is tacit consent and never more; ask them, or record it as tacit"
    )]
    ConsentByConduct,
    /// A role that is not staff's.
    #[error("staff are enrolled in a staff role; a person acts for themselves once they are admitted")]
    NotAStaffRole,
    /// No notice is in force.
    #[error("no version of the privacy notice is in force today; publish one before consents are taken")]
    NoNotice,
    /// Clinical text holds what looks like a card number.
    #[error(
        "`{field}` holds what looks like a payment card number; confirm that it is none, or have it masked"
    )]
    CardNumberUnclear {
        /// The field.
        field: records_model::Field,
    },
    /// Payment, travel, identity or contact data hold what looks like a card number.
    #[error(
        "`{field}` looks like it holds a payment card number, which is never stored here; store the payment processor's token instead"
    )]
    CardNumberRefused {
        /// The field.
        field: records_model::Field,
    },
    /// A reason or the words of a request hold what looks like a card number.
    #[error("this text holds what looks like a payment card number; leave the number out and send it again")]
    CardNumberInWords,
    /// The request is not on file.
    #[error("no such request of this person; `requests list` shows those on file")]
    UnknownCase,
    /// The order to keep records away is not on file, or was lifted.
    #[error("no such order to keep records away in force; `requests list` shows the requests behind them")]
    UnknownBlock,
    /// Nothing is to be kept away.
    #[error("name at least one class of records that the answer keeps away")]
    NoClass,
    /// A request cannot take this step.
    #[error("the request cannot be answered so: {0}")]
    Step(#[from] rights_requests::StepError),
    /// A disposal is not one that can be carried on.
    #[error(transparent)]
    Disposal(#[from] crate::DisposalBlock),
    /// A log leaf could not be built.
    #[error("the log entry could not be built: {0}")]
    Leaf(#[from] audit_log::LeafError),
    /// A key that must be there is not.
    #[error(
        "the {0} key of this person is missing or was destroyed; unless a disposal destroyed it, restore the keystore's row from a backup"
    )]
    KeyMissing(records_model::RetentionClass),
    /// A free text that has to say why is empty or too long.
    #[error("say why in 3 to 2000 characters")]
    ReasonText,
    /// A period that ends before it starts, or is longer than allowed.
    #[error("{0}")]
    Period(&'static str),
    /// A stored document has a form that this version does not know.
    #[error("a stored {0} has a form that this version does not know")]
    Stored(&'static str),
    /// A date could not be worked out.
    #[error("the date could not be worked out: {0}")]
    Deadline(String),
    /// A list left out what the decision permits.
    #[error(
        "the list left out records that the decision permits; nothing was shown: ask again, and report it if it stays so"
    )]
    ListAndDecisionDiffer,
    /// A list cannot be narrowed.
    #[error(transparent)]
    List(#[from] consent_policy::LeftOpen),
    /// A number ran out of its range.
    #[error("a counter ran out of its range")]
    Range,
}
