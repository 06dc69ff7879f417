//! Each real fact that is broken flips exactly its clauses, and says why and what mends it in both languages.

use std::collections::BTreeSet;

use clinic_runtime::OutsideEvidence;
use tokio::sync::OnceCell;

use crate::clinic::{Place, at, broken, documents, report};
use crate::day;
use crate::planted::{Fault, LOG, ROWS, TRACES};

/// The day once, and every fault in a copy of its own.
static DAY: OnceCell<Place> = OnceCell::const_new();

pub(crate) async fn the_day() -> &'static Place {
    DAY.get_or_init(|| async {
        let place = Place::new("promises_flips").await;
        let home = place.open(documents()).await;
        day::work(&home).await;
        drop(home);
        place
    })
    .await
}

async fn each_breaks_its_clauses_and_no_other(name: &str, faults: &[Fault]) {
    let day = the_day().await;
    let mut wrong = Vec::new();
    for (number, (what, statements, clauses)) in faults.iter().enumerate() {
        let place = day.copy(&format!("promises_{name}_{number}")).await;
        place.database.tamper(statements).await.unwrap();
        let home = place.open(documents()).await;
        let found = broken(&report(&home, at(61), &OutsideEvidence::default()).await);
        let expected: BTreeSet<u16> = clauses.iter().copied().collect();
        if found != expected {
            wrong.push(format!("{what}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn rows_that_were_altered_break_their_clauses_and_no_other() {
    each_breaks_its_clauses_and_no_other("rows", ROWS).await;
}

#[tokio::test]
async fn rows_without_an_entry_and_rows_that_are_gone_break_their_clauses_and_no_other() {
    each_breaks_its_clauses_and_no_other("traces", TRACES).await;
}

#[tokio::test]
async fn what_the_log_tells_and_what_was_done_to_it_break_their_clauses_and_no_other() {
    each_breaks_its_clauses_and_no_other("log", LOG).await;
}
