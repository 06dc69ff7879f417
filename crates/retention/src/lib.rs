//! Schedules, floors, ceilings, holds and disposal decisions.
//!
//! A [`RetentionSchedule`] gives every class of records an end and a reason: floors, ceilings and a blocking
//! period, each a row of a profile of `jurisdiction`, so that no number lives here. [`RetentionSchedule::review`]
//! answers for one item: keep, locked away, disposable, overdue, or held; the latest floor and the earliest
//! ceiling win (LAW.md, M-3, M-4), and a floor beyond a ceiling keeps the item with secondary uses off (M-5).
//! A [`DisposalPlan`] exists only for items that may go today, with two different approvers.
//!
//! ```
//! use jurisdiction::{ClinicZone, LawBook, LocalMoment};
//! use records_model::{AnchorEvent, RetentionClass};
//! use retention::{Age, Anchors, ItemFacts, Proposal, RetentionSchedule, RetentionState, SecondaryUses};
//!
//! let law = LawBook::parse(&[
//!     ("calendars.toml", include_str!("../../../fixtures/profiles/calendars.toml")),
//!     ("law.toml", include_str!("../../../fixtures/profiles/mx-lfpdppp-2025.toml")),
//!     ("hipaa.toml", include_str!("../../../fixtures/profiles/us-hipaa.toml")),
//!     ("records.toml", include_str!("../../../fixtures/profiles/mx-records.toml")),
//!     ("promise.toml", include_str!("../../../fixtures/profiles/clinic-policy-elicells.toml")),
//! ])?;
//! let text = include_str!("../../../fixtures/clinics/elicells/retention.toml");
//! let schedule = RetentionSchedule::parse("retention.toml", text, &law)?;
//! let facts = ItemFacts {
//!     class: RetentionClass::Clinical,
//!     anchors: Anchors::none().latest(AnchorEvent::LastMedicalAct, "2021-03-15".parse()?),
//!     age: Age::AdultThroughout,
//!     cancelled_on: None,
//!     secondary_uses: SecondaryUses::Allowed,
//!     proposal: Proposal::None,
//! };
//! let at = LocalMoment::new("2027-06-07T17:00:00Z".parse()?, ClinicZone::parse("America/Monterrey")?);
//! let decision = schedule.review(&facts, &[], at);
//! assert_eq!(decision.state(), RetentionState::Active);
//! assert_eq!(decision.floor_until(), Some("2028-03-15".parse()?));
//! assert_eq!(decision.disposable_from(), Some("2028-03-16".parse()?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod decision;
mod disposal;
mod facts;
mod overdue;
mod review;
mod schedule;

#[cfg(any(test, feature = "proptest"))]
pub mod testing;
#[cfg(test)]
mod tests;

pub use decision::{Reason, RetentionDecision, RetentionState, SecondaryUses};
pub use disposal::{Approvals, DisposalError, DisposalItem, DisposalPlan, disposal_plan};
pub use facts::{Age, Anchors, ItemFacts, Proposal};
pub use overdue::{ClassDisposal, OverdueReport};
pub use schedule::{ClassSchedule, RetentionSchedule};
