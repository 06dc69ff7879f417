//! FHIR dates: a year, a month, a day, or an instant with its offset.

use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, Utc};

use crate::error::Problem;

/// Hour at which a day without a time is placed, in UTC: noon is on the same calendar day in every zone from
/// UTC-12 to UTC+11, so the clinic's legal day is the day that was written.
const HOUR_OF_A_DAY: u32 = 12;

/// Reads a FHIR `date`, `dateTime` or `instant`.
///
/// A month counts as its last day and a year as 31 December: what is counted from here is how long a record is
/// kept, and nobody may destroy early because a source was vague.
pub(crate) fn parse(text: &str) -> Result<DateTime<Utc>, Problem> {
    if text.contains('T') {
        // FHIR demands seconds and a zone when there is a time; so does RFC 3339.
        return DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()).map_err(|_| Problem::Date);
    }
    let day = match text.len() {
        4 => first_day(text, "-01-01").and_then(|day| day.checked_add_months(Months::new(12))),
        7 => first_day(text, "-01").and_then(|day| day.checked_add_months(Months::new(1))),
        10 => first_day(text, "").and_then(|day| day.checked_add_days(Days::new(1))),
        _ => None,
    };
    let last = day.and_then(|after| after.pred_opt()).ok_or(Problem::Date)?;
    noon(last).ok_or(Problem::Date)
}

fn first_day(text: &str, rest: &str) -> Option<NaiveDate> {
    // `%Y` alone would take signs and other lengths.
    let digits = text.bytes().all(|b| b.is_ascii_digit() || b == b'-') && !text.starts_with('-');
    digits.then(|| NaiveDate::parse_from_str(&format!("{text}{rest}"), "%Y-%m-%d").ok()).flatten()
}

/// The instant that stands for a day.
pub(crate) fn noon(day: NaiveDate) -> Option<DateTime<Utc>> {
    Some(day.and_time(NaiveTime::from_hms_opt(HOUR_OF_A_DAY, 0, 0)?).and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_precision_is_read_as_its_last_day() {
        let read = |text| parse(text).map(|at| at.to_string());
        assert_eq!(read("2023").unwrap(), "2023-12-31 12:00:00 UTC");
        assert_eq!(read("2024-02").unwrap(), "2024-02-29 12:00:00 UTC");
        assert_eq!(read("2024-03-01").unwrap(), "2024-03-01 12:00:00 UTC");
        assert_eq!(read("1986-11-13T16:07:24-08:00").unwrap(), "1986-11-14 00:07:24 UTC");
        assert_eq!(read("2021-03-25T17:07:24.120Z").unwrap(), "2021-03-25 17:07:24.120 UTC");
    }

    #[test]
    fn what_fhir_does_not_allow_is_refused() {
        for text in [
            "",
            "20",
            "2023-13",
            "2023-02-30",
            "2023-2-3",
            "13/02/2023",
            "2023-02-03T10:00:00",
            "2023-02-03T10:00Z",
            "2023-02-03T25:00:00Z",
            "+023",
            "-023",
            "2023-",
            "hoy",
            "２０２３",
        ] {
            assert_eq!(parse(text), Err(Problem::Date), "{text}");
        }
    }
}
