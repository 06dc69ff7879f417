//! What is measured beside services: a Postgres that flushes to disk, its pgcrypto, and a Transit on this machine.
//!
//! ```text
//! cargo bench -p store-benches
//! ```
//!
//! A package of its own, so that nobody who wants these numbers compiles the policy engines that `benches` has as
//! peers.

pub mod clinic;
#[path = "../../src/clock.rs"]
pub mod clock;
pub mod cluster;
pub mod sealing;

/// Why a measurement cannot be made.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;
