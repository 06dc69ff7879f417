//! Adding months by date, and what to do when the last month has no such date.

use chrono::{Datelike, Days, Months, NaiveDate};

/// The same date so many months later; a missing date falls **back** to the last day of that month.
///
/// For ceilings and for terms of months: never later than the text allows (LAW.md, M-4, D-18). Returns `None`
/// past the last date that the calendar can hold.
///
/// ```
/// use chrono::NaiveDate;
/// use jurisdiction::add_months_back;
/// let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
/// assert_eq!(add_months_back(day(2024, 2, 29), 12), Some(day(2025, 2, 28)));
/// ```
#[must_use]
pub fn add_months_back(start: NaiveDate, months: u32) -> Option<NaiveDate> {
    start.checked_add_months(Months::new(months))
}

/// The same date so many months later; a missing date moves **forward** to the first of the month after it.
///
/// For floors: never earlier than the text allows (LAW.md, M-3). Returns `None` past the last date that the
/// calendar can hold.
///
/// ```
/// use chrono::NaiveDate;
/// use jurisdiction::add_months_forward;
/// let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
/// assert_eq!(add_months_forward(day(2024, 2, 29), 12), Some(day(2025, 3, 1)));
/// assert_eq!(add_months_forward(day(2021, 3, 15), 84), Some(day(2028, 3, 15)));
/// ```
#[must_use]
pub fn add_months_forward(start: NaiveDate, months: u32) -> Option<NaiveDate> {
    let end = add_months_back(start, months)?;
    if end.day() == start.day() { Some(end) } else { end.checked_add_days(Days::new(1)) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::arb_date;

    proptest! {
        /// M-3, M-4: the two differ by at most a day, and only where the date is missing.
        #[test]
        fn a_floor_is_never_before_a_ceiling_of_the_same_length(start in arb_date(), months in 0..600_u32) {
            let (back, forward) = (add_months_back(start, months).unwrap(), add_months_forward(start, months).unwrap());
            prop_assert!(forward >= back && (forward - back).num_days() <= 1);
            prop_assert_eq!(forward == back, back.day() == start.day());
        }

        /// Years are dates, not multiples of 365 days.
        #[test]
        fn whole_years_keep_day_and_month_unless_it_is_29_february(start in arb_date(), years in 0..60_u32) {
            let end = add_months_forward(start, years * 12).unwrap();
            let leap_day = (start.month(), start.day()) == (2, 29);
            prop_assert_eq!(end.year(), start.year() + i32::try_from(years).unwrap());
            if !leap_day {
                prop_assert_eq!((end.month(), end.day()), (start.month(), start.day()));
            }
        }
    }
}
