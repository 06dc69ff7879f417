//! The report of the day, line by line.

use std::fmt::Write as _;

use clinic_runtime::OutsideEvidence;
use expect_test::expect_file;

use crate::clinic::{Place, at, documents, report};
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
