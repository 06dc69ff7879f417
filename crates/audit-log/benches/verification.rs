//! How fast an export is checked, beside SHA-256 alone over the same bytes: `cargo bench -p audit-log`.
//!
//! Both take the same text of 100,000 entries in turns, many times; the fastest of each counts, because everything
//! that disturbs a measurement only makes it slower. What is measured is the processor time of this thread where the
//! system tells it (Linux), so that a busy machine does not count.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use audit_log::testing::{ExportParts, sample_history, sample_key};
use audit_log::{Anchors, verify_export};
use sha2::{Digest, Sha256};

const ENTRIES: usize = 100_000;
/// A head every so many entries, as a sequencer signs them while data is imported.
const HEAD_EVERY: usize = 4_096;
const ROUNDS: usize = 25;

fn main() -> Result<(), Box<dyn Error>> {
    let text = ExportParts::of(&sample_history(1, ENTRIES), HEAD_EVERY).lines().join("\n");
    let mut hashing = Duration::MAX;
    let mut checking = Duration::MAX;
    for _ in 0..ROUNDS {
        let (_, took) = timed(|| black_box(Sha256::digest(black_box(text.as_bytes()))));
        hashing = hashing.min(took);
        let (report, took) =
            timed(|| verify_export(black_box(&text).lines(), Anchors::new(sample_key().verifier_key())));
        checking = checking.min(took);
        if !report.is_intact() {
            return Err("the honest export is not intact".into());
        }
    }
    println!("entries           {ENTRIES}");
    println!("bytes             {}", text.len());
    println!("SHA-256 alone     {:.1} ms", hashing.as_secs_f64() * 1e3);
    println!("check             {:.1} ms", checking.as_secs_f64() * 1e3);
    println!("check / SHA-256   {:.2}x of its speed", hashing.as_secs_f64() / checking.as_secs_f64());
    Ok(())
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let (wall, processor) = (Instant::now(), processor_time());
    let outcome = work();
    let took = match (processor, processor_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => wall.elapsed(),
    };
    (outcome, took)
}

/// How long this thread has run so far, in the first number of the kernel's own account.
fn processor_time() -> Option<Duration> {
    let account = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    account.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
