//! "The stricter wins": floors join by the latest, ceilings by the earliest (LAW.md, M-3, M-4).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::RowRef;

/// A date and every row that set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// The date.
    pub on: NaiveDate,
    /// The rows that set it; ties keep all of them, in order (M-1).
    pub rows: Vec<RowRef>,
}

/// The latest of the floors, with every row that set it; `None` if there is no floor (M-3).
pub fn latest_floor(floors: impl IntoIterator<Item = (NaiveDate, RowRef)>) -> Option<Bound> {
    merge(floors, |new, old| new > old)
}

/// The earliest of the ceilings, with every row that set it; `None` if there is no ceiling (M-4).
pub fn earliest_ceiling(ceilings: impl IntoIterator<Item = (NaiveDate, RowRef)>) -> Option<Bound> {
    merge(ceilings, |new, old| new < old)
}

fn merge(
    dates: impl IntoIterator<Item = (NaiveDate, RowRef)>,
    wins: impl Fn(NaiveDate, NaiveDate) -> bool,
) -> Option<Bound> {
    let mut bound: Option<Bound> = None;
    for (on, row) in dates {
        match &mut bound {
            Some(best) if best.on == on => {
                if !best.rows.contains(&row) {
                    best.rows.push(row);
                }
            }
            Some(best) if !wins(on, best.on) => {}
            _ => bound = Some(Bound { on, rows: vec![row] }),
        }
    }
    if let Some(best) = &mut bound {
        best.rows.sort();
    }
    bound
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{arb_date, arb_row_ref};

    proptest! {
        /// M-3: a further floor never lets anything be destroyed earlier.
        #[test]
        fn adding_a_floor_never_moves_it_earlier(
            rows in proptest::collection::vec((arb_date(), arb_row_ref()), 1..6), more in (arb_date(), arb_row_ref()),
        ) {
            let before = latest_floor(rows.clone()).unwrap();
            let after = latest_floor(rows.iter().cloned().chain([more])).unwrap();
            prop_assert!(after.on >= before.on);
            prop_assert_eq!(before.on, rows.iter().map(|(on, _)| *on).max().unwrap());
        }

        /// M-4: a further ceiling never lets anything be kept longer, and ties keep every row.
        #[test]
        fn adding_a_ceiling_never_moves_it_later_and_ties_keep_every_row(
            rows in proptest::collection::vec((arb_date(), arb_row_ref()), 1..6), more in arb_row_ref(),
        ) {
            let before = earliest_ceiling(rows.clone()).unwrap();
            prop_assert_eq!(before.on, rows.iter().map(|(on, _)| *on).min().unwrap());
            let tied = earliest_ceiling(rows.into_iter().chain([(before.on, more.clone())])).unwrap();
            prop_assert_eq!(tied.on, before.on);
            prop_assert!(tied.rows.contains(&more));
            prop_assert!(before.rows.iter().all(|row| tied.rows.contains(row)));
        }

        /// The order in which profiles are listed changes nothing.
        #[test]
        fn the_order_of_the_rows_does_not_matter(mut rows in proptest::collection::vec((arb_date(), arb_row_ref()), 0..6)) {
            let forward = latest_floor(rows.clone());
            rows.reverse();
            prop_assert_eq!(forward, latest_floor(rows));
        }
    }
}
