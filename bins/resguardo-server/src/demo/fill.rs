//! Fills a folder, once.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use clinic_runtime::{PasswordError, Runtime, RuntimeError};
use postgres_store::{Clock, StoreError};
use thiserror::Error;

use super::staff::{Filled, are_logins_open, enrol, open_logins};
use super::{patients, requests};

/// Why the invented data could not be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DemoError {
    /// The clinic could not.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The password could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// An earlier start was stopped in the middle.
    #[error("this demonstration was stopped while it was being filled; remove its folder and start again")]
    HalfFilled,
    /// The policy refused what the demonstration needs.
    #[error("the demonstration does not fit the clinic's policy: {0}")]
    Broken(&'static str),
}

impl DemoError {
    /// An error naming the step, unless it was permitted.
    pub(super) const fn unless(is_permit: bool, step: &'static str) -> Result<(), Self> {
        if is_permit { Ok(()) } else { Err(Self::Broken(step)) }
    }
}

/// Days of history that a demonstration begins with.
pub(super) const DAYS_OF_HISTORY: i64 = 60;

/// The day on which an invented clinic opened: so many days ago.
pub(crate) fn opening_day() -> DateTime<Utc> {
    let now: DateTime<Utc> = std::time::SystemTime::now().into();
    now - TimeDelta::days(DAYS_OF_HISTORY)
}

/// Fills a clinic that was just founded, by running the real operations; one that is filled stays as it is.
///
/// # Errors
///
/// [`DemoError`] with what to do next.
pub async fn fill(runtime: &Arc<Runtime>) -> Result<(), DemoError> {
    let opened = opening_day();
    if are_logins_open(runtime, opened).await? == Filled::Whole {
        return Ok(());
    }
    if runtime.store().tally(runtime.clinic(), opened).await?.patients > 0 {
        return Err(DemoError::HalfFilled);
    }
    let staff = Arc::new(enrol(runtime, opened).await?);
    let people = patients::make(runtime, &staff, opened).await?;
    requests::open(runtime, &staff, &people, opened).await?;
    open_logins(runtime, &staff, opened).await?;
    runtime.sequence(Clock::Database).await?;
    Ok(())
}
