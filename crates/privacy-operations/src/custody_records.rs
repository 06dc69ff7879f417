//! A new version of one data key, and the content of its class sealed anew under it.

use std::collections::BTreeSet;

use audit_log::{ContentHash, Event, Moves};
use crypto_vault::{
    Active, Dek, FieldContext, KeyVersion, KeyVersions, KeystoreRow, OpenedDek, RecordContext, Reseal, Salt,
    SealedTable, content_hash,
};
use records_model::{ActorId, RetentionClass, Set, SubjectId};

use crate::ask::{Asking, ask};
use crate::custody::{Tended, ask_custody};
use crate::ledger::Ledger;
use crate::sealed::{bound_head, frame};
use crate::{
    Change, KeyChange, KeyRing, Load, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan,
    RecordSelection, SealRow, StoredRecord, SubjectNeed, Tools, sealed_fields,
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
        let rows = subject.keys.iter().filter(|row| row.id().class() == self.class).cloned().collect();
        let versions = KeyVersions::new(rows, KeyVersion::FIRST)?;
        let sealing = *versions.sealing(None).ok_or(OperationError::KeyMissing(self.class))?.id();
        let rotated = versions.rotate(&sealing, ledger.tools.epoch, ledger.tools.rng)?;
        let made = rotated.versions.sealing(None).ok_or(OperationError::KeyMissing(self.class))?.clone();
        let what = format!("{} key version {} begins", self.class, made.id().version());
        ledger.change(Change::PutKey(made));
        ledger.change(Change::Keep(KeyChange::RetireKey(sealing)));
        let mut entry = entry.becoming(Event::KeyEvent, Moves::None);
        entry.content = Some(ContentHash::of(what.as_bytes()));
        ledger.enter(entry)?;
        Ok(ledger.finish(Tended { answer, changed: 1 }))
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
        let to = ring.active(self.class)?;
        let newest = to.id().version().number();
        let old: Vec<&StoredRecord> =
            subject.records.iter().filter(|record| record.dek_version < newest).collect();
        let mut seals = Vec::new();
        for record in old.iter().take(self.at_most) {
            let from = ring.version(self.class, record.dek_version)?;
            let seal = resealed(record, (from, to), Salt::generate(ledger.tools.rng))?;
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
        // Files go ahead of records, each in a transaction of its own: while one is left, the older versions are read.
        let files_done = subject.attachments.iter().all(|file| file.stream.dek_version == newest);
        let is_whole = changed == old.len() && files_done && seals_records_only(self.class);
        if is_whole && oldest(&subject.keys, self.class).is_some_and(|version| version < newest) {
            let (subject, class) = (self.subject, self.class);
            ledger.change(Change::Keep(KeyChange::RaiseMinimum { subject, class, minimum: newest }));
            let mut entry = entry.becoming(Event::KeyEvent, Moves::None).about(BTreeSet::new());
            let what = format!("{class} content below version {newest} refused");
            entry.content = Some(ContentHash::of(what.as_bytes()));
            ledger.enter(entry)?;
        }
        Ok(ledger.finish(Tended { answer, changed }))
    }
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
