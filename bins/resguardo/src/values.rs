//! Values of the command line that are more than one word.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};
use jurisdiction::ClinicZone;
use privacy_operations::{ConsentEvidence, House};
use records_model::{Set, Vocabulary, nearest};

use crate::CliError;

/// A set of words; every word if none was named.
pub(crate) fn set_or_full<V: Vocabulary>(words: &[V]) -> Set<V> {
    if words.is_empty() { Set::full() } else { Set::of(words) }
}

/// How a consent was taken.
pub(crate) fn evidence(text: &str) -> Result<ConsentEvidence, String> {
    ConsentEvidence::ALL.into_iter().find(|known| known.code() == text).ok_or_else(|| {
        let codes = ConsentEvidence::ALL.into_iter().map(ConsentEvidence::code);
        match nearest(text, codes.clone()) {
            Some(word) => format!("not a known way of taking consent; did you mean `{word}`?"),
            None => format!(
                "not a known way of taking consent; valid are {}",
                codes.collect::<Vec<_>>().join(", ")
            ),
        }
    })
}

/// A day, or an instant with its offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// A day at the clinic.
    Day(NaiveDate),
    /// An instant.
    Instant(DateTime<Utc>),
}

impl std::str::FromStr for When {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let instant = || DateTime::parse_from_rfc3339(text).map(|at| Self::Instant(at.to_utc()));
        text.parse().map(Self::Day).or_else(|_| instant()).map_err(
            |_| "not a day nor an instant; write YYYY-MM-DD, or YYYY-MM-DDThh:mm:ss with Z or an offset",
        )
    }
}

impl When {
    /// The instant at which a day begins at the clinic.
    pub(crate) fn start(self, zone: ClinicZone) -> DateTime<Utc> {
        match self {
            Self::Instant(at) => at,
            Self::Day(day) => start_of(day, zone),
        }
    }

    /// The instant at which a day is over at the clinic.
    pub(crate) fn end(self, zone: ClinicZone) -> DateTime<Utc> {
        match self {
            Self::Instant(at) => at,
            Self::Day(day) => start_of(day.succ_opt().unwrap_or(day), zone),
        }
    }
}

/// The first instant whose date at the clinic is this day: offsets are whole quarters of an hour, at most a day.
fn start_of(day: NaiveDate, zone: ClinicZone) -> DateTime<Utc> {
    let earliest = day.and_time(NaiveTime::MIN).and_utc() - TimeDelta::hours(24);
    let quarters = (0..=48 * 4).map(|quarter| earliest + TimeDelta::minutes(15 * quarter));
    quarters.into_iter().find(|at| zone.date_of(*at) >= day).unwrap_or(earliest)
}

/// Today at the clinic.
pub(crate) fn today(now: DateTime<Utc>, house: &House) -> NaiveDate {
    house.zone.date_of(now)
}

/// A value about a person: what is wrong is said, what was given is not repeated.
pub(crate) fn about_person<T, E: std::fmt::Display>(
    option: &str,
    parsed: Result<T, E>,
) -> Result<T, CliError> {
    parsed.map_err(|error| CliError::Usage(format!("{option}: {error}")))
}
