//! Importing a bundle of records that came from elsewhere: one transaction, one log entry a record.

use std::collections::{BTreeMap, BTreeSet};

use audit_log::{ContentHash, Event, Moves};
use chrono::{DateTime, Utc};
use records_model::{
    Action, ActorId, AnchorEvent, Category, ContentForm, ContentKind, Context, ExternalAuthor, Fact, Ground,
    Provenance, Purpose, Record, RecordContent, RecordHead, RecordId, RecordVersion, RetentionClass, Set,
    SourceIdentity, SubjectId, SubjectKind,
};

use crate::ask::{Asking, ask};
use crate::ledger::{EntryDraft, Ledger};
use crate::register::{PersonDetails, tokens_of};
use crate::review::{AgeMark, floors_after};
use crate::sealed::SourceMarks;
use crate::word::TokenField;
use crate::{
    Answer, Asked, Change, Load, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan,
    RecordSelection, StoredOrigin, StoredRecord, SubjectFacts, SubjectNeed, Tools,
};

/// One record that came from elsewhere.
#[derive(Debug, Clone)]
pub struct ImportItem {
    /// Where it came from.
    pub source: SourceIdentity,
    /// A fingerprint of its content, independent of how it was written down.
    pub fingerprint: [u8; 32],
    /// Its category.
    pub category: Category,
    /// What sort of item it is.
    pub kind: ContentKind,
    /// Codes, words, or both.
    pub form: ContentForm,
    /// With what it is kept and destroyed.
    pub class: RetentionClass,
    /// Where it was collected.
    pub context: Context,
    /// Whether a value reveals health although the category does not say so.
    pub reveals_health: bool,
    /// Whether it holds genetic results.
    pub genetic: bool,
    /// Whether it says who wrote it.
    pub author: ExternalAuthor,
    /// What its retention is counted from.
    pub anchor: AnchorEvent,
    /// When that was.
    pub anchor_at: DateTime<Utc>,
    /// Its fields.
    pub content: RecordContent,
}

/// Imports the records of one person. An import creates no consent.
#[derive(Debug, Clone)]
pub struct ImportBundle {
    /// Who imports.
    pub actor: ActorId,
    /// The person: known before by the token of their source identity, or a new id.
    pub subject: SubjectId,
    /// Who they are.
    pub person: PersonDetails,
    /// Their own identity at the source.
    pub identity: SourceIdentity,
    /// Their records.
    pub items: Vec<ImportItem>,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportCounts {
    /// Records stored for the first time.
    pub new: usize,
    /// Records whose content differs from the last time: stored as an addendum.
    pub addenda: usize,
    /// Records that were there already.
    pub unchanged: usize,
}

/// The outcome of an import.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The refusal, if the policy does not let this actor import one of the categories: then nothing was stored.
    pub refused: Option<Answer>,
    /// What was done.
    pub counts: ImportCounts,
}

impl Operation for ImportBundle {
    type Outcome = Imported;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Exclusive)
            .with_records(RecordSelection::Heads)
            .with(Load::Retention);
        Needs::decision(self.actor, subject)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Imported>, OperationError> {
        if let Some(bearer) = facts.bearer.filter(|bearer| *bearer != self.subject) {
            return Err(OperationError::RegisteredElsewhere(bearer));
        }
        let mut ledger = Ledger::open(facts, tools)?;
        let entries = match self.permits(facts, &mut ledger)? {
            Ok(entries) => entries,
            Err(answer) => {
                let counts = ImportCounts::default();
                return Ok(ledger.finish(Imported { refused: Some(answer), counts }));
            }
        };
        if facts.subject.is_none() {
            // That a person is on file is collected data too: decided and entered, with records or without.
            let registered = match ask(facts, &mut ledger, &collect(Category::IdentityContact), Set::EMPTY)? {
                Asking::Permitted(_, entry) => *entry,
                Asking::Refused(answer) => {
                    let counts = ImportCounts::default();
                    return Ok(ledger.finish(Imported { refused: Some(answer), counts }));
                }
            };
            self.enter_person(&mut ledger)?;
            ledger.enter(registered.becoming(Event::PersonRegistered, Moves::None))?;
        }
        let known = known(facts.subject.as_ref());
        let mut counts = ImportCounts::default();
        let mut stored = Vec::with_capacity(self.items.len());
        for item in &self.items {
            let Some((id, version)) = placed(item, &known, &mut counts, ledger.tools) else { continue };
            let record = Record::new(head(item, self.subject, (id, version)), item.content.clone())?;
            let marks = SourceMarks::of(ledger.tools.search, &item.source, item.fingerprint);
            let sealed = ledger.seal_imported(&record, Some(marks))?;
            let draft = entries.get(&cell(item)).cloned().ok_or(OperationError::Stored("import"))?;
            let mut entry = draft.becoming(Event::RecordImported, Moves::None).about([id].into());
            entry.content = Some(ContentHash::from_bytes(sealed.content_hash));
            ledger.enter(entry)?;
            stored.push(sealed);
        }
        self.put_floors(facts.subject.as_ref(), &stored, &mut ledger);
        if !stored.is_empty() {
            ledger.change(Change::PutRecords(stored));
        }
        Ok(ledger.finish(Imported { refused: None, counts }))
    }
}

/// What is asked before something received from elsewhere is kept.
fn collect(category: Category) -> Asked {
    let ground = Ground::CustodyWithoutContent;
    Asked::internal(Action::Collect, Purpose::RecordKeeping, ground, Set::one(category))
}

type Cell = (Category, Set<Fact>);

fn cell(item: &ImportItem) -> Cell {
    let reveals = if item.reveals_health { Set::one(Fact::RevealsHealth) } else { Set::EMPTY };
    let genetic = if item.genetic { Set::one(Fact::Genetic) } else { Set::EMPTY };
    (item.category, reveals | genetic)
}

impl ImportBundle {
    /// Asks once for each category and what it reveals; the entries of the records, or the first refusal.
    fn permits(
        &self,
        facts: &LoadedFacts,
        ledger: &mut Ledger<'_, '_>,
    ) -> Result<Result<BTreeMap<Cell, EntryDraft>, Answer>, OperationError> {
        let mut entries = BTreeMap::new();
        for (category, about) in self.items.iter().map(cell).collect::<BTreeSet<_>>() {
            match ask(facts, ledger, &collect(category), about)? {
                Asking::Permitted(_, entry) => entries.insert((category, about), *entry),
                Asking::Refused(answer) => return Ok(Err(answer)),
            };
        }
        Ok(Ok(entries))
    }

    fn enter_person(&self, ledger: &mut Ledger<'_, '_>) -> Result<(), OperationError> {
        let age = AgeMark::of(self.person.birth_date, ledger.tools.today());
        let residence = self.person.residence.clone();
        ledger.change(Change::PutSubject { id: self.subject, kind: SubjectKind::Patient, residence, age });
        ledger.enter_subject(self.subject)?;
        let search = ledger.tools.search;
        let mut tokens = tokens_of(search, &self.person);
        tokens.push((TokenField::SourceIdentity, *search.source_identity(&self.identity).as_bytes()));
        let index_version = ledger.tools.index_version;
        ledger.change(Change::PutTokens { subject: self.subject, index_version, tokens });
        Ok(())
    }

    fn put_floors(
        &self,
        subject: Option<&SubjectFacts>,
        stored: &[StoredRecord],
        ledger: &mut Ledger<'_, '_>,
    ) {
        let age = AgeMark::of(self.person.birth_date, ledger.tools.today());
        let fresh;
        let subject = if let Some(subject) = subject {
            subject
        } else {
            fresh = SubjectFacts::new_person(self.subject, SubjectKind::Patient, age);
            &fresh
        };
        for floor in floors_after(subject, stored, ledger.tools) {
            ledger.change(floor);
        }
    }
}

struct Known {
    id: RecordId,
    version: RecordVersion,
    fingerprint: [u8; 32],
}

/// What is on file already, by the token of where it came from.
fn known(subject: Option<&SubjectFacts>) -> BTreeMap<[u8; 32], Known> {
    let records = subject.map_or(&[][..], |subject| &subject.records);
    let external = records.iter().filter_map(|record| match &record.origin {
        StoredOrigin::External { token, fingerprint, .. } => {
            Some((*token, Known { id: record.id, version: record.version, fingerprint: *fingerprint }))
        }
        StoredOrigin::Authored { .. } => None,
    });
    external.collect()
}

/// Under which id and version an item is stored; nothing if it is there already.
fn placed(
    item: &ImportItem,
    known: &BTreeMap<[u8; 32], Known>,
    counts: &mut ImportCounts,
    tools: &mut Tools<'_>,
) -> Option<(RecordId, RecordVersion)> {
    let marks = SourceMarks::of(tools.search, &item.source, item.fingerprint);
    match known.get(&marks.token) {
        Some(known) if known.fingerprint == marks.fingerprint => {
            counts.unchanged += 1;
            None
        }
        Some(known) => {
            counts.addenda += 1;
            known.version.next().map(|version| (known.id, version))
        }
        None => {
            counts.new += 1;
            Some((RecordId::generate(tools.arrival, tools.rng), RecordVersion::FIRST))
        }
    }
}

fn head(item: &ImportItem, subject: SubjectId, (id, version): (RecordId, RecordVersion)) -> RecordHead {
    RecordHead {
        id,
        subject,
        version,
        category: item.category,
        kind: item.kind,
        form: item.form,
        context: item.context,
        class: item.class,
        reveals_health: item.reveals_health,
        genetic: item.genetic,
        provenance: Provenance::External { source: item.source.clone(), author: item.author },
        anchor: item.anchor,
        anchor_at: item.anchor_at,
    }
}
