//! The calendars of LAW.md, section 2.0.

use std::collections::BTreeMap;

use chrono::{Datelike, Weekday};
use proptest::prelude::*;

use super::*;
use crate::testing::arb_date;
use crate::{Calendar, CalendarId};

fn calendar(id: &str) -> Calendar {
    law().calendar(&CalendarId::parse(id).unwrap()).unwrap().clone()
}

/// Every weekday from 2025 to 2030 on which this calendar is free.
fn free_weekdays(calendar: &Calendar) -> Vec<NaiveDate> {
    let all = day("2025-01-01").iter_days().take_while(|date| date.year() <= 2030);
    all.filter(|date| !matches!(date.weekday(), Weekday::Sat | Weekday::Sun) && !calendar.is_working(*date))
        .collect()
}

#[test]
fn the_strict_calendar_is_free_on_four_dates_and_two_coincidences() {
    let free = free_weekdays(&calendar("MX-STRICT"));
    let mut by_date: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    for date in &free {
        *by_date.entry((date.month(), date.day())).or_default() += 1;
    }
    let dates: Vec<_> = by_date.keys().copied().collect();
    assert_eq!(dates, [(1, 1), (2, 5), (5, 1), (9, 16), (11, 20), (12, 25)]);
    let coincidences: Vec<_> =
        free.into_iter().filter(|d| [(2, 5), (11, 20)].contains(&(d.month(), d.day()))).collect();
    assert_eq!(coincidences, [day("2028-11-20"), day("2029-02-05")]);
}

#[test]
fn the_three_lists_disagree_where_they_should() {
    let free =
        |date: &str| ["MX-LFPA-28", "MX-LFT-74", "MX-CFF-12"].map(|id| !calendar(id).is_working(day(date)));
    // Date, then whether LFPA, LFT and CFF are free.
    for (date, expected) in [
        ("2026-02-02", [false, true, true]),
        ("2026-02-05", [true, false, false]),
        ("2026-03-16", [false, true, true]),
        ("2028-03-21", [true, false, false]),
        ("2026-05-05", [true, false, true]),
        ("2026-09-01", [true, false, false]),
        ("2026-09-16", [true, true, true]),
        ("2026-11-16", [false, true, true]),
        ("2026-11-20", [true, false, false]),
        ("2024-10-01", [false, true, false]),
        ("2030-10-01", [false, true, false]),
        ("2029-10-01", [false, false, false]),
        ("2027-12-01", [false, false, false]),
        // Holy Week stands in none.
        ("2027-03-25", [false, false, false]),
        ("2027-03-26", [false, false, false]),
    ] {
        assert_eq!(free(date), expected, "{date}");
    }
}

proptest! {
    /// Computed as an intersection: free exactly where all three are.
    #[test]
    fn the_strict_calendar_is_free_only_where_all_three_are(date in arb_date()) {
        let all = ["MX-LFPA-28", "MX-LFT-74", "MX-CFF-12"].iter().all(|id| !calendar(id).is_working(date));
        prop_assert_eq!(!calendar("MX-STRICT").is_working(date), all);
    }
}
