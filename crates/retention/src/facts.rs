//! What a review needs to know of one item.

use chrono::NaiveDate;
use records_model::{AnchorEvent, BirthDate, RetentionClass, Vocabulary, vocabulary};

use crate::SecondaryUses;

/// The dates that periods are counted from, as far as they have happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Anchors {
    dates: [Option<NaiveDate>; AnchorEvent::ALL.len()],
}

impl Anchors {
    /// Nothing has happened yet.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// These and one date more; of two dates of the same event the later stands, so an anchor only ever moves
    /// later (P-20: each medical act moves it).
    #[must_use]
    pub fn latest(mut self, event: AnchorEvent, on: NaiveDate) -> Self {
        if let Some(date) = self.dates.get_mut(usize::from(event.index())) {
            *date = Some(date.map_or(on, |before| before.max(on)));
        }
        self
    }

    /// The date of an event, if it has happened.
    #[must_use]
    pub fn get(&self, event: AnchorEvent) -> Option<NaiveDate> {
        self.dates.get(usize::from(event.index())).copied().flatten()
    }
}

/// What is known of the person's age, for the rule on minors (LAW.md, R-03).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    /// Born on this day.
    Born(BirthDate),
    /// Of age at every medical act: the rule on minors changes nothing.
    AdultThroughout,
    /// Not known: the person may be a minor, so nothing that the rule covers is destroyed.
    Unknown,
}

vocabulary! {
    /// Whether somebody proposed to destroy the item, which nobody has done or taken back since.
    Proposal, "proposal to destroy" {
        /// Nobody did.
        None = "none",
        /// It waits for approval, for its time, or for whoever carries it out.
        Waiting = "waiting",
    }
}

/// One item, as the review sees it: no content, no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemFacts {
    /// Its class.
    pub class: RetentionClass,
    /// The dates of the item and of its person, all of them: a class may follow another one.
    pub anchors: Anchors,
    /// The person's age.
    pub age: Age,
    /// Date on which the data was cancelled or its purpose ended, if it was.
    pub cancelled_on: Option<NaiveDate>,
    /// What the person was granted about secondary uses, short of a cancellation.
    pub secondary_uses: SecondaryUses,
    /// Whether its destruction was proposed.
    pub proposal: Proposal,
}
