//! A new version of one data key, and the content of its class sealed anew under it.

use std::collections::BTreeSet;

use audit_log::{ContentHash, Event, Moves};
use crypto_vault::{
    Active, Dek, DekId, FieldContext, KeyVersion, KeyVersions, KeystoreRow, OpenedDek, RecordContext, Reseal,
    Salt, SealedTable, StoredKeyState, content_hash, has_monthly_keys,
};
use records_model::{ActorId, RetentionClass, Set, SubjectId};

use crate::ask::{Asking, ask};
use crate::custody::{Tended, ask_custody};
use crate::ledger::{EntryDraft, Ledger};
use crate::sealed::{bound_head, frame};
use crate::{
    Answer, Change, KeyChange, KeyRing, Load, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan,
    RecordSelection, SealRow, StoredRecord, SubjectFacts, SubjectNeed, Tools, sealed_fields,
};

/// Makes the next version of a person's key of one class: it seals from now on, and the one before opens only.
#[derive(Debug, Clone)]
pub struct RotateKey {
    /// Who does it.
    pub actor: ActorId,
    /// Whose key.
    pub subject: SubjectId,
    /// Of which class.
    pub class: RetentionClass,
}

impl Operation for RotateKey {
    type Outcome = Tended;

    fn needs(&self) -> Needs {
        Needs::decision(self.actor, SubjectNeed::new(self.subject, LockMode::Exclusive))
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Tended>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        let (answer, entry) = match ask(facts, &mut ledger, &ask_custody(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(ledger.finish(Tended { answer, changed: 0 })),
        };
        let sealing = sealing(&subject.keys, self.class)?;
        succeed(&mut ledger, &entry, &subject.keys, &sealing)?;
        Ok(ledger.finish(Tended { answer, changed: sealing.len() }))
    }
}

/// The keys of a class that seal: one, or one a month.
fn sealing(keys: &[KeystoreRow], class: RetentionClass) -> Result<Vec<DekId>, OperationError> {
    let seals = |row: &&KeystoreRow| row.id().class() == class && row.state() == StoredKeyState::Active;
    let sealing: Vec<DekId> = keys.iter().filter(seals).map(|row| *row.id()).collect();
    if sealing.is_empty() { Err(OperationError::KeyMissing(class)) } else { Ok(sealing) }
}

/// The next version of each of these keys, which are of one class.
fn successors(
    keys: &[KeystoreRow],
    sealing: &[DekId],
    tools: &mut Tools<'_>,
) -> Result<Vec<KeystoreRow>, OperationError> {
    let of_class = |row: &&KeystoreRow| sealing.iter().any(|id| id.class() == row.id().class());
    let mut versions = KeyVersions::new(keys.iter().filter(of_class).cloned().collect(), KeyVersion::FIRST)?;
    let mut made = Vec::with_capacity(sealing.len());
    for id in sealing {
        let rotated = versions.rotate(id, tools.epoch, tools.rng)?;
        let next = rotated.versions.sealing(id.month()).ok_or(OperationError::KeyMissing(id.class()))?;
        made.push(next.clone());
        versions = rotated.versions;
    }
    Ok(made)
}

/// Makes the next version of each of these keys, which are of one class, and retires them.
pub(crate) fn succeed(
    ledger: &mut Ledger<'_, '_>,
    entry: &EntryDraft,
    keys: &[KeystoreRow],
    sealing: &[DekId],
) -> Result<(), OperationError> {
    let made = successors(keys, sealing, ledger.tools)?;
    for (id, made) in sealing.iter().zip(made) {
        let what = format!("{} key version {} begins", id.class(), made.id().version());
        ledger.change(Change::PutKey(made));
        ledger.change(Change::Keep(KeyChange::RetireKey(*id)));
        let mut entry = entry.clone().becoming(Event::KeyEvent, Moves::None);
        entry.content = Some(ContentHash::of(what.as_bytes()));
        ledger.enter(entry)?;
    }
    Ok(())
}

/// Asks what [`RotateKey`] would come to. The look is decided and entered like every other; no key is made.
#[derive(Debug, Clone)]
pub struct PreviewRotation {
    /// Who asks.
    pub actor: ActorId,
    /// Whose key.
    pub subject: SubjectId,
    /// Of which class.
    pub class: RetentionClass,
}

/// What it would come to.
#[derive(Debug, Clone)]
pub struct RotationPreviewed {
    /// Whether the actor may know.
    pub answer: Answer,
    /// Each key that seals now, and the one that would follow it.
    pub keys: Vec<(DekId, DekId)>,
    /// Versions of records that are sealed already, and stay so.
    pub records: usize,
    /// Attached files of the same kind.
    pub files: usize,
}

impl Operation for PreviewRotation {
    type Outcome = RotationPreviewed;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Shared)
            .with_records(RecordSelection::EveryVersion(self.class))
            .with(Load::Attachments);
        Needs::decision(self.actor, subject)
    }

    fn plan(
        &self,
        facts: &LoadedFacts,
        tools: &mut Tools<'_>,
    ) -> Result<Plan<RotationPreviewed>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        let (answer, entry) = match ask(facts, &mut ledger, &ask_custody(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => {
                let nothing = RotationPreviewed { answer, keys: Vec::new(), records: 0, files: 0 };
                return Ok(ledger.finish(nothing));
            }
        };
        ledger.enter(*entry)?;
        let sealing = sealing(&subject.keys, self.class)?;
        // The numbers come from the rotation itself; the keys that it makes are dropped.
        let made = successors(&subject.keys, &sealing, ledger.tools)?;
        let keys = sealing.into_iter().zip(made.iter().map(|made| *made.id())).collect();
        let (records, files) = (subject.records.len(), subject.attachments.len());
        Ok(ledger.finish(RotationPreviewed { answer, keys, records, files }))
    }
}

/// Seals what older versions of a person's key sealed anew under the newest, record by record. Once nothing is left,
/// attached files included, content of older versions is refused from then on.
#[derive(Debug, Clone)]
pub struct ResealRecords {
    /// Who does it.
    pub actor: ActorId,
    /// Whose records.
    pub subject: SubjectId,
    /// Of which class.
    pub class: RetentionClass,
    /// How many versions of records, at most.
    pub at_most: usize,
}

impl Operation for ResealRecords {
    type Outcome = Tended;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Exclusive);
        let records = subject.with_records(RecordSelection::EveryVersion(self.class));
        Needs::decision(self.actor, records.with(Load::Attachments))
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Tended>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        let (answer, entry) = match ask(facts, &mut ledger, &ask_custody(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(ledger.finish(Tended { answer, changed: 0 })),
        };
        let ring = KeyRing::open(facts.clinic.id, self.subject, ledger.tools.epoch, &subject.keys)?;
        let old: Vec<&StoredRecord> =
            subject.records.iter().filter(|one| !seals(&subject.keys, self.class, one.dek_version)).collect();
        let chosen = old.iter().take(self.at_most).copied();
        let changed = seal_anew(&mut ledger, &entry, &ring, chosen)?;
        // Files go ahead of records, each in a transaction of its own: while one is left, the older versions are read.
        let files_done =
            subject.attachments.iter().all(|file| seals(&subject.keys, self.class, file.stream.dek_version));
        if changed == old.len() && files_done && seals_records_only(self.class) {
            self.refuse_older(&mut ledger, *entry, subject, &ring)?;
        }
        Ok(ledger.finish(Tended { answer, changed }))
    }
}

impl ResealRecords {
    /// Content of older versions is refused from now on. Where keys are monthly, versions of several months live side
    /// by side, and none is the lowest.
    fn refuse_older(
        &self,
        ledger: &mut Ledger<'_, '_>,
        entry: EntryDraft,
        facts: &SubjectFacts,
        ring: &KeyRing,
    ) -> Result<(), OperationError> {
        let (subject, class) = (self.subject, self.class);
        if has_monthly_keys(class) {
            return Ok(());
        }
        let minimum = ring.active(class)?.id().version().number();
        if oldest(&facts.keys, class).is_some_and(|version| version < minimum) {
            ledger.change(Change::Keep(KeyChange::RaiseMinimum { subject, class, minimum }));
            let mut entry = entry.becoming(Event::KeyEvent, Moves::None).about(BTreeSet::new());
            let what = format!("{class} content below version {minimum} refused");
            entry.content = Some(ContentHash::of(what.as_bytes()));
            ledger.enter(entry)?;
        }
        Ok(())
    }
}

/// Seals these records anew, each under the key that seals in the place of its own, and enters each; how many.
pub(crate) fn seal_anew<'r>(
    ledger: &mut Ledger<'_, '_>,
    entry: &EntryDraft,
    ring: &KeyRing,
    records: impl Iterator<Item = &'r StoredRecord>,
) -> Result<usize, OperationError> {
    let mut seals = Vec::new();
    for record in records {
        let keys = ring.succession(record.class, record.dek_version)?;
        let seal = resealed(record, keys, Salt::generate(ledger.tools.rng))?;
        let mut entry = entry.clone().becoming(Event::KeyEvent, Moves::None).about([record.id].into());
        entry.preimage.categories = Set::one(record.category);
        entry.content = Some(ContentHash::from_bytes(seal.content_hash));
        ledger.enter(entry)?;
        seals.push(seal);
    }
    let changed = seals.len();
    if changed > 0 {
        ledger.change(Change::Keep(KeyChange::PutSeals(seals)));
    }
    Ok(changed)
}

/// Whether this version of a key seals still.
fn seals(keys: &[KeystoreRow], class: RetentionClass, version: u32) -> bool {
    let is_it = |row: &&KeystoreRow| row.id().class() == class && row.id().version().number() == version;
    keys.iter().find(is_it).is_some_and(|row| row.state() == StoredKeyState::Active)
}

/// The oldest version that is read still; versions below the minimum are not loaded.
fn oldest(keys: &[KeystoreRow], class: RetentionClass) -> Option<u32> {
    let of_class = keys.iter().filter(|row| row.id().class() == class && row.state().opens());
    of_class.map(|row| row.id().version().number()).min()
}

/// Whether all that is sealed under keys of this class are records; elsewhere receipts, reasons or log entries keep the
/// older versions in use.
fn seals_records_only(class: RetentionClass) -> bool {
    let others = [
        RetentionClass::Accounting,
        RetentionClass::ConsentEvidence,
        RetentionClass::Request,
        RetentionClass::Staff,
    ];
    !others.contains(&class)
}

fn resealed(
    record: &StoredRecord,
    (from, to): (&OpenedDek, &Dek<Active>),
    salt: Salt,
) -> Result<SealRow, OperationError> {
    let context = RecordContext::of_record(to.id().clinic(), &bound_head(record));
    let fields = sealed_fields(&record.sealed).ok_or(OperationError::Stored("record"))?;
    let row = (SealedTable::Records, record.id, record.version);
    let mut reseal = Reseal::begin(from, to, [row])?;
    let old: Vec<(FieldContext, Vec<u8>)> =
        fields.iter().map(|(field, bytes)| (FieldContext::of_record(*field), bytes.clone())).collect();
    let envelopes = reseal.row(&context, &old, salt)?;
    reseal.finish()?;
    let sealed: Vec<_> = fields.iter().map(|(field, _)| *field).zip(envelopes).collect();
    Ok(SealRow {
        subject: record.subject,
        record: record.id,
        version: record.version,
        class: record.class,
        dek_version: to.id().version().number(),
        content_hash: content_hash(&sealed),
        sealed: frame(&sealed),
    })
}
