//! Where one right of a case stands; each state holds only what is true in it.

use chrono::{DateTime, NaiveDate, Utc};
use jurisdiction::PauseCause;
use serde::{Deserialize, Serialize};

use crate::{Explanation, RefusalGround};

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Outcome {
    /// All of it.
    Granted,
    /// Part of it, and why not the rest.
    Partly {
        /// The ground for the rest.
        ground: RefusalGround,
        /// In words, for the person.
        explanation: Explanation,
    },
    /// Nothing of it, and why.
    Refused {
        /// The ground.
        ground: RefusalGround,
        /// In words, for the person.
        explanation: Explanation,
    },
}

impl Outcome {
    /// Whether anything was granted.
    #[must_use]
    pub const fn grants(&self) -> bool {
        matches!(self, Self::Granted | Self::Partly { .. })
    }
}

/// Where one right stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", deny_unknown_fields)]
pub enum RightState {
    /// Logged; who asks is not proved.
    Received,
    /// Who asks is proved; work may begin.
    Verified {
        /// Since when.
        at: DateTime<Utc>,
    },
    /// The person was asked for something, and the clocks that know the cause stand still.
    Paused {
        /// Since when.
        at: DateTime<Utc>,
        /// Why.
        cause: PauseCause,
        /// The last day on which the person may answer, if a law sets one.
        complete_by: Option<NaiveDate>,
    },
    /// The decision went out.
    Answered {
        /// When.
        at: DateTime<Utc>,
        /// What it was.
        outcome: Outcome,
    },
    /// What was granted is carried out.
    Executed {
        /// When the decision went out.
        answered_at: DateTime<Utc>,
        /// What it was.
        outcome: Outcome,
        /// When it was carried out.
        at: DateTime<Utc>,
    },
    /// The person did not complete the request in time; it counts as not made.
    NotPresented {
        /// Since when.
        at: DateTime<Utc>,
    },
    /// The person took it back.
    Withdrawn {
        /// When.
        at: DateTime<Utc>,
    },
}

impl RightState {
    /// When it came into this state; `None` for the first one, which begins with the receipt.
    #[must_use]
    pub const fn since(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Received => None,
            Self::Verified { at }
            | Self::Paused { at, .. }
            | Self::Answered { at, .. }
            | Self::Executed { at, .. }
            | Self::NotPresented { at }
            | Self::Withdrawn { at } => Some(*at),
        }
    }

    /// When the person was told how it ended; `None` while the answer is owed.
    #[must_use]
    pub const fn answered_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Received | Self::Verified { .. } | Self::Paused { .. } => None,
            Self::Answered { at, .. } | Self::NotPresented { at } | Self::Withdrawn { at } => Some(*at),
            Self::Executed { answered_at, .. } => Some(*answered_at),
        }
    }

    /// What was decided, if anything was.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Outcome> {
        match self {
            Self::Answered { outcome, .. } | Self::Executed { outcome, .. } => Some(outcome),
            _ => None,
        }
    }

    /// The name of the state, for a message.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Verified { .. } => "verified",
            Self::Paused { .. } => "paused",
            Self::Answered { .. } => "answered",
            Self::Executed { .. } => "carried out",
            Self::NotPresented { .. } => "not presented",
            Self::Withdrawn { .. } => "withdrawn",
        }
    }
}
