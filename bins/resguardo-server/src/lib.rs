//! The server: the console of a clinic, background jobs, and a demonstration with invented data.
//!
//! Thin: a handler takes typed input, calls one operation, and renders its outcome. No rule lives here. Who may
//! open which page is one table ([`ROUTES`]); what they see on it is decided, record by record, by the policy.

mod app;
mod attempts;
mod console;
mod demo;
mod fields;
mod guard;
mod kept;
mod options;
mod problem;
mod serve;
mod serving;

pub use app::{App, AppParts};
pub use demo::{DEMO_PASSWORD, DemoError, SignIn, fill, sign_ins};
pub use guard::{Audience, ROUTES, Route, expected_status};
pub use options::Options;
pub use serve::{ServeError, router, serve};
pub use serving::Serving;
