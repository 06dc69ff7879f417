//! Retention: how far floors reach after a write, and the review of what a person's records are due for.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use jurisdiction::LocalMoment;
use records_model::{
    Action, ActorId, AnchorEvent, BirthDate, Category, Detail, Ground, LegalHold, Purpose, RetentionClass,
    Set, SubjectId,
};
use retention::{Age, Anchors, RetentionDecision};

use crate::ask::{Asking, ask};
use crate::ledger::Ledger;
use crate::{
    Answer, Asked, FloorRow, House, KeptFacts, Load, LoadedFacts, LockMode, Needs, Operation, OperationError,
    Plan, RecordSelection, StoredRecord, SubjectFacts, SubjectNeed, Tools,
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

/// The anchors of everything that a person's floors were counted from, and of what is written now.
fn anchors(floors: &[FloorRow], records: &[StoredRecord], tools: &Tools<'_>) -> Anchors {
    let zone = tools.house.zone;
    let stored = floors.iter().map(|floor| (floor.anchor, floor.anchor_at));
    let written = records
        .iter()
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
    pub anchors: Vec<(AnchorEvent, DateTime<Utc>)>,
    /// The classes of which something is held.
    pub classes: BTreeSet<RetentionClass>,
    /// Legal holds, released ones included.
    pub holds: Vec<LegalHold>,
    /// What was done about it: orders to keep classes away, proposals.
    pub kept: KeptFacts,
}

impl Keeping {
    /// What the schedule says of each class today.
    #[must_use]
    pub fn review(&self, house: &House, now: DateTime<Utc>) -> Vec<RetentionDecision> {
        let latest = |all: Anchors, (event, at): &(AnchorEvent, DateTime<Utc>)| {
            all.latest(*event, house.zone.date_of(*at))
        };
        let anchors = self.anchors.iter().fold(Anchors::none(), latest);
        let review = |class: &RetentionClass| {
            decide(*class, anchors, (self.age, &self.holds, &self.kept), (house, now))
        };
        self.classes.iter().map(review).collect()
    }
}

/// The floors that move because these records are written: of their own classes and of those that follow them.
pub(crate) fn floors_after(
    subject: &SubjectFacts,
    records: &[StoredRecord],
    tools: &Tools<'_>,
) -> Vec<FloorRow> {
    let anchors = anchors(&subject.floors, records, tools);
    let written: Set<RetentionClass> = records.iter().map(|record| record.class).collect();
    let held: Set<RetentionClass> = subject.floors.iter().map(|floor| floor.class).collect();
    let touched = tools.house.retention.classes().filter(|schedule| {
        written.contains(schedule.class())
            || (held.contains(schedule.class()) && schedule.follows().intersects(written))
    });
    touched
        .filter_map(|schedule| {
            let class = schedule.class();
            let decision = decision_of(class, anchors, subject, tools);
            let keep_through = decision.floor_until()?;
            let before = subject.floors.iter().find(|floor| floor.class == class);
            let newest = records
                .iter()
                .filter(|record| record.class == class)
                .map(|record| (record.anchor_at, record.anchor))
                .chain(before.map(|floor| (floor.anchor_at, floor.anchor)))
                .max_by_key(|(at, _)| *at)?;
            let (anchor_at, anchor) = newest;
            // A floor never moves earlier, whatever a later rule says.
            let keep_through = before.map_or(keep_through, |floor| floor.keep_through.max(keep_through));
            let row = FloorRow { class, anchor, anchor_at, keep_through };
            (before != Some(&row)).then_some(row)
        })
        .collect()
}

/// What is asked of whoever keeps records without reading them: to review, to propose for destruction, to destroy.
pub(crate) fn keeping() -> Asked {
    let category = Set::one(Category::IdentityContact);
    let (purpose, ground) = (Purpose::RecordKeeping, Ground::CustodyWithoutContent);
    Asked { detail: Detail::Existence, ..Asked::internal(Action::Custody, purpose, ground, category) }
}

/// What the schedule says today of each class of which the person has records.
pub(crate) fn reviewed(subject: &SubjectFacts, tools: &Tools<'_>) -> Vec<RetentionDecision> {
    let anchors = anchors(&subject.floors, &subject.records, tools);
    let held: BTreeSet<RetentionClass> = subject.records.iter().map(|record| record.class).collect();
    held.into_iter().map(|class| decision_of(class, anchors, subject, tools)).collect()
}

/// The floor that a proposal has to leave on file for a class, if another stands there or none.
///
/// A class that only has an end has no floor from its rows: what keeps it is that its end is not reached. The day
/// before it may go is its floor then, so that destruction asks every class for one and none is exempt.
pub(crate) fn floor_for_disposal(subject: &SubjectFacts, decision: &RetentionDecision) -> Option<FloorRow> {
    let class = decision.class();
    let before = subject.floors.iter().find(|floor| floor.class == class);
    let of_class = subject.records.iter().filter(|record| record.class == class);
    let (anchor_at, anchor) = of_class
        .map(|record| (record.anchor_at, record.anchor))
        .chain(before.map(|floor| (floor.anchor_at, floor.anchor)))
        .max_by_key(|(at, _)| *at)?;
    let kept = decision.disposable_from()?.pred_opt()?;
    let no_earlier = before.map_or(kept, |floor| floor.keep_through);
    let keep_through = kept.max(no_earlier).max(anchor_at.date_naive());
    let row = FloorRow { class, anchor, anchor_at, keep_through };
    (before != Some(&row)).then_some(row)
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
