//! Calendars, business days, deadlines, retention periods and consent forms as cited, versioned profiles.
//!
//! No number lives in this crate: a **profile** is a TOML file whose rows each carry an id, a source, a
//! confidence and dates of effect. A [`LawBook`] is read from such files and refuses what it does not know,
//! naming the line. A [`Deadline`] keeps its whole derivation, one [`Term`] for every profile that applies:
//!
//! - `committed_due` is the earliest over the promise and every profile (LAW.md, M-1);
//! - an extension, a pause or a roll moves only its own profile's date, and the minimum is taken again (M-2);
//! - `safe_due` is the strict reading, on which alarms run: the strict calendar, the day of receipt counts,
//!   nothing rolls;
//! - the version of a law in force at the start event governs (M-15).
//!
//! ```
//! use std::collections::BTreeSet;
//! use jurisdiction::{Adjustments, ClinicZone, DeadlineRequest, LawBook, Right, StartEvent, Step};
//!
//! let law = LawBook::parse(&[
//!     ("calendars.toml", include_str!("../../../fixtures/profiles/calendars.toml")),
//!     ("law.toml", include_str!("../../../fixtures/profiles/mx-lfpdppp-2025.toml")),
//!     ("promise.toml", include_str!("../../../fixtures/profiles/clinic-policy-elicells.toml")),
//! ])?;
//! let zone = ClinicZone::parse("America/Monterrey")?;
//! let request = DeadlineRequest {
//!     right: Right::Access,
//!     step: Step::Answer,
//!     event: StartEvent::Receipt,
//!     started_at: "2027-06-07T17:00:00Z".parse()?,
//!     families: law.select(["CLINIC-POLICY", "MX-LFPDPPP-2025"])?,
//! };
//! let deadline = law.deadline(&request, zone, &Adjustments::default())?;
//! assert_eq!(deadline.committed_due().to_string(), "2027-07-05");
//! assert_eq!(deadline.set_by()[0].to_string(), "MX-LFPDPPP-2025/D-02");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod book;
mod calendar;
mod consent;
mod count;
mod deadline;
mod document;
mod explain;
mod id;
mod merge;
mod month;
mod period;
mod profile;
mod transfer;
mod word;
mod zone;

#[cfg(any(test, feature = "proptest"))]
pub mod testing;
#[cfg(test)]
mod tests;

pub use book::{LawBook, UnknownProfile};
pub use calendar::{Calendar, FreeDay};
pub use consent::{ConsentRow, NeededForm, NoConsentRow};
pub use count::{CountError, Roll, SkippedDay};
pub use deadline::{
    Adjustments, Deadline, DeadlineError, DeadlineRequest, ExtensionGiven, PauseGiven, Term, TermReading,
};
pub use document::{DocumentError, Located, read_document};
pub use explain::Language;
pub use id::{CalendarId, LawIdError, ProfileFamily, ProfileId, RowId, RowRef};
pub use merge::{Bound, earliest_ceiling, latest_floor};
pub use month::{add_months_back, add_months_forward};
pub use period::{PeriodRow, PeriodStart};
pub use profile::{Citation, DeadlineRow, DutyRow, Extension, PauseRule, Profile};
pub use transfer::{
    MechanismKind, TransferEvidence, TransferFinding, TransferRequest, TransferRow, TransferStanding,
};
pub use word::{
    Confidence, CountFrom, Direction, MissingDay, PauseCause, PauseEffect, PeriodUnit, Right, RollRule,
    Standing, StartEvent, Step, TermUnit,
};
pub use zone::{ClinicZone, LocalMoment, UnknownZone, zone_tables};
