//! Writing to a record: append-only, with author, time and kind.

use audit_log::{ContentHash, Event, Moves};
use records_model::{
    Action, ActorId, AnchorEvent, Category, ContentForm, ContentKind, Context, Fact, Ground, Provenance,
    Purpose, Record, RecordContent, RecordHead, RecordId, RecordVersion, Set, SubjectId, find_card_number,
    mask_card_numbers,
};

use crate::ask::{Asking, ask};
use crate::ledger::Ledger;
use crate::review::floors_after;
use crate::{
    Answer, Asked, Change, Load, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan,
    RecordSelection, StoredRecord, SubjectNeed, Tools,
};

/// What the writer says of a number in clinical text that looks like a payment card's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardNumberAnswer {
    /// Nothing yet: the writer is asked, and nothing is stored meanwhile.
    NotAsked,
    /// It is no card number.
    NotACard,
    /// Store it masked.
    Mask,
}

/// Writes a record about a person, or an addendum to one.
#[derive(Debug, Clone)]
pub struct WriteRecord {
    /// Who writes, and is its author.
    pub actor: ActorId,
    /// About whom.
    pub subject: SubjectId,
    /// What for.
    pub purpose: Purpose,
    /// On what ground.
    pub ground: Ground,
    /// Its category.
    pub category: Category,
    /// What sort of item it is.
    pub kind: ContentKind,
    /// Codes, words, or both.
    pub form: ContentForm,
    /// Whether a value in it reveals health although its category does not say so.
    pub reveals: RevealedHealth,
    /// What its retention is counted from, and when that was.
    pub anchor: (AnchorEvent, chrono::DateTime<chrono::Utc>),
    /// Its fields.
    pub content: RecordContent,
    /// The record that it adds to or corrects, if it does.
    pub addendum_to: Option<RecordId>,
    /// What the writer says of a number that looks like a payment card's.
    pub card_number: CardNumberAnswer,
}

/// Whether a value reveals health although its category does not say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevealedHealth {
    /// It does not.
    Nothing,
    /// It does, such as a wheelchair among travel preferences.
    Health,
    /// It holds genetic results.
    Genetic,
}

impl RevealedHealth {
    /// Whether it reveals health, and whether it holds genetic results.
    pub(crate) const fn marks(self) -> (bool, bool) {
        match self {
            Self::Nothing => (false, false),
            Self::Health => (true, false),
            Self::Genetic => (true, true),
        }
    }
}

/// The outcome of writing.
#[derive(Debug, Clone)]
pub struct Written {
    /// Whether the actor may write it.
    pub answer: Answer,
    /// The record and its version, if written.
    pub record: Option<(RecordId, RecordVersion)>,
}

impl Operation for WriteRecord {
    type Outcome = Written;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Exclusive)
            .with_records(self.addendum_to.map_or(RecordSelection::None, RecordSelection::One))
            .with(Load::Retention);
        Needs::decision(self.actor, subject)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Written>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        let record = self.record(&subject.records, ledger.tools)?;
        let reveals = marks_of(record.head());
        let (answer, entry) = match ask(facts, &mut ledger, &self.asked(), reveals)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(ledger.finish(Written { answer, record: None })),
        };
        let stored = ledger.seal_record(&record)?;
        let mut entry = entry.becoming(Event::RecordWritten, Moves::None).about([stored.id].into());
        entry.content = Some(ContentHash::from_bytes(stored.content_hash));
        let written = (stored.id, stored.version);
        for floor in floors_after(subject, std::slice::from_ref(&stored), ledger.tools) {
            ledger.change(floor);
        }
        ledger.change(Change::PutRecords(vec![stored]));
        ledger.enter(entry)?;
        Ok(ledger.finish(Written { answer, record: Some(written) }))
    }
}

impl WriteRecord {
    /// What is asked before it is written.
    pub(crate) fn asked(&self) -> Asked {
        Asked::internal(Action::Write, self.purpose, self.ground, Set::one(self.category))
    }

    fn record(&self, existing: &[StoredRecord], tools: &mut Tools<'_>) -> Result<Record, OperationError> {
        let (mut reveals_health, mut genetic) = self.reveals.marks();
        let (id, version) = match self.addendum_to {
            None => (RecordId::generate(tools.arrival, tools.rng), RecordVersion::FIRST),
            Some(record) => {
                let last = existing.iter().find(|one| one.id == record && one.category == self.category);
                let last = last.ok_or(OperationError::UnknownRecord)?;
                // An addendum adds marks and takes none away.
                reveals_health |= last.reveals_health;
                genetic |= last.genetic;
                (record, last.version.next().ok_or(OperationError::Range)?)
            }
        };
        self.record_as((id, version), (reveals_health, genetic), tools)
    }

    /// The record under this id and version, with these marks.
    pub(crate) fn record_as(
        &self,
        (id, version): (RecordId, RecordVersion),
        (reveals_health, genetic): (bool, bool),
        tools: &Tools<'_>,
    ) -> Result<Record, OperationError> {
        let head = RecordHead {
            id,
            subject: self.subject,
            version,
            category: self.category,
            kind: self.kind,
            form: self.form,
            context: if self.category.is_medical() { Context::Treatment } else { Context::Services },
            class: self.category.retention_class(),
            reveals_health,
            genetic,
            provenance: Provenance::Authored { author: self.actor, at: tools.now },
            anchor: self.anchor.0,
            anchor_at: self.anchor.1,
        };
        Ok(Record::new(head, self.checked_content()?)?)
    }

    /// The content with card numbers masked if the writer wants that; an error if they have not been asked. What
    /// is not medical has no use for one, whatever the writer says of it.
    fn checked_content(&self) -> Result<RecordContent, OperationError> {
        let mut content = self.content.clone();
        for (field, value) in &mut content {
            if find_card_number(value.as_str()).is_none() {
                continue;
            }
            if !self.category.is_medical() {
                return Err(OperationError::CardNumberRefused { field: *field });
            }
            match self.card_number {
                CardNumberAnswer::NotACard => {}
                CardNumberAnswer::Mask => *value = mask_card_numbers(value.as_str()).0.into(),
                CardNumberAnswer::NotAsked => {
                    return Err(OperationError::CardNumberUnclear { field: *field });
                }
            }
        }
        Ok(content)
    }
}

/// What a record's marks say to the policy.
pub(crate) fn marks_of(head: &RecordHead) -> Set<Fact> {
    let reveals = if head.reveals_health { Set::one(Fact::RevealsHealth) } else { Set::EMPTY };
    if head.genetic { reveals.with(Fact::Genetic) } else { reveals }
}

#[cfg(test)]
mod tests {
    use records_model::{Field, Vocabulary as _};
    use uuid::Uuid;

    use super::*;

    const ANSWERS: [CardNumberAnswer; 3] =
        [CardNumberAnswer::NotAsked, CardNumberAnswer::NotACard, CardNumberAnswer::Mask];

    fn with_a_card(category: Category, card_number: CardNumberAnswer) -> WriteRecord {
        let field = Field::of_category(category).iter().next().unwrap();
        WriteRecord {
            actor: ActorId::from_uuid(Uuid::from_u128(1)),
            subject: SubjectId::from_uuid(Uuid::from_u128(2)),
            purpose: Purpose::Treatment,
            ground: Ground::Consent,
            category,
            kind: ContentKind::Note,
            form: ContentForm::FreeText,
            reveals: RevealedHealth::Nothing,
            anchor: (AnchorEvent::LastMedicalAct, chrono::DateTime::UNIX_EPOCH),
            content: [(field, "4111 1111 1111 1111 12/29".into())].into(),
            addendum_to: None,
            card_number,
        }
    }

    #[test]
    fn what_is_not_medical_takes_no_card_number_whatever_the_writer_says() {
        let others = Category::ALL.iter().filter(|category| !category.is_medical());
        for (category, answer) in others.flat_map(|category| ANSWERS.map(|answer| (*category, answer))) {
            let refused = with_a_card(category, answer).checked_content().unwrap_err();
            assert!(matches!(refused, OperationError::CardNumberRefused { .. }), "{category} {answer:?}");
            assert!(refused.to_string().ends_with("store the payment processor's token instead"));
        }
    }

    #[test]
    fn in_clinical_text_the_writer_confirms_or_masks() {
        let stored = |answer| {
            let content = with_a_card(Category::TreatmentNotes, answer).checked_content()?;
            Ok::<_, OperationError>(
                content.values().map(|value| value.as_str().to_owned()).collect::<String>(),
            )
        };
        assert!(matches!(stored(CardNumberAnswer::NotAsked), Err(OperationError::CardNumberUnclear { .. })));
        assert_eq!(stored(CardNumberAnswer::NotACard).unwrap(), "4111 1111 1111 1111 12/29");
        assert_eq!(stored(CardNumberAnswer::Mask).unwrap(), "4111 11** **** 1111 12/29");
    }
}
