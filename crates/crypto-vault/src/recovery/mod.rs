//! Recovery: the epoch key and the index root shared out among people, of whom any k of n bring them back.

mod combine;
mod share;
mod split;

pub use combine::{RecoveredKeys, RecoveryError, RecoveryVerified, recover, verify_recovery};
pub use share::{RecoveryShare, ShareError, ShareLabel};
pub use split::{Quorum, QuorumError, split_recovery};

/// Epoch key, then index root.
const SECRET_BYTES: usize = 64;
