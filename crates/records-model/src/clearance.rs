//! What the clinic knows of its staff's fitness to see records (section 5.3); the rule that judges it lives in
//! `safeguards`.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// One training that somebody completed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingRecord {
    /// Module and version, such as `privacy-basics-3`.
    pub module: String,
    /// Day of completion.
    pub completed_on: NaiveDate,
    /// First day on which it no longer counts.
    pub expires_on: NaiveDate,
}

/// The outcome of a background check: never the report, which is sensitive data of the staff member (P-60).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case", deny_unknown_fields)]
pub enum BackgroundCheck {
    /// None on file.
    Missing,
    /// Clear until a day.
    Clear {
        /// First day on which it no longer counts.
        expires_on: NaiveDate,
    },
    /// Not clear.
    NotClear,
}

/// The confidentiality undertaking (P-8); the duty outlives the employment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Undertaking {
    /// None on file.
    Missing,
    /// Signed.
    Signed {
        /// Day of signing.
        on: NaiveDate,
    },
}

/// Everything on file about one staff member's clearance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clearance {
    /// Trainings, in any order.
    pub trainings: Vec<TrainingRecord>,
    /// The newest background check.
    pub background_check: BackgroundCheck,
    /// The undertaking.
    pub undertaking: Undertaking,
    /// Last day of employment, if it ended.
    pub left_on: Option<NaiveDate>,
}
