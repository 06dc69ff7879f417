//! Why a step cannot be taken now.

use chrono::NaiveDate;
use jurisdiction::{DeadlineError, PauseCause, Right};
use thiserror::Error;

/// Why a step of a case cannot be taken now; nothing of the case changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StepError {
    /// The case is not about this right.
    #[error("the case does not ask for {right}")]
    NotAsked {
        /// The right.
        right: Right,
    },
    /// The state does not allow it.
    #[error("{right} is {state}, so it cannot be {step}")]
    WrongState {
        /// The right.
        right: Right,
        /// Where it stands.
        state: &'static str,
        /// What was to be done.
        step: &'static str,
    },
    /// A step dated before the one before it.
    #[error("the step is dated before the last one")]
    Backwards,
    /// Data would be released, changed or sent elsewhere without proof.
    #[error("{right} is granted only after the asker proved who they are")]
    IdentityNotProved {
        /// The right.
        right: Right,
    },
    /// Somebody acts for another without proof of it.
    #[error("whoever acts for another also proves their authority")]
    AuthorityNotProved,
    /// Proved before.
    #[error("the asker's identity is already proved")]
    AlreadyProved,
    /// Identity as the ground, although it is proved.
    #[error("the asker proved who they are, so that is no ground of refusal")]
    IdentityWasShown,
    /// The law obliges the clinic to agree (P-64).
    #[error("this restriction must be agreed to and cannot be refused")]
    MustAgree,
    /// An extension that gains no day.
    #[error("the extension gains nothing: the answer stays due on {committed_due}")]
    NoGain {
        /// The date that stays.
        committed_due: NaiveDate,
    },
    /// No clock knows this cause.
    #[error("no law that applies to {right} stops its clock for {cause}")]
    NoClockStops {
        /// The right.
        right: Right,
        /// The cause.
        cause: PauseCause,
    },
    /// Missing elements are asked for once.
    #[error("missing elements may be asked for once, and were")]
    AskedAlready,
    /// Missing elements asked for too late.
    #[error("missing elements could be asked for until {last_day}")]
    AskedTooLate {
        /// The last day.
        last_day: NaiveDate,
    },
    /// The person may still answer.
    #[error("the person may complete the request until {until}")]
    CompletionOpen {
        /// The last day.
        until: NaiveDate,
    },
    /// No law lets the request lapse.
    #[error("no law that applies lets the request lapse, so it is answered")]
    NeverLapses,
    /// The person complained of would handle the complaint (P-67).
    #[error("a complaint is not handled by the person it is about")]
    ConflictOfInterest,
    /// The clock cannot be counted so.
    #[error(transparent)]
    Deadline(#[from] DeadlineError),
}
