//! Gives records to somebody outside: the permit itself makes the page that leaves.

use std::collections::BTreeMap;

use audit_log::Event;
use records_model::{
    Action, ActorId, Category, Detail, Fact, Field, Ground, NoticeVersionId, Purpose, Set, SubjectId,
    UndescribedPurposeId,
};

use crate::judge::judge;
use crate::ledger::Ledger;
use crate::read::{content_of, facts_of};
use crate::{
    Answer, Asked, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan, ReadPermit, Receiver,
    RecordSelection, Setting, StoredRecord, SubjectNeed, Tools,
};

/// Discloses records of a person in these categories to a recipient.
///
/// One decision over all the categories: it is a permit only if each of them is. Records that reveal health or
/// hold genetic results are decided apart, after it: they go along if that is permitted too, and stay behind if
/// not, so that a wheelchair among the travel preferences neither reaches the hotel nor stops the booking.
#[derive(Debug, Clone)]
pub struct DiscloseRecords {
    /// Who sends.
    pub actor: ActorId,
    /// Whose records.
    pub subject: SubjectId,
    /// To whom.
    pub receiver: Receiver,
    /// What for.
    pub purpose: Purpose,
    /// The purpose's id, if the notice does not describe it.
    pub undescribed: Option<UndescribedPurposeId>,
    /// On what ground.
    pub ground: Ground,
    /// In what detail.
    pub detail: Detail,
    /// Which categories.
    pub categories: Set<Category>,
}

/// The outcome of a disclosure.
#[derive(Debug, Clone)]
pub struct Disclosure {
    /// The answer.
    pub answer: Answer,
    /// Why records that reveal more than their category says stayed behind, if any did.
    pub stayed_behind: Vec<Answer>,
    /// What may leave, if it is a permit.
    pub page: Option<PagePermit>,
    /// The person's keys, wrapped, for opening what was permitted.
    pub keys: Vec<crypto_vault::KeystoreRow>,
}

/// What the page that leaves will hold, before it is opened. Only a committed plan makes one.
#[derive(Debug, Clone)]
pub struct PagePermit {
    /// Records and fields, one permit for each decision.
    pub permits: Vec<ReadPermit>,
    /// What they are for.
    pub purpose: Purpose,
    /// The notice in force, which goes with the data (policy section 4.1, P-41).
    pub notice: Option<(NoticeVersionId, String)>,
    /// The newest signed head of the log.
    pub checkpoint: Option<std::sync::Arc<str>>,
}

/// One field on the page that leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageField {
    /// Its category.
    pub category: Category,
    /// The field.
    pub field: Field,
    /// Its text.
    pub value: records_model::FieldValue,
}

/// The only copy that leaves: exactly the permitted fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosedPage {
    /// The fields.
    pub fields: Vec<PageField>,
    /// What they are for.
    pub purpose: Purpose,
    /// The notice in force, and the hash of its text.
    pub notice: Option<(NoticeVersionId, String)>,
    /// The newest signed head of the log.
    pub checkpoint: Option<std::sync::Arc<str>>,
}

impl Operation for DiscloseRecords {
    type Outcome = Disclosure;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Shared)
            .with_records(RecordSelection::Categories(self.categories));
        Needs::decision(self.actor, subject)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Disclosure>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        let (plain, marked) = by_mark(&subject.records);
        let (answer, first) = self.decide(facts, &mut ledger, (self.categories, Set::EMPTY), plain)?;
        let mut page = first.map(|permit| vec![permit]);
        let mut stayed_behind = Vec::new();
        if let Some(page) = &mut page {
            for (about, records) in marked {
                let categories = records.iter().map(|record| record.category).collect();
                match self.decide(facts, &mut ledger, (categories, about), records)? {
                    (_, Some(permit)) => page.push(permit),
                    (answer, None) => stayed_behind.push(answer),
                }
            }
        }
        let page = page.map(|permits| PagePermit {
            permits,
            purpose: self.purpose,
            notice: notice_in_force(ledger.tools),
            checkpoint: facts.clinic.checkpoint.clone(),
        });
        Ok(ledger.finish(Disclosure { answer, stayed_behind, page, keys: subject.keys.clone() }))
    }
}

type Marked = BTreeMap<Set<Fact>, Vec<StoredRecord>>;

/// Records that say no more than their category does, and the others by what they reveal.
fn by_mark(records: &[StoredRecord]) -> (Vec<StoredRecord>, Marked) {
    let mut marked = Marked::new();
    for record in records {
        marked.entry(facts_of(record)).or_default().push(record.clone());
    }
    (marked.remove(&Set::EMPTY).unwrap_or_default(), marked)
}

impl DiscloseRecords {
    fn decide(
        &self,
        facts: &LoadedFacts,
        ledger: &mut Ledger<'_, '_>,
        (categories, about): (Set<Category>, Set<Fact>),
        records: Vec<StoredRecord>,
    ) -> Result<(Answer, Option<ReadPermit>), OperationError> {
        let asked = Asked {
            action: Action::Disclose,
            purpose: self.purpose,
            undescribed: self.undescribed.clone(),
            categories,
            receiver: self.receiver,
            ground: self.ground,
            detail: self.detail,
            setting: Setting::InPerson,
        };
        let judgement = judge(facts, &asked, about, ledger.tools)?;
        let records = if judgement.is_permit() { records } else { Vec::new() };
        let ids = records.iter().map(|record| record.id).collect();
        let event = if judgement.is_permit() { Event::DisclosureMade } else { Event::Decision };
        let mut entry = judgement.entry(event, ids, ledger.tools);
        entry.content = content_of(&records);
        ledger.enter(entry)?;
        let permit = judgement.is_permit().then(|| ReadPermit::of(records, &judgement.decision));
        Ok((judgement.answer(ledger.tools), permit))
    }
}

/// The notice in force today in the clinic's first language, and the hash of its text.
pub(crate) fn notice_in_force(tools: &Tools<'_>) -> Option<(NoticeVersionId, String)> {
    let language = *tools.house.settings.languages.first()?;
    let version = tools.house.notices.in_force(language, tools.today())?;
    Some((version.id.clone(), version.content_hash.to_string()))
}
