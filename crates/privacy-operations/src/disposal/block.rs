//! What stops a disposal, each with the next step.

use chrono::{DateTime, NaiveDate, Utc};
use records_model::{HoldId, RetentionClass};
use thiserror::Error;

struct Through(Option<NaiveDate>);

impl std::fmt::Display for Through {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(day) => write!(f, "through {day}; propose it after that day"),
            None => write!(f, "and until when cannot be told yet; `retention review` says what is missing"),
        }
    }
}

/// Why a disposal does not go on; nothing was destroyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DisposalBlock {
    /// There is none with this id.
    #[error("no such disposal of this person; `retention list` shows what was proposed")]
    Unknown,
    /// It was carried out before.
    #[error("this disposal was carried out on {on}; `vault certificate list` shows its certificate")]
    Done {
        /// The day, in UTC.
        on: NaiveDate,
    },
    /// The proposal was taken back.
    #[error("this proposal was taken back on {on}; propose the class anew if it is to go")]
    Withdrawn {
        /// The day, in UTC.
        on: NaiveDate,
    },
    /// Somebody took it back a moment ago.
    #[error("this proposal was taken back a moment ago; propose the class anew if it is to go")]
    WithdrawnNow,
    /// Somebody else carried it out a moment ago.
    #[error("this disposal was carried out a moment ago; `vault certificate list` shows its certificate")]
    AlreadyDone,
    /// By the database's clock it is too soon.
    #[error(
        "by the database's clock the waiting period of this disposal is not over; `retention list` says until when"
    )]
    StillWaiting,
    /// The same class was proposed before and waits.
    #[error(
        "this class of the person's records was proposed before; `retention list` shows it, to be approved or carried out"
    )]
    Proposed,
    /// Nothing of the class is held.
    #[error("nothing of the class {class} is held of this person, so nothing can be destroyed")]
    Nothing {
        /// The class.
        class: RetentionClass,
    },
    /// Somebody in another role would approve.
    #[error("only a privacy officer or a director approves a disposal; ask one of them")]
    NotAnOfficer,
    /// Fewer than two approvals.
    #[error(
        "{missing} approval(s) by different people who are privacy officer or director are missing; `retention approve` enters one"
    )]
    Approvals {
        /// How many are missing.
        missing: usize,
    },
    /// Too soon after the proposal.
    #[error("the waiting period of this disposal is not over; carry it out after {until}")]
    Waiting {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// A rule of the schedule keeps it.
    #[error("the class {class} is kept {}", Through(*through))]
    Kept {
        /// The class.
        class: RetentionClass,
        /// The last day, if it can be told.
        through: Option<NaiveDate>,
    },
    /// A legal hold keeps it.
    #[error("legal hold {hold} covers the class {class}; once it is released, carry the disposal out")]
    Held {
        /// The class.
        class: RetentionClass,
        /// The hold.
        hold: HoldId,
    },
    /// The database keeps it by a date that stands there.
    #[error(
        "the floor that stands in the database for this class is not passed; `retention review` says until when it is kept"
    )]
    Floor,
    /// A hold was placed a moment ago.
    #[error("a legal hold covers this class; `retention review` names it")]
    HeldNow,
    /// A key is held.
    #[error("a key of this class is held; release the hold first")]
    KeyHeld,
    /// Something newer is on file than what was proposed.
    #[error(
        "something newer of this class is on file than when its destruction was proposed; propose it again"
    )]
    Newer,
    /// Something else was put into it.
    #[error(
        "something was added to this disposal after somebody approved it, so what was approved is not what would go; take it back with `retention withdraw` and propose anew"
    )]
    Added,
    /// What stays is sealed under a key that goes.
    #[error(
        "records of this class that stay are still sealed under a key that would go; carry the disposal out again, which seals them anew first"
    )]
    SurvivorsWait,
    /// From every backup on file, what stays would be lost with the key.
    #[error(
        "what stays of this class was sealed under another key after the newest data backup, so no backup on file would bring it back once the earlier key is destroyed; run `db backup`, then carry the disposal out"
    )]
    BackupFirst,
    /// The accounting goes last.
    #[error("the accounting of a person goes last; dispose of every other class first")]
    AccountingLast,
}
