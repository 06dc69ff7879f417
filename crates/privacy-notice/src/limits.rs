//! How old evidence may grow.

use serde::{Deserialize, Serialize};

/// How old a piece of evidence may grow before the promise that rests on it counts as broken.
///
/// The clinic sets them in `clinic.toml`; the defaults are the product's own choice, except
/// `recovery_days` (the recovery of the keys is verified at least every 90 days, design of the key store).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Limits {
    /// Hours since the log was last verified (P-54).
    pub log_verified_hours: u32,
    /// Days since security updates were last looked at (P-50).
    pub patch_days: u32,
    /// Days since the recovery of the keys was last verified (P-47).
    pub recovery_days: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { log_verified_hours: 24, patch_days: 30, recovery_days: 90 }
    }
}
