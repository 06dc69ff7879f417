//! Attaching a file: a record that says what it is, and its bytes, sealed chunk by chunk under the same key.
//!
//! It takes two steps, because the bytes may take long to come and nobody waits for them under a lock.
//! [`AskToAttach`] decides before a byte is read and says where the file belongs and under which key; [`AttachFile`]
//! decides again when the last byte is there, in the transaction that holds the chunks. Until that commits there is
//! nothing; if it is refused, all of it is rolled back and the first step is asked once more, so that the refusal
//! stands in the log.

use audit_log::{ContentHash, Event, Moves};
use crypto_vault::{KeystoreRow, RecordContext, StoredKeyState};
use records_model::{
    ActorId, AnchorEvent, Category, ContentForm, FileKind, FileLabel, Ground, Purpose, Record, RecordId,
    RecordVersion, SubjectId,
};

use crate::ask::{Asking, ask};
use crate::ledger::Ledger;
use crate::review::floors_after;
use crate::sealed::place_of;
use crate::write::marks_of;
use crate::{
    Answer, CardNumberAnswer, Change, KeyPlace, Load, LoadedFacts, LockMode, Needs, Operation,
    OperationError, Plan, RevealedHealth, SealedStream, StoredAttachment, SubjectFacts, SubjectNeed, Tools,
    WriteRecord,
};

/// A file that is to be attached to a person's records, in a record of its own.
#[derive(Debug, Clone)]
pub struct FileToAttach {
    /// Who attaches it, and is the record's author.
    pub actor: ActorId,
    /// About whom.
    pub subject: SubjectId,
    /// What for.
    pub purpose: Purpose,
    /// On what ground.
    pub ground: Ground,
    /// Its category.
    pub category: Category,
    /// Whether it reveals health although its category does not say so.
    pub reveals: RevealedHealth,
    /// What its retention is counted from, and when that was.
    pub anchor: (AnchorEvent, chrono::DateTime<chrono::Utc>),
    /// What it is called, and how its bytes are to be read.
    pub label: FileLabel,
}

impl FileToAttach {
    /// The record that says what the file is.
    fn written(&self) -> Result<WriteRecord, OperationError> {
        let kind = FileKind::of_file(self.category, &self.label.media_type);
        let kind = kind.ok_or(OperationError::NoFileHere(self.category))?;
        Ok(WriteRecord {
            actor: self.actor,
            subject: self.subject,
            purpose: self.purpose,
            ground: self.ground,
            category: self.category,
            kind: kind.content_kind(),
            form: ContentForm::FreeText,
            reveals: self.reveals,
            anchor: self.anchor,
            content: [(kind.field(), self.label.to_value())].into(),
            addendum_to: None,
            // A name is shorter to change than to explain.
            card_number: CardNumberAnswer::NotAsked,
        })
    }

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Exclusive).with(Load::Retention);
        Needs::decision(self.actor, subject)
    }

    fn record(&self, id: RecordId, tools: &Tools<'_>) -> Result<(WriteRecord, Record), OperationError> {
        let write = self.written()?;
        let record = write.record_as((id, RecordVersion::FIRST), self.reveals.marks(), tools)?;
        Ok((write, record))
    }
}

/// Asks whether a file may be attached, before any byte of it is read.
#[derive(Debug, Clone)]
pub struct AskToAttach(pub FileToAttach);

/// What came of asking.
#[derive(Debug, Clone)]
pub struct AttachingAsked {
    /// Whether the actor may.
    pub answer: Answer,
    /// Where the file belongs, if so.
    pub place: Option<FilePlace>,
}

/// Where a file belongs, and the key that seals it.
#[derive(Debug, Clone)]
pub struct FilePlace {
    /// The record that it will have.
    pub record: RecordId,
    /// What its bytes are bound to.
    pub context: RecordContext,
    /// The person's key of its class, wrapped.
    pub key: KeystoreRow,
}

impl Operation for AskToAttach {
    type Outcome = AttachingAsked;

    fn needs(&self) -> Needs {
        self.0.needs()
    }

    fn plan(
        &self,
        facts: &LoadedFacts,
        tools: &mut Tools<'_>,
    ) -> Result<Plan<AttachingAsked>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.0.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        let id = RecordId::generate(ledger.tools.arrival, ledger.tools.rng);
        let (write, record) = self.0.record(id, ledger.tools)?;
        let (answer, entry) = match ask(facts, &mut ledger, &write.asked(), marks_of(record.head()))? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(ledger.finish(AttachingAsked { answer, place: None })),
        };
        let place = place_of(record.head(), ledger.tools)?;
        let key = match ledger.ensure_key(place)? {
            Some(made) => made,
            None => sealing_key(subject, place)?,
        };
        ledger.enter(*entry)?;
        let context = RecordContext::of_attachment(facts.clinic.id, record.head());
        let place = Some(FilePlace { record: id, context, key });
        Ok(ledger.finish(AttachingAsked { answer, place }))
    }
}

/// The key that seals in a place, as it is stored.
pub(crate) fn sealing_key(subject: &SubjectFacts, place: KeyPlace) -> Result<KeystoreRow, OperationError> {
    let seals =
        |row: &&KeystoreRow| KeyPlace::of_key(row.id()) == place && row.state() == StoredKeyState::Active;
    let newest = subject.keys.iter().filter(seals).max_by_key(|row| row.id().version());
    newest.cloned().ok_or(OperationError::KeyMissing(place.class))
}

/// Stores a file whose sealed chunks this transaction has written already.
#[derive(Debug, Clone)]
pub struct AttachFile {
    /// The file.
    pub file: FileToAttach,
    /// The record that it was sealed for.
    pub record: RecordId,
    /// What was sealed.
    pub stream: SealedStream,
}

/// The outcome of attaching.
#[derive(Debug, Clone)]
pub struct Attached {
    /// Whether the actor may attach it.
    pub answer: Answer,
    /// The record, if it is stored.
    pub record: Option<RecordId>,
}

impl Operation for AttachFile {
    type Outcome = Attached;

    fn needs(&self) -> Needs {
        self.file.needs()
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Attached>, OperationError> {
        let who = self.file.subject;
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(who))?;
        let mut ledger = Ledger::open(facts, tools)?;
        let (write, record) = self.file.record(self.record, ledger.tools)?;
        let (answer, entry) = match ask(facts, &mut ledger, &write.asked(), marks_of(record.head()))? {
            Asking::Permitted(answer, entry) => (answer, entry),
            // The refusal is entered by the first step: this transaction holds the chunks and has to go.
            Asking::Refused(_) => return Err(OperationError::ChangedMeanwhile),
        };
        let stored = ledger.seal_record(&record)?;
        // A rotation or a disposal came between: the bytes lie under a key that seals no more.
        if stored.dek_version != self.stream.dek_version {
            return Err(OperationError::ChangedMeanwhile);
        }
        for floor in floors_after(subject, std::slice::from_ref(&stored), ledger.tools) {
            ledger.change(floor);
        }
        let attachment = StoredAttachment {
            subject: who,
            record: stored.id,
            version: stored.version,
            class: stored.class,
            stream: self.stream,
            stored_at: ledger.tools.now,
        };
        let entry = entry.becoming(Event::RecordWritten, Moves::None).about([stored.id].into());
        // Two entries: one is missed if the record is put back from an older copy, the other if its file is.
        for content in [stored.content_hash, self.stream.content_hash] {
            let mut entry = entry.clone();
            entry.content = Some(ContentHash::from_bytes(content));
            ledger.enter(entry)?;
        }
        ledger.change(Change::PutRecords(vec![stored]));
        ledger.change(Change::PutAttachment(Box::new(attachment)));
        Ok(ledger.finish(Attached { answer, record: Some(self.record) }))
    }
}
