//! The demonstration: invented people, made by running the real operations.

mod charts;
mod fill;
mod patients;
mod requests;
mod staff;

pub use fill::{DemoError, fill};
pub use staff::{DEMO_PASSWORD, SignIn, sign_ins};

pub(crate) use fill::opening_day;
