//! The report of the day, line by line.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use clinic_runtime::{ExampleClinic, OutsideEvidence, example_clinic};
use expect_test::expect_file;

use crate::clinic::{Place, at, broken, documents, report};
use crate::day;

#[tokio::test]
async fn the_report_of_a_day_lists_every_clause_with_its_computed_state() {
    let place = Place::new("promises_day").await;
    let home = place.open(documents()).await;
    day::work(&home).await;
    let lines = report(&home, at(61), &OutsideEvidence::default()).await;
    let table = lines.iter().fold(String::new(), |mut table, line| {
        let check = line.evaluator.map_or("-", privacy_notice::Evaluator::code);
        let _ = writeln!(table, "{} {} {}", line.id, line.state.code(), check);
        table
    });
    expect_file!["day.txt"].assert_eq(&table);
}

#[tokio::test]
async fn the_example_clinics_report_on_their_first_day_what_is_truly_amiss() {
    for (name, which, lines_count, amiss) in [
        ("promises_elicells", ExampleClinic::Elicells, 93, &[40, 68, 80, 92][..]),
        ("promises_brisa", ExampleClinic::Brisa, 39, &[]),
    ] {
        let home = Place::new(name).await.open(example_clinic(which)).await;
        let outside = OutsideEvidence::default();
        let asked = report(&home, at(0), &outside);
        let lines = sendable(asked).await;
        assert_eq!(lines.len(), lines_count);
        // Nobody is enrolled yet, so nobody holds the office of privacy officer.
        let expected: BTreeSet<u16> = amiss.iter().copied().chain([91]).collect();
        assert_eq!(broken(&lines), expected, "{name}");
    }
}

/// A server asks from one of its own tasks.
fn sendable<T: Send>(future: T) -> T {
    future
}
