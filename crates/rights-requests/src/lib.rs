//! Cases of people's rights over their data, each with its clock.
//!
//! A [`Case`] holds several rights; each has its own state, clock and outcome. Anybody whose data is held may
//! file, over any channel (P-68). The answer is due on the earliest of the promise and every law that applies
//! (P-69); an extension never moves the promise and is refused when it gains nothing; lateness is computed from
//! the clock and cannot be set. Nothing is released before the asker's identity is proved (P-62).
//!
//! ```
//! use jurisdiction::{ClinicZone, LawBook, Right};
//! use records_model::{CaseId, Set, SubjectId};
//! use rights_requests::{AskerKind, Channel, Intake, open_request};
//!
//! let law = LawBook::parse(&[
//!     ("calendars.toml", include_str!("../../../fixtures/profiles/calendars.toml")),
//!     ("law.toml", include_str!("../../../fixtures/profiles/mx-lfpdppp-2025.toml")),
//!     ("promise.toml", include_str!("../../../fixtures/profiles/clinic-policy-elicells.toml")),
//! ])?;
//! let intake = Intake {
//!     id: "01941f29-7c00-7e11-8ce1-151c00000009".parse::<CaseId>()?,
//!     subject: "01941f29-7c00-7e11-8ce1-151c00000002".parse::<SubjectId>()?,
//!     asker: AskerKind::Patient,
//!     channel: Channel::Phone,
//!     received_at: "2027-06-07T17:00:00Z".parse()?,
//!     rights: Set::one(Right::Access),
//!     restriction: None,
//!     complaint_about: None,
//!     families: law.select(["CLINIC-POLICY", "MX-LFPDPPP"])?,
//! };
//! let now = "2027-06-07T17:05:00Z".parse()?;
//! let opened = open_request(intake, &law, ClinicZone::parse("America/Monterrey")?, now)?;
//! assert_eq!(opened.acknowledgement.rights[0].answer_by, "2027-07-05".parse()?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod acknowledgement;
mod case;
mod clock;
mod error;
mod intake;
mod state;
mod steps;
mod text;
mod word;

#[cfg(any(test, feature = "proptest"))]
pub mod testing;
#[cfg(test)]
mod tests;

pub use acknowledgement::{AcknowledgedRight, Acknowledgement, ProofNeeded};
pub use case::{Case, CaseError, IdentityProof, RightItem};
pub use clock::{Clock, OnTimeReport};
pub use error::StepError;
pub use intake::{Intake, OpenError, OpenedRequest, open_request};
pub use jurisdiction::Right;
pub use state::{Outcome, RightState};
pub use steps::ExtensionGain;
pub use text::{Explanation, ExplanationError};
pub use word::{AskerKind, Channel, RefusalGround};
