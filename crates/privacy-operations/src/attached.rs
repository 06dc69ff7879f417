//! Reading an attached file: decided as a reading of the record whose field it is the content of.

use audit_log::{ContentHash, Event};
use crypto_vault::KeystoreRow;
use records_model::{Action, ActorId, Detail, FileKind, Ground, Purpose, RecordId, Set, SubjectId};

use crate::judge::judge;
use crate::ledger::Ledger;
use crate::masking::Shown;
use crate::read::{ReadPermit, facts_of};
use crate::{
    Answer, Asked, Load, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan, Receiver,
    RecordSelection, Setting, StoredAttachment, StoredRecord, SubjectNeed, Tools,
};

/// Reads the file that is attached to one record, in full: there is no lesser detail of a file.
#[derive(Debug, Clone)]
pub struct UseAttachment {
    /// Who reads.
    pub actor: ActorId,
    /// Whose record.
    pub subject: SubjectId,
    /// Which.
    pub record: RecordId,
    /// What for.
    pub purpose: Purpose,
    /// On what ground.
    pub ground: Ground,
    /// Where care takes place.
    pub setting: Setting,
}

/// What came of asking for a file.
#[derive(Debug, Clone)]
pub struct FileUsed {
    /// The decision about the record.
    pub answer: Answer,
    /// The file, if the permit covers it. A permit that covers other fields only, or owes a mask, does not; nor does
    /// one for a record without a file.
    pub permit: Option<FilePermit>,
    /// The person's keys, wrapped, for opening what was permitted.
    pub keys: Vec<KeystoreRow>,
}

/// A file that may be opened. Only a committed plan makes one.
#[derive(Debug, Clone)]
pub struct FilePermit {
    record: StoredRecord,
    attachment: StoredAttachment,
}

impl FilePermit {
    pub(crate) const fn new(record: StoredRecord, attachment: StoredAttachment) -> Self {
        Self { record, attachment }
    }

    /// The version of the record that it is attached to. A reading is permitted the one field of it that names the file.
    #[must_use]
    pub const fn record(&self) -> &StoredRecord {
        &self.record
    }

    /// What is known of its sealed bytes.
    #[must_use]
    pub const fn attachment(&self) -> &StoredAttachment {
        &self.attachment
    }
}

impl Operation for UseAttachment {
    type Outcome = FileUsed;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Shared)
            .with_records(RecordSelection::VersionsOf(self.record))
            .with(Load::Attachments);
        Needs::decision(self.actor, subject)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<FileUsed>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        let newest = subject.records.iter().max_by_key(|record| record.version);
        let newest = newest.ok_or(OperationError::UnknownRecord)?;
        // An addendum adds marks and takes none away; the file is what every version says of it.
        let about = subject.records.iter().map(facts_of).fold(Set::EMPTY, |all, marks| all | marks);
        let asked = Asked {
            action: Action::Read,
            purpose: self.purpose,
            undescribed: None,
            categories: Set::one(newest.category),
            receiver: Receiver::Internal,
            ground: self.ground,
            detail: Detail::Full,
            setting: self.setting,
        };
        let judgement = judge(facts, &asked, about, ledger.tools)?;
        let permit = if judgement.is_permit() {
            let whole = ReadPermit::of(Vec::new(), &judgement.decision);
            newest_file(&subject.records, &subject.attachments).filter(|file| {
                let field = FileKind::of_record(file.record.kind).field();
                whole.shown() == Shown::Clear
                    && file.record.category == newest.category
                    && whole.fields(newest.category).contains(field)
            })
        } else {
            None
        };
        let read = permit.iter().map(|file| file.record.id).collect();
        let mut entry = judgement.entry(Event::Decision, read, ledger.tools);
        entry.content =
            permit.as_ref().map(|file| ContentHash::from_bytes(file.attachment.stream.content_hash));
        ledger.enter(entry)?;
        let answer = judgement.answer(ledger.tools);
        Ok(ledger.finish(FileUsed { answer, permit, keys: subject.keys.clone() }))
    }
}

/// The file of the newest version that has one.
fn newest_file(records: &[StoredRecord], attachments: &[StoredAttachment]) -> Option<FilePermit> {
    let attachment = attachments.iter().max_by_key(|attachment| attachment.version)?;
    let record = records.iter().find(|record| record.version == attachment.version)?;
    Some(FilePermit::new(record.clone(), attachment.clone()))
}
