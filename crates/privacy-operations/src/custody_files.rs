//! Attached files that an older version of a key seals, sealed anew under the newest: what is left, and one at a time.

use std::collections::BTreeSet;

use audit_log::{ContentHash, Event, Moves};
use crypto_vault::KeystoreRow;
use records_model::{ActorId, RecordId, RecordVersion, RetentionClass, Set, SubjectId};

use crate::ask::{Asking, ask};
use crate::attach::sealing_key;
use crate::attached::FilePermit;
use crate::custody::{Tended, ask_custody};
use crate::ledger::Ledger;
use crate::{
    Answer, Change, KeyPlace, Load, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan,
    RecordSelection, SealedStream, StoredAttachment, StoredRecord, SubjectFacts, SubjectNeed, Tools,
};

/// Asks which files of a person's class an older version of the key seals, and for the keys to seal them anew.
#[derive(Debug, Clone)]
pub struct AskToReseal {
    /// Who does it.
    pub actor: ActorId,
    /// Whose files.
    pub subject: SubjectId,
    /// Of which class.
    pub class: RetentionClass,
}

/// What came of asking.
#[derive(Debug, Clone)]
pub struct ResealAsked {
    /// Whether this actor may.
    pub answer: Answer,
    /// The files that wait, if so.
    pub files: Vec<FileToReseal>,
    /// The person's keys, wrapped, if any file waits.
    pub keys: Vec<KeystoreRow>,
}

/// A file that waits to be sealed anew, and the permit to open it for that.
#[derive(Debug, Clone)]
pub struct FileToReseal {
    permit: FilePermit,
    newest: u32,
}

impl FileToReseal {
    /// The permit. Of the record no content comes with it: resealing reads the file alone.
    #[must_use]
    pub const fn permit(&self) -> &FilePermit {
        &self.permit
    }

    /// The version of the key that is to seal them.
    #[must_use]
    pub const fn newest(&self) -> u32 {
        self.newest
    }
}

impl Operation for AskToReseal {
    type Outcome = ResealAsked;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Shared)
            .with_records(RecordSelection::EveryVersion(self.class))
            .with(Load::Attachments);
        Needs::decision(self.actor, subject)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<ResealAsked>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        let (answer, entry) = match ask(facts, &mut ledger, &ask_custody(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => {
                let (files, keys) = (Vec::new(), Vec::new());
                return Ok(ledger.finish(ResealAsked { answer, files, keys }));
            }
        };
        let files = waiting(subject)?;
        // Where nothing waits nothing is given out, the keys neither; asking each class of each person is no event.
        if files.is_empty() {
            return Ok(ledger.finish(ResealAsked { answer, files, keys: Vec::new() }));
        }
        let records: BTreeSet<RecordId> = files.iter().map(|file| file.permit.record().id).collect();
        ledger.enter(entry.about(records))?;
        Ok(ledger.finish(ResealAsked { answer, files, keys: subject.keys.clone() }))
    }
}

fn waiting(subject: &SubjectFacts) -> Result<Vec<FileToReseal>, OperationError> {
    let mut waiting = Vec::new();
    for attachment in &subject.attachments {
        let newest = successor(subject, attachment.class, attachment.stream.dek_version)?;
        if attachment.stream.dek_version >= newest {
            continue;
        }
        let of_file = |one: &&StoredRecord| (one.id, one.version) == (attachment.record, attachment.version);
        let record = subject.records.iter().find(of_file).ok_or(OperationError::Stored("attachment"))?;
        let record = StoredRecord { sealed: Vec::new(), ..record.clone() };
        waiting.push(FileToReseal { permit: FilePermit::new(record, attachment.clone()), newest });
    }
    Ok(waiting)
}

/// The version that seals now in the place of a key.
fn successor(subject: &SubjectFacts, class: RetentionClass, version: u32) -> Result<u32, OperationError> {
    let is_it = |row: &&KeystoreRow| row.id().class() == class && row.id().version().number() == version;
    let key = subject.keys.iter().find(is_it).ok_or(OperationError::KeyMissing(class))?;
    Ok(sealing_key(subject, KeyPlace::of_key(key.id()))?.id().version().number())
}

/// Stores a file that was sealed anew, whose chunks this transaction has written already.
#[derive(Debug, Clone)]
pub struct ResealAttachment {
    /// Who does it.
    pub actor: ActorId,
    /// Whose file.
    pub subject: SubjectId,
    /// The record.
    pub record: RecordId,
    /// Its version.
    pub version: RecordVersion,
    /// What was sealed.
    pub stream: SealedStream,
}

impl Operation for ResealAttachment {
    type Outcome = Tended;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Exclusive)
            .with_records(RecordSelection::VersionsOf(self.record))
            .with(Load::Attachments);
        Needs::decision(self.actor, subject)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Tended>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        let Asking::Permitted(answer, entry) = ask(facts, &mut ledger, &ask_custody(), Set::EMPTY)? else {
            // Entered when it is asked again: this transaction holds the chunks and has to go.
            return Err(OperationError::ChangedMeanwhile);
        };
        let of_version = |file: &&StoredAttachment| file.version == self.version;
        let old = subject.attachments.iter().find(of_version).ok_or(OperationError::ChangedMeanwhile)?;
        let newest = successor(subject, old.class, old.stream.dek_version)?;
        if self.stream.dek_version != newest || old.stream.dek_version >= newest {
            return Err(OperationError::ChangedMeanwhile);
        }
        let of_file = |record: &&StoredRecord| record.version == self.version;
        let record = subject.records.iter().find(of_file).ok_or(OperationError::ChangedMeanwhile)?;
        let mut entry = entry.becoming(Event::KeyEvent, Moves::None).about([self.record].into());
        entry.preimage.categories = Set::one(record.category);
        entry.content = Some(ContentHash::from_bytes(self.stream.content_hash));
        let made = StoredAttachment { stream: self.stream, stored_at: ledger.tools.now, ..old.clone() };
        ledger.change(Change::PutAttachment(Box::new(made)));
        ledger.enter(entry)?;
        Ok(ledger.finish(Tended { answer, changed: 1 }))
    }
}
