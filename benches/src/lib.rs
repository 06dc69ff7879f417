//! What the measurements share: documents, requests, and other engines that decide by the same rules.
//!
//! ```text
//! cargo bench -p benches
//! ```
//!
//! builds everything (minutes, because of the peers), has all engines agree on 10,000 requests, then measures
//! them in turns, so that what else the machine does falls on all alike, and prints ratios of medians. Absolute
//! figures are of the machine; ratios of one run are what counts. `results/` keeps runs with what was missed.
//!
//! Ours decides one closed question; theirs are general languages. Each peer gets its fastest form that we know:
//! requests are put in its terms before the clock starts, and none is asked for fields or obligations, which only
//! ours computes. A request over several categories is several questions to a peer and one to us; the time is of
//! the whole request.

pub mod by_hand;
pub mod casbin_peer;
pub mod clock;
pub mod consents;
pub mod documents;
pub mod rego_peer;

/// Why a measurement cannot be made.
pub type Failure = Box<dyn std::error::Error>;
