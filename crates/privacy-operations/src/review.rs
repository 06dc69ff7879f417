//! Retention: how far floors reach after a write, and the review of what a person's records are due for.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use jurisdiction::LocalMoment;
use records_model::{
    Action, ActorId, AnchorEvent, BirthDate, Category, Detail, Ground, LegalHold, Purpose, RecordId,
    RetentionClass, Set, SubjectId,
};
use retention::{Age, Anchors, RetentionDecision};

use crate::ask::{Asking, ask};
use crate::ledger::Ledger;
use crate::{
    Answer, Asked, Change, FloorRow, House, KeptFacts, Load, LoadedFacts, LockMode, Needs, Operation,
    OperationError, Plan, RecordSelection, StoredRecord, SubjectFacts, SubjectNeed, Tools,
};

/// What retention needs of a date of birth without telling it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgeMark {
    /// No date of birth was given: treated as born on the day of the anchor, which keeps longest.
    Unknown,
    /// Thirty or older when registered.
    LongOfAge,
    /// Born in the year that ends on this day; treated as born on it, which keeps longest.
    BornBy(NaiveDate),
}

/// Age from which the year of birth is not kept in clear any more: well past every majority and every period
/// counted from one.
const LONG_OF_AGE_YEARS: i32 = 30;

impl AgeMark {
    /// The mark of a person born on this date and registered today.
    #[must_use]
    pub fn of(born: Option<BirthDate>, today: NaiveDate) -> Self {
        match born {
            None => Self::Unknown,
            Some(born) if born.age_years(today) >= LONG_OF_AGE_YEARS => Self::LongOfAge,
            Some(born) => {
                NaiveDate::from_ymd_opt(born.date().year(), 12, 31).map_or(Self::Unknown, Self::BornBy)
            }
        }
    }

    /// The age on a review of these dates: who has no date of birth counts as born with the last medical act.
    pub(crate) fn at(self, anchors: Anchors, today: NaiveDate) -> Age {
        self.age(anchors.get(AnchorEvent::LastMedicalAct).unwrap_or(today))
    }

    fn age(self, earliest_anchor: NaiveDate) -> Age {
        let born = match self {
            Self::LongOfAge => return Age::AdultThroughout,
            Self::BornBy(day) => day,
            Self::Unknown => earliest_anchor,
        };
        // The last day of this year may lie ahead of today; a date of birth is read against itself.
        BirthDate::parse(&born.to_string(), born).map_or(Age::Unknown, Age::Born)
    }
}

/// The dates that periods of a class are counted from, of what stands on file and of what is written now: of the whole
/// person, because a class may follow another, or of the class alone where its items end one by one.
fn anchors(
    class: RetentionClass,
    floors: &[FloorRow],
    records: &[StoredRecord],
    tools: &Tools<'_>,
) -> Anchors {
    let zone = tools.house.zone;
    let bears = |other: RetentionClass| other == class || !class.ends_item_by_item();
    let stored =
        floors.iter().filter(|floor| bears(floor.class)).map(|floor| (floor.anchor, floor.anchor_at));
    let written = records
        .iter()
        .filter(|record| bears(record.class))
        // An invoice or an address is no medical act and moves no clinical anchor (P-20).
        .filter(|record| record.anchor != AnchorEvent::LastMedicalAct || record.kind.is_medical_act())
        .map(|record| (record.anchor, record.anchor_at));
    stored.chain(written).fold(Anchors::none(), |all, (event, at)| all.latest(event, zone.date_of(at)))
}

fn decision_of(
    class: RetentionClass,
    anchors: Anchors,
    subject: &SubjectFacts,
    tools: &Tools<'_>,
) -> RetentionDecision {
    decide(class, anchors, (subject.age, &subject.holds, &subject.kept), (tools.house, tools.now))
}

fn decide(
    class: RetentionClass,
    anchors: Anchors,
    (age, holds, kept): (AgeMark, &[LegalHold], &KeptFacts),
    (house, now): (&House, DateTime<Utc>),
) -> RetentionDecision {
    let at = LocalMoment::new(now, house.zone);
    let item = kept.item(class, (anchors, age.at(anchors, at.today())), (house, now));
    house.retention.review(&item, holds, at)
}

/// What is held of one person, as far as retention depends on it: no content, no name.
#[derive(Debug, Clone)]
pub struct Keeping {
    /// What retention needs of the date of birth.
    pub age: AgeMark,
    /// What periods are counted from, floors included; of a medical record only its medical acts.
    pub anchors: Vec<KeptAnchor>,
    /// The classes of which something is held.
    pub classes: BTreeSet<RetentionClass>,
    /// Legal holds, released ones included.
    pub holds: Vec<LegalHold>,
    /// What was done about it: orders to keep classes away, proposals.
    pub kept: KeptFacts,
}

impl Keeping {
    /// What the schedule says of each class today; of a class whose items end one by one, of the item that ends first.
    #[must_use]
    pub fn review(&self, house: &House, now: DateTime<Utc>) -> Vec<RetentionDecision> {
        let review = |class: &RetentionClass| {
            decide(*class, self.anchors_of(*class, house), (self.age, &self.holds, &self.kept), (house, now))
        };
        self.classes.iter().map(review).collect()
    }

    fn anchors_of(&self, class: RetentionClass, house: &House) -> Anchors {
        let date = |at: DateTime<Utc>| house.zone.date_of(at);
        if class.ends_item_by_item() {
            let own = self.anchors.iter().filter(|anchor| anchor.class == class);
            let first = own.min_by_key(|anchor| anchor.first_at);
            return first
                .map_or(Anchors::none(), |first| Anchors::none().latest(first.event, date(first.first_at)));
        }
        let latest = |all: Anchors, one: &KeptAnchor| all.latest(one.event, date(one.last_at));
        self.anchors.iter().fold(Anchors::none(), latest)
    }
}

/// What periods of a class are counted from: the dates of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptAnchor {
    /// The class of the records, or of the floor.
    pub class: RetentionClass,
    /// The event.
    pub event: AnchorEvent,
    /// When it first was, of what is held still.
    pub first_at: DateTime<Utc>,
    /// When it last was.
    pub last_at: DateTime<Utc>,
}

/// The floors that move because these records are written: of their own classes, of those that follow them, and of
/// each item where items end one by one.
pub(crate) fn floors_after(
    subject: &SubjectFacts,
    records: &[StoredRecord],
    tools: &Tools<'_>,
) -> Vec<Change> {
    let classes = class_floors_after(subject, records, tools)
        .into_iter()
        .map(|floor| Change::PutFloor { subject: subject.id, floor });
    let items = records.iter().filter(|record| record.class.ends_item_by_item());
    let items = items.filter_map(|record| {
        let until = item_review(record, subject, tools).floor_until()?;
        let before = item_floor(subject, record.id);
        let floor = moved(record.class, until, last_anchor(subject, record), before)?;
        Some(Change::PutItemFloor { subject: subject.id, record: record.id, floor })
    });
    classes.chain(items).collect()
}

fn class_floors_after(subject: &SubjectFacts, records: &[StoredRecord], tools: &Tools<'_>) -> Vec<FloorRow> {
    let written: Set<RetentionClass> = records.iter().map(|record| record.class).collect();
    let held: Set<RetentionClass> = subject.floors.iter().map(|floor| floor.class).collect();
    let touched = tools.house.retention.classes().filter(|schedule| {
        written.contains(schedule.class())
            || (held.contains(schedule.class()) && schedule.follows().intersects(written))
    });
    touched
        .filter_map(|schedule| {
            let class = schedule.class();
            let anchors = anchors(class, &subject.floors, records, tools);
            let keep_through = decision_of(class, anchors, subject, tools).floor_until()?;
            let before = subject.floors.iter().find(|floor| floor.class == class);
            let newest = records
                .iter()
                .filter(|record| record.class == class)
                .map(|record| (record.anchor_at, record.anchor))
                .chain(before.map(|floor| (floor.anchor_at, floor.anchor)))
                .max_by_key(|(at, _)| *at)?;
            moved(class, keep_through, newest, before)
        })
        .collect()
}

/// A floor as it has to stand, if another stands there or none. It never moves earlier, whatever a later rule says.
fn moved(
    class: RetentionClass,
    keep_through: NaiveDate,
    counted_from: (DateTime<Utc>, AnchorEvent),
    before: Option<&FloorRow>,
) -> Option<FloorRow> {
    let stood = before.map(|floor| (floor.anchor_at, floor.anchor));
    let (anchor_at, anchor) =
        stood.into_iter().chain([counted_from]).max_by_key(|(at, _)| *at).unwrap_or(counted_from);
    let keep_through = before.map_or(keep_through, |floor| floor.keep_through.max(keep_through));
    let row = FloorRow { class, anchor, anchor_at, keep_through };
    (before != Some(&row)).then_some(row)
}

fn item_floor(subject: &SubjectFacts, record: RecordId) -> Option<&FloorRow> {
    subject.item_floors.iter().find(|(item, _)| *item == record).map(|(_, floor)| floor)
}

/// What is asked of whoever keeps records without reading them: to review, to propose for destruction, to destroy.
pub(crate) fn keeping() -> Asked {
    let category = Set::one(Category::IdentityContact);
    let (purpose, ground) = (Purpose::RecordKeeping, Ground::CustodyWithoutContent);
    Asked { detail: Detail::Existence, ..Asked::internal(Action::Custody, purpose, ground, category) }
}

/// What the schedule says today of each class of which the person has records; of a class whose items end one by one,
/// of the item that ends first.
pub(crate) fn reviewed(subject: &SubjectFacts, tools: &Tools<'_>) -> Vec<RetentionDecision> {
    let held: BTreeSet<RetentionClass> = subject.records.iter().map(|record| record.class).collect();
    held.into_iter()
        .map(|class| {
            let whole = class_review(subject, class, tools);
            let items = item_reviews(subject, class, tools).into_iter().map(|(_, review)| review);
            items.min_by_key(|review| review.disposable_from().unwrap_or(NaiveDate::MAX)).unwrap_or(whole)
        })
        .collect()
}

/// What the schedule says today of a class as a whole.
pub(crate) fn class_review(
    subject: &SubjectFacts,
    class: RetentionClass,
    tools: &Tools<'_>,
) -> RetentionDecision {
    decision_of(class, anchors(class, &subject.floors, &subject.records, tools), subject, tools)
}

/// What the schedule says today of each record of a class whose items end one by one; nothing of another class.
pub(crate) fn item_reviews(
    subject: &SubjectFacts,
    class: RetentionClass,
    tools: &Tools<'_>,
) -> Vec<(RecordId, RetentionDecision)> {
    let items = subject.records.iter().filter(|record| record.class == class && class.ends_item_by_item());
    items.map(|record| (record.id, item_review(record, subject, tools))).collect()
}

fn item_review(record: &StoredRecord, subject: &SubjectFacts, tools: &Tools<'_>) -> RetentionDecision {
    let stood = item_floor(subject, record.id).map(|floor| (floor.anchor, floor.anchor_at));
    let versions = subject.item_anchors.iter().filter(|(item, ..)| *item == record.id);
    let zone = tools.house.zone;
    let anchors = versions
        .map(|(_, event, at)| (*event, *at))
        .chain(stood)
        .chain([(record.anchor, record.anchor_at)])
        .fold(Anchors::none(), |all, (event, at)| all.latest(event, zone.date_of(at)));
    decision_of(record.class, anchors, subject, tools)
}

/// The latest date that any version of a record bears.
fn last_anchor(subject: &SubjectFacts, record: &StoredRecord) -> (DateTime<Utc>, AnchorEvent) {
    let versions = subject.item_anchors.iter().filter(|(item, ..)| *item == record.id);
    let own = (record.anchor_at, record.anchor);
    versions.map(|(_, event, at)| (*at, *event)).chain([own]).max_by_key(|(at, _)| *at).unwrap_or(own)
}

/// The floor that a proposal has to leave on file for a class, if another stands there or none.
///
/// A class that only has an end has no floor from its rows: what keeps it is that its end is not reached. The day
/// before it may go is its floor then, so that destruction asks every class for one and none is exempt.
pub(crate) fn floor_for_disposal(subject: &SubjectFacts, decision: &RetentionDecision) -> Option<FloorRow> {
    let class = decision.class();
    let before = subject.floors.iter().find(|floor| floor.class == class);
    let of_class = subject.records.iter().filter(|record| record.class == class);
    let newest = of_class
        .map(|record| (record.anchor_at, record.anchor))
        .chain(before.map(|floor| (floor.anchor_at, floor.anchor)))
        .max_by_key(|(at, _)| *at)?;
    let kept = decision.disposable_from()?.pred_opt()?;
    moved(class, kept.max(newest.0.date_naive()), newest, before)
}

/// The same for a record of a class whose items end one by one.
pub(crate) fn item_floor_for_disposal(
    subject: &SubjectFacts,
    record: &StoredRecord,
    decision: &RetentionDecision,
) -> Option<FloorRow> {
    let last = last_anchor(subject, record);
    let kept = decision.disposable_from()?.pred_opt()?.max(last.0.date_naive());
    moved(record.class, kept, last, item_floor(subject, record.id))
}

/// Reviews what the retention schedule says of a person's records today.
#[derive(Debug, Clone)]
pub struct ReviewRetention {
    /// Who reviews.
    pub actor: ActorId,
    /// Whose records.
    pub subject: SubjectId,
}

/// What the review found.
#[derive(Debug, Clone)]
pub struct RetentionFound {
    /// Whether the actor may review.
    pub answer: Answer,
    /// One decision for each class of which something is held.
    pub classes: Vec<RetentionDecision>,
}

impl Operation for ReviewRetention {
    type Outcome = RetentionFound;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Shared)
            .with_records(RecordSelection::Heads)
            .with(Load::Retention);
        Needs::decision(self.actor, subject)
    }

    fn plan(
        &self,
        facts: &LoadedFacts,
        tools: &mut Tools<'_>,
    ) -> Result<Plan<RetentionFound>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let mut ledger = Ledger::open(facts, tools)?;
        match ask(facts, &mut ledger, &keeping(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => {
                let classes = reviewed(subject, ledger.tools);
                ledger.enter(*entry)?;
                Ok(ledger.finish(RetentionFound { answer, classes }))
            }
            Asking::Refused(answer) => Ok(ledger.finish(RetentionFound { answer, classes: Vec::new() })),
        }
    }
}
