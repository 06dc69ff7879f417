//! Looking at the log: the accounting of disclosures, who looked, suspensions, reviews, alerts. Every look is a
//! decision, and stands in the log itself.

mod alert;
mod house;
mod suspend;
mod view;
mod words;
mod work;

pub(crate) use work::oversight;

pub use alert::{AlertJudged, JudgeAlert, RaiseAlert, StoredAlert, open_alert};
pub use suspend::{NewSuspension, SuspendAccounting, Suspended};
pub use view::{LogAsking, LogPermit, LogView, LogViewed, ViewLog};
pub use words::HouseWords;
pub use work::{OverseeWork, WorkList};
