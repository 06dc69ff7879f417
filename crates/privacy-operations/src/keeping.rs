//! What a decision needs to know of how the records in question are kept: blocked, or out of secondary uses.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use jurisdiction::LocalMoment;
use records_model::{AnchorEvent, BlockId, CaseId, Category, Fact, RetentionClass, Set, vocabulary};
use retention::{Anchors, ItemFacts, Proposal, SecondaryUses};

use crate::{House, Moment, SubjectFacts};

vocabulary! {
    /// How far an order to keep records away goes.
    BlockExtent, "extent of a block" {
        /// They are locked away for liabilities (P-71; LAW.md, R-09).
        Blocked = "blocked",
        /// They stay in use for what they were collected for, and for nothing else (M-5).
        SecondaryUses = "secondary-uses",
    }
}

/// An order to keep classes of a person's records away, as the answer to a request granted it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockRow {
    /// Its id.
    pub id: BlockId,
    /// The request that it answers.
    pub case: CaseId,
    /// Which classes.
    pub classes: Set<RetentionClass>,
    /// How far it goes.
    pub extent: BlockExtent,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// When the person had it lifted, if they did.
    pub lifted_at: Option<DateTime<Utc>>,
}

/// Records of one kind that are held, or a floor that stands: what periods are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldRow {
    /// The category of the records; none for a floor.
    pub category: Option<Category>,
    /// The class.
    pub class: RetentionClass,
    /// What its period is counted from.
    pub anchor: AnchorEvent,
    /// When that last was; none if nothing of it was a medical act and the anchor is one.
    pub anchor_at: Option<DateTime<Utc>>,
}

/// How somebody's records are kept, as far as every decision rests on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptFacts {
    /// What is held, and the floors.
    pub held: Vec<HeldRow>,
    /// Classes whose destruction was proposed and neither carried out nor taken back.
    pub proposed: Set<RetentionClass>,
    /// Orders to keep classes away, lifted ones included.
    pub blocks: Vec<BlockRow>,
}

impl KeptFacts {
    /// One class of an item, with what was done about it by `now`.
    pub(crate) fn item(
        &self,
        class: RetentionClass,
        (anchors, age): (Anchors, retention::Age),
        (house, now): (&House, DateTime<Utc>),
    ) -> ItemFacts {
        let in_force = |block: &&BlockRow| {
            block.classes.contains(class)
                && block.starts_at <= now
                && block.lifted_at.is_none_or(|at| now < at)
        };
        let since = |extent| {
            let of_extent = self.blocks.iter().filter(in_force).filter(move |block| block.extent == extent);
            of_extent.map(|block| block.starts_at).min()
        };
        let secondary = since(BlockExtent::SecondaryUses);
        ItemFacts {
            class,
            anchors,
            age,
            cancelled_on: since(BlockExtent::Blocked).map(|at| house.zone.date_of(at)),
            secondary_uses: secondary.map_or(SecondaryUses::Allowed, |_| SecondaryUses::Off),
            proposal: if self.proposed.contains(class) { Proposal::Waiting } else { Proposal::None },
        }
    }

    /// The classes in which records of these categories are or may be held.
    fn classes(&self, categories: Set<Category>) -> Set<RetentionClass> {
        let usual = categories.iter().map(Category::retention_class);
        let asked = |row: &&HeldRow| row.category.is_some_and(|category| categories.contains(category));
        usual.chain(self.held.iter().filter(asked).map(|row| row.class)).collect()
    }

    /// Whether anything of a class is held, or anything was done about it.
    fn concerns(&self, class: RetentionClass) -> bool {
        self.held.iter().any(|row| row.class == class && row.category.is_some())
            || self.proposed.contains(class)
            || self.blocks.iter().any(|block| block.classes.contains(class))
    }
}

/// The facts of the categories asked for, and when time first adds to them. One blocked class of several blocks the
/// request; a list asks category by category.
pub(crate) fn keeping_facts(
    subject: &SubjectFacts,
    categories: Set<Category>,
    moment: Moment<'_>,
) -> (Set<Fact>, Option<DateTime<Utc>>) {
    let (house, now) = (moment.house, moment.now);
    let latest = |all: Anchors, row: &crate::HeldRow| match row.anchor_at {
        Some(at) => all.latest(row.anchor, house.zone.date_of(at)),
        None => all,
    };
    let everything = subject.kept.held.iter().fold(Anchors::none(), latest);
    let age = subject.age.at(everything, moment.today());
    let classes = subject.kept.classes(categories).iter().filter(|class| subject.kept.concerns(*class));
    let reviews = classes.map(|class| {
        let own = subject.kept.held.iter().filter(|row| row.class == class);
        let anchors = if class.ends_item_by_item() { own.fold(Anchors::none(), latest) } else { everything };
        let item = subject.kept.item(class, (anchors, age), (house, now));
        // A hold keeps from destruction and opens nothing, so no fact depends on it.
        house.retention.review(&item, &[], LocalMoment::new(now, house.zone))
    });
    reviews.fold((Set::EMPTY, None), |(facts, until), review| {
        let day = review.facts_until().map(|day| beginning_of(day, moment));
        (facts | review.facts(), [until, day].into_iter().flatten().min())
    })
}

/// The instant at which a day begins at the clinic: what lapses on a day holds until then.
pub(crate) fn beginning_of(day: NaiveDate, moment: Moment<'_>) -> DateTime<Utc> {
    moment.house.zone.instant_of(day.and_time(NaiveTime::MIN))
}
