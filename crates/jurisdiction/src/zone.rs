//! The clinic's time zone: where an instant becomes a legal day.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound as _, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The version of the time zone tables compiled in, such as `2025b`; each derivation names it.
#[must_use]
pub const fn zone_tables() -> &'static str {
    chrono_tz::IANA_TZDB_VERSION
}

/// The time zone in which the clinic's days begin and end.
///
/// ```
/// use jurisdiction::ClinicZone;
/// let monterrey = ClinicZone::parse("America/Monterrey")?;
/// // Eight in the evening there is already the next day in UTC.
/// assert_eq!(monterrey.date_of("2027-06-08T02:00:00Z".parse()?).to_string(), "2027-06-07");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClinicZone(Tz);

/// A text that names no time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not a time zone of the IANA tables; write it like `America/Monterrey`")]
pub struct UnknownZone;

impl ClinicZone {
    /// Reads an IANA name.
    ///
    /// # Errors
    ///
    /// [`UnknownZone`] if the tables have no such zone.
    pub fn parse(name: &str) -> Result<Self, UnknownZone> {
        name.parse().map(Self).map_err(|_| UnknownZone)
    }

    /// The date at the clinic at this instant.
    #[must_use]
    pub fn date_of(self, instant: DateTime<Utc>) -> NaiveDate {
        instant.with_timezone(&self.0).date_naive()
    }

    /// The time of day at the clinic at an instant, to the second.
    #[must_use]
    pub fn time_of(self, instant: DateTime<Utc>) -> chrono::NaiveTime {
        instant.with_timezone(&self.0).time().trunc_subsecs(0)
    }

    /// The instant at which the clinic's clock shows this date and time: the earlier one where it shows them twice,
    /// and an hour later where it skips them.
    ///
    /// ```
    /// # use jurisdiction::ClinicZone;
    /// let madrid = ClinicZone::parse("Europe/Madrid")?;
    /// assert_eq!(madrid.instant_of("2026-03-29T02:30:00".parse()?).to_string(), "2026-03-29 01:30:00 UTC");
    /// assert_eq!(madrid.instant_of("2026-10-25T02:30:00".parse()?).to_string(), "2026-10-25 00:30:00 UTC");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn instant_of(self, local: NaiveDateTime) -> DateTime<Utc> {
        let found = |local: NaiveDateTime| self.0.from_local_datetime(&local).earliest();
        let skipped = || found(local + TimeDelta::hours(1));
        found(local).or_else(skipped).map_or_else(|| local.and_utc(), |instant| instant.to_utc())
    }

    /// The IANA name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

impl TryFrom<String> for ClinicZone {
    type Error = UnknownZone;
    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::parse(&name)
    }
}

impl From<ClinicZone> for String {
    fn from(zone: ClinicZone) -> Self {
        zone.name().to_owned()
    }
}

impl fmt::Display for ClinicZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// One moment, as an instant and as the date at the clinic: rules that need both cannot mix two moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalMoment {
    now: DateTime<Utc>,
    today: NaiveDate,
}

impl LocalMoment {
    /// The moment `now`, as it is dated in `zone`.
    #[must_use]
    pub fn new(now: DateTime<Utc>, zone: ClinicZone) -> Self {
        Self { now, today: zone.date_of(now) }
    }

    /// The instant.
    #[must_use]
    pub const fn now(self) -> DateTime<Utc> {
        self.now
    }

    /// The date at the clinic.
    #[must_use]
    pub const fn today(self) -> NaiveDate {
        self.today
    }
}
