//! What a review answers.

use chrono::NaiveDate;
use jurisdiction::RowRef;
use records_model::{ClauseId, Fact, HoldId, RetentionClass, Set, vocabulary};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// Where an item stands.
    RetentionState, "retention state" {
        /// In use.
        Active = "active",
        /// Past its ceiling, kept for a floor: secondary uses are off.
        Retained = "retained",
        /// Cancelled, locked away for liabilities only.
        Blocked = "blocked",
        /// A duty to keep it suspends whatever else would follow.
        Held = "held",
        /// May be destroyed, by two persons.
        Disposable = "disposable",
        /// Should have been destroyed.
        Overdue = "overdue",
    }
}

vocabulary! {
    /// Whether the item may serve anything but what it was collected for.
    SecondaryUses, "secondary uses" {
        /// As the policy allows.
        Allowed = "allowed",
        /// None.
        Off = "off",
    }
}

/// Why, with the rows that say so; the clause is that of the class in the schedule, or of the row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Reason {
    /// These rows keep it through a day.
    KeptThrough {
        /// The last day.
        until: NaiveDate,
        /// The rows that set it.
        rows: Vec<RowRef>,
        /// The clause.
        clause: ClauseId,
    },
    /// These rows end it on a day.
    EndsOn {
        /// The last day on which it may stand.
        at: NaiveDate,
        /// The rows that set it.
        rows: Vec<RowRef>,
        /// The clause.
        clause: ClauseId,
    },
    /// A ceiling is overridden by a floor (M-5).
    CeilingOverridden {
        /// The rows of the ceiling.
        ceiling: Vec<RowRef>,
        /// The rows of the floor.
        by: Vec<RowRef>,
        /// The clause.
        clause: ClauseId,
    },
    /// It was cancelled, and is locked away through a day.
    BlockedThrough {
        /// The last day.
        until: NaiveDate,
        /// The row.
        row: RowRef,
        /// The clause.
        clause: ClauseId,
    },
    /// The event that this row counts from has not happened, or is not known.
    AnchorMissing {
        /// The row.
        row: RowRef,
        /// The clause.
        clause: ClauseId,
    },
    /// It follows other classes, and nothing there has begun.
    FollowsNothingYet {
        /// The classes that it follows.
        classes: Set<RetentionClass>,
        /// The clause.
        clause: ClauseId,
    },
    /// The person may be a minor: their date of birth is needed.
    AgeUnknown {
        /// The row.
        row: RowRef,
        /// The clause.
        clause: ClauseId,
    },
    /// A legal hold covers it (P-77).
    Hold {
        /// The hold.
        hold: HoldId,
        /// The clause.
        clause: ClauseId,
    },
    /// No rule keeps it any longer.
    NothingKeepsIt {
        /// Since this day.
        since: NaiveDate,
        /// The clause.
        clause: ClauseId,
    },
}

impl Reason {
    /// The clause it cites.
    #[must_use]
    pub const fn clause(&self) -> ClauseId {
        match self {
            Self::KeptThrough { clause, .. }
            | Self::EndsOn { clause, .. }
            | Self::CeilingOverridden { clause, .. }
            | Self::BlockedThrough { clause, .. }
            | Self::AnchorMissing { clause, .. }
            | Self::FollowsNothingYet { clause, .. }
            | Self::AgeUnknown { clause, .. }
            | Self::Hold { clause, .. }
            | Self::NothingKeepsIt { clause, .. } => *clause,
        }
    }
}

/// The answer for one item on one day. Only a review makes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use = "an unread review keeps and destroys nothing"]
pub struct RetentionDecision {
    pub(crate) class: RetentionClass,
    pub(crate) clause: ClauseId,
    pub(crate) reviewed_on: NaiveDate,
    pub(crate) state: RetentionState,
    pub(crate) secondary_uses: SecondaryUses,
    pub(crate) floor_until: Option<NaiveDate>,
    pub(crate) ceiling_at: Option<NaiveDate>,
    pub(crate) disposable_from: Option<NaiveDate>,
    pub(crate) dispose_by: Option<NaiveDate>,
    pub(crate) reasons: Vec<Reason>,
    #[serde(skip)]
    pub(crate) facts: Set<Fact>,
    #[serde(skip)]
    pub(crate) facts_until: Option<NaiveDate>,
}

impl RetentionDecision {
    /// The class of the item.
    #[must_use]
    pub const fn class(&self) -> RetentionClass {
        self.class
    }

    /// The clause of that class.
    #[must_use]
    pub const fn clause(&self) -> ClauseId {
        self.clause
    }

    /// The date at the clinic for which it holds, and no other.
    #[must_use]
    pub const fn reviewed_on(&self) -> NaiveDate {
        self.reviewed_on
    }

    /// Where the item stands.
    #[must_use]
    pub const fn state(&self) -> RetentionState {
        self.state
    }

    /// Whether it may serve anything but what it was collected for.
    #[must_use]
    pub const fn secondary_uses(&self) -> SecondaryUses {
        self.secondary_uses
    }

    /// The last day on which it must still be there: of floors, and of a blocking period if it was cancelled.
    /// `None` if nothing keeps it, or if that day cannot be told yet.
    #[must_use]
    pub const fn floor_until(&self) -> Option<NaiveDate> {
        self.floor_until
    }

    /// The last day on which a ceiling allows it.
    #[must_use]
    pub const fn ceiling_at(&self) -> Option<NaiveDate> {
        self.ceiling_at
    }

    /// The first day on which it may be destroyed, holds apart; `None` while that cannot be told.
    #[must_use]
    pub const fn disposable_from(&self) -> Option<NaiveDate> {
        self.disposable_from
    }

    /// The last day on which it may be destroyed in time; the day after, it is overdue.
    #[must_use]
    pub const fn dispose_by(&self) -> Option<NaiveDate> {
        self.dispose_by
    }

    /// Why, in the order of the rules; never empty.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// Whether it may be destroyed on the day of the review.
    #[must_use]
    pub const fn is_disposable(&self) -> bool {
        matches!(self.state, RetentionState::Disposable | RetentionState::Overdue)
    }

    /// The facts that a decision on a request needs to know of the item.
    ///
    /// [`Fact::Blocked`] follows from what somebody did, never from a date alone: the item was cancelled, or its
    /// destruction was proposed and nothing keeps it any longer. Somebody who comes back after their floor has passed
    /// finds their chart as they left it; a proposal that something newer has overtaken blocks nothing, and whoever
    /// takes the proposal back opens the item again. [`Fact::SecondaryUseHeld`] follows from all of that, from what
    /// the person was granted about secondary uses, and from the dates too: past its end or its floor an item serves
    /// what it was collected for and nothing else (P-71).
    #[must_use]
    pub const fn facts(&self) -> Set<Fact> {
        self.facts
    }

    /// The first day on which time alone may add to the [facts](Self::facts); `None` if no day does. No day takes
    /// one away.
    #[must_use]
    pub const fn facts_until(&self) -> Option<NaiveDate> {
        self.facts_until
    }
}
