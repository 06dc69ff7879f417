//! Uses records inside the clinic: reading a chart.

use std::collections::{BTreeMap, BTreeSet};

use audit_log::{ContentHash, Event};
use consent_policy::{Decision, FieldsByCategory, Obligation, PartialRequest, RowPredicate};
use records_model::{Action, ActorId, Category, Detail, Fact, Field, Ground, Purpose, Set, SubjectId};

use crate::judge::{judge, question};
use crate::ledger::Ledger;
use crate::masking::Shown;
use crate::{
    Answer, Asked, LoadedFacts, LockMode, Moment, Needs, Operation, OperationError, Plan, Receiver,
    RecordSelection, Setting, StoredRecord, SubjectFacts, SubjectNeed, Tools,
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
    /// What the records reveal beyond their category; nothing for the category itself.
    pub about: Set<Fact>,
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
    shown: Shown,
}

impl ReadPermit {
    pub(crate) fn of(records: Vec<StoredRecord>, decision: &Decision) -> Self {
        let owes_mask = decision.obligations.contains(Obligation::Mask);
        let shown = if owes_mask { Shown::Masked } else { Shown::Clear };
        Self { records, fields: decision.fields, shown }
    }

    /// How the values are shown.
    #[must_use]
    pub const fn shown(&self) -> Shown {
        self.shown
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
    /// Categories in which something exists that this reader was not shown, as far as the policy lets them know.
    pub withheld: Set<Category>,
    /// The person's keys, wrapped, for opening what was permitted.
    pub keys: Vec<crypto_vault::KeystoreRow>,
}

impl Used {
    /// Whether this reader is to be told that something was withheld; never what.
    #[must_use]
    pub fn is_something_withheld(&self) -> bool {
        !self.withheld.is_empty()
    }
}

impl Operation for UseRecords {
    type Outcome = Used;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Shared)
            .with_records(RecordSelection::Permitted(self.categories));
        Needs::decision(self.actor, subject)
    }

    /// What of each category may be permitted; what may not is counted where it lies and never loaded.
    fn rows(&self, facts: &LoadedFacts, moment: Moment<'_>) -> Result<RowPredicate, OperationError> {
        let mut rows = RowPredicate::NOTHING;
        for category in self.categories.iter() {
            let (request, known) = question(facts, &self.asked(category), Set::EMPTY, moment)?;
            let open = PartialRequest::over_rows(&request, &known, moment.now);
            rows = rows.or(moment.house.engine.policy().permitted_rows(&open)?);
        }
        Ok(rows)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Used>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        let mut used = Used { cells: Vec::new(), withheld: Set::EMPTY, keys: subject.keys.clone() };
        for category in self.categories.iter() {
            let mut found = by_mark(subject, category);
            let exists = !found.is_empty();
            let plain = found.remove(&Set::EMPTY).unwrap_or_default();
            let cell = self.cell(facts, &mut ledger, (category, Set::EMPTY), plain)?;
            let is_permit = cell.permit.is_some();
            used.cells.push(cell);
            let mut is_whole = is_permit || !exists;
            // What reveals more than its category says is decided apart, and only where the rest is permitted:
            // a refusal of its own would tell that it exists.
            for (about, records) in found.into_iter().filter(|_| is_permit) {
                let cell = self.cell(facts, &mut ledger, (category, about), records)?;
                is_whole &= cell.permit.is_some();
                used.cells.push(cell);
            }
            if !is_whole && self.purpose.is_care() && self.may_know(facts, &mut ledger, category)? {
                used.withheld = used.withheld.with(category);
            }
        }
        Ok(ledger.finish(used))
    }
}

impl UseRecords {
    fn asked(&self, category: Category) -> Asked {
        Asked {
            action: Action::Read,
            purpose: self.purpose,
            undescribed: None,
            categories: Set::one(category),
            receiver: Receiver::Internal,
            ground: self.ground,
            detail: self.detail,
            setting: self.setting,
        }
    }

    fn cell(
        &self,
        facts: &LoadedFacts,
        ledger: &mut Ledger<'_, '_>,
        (category, about): (Category, Set<Fact>),
        found: Found,
    ) -> Result<ReadCell, OperationError> {
        let judgement = judge(facts, &self.asked(category), about, ledger.tools)?;
        // A list is narrowed by the same rules and facts; should the two ever differ, nothing is shown as whole.
        if judgement.is_permit() && found.held_back > 0 {
            return Err(OperationError::ListAndDecisionDiffer);
        }
        let read = if judgement.is_permit() { found.records } else { Vec::new() };
        let ids = read.iter().map(|record| record.id).collect();
        let mut entry = judgement.entry(Event::Decision, ids, ledger.tools);
        entry.content = content_of(&read);
        ledger.enter(entry)?;
        let permit = judgement.is_permit().then(|| ReadPermit::of(read, &judgement.decision));
        Ok(ReadCell { about, answer: judgement.answer(ledger.tools), permit })
    }

    /// Whether this reader may know that something is withheld: those who care for the person (section 6, P-64).
    fn may_know(
        &self,
        facts: &LoadedFacts,
        ledger: &mut Ledger<'_, '_>,
        category: Category,
    ) -> Result<bool, OperationError> {
        let asked = Asked { ground: Ground::Contract, detail: Detail::Existence, ..self.asked(category) };
        let judgement = judge(facts, &asked, Set::EMPTY, ledger.tools)?;
        ledger.enter(judgement.entry(Event::Decision, BTreeSet::new(), ledger.tools))?;
        Ok(judgement.is_permit())
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

/// What a record's own flags say.
pub(crate) fn facts_of(record: &StoredRecord) -> Set<Fact> {
    let reveals = if record.reveals_health { Set::one(Fact::RevealsHealth) } else { Set::EMPTY };
    let genetic = if record.genetic { Set::one(Fact::Genetic) } else { Set::EMPTY };
    reveals | genetic
}

/// Records of a category that reveal the same.
#[derive(Debug, Default)]
struct Found {
    records: Vec<StoredRecord>,
    /// How many more there are that nothing may permit.
    held_back: u64,
}

/// The records of a category by what they reveal beyond it.
fn by_mark(subject: &SubjectFacts, category: Category) -> BTreeMap<Set<Fact>, Found> {
    let mut marked: BTreeMap<Set<Fact>, Found> = BTreeMap::new();
    for record in subject.records.iter().filter(|record| record.category == category) {
        marked.entry(facts_of(record)).or_default().records.push(record.clone());
    }
    for held in subject.held_back.iter().filter(|held| held.category == category) {
        marked.entry(held.about).or_default().held_back += held.count;
    }
    marked
}
