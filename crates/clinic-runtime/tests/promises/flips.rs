//! Each real fact that is broken flips exactly its clauses, and says why and what mends it in both languages.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use clinic_runtime::OutsideEvidence;
use postgres_store::Clock;
use tokio::sync::OnceCell;

use crate::clinic::{Place, at, broken, documents, report};
use crate::day;

/// The day once, and every fault in a copy of its own.
static DAY: OnceCell<Place> = OnceCell::const_new();

async fn the_day() -> &'static Place {
    DAY.get_or_init(|| async {
        let place = Place::new("promises_flips").await;
        let home = place.open(documents()).await;
        day::work(&home).await;
        drop(home);
        place
    })
    .await
}

fn later(instant: &str) -> Clock {
    Clock::At(instant.parse::<DateTime<Utc>>().unwrap())
}

/// A fault planted in the database, and the clauses that it breaks an hour after the day.
const PLANTED: &[(&str, &str, &[u16])] = &[
    (
        "a word outside the closed lists",
        "ALTER TABLE records ALTER COLUMN kind TYPE text; UPDATE records SET kind = 'wage' WHERE category = 'birth-date'",
        &[5, 9],
    ),
    (
        "the stored policy is not the one that was proved",
        "UPDATE clinic_documents SET content = content || '# edited' WHERE path = 'policy.toml'",
        &[12, 13],
    ),
    (
        "the text of the notice is not what was published",
        "UPDATE clinic_documents SET content = replace(content, 'sin registrarse', 'tras registrarse') WHERE path = 'clauses.toml'",
        &[2, 87, 89],
    ),
];

#[tokio::test]
async fn each_planted_fault_breaks_its_clauses_and_no_other() {
    let day = the_day().await;
    let mut wrong = Vec::new();
    for (number, (what, statements, clauses)) in PLANTED.iter().enumerate() {
        let place = day.copy(&format!("promises_planted_{number}")).await;
        place.database.tamper(statements).await.unwrap();
        let home = place.open(documents()).await;
        let found = broken(&report(&home, at(61), &OutsideEvidence::default()).await);
        if found != clauses.iter().copied().collect::<BTreeSet<_>>() {
            wrong.push(format!("{what}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
