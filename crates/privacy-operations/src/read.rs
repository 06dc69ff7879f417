//! Uses records inside the clinic: reading a chart.

use std::collections::BTreeMap;

use audit_log::{ContentHash, Event};
use consent_policy::FieldsByCategory;
use records_model::{Action, ActorId, Category, Detail, Fact, Field, Ground, Purpose, Set, SubjectId};

use crate::judge::judge;
use crate::ledger::Ledger;
use crate::{
    Answer, Asked, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan, Receiver, RecordSelection,
    Setting, StoredRecord, SubjectNeed, Tools,
};

/// Reads the records of a person in these categories.
///
/// Each category is decided apart, and within it records that reveal health or hold genetic results apart from
/// the others: a list holds what is permitted and says whether something is withheld, never what.
#[derive(Debug, Clone)]
pub struct UseRecords {
    /// Who reads.
    pub actor: ActorId,
    /// Whose records.
    pub subject: SubjectId,
    /// What for.
    pub purpose: Purpose,
    /// On what ground.
    pub ground: Ground,
    /// In what detail.
    pub detail: Detail,
    /// Which categories.
    pub categories: Set<Category>,
    /// Where care takes place.
    pub setting: Setting,
}

/// What one decision opened.
#[derive(Debug, Clone)]
pub struct ReadCell {
    /// The answer, for the screen and the log.
    pub answer: Answer,
    /// The permit, if it is one; without it nothing can be opened.
    pub permit: Option<ReadPermit>,
}

/// Records that may be opened, and which of their fields. Only a committed plan makes one.
#[derive(Debug, Clone)]
pub struct ReadPermit {
    records: Vec<StoredRecord>,
    fields: FieldsByCategory,
}

impl ReadPermit {
    pub(crate) const fn new(records: Vec<StoredRecord>, fields: FieldsByCategory) -> Self {
        Self { records, fields }
    }

    /// The records.
    #[must_use]
    pub fn records(&self) -> &[StoredRecord] {
        &self.records
    }

    /// The fields of a record that may be opened.
    #[must_use]
    pub fn fields(&self, category: Category) -> Set<Field> {
        self.fields.of(category)
    }
}

/// The outcome of a reading.
#[derive(Debug, Clone)]
pub struct Used {
    /// One cell for each decision.
    pub cells: Vec<ReadCell>,
    /// The person's keys, wrapped, for opening what was permitted.
    pub keys: Vec<crypto_vault::KeystoreRow>,
}

impl Used {
    /// Whether a record exists that this reader was not shown.
    #[must_use]
    pub fn is_something_withheld(&self) -> bool {
        self.cells.iter().any(|cell| cell.permit.is_none() && !cell.answer.request.categories.is_empty())
    }
}

impl Operation for UseRecords {
    type Outcome = Used;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Shared)
            .with_records(RecordSelection::Categories(self.categories));
        Needs::decision(self.actor, subject)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Used>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        let mut cells = Vec::new();
        for ((category, about), records) in grouped(self.categories, &subject.records) {
            let asked = Asked {
                action: Action::Read,
                purpose: self.purpose,
                undescribed: None,
                categories: Set::one(category),
                receiver: Receiver::Internal,
                ground: self.ground,
                detail: self.detail,
                setting: self.setting,
            };
            let judgement = judge(facts, &asked, about, ledger.tools)?;
            let read = if judgement.is_permit() { records } else { Vec::new() };
            let ids = read.iter().map(|record| record.id).collect();
            let mut entry = judgement.entry(Event::Decision, ids, ledger.tools);
            entry.content = content_of(&read);
            ledger.enter(entry)?;
            let permit = judgement.is_permit().then(|| ReadPermit::new(read, judgement.decision.fields));
            cells.push(ReadCell { answer: judgement.answer(ledger.tools), permit });
        }
        Ok(ledger.finish(Used { cells, keys: subject.keys.clone() }))
    }
}

/// The hash of what was read: of the record's own sealed content if it is one, of all their hashes otherwise.
pub(crate) fn content_of(records: &[StoredRecord]) -> Option<ContentHash> {
    match records {
        [] => None,
        [one] => Some(ContentHash::from_bytes(one.content_hash)),
        many => {
            let all: Vec<u8> = many.iter().flat_map(|record| record.content_hash).collect();
            Some(ContentHash::of(&all))
        }
    }
}

type Cell = (Category, Set<Fact>);

/// What a record's own flags say.
pub(crate) fn facts_of(record: &StoredRecord) -> Set<Fact> {
    let reveals = if record.reveals_health { Set::one(Fact::RevealsHealth) } else { Set::EMPTY };
    let genetic = if record.genetic { Set::one(Fact::Genetic) } else { Set::EMPTY };
    reveals | genetic
}

/// Records by category and by what they reveal; a category without records is decided all the same, so that
/// a refusal stands in the log whether or not there was anything to see.
fn grouped(categories: Set<Category>, records: &[StoredRecord]) -> BTreeMap<Cell, Vec<StoredRecord>> {
    let mut cells: BTreeMap<Cell, Vec<StoredRecord>> = BTreeMap::new();
    for record in records {
        cells.entry((record.category, facts_of(record))).or_default().push(record.clone());
    }
    for category in categories.iter() {
        if !cells.keys().any(|(present, _)| *present == category) {
            cells.insert((category, Set::EMPTY), Vec::new());
        }
    }
    cells
}
