//! Overseeing the log: what it says about one person, and patterns in it. The permit is committed first; then sides
//! are opened page by page, and what is no part of the answer is dropped with its page.

mod about;
mod alerts;
mod facts;
mod reviews;

pub use about::{AccountingShown, LooksShown, OnPaper};
pub use alerts::{AlertLine, AlertsSeen};
pub use reviews::{ReviewDue, ReviewsSeen};
