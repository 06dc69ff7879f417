//! Reads bundles from files, prints what was counted and how fast they were mapped.
//!
//! `cargo run --release -p fhir-mapping --example count_bundles -- FILE...`

use std::error::Error;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use fhir_mapping::{ImportOptions, ImportReport, read_bundle};

/// How often each file is mapped, so that the clock has something to measure.
const ROUNDS: u32 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let today = NaiveDate::from_ymd_opt(2026, 1, 1).ok_or("no such day")?;
    let options = ImportOptions { source: None, today };
    let mut sum = ImportReport::default();
    let mut spent = Duration::ZERO;
    let mut size_bytes = 0;
    for path in std::env::args().skip(1) {
        let json = std::fs::read(&path)?;
        let bundle = read_bundle(&json, &options).map_err(|error| format!("{path}: {error}"))?;
        println!("{path}: {} resources, {} items", bundle.report.resources, bundle.items.len());
        sum.add(&bundle.report);
        let start = Instant::now();
        for _ in 0..ROUNDS {
            drop(read_bundle(&json, &options)?);
        }
        spent += start.elapsed() / ROUNDS;
        size_bytes += json.len();
    }
    println!("{}", serde_json::to_string_pretty(&sum)?);
    let seconds = spent.as_secs_f64().max(f64::EPSILON);
    let resources = f64::from(u32::try_from(sum.resources)?);
    let megabytes = f64::from(u32::try_from(size_bytes)?) / 1e6;
    println!("{:.0} resources/s, {:.0} MB/s", resources / seconds, megabytes / seconds);
    Ok(())
}
