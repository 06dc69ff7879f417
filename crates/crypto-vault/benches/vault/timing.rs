//! Measuring two things in turn.

use std::error::Error;
use std::time::{Duration, Instant};

/// Rounds of each pair.
const ROUNDS: u32 = 25;

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// Fastest round of one piece of work, per piece.
fn fastest(best: &mut Duration, pieces: u32, work: &mut dyn FnMut() -> Outcome) -> Outcome {
    let start = Instant::now();
    for _ in 0..pieces {
        work()?;
    }
    *best = (*best).min(start.elapsed() / pieces);
    Ok(())
}

/// Measures ours beside the bare cipher's and prints both per piece, their ratio, and the goal.
pub(crate) fn beside(
    what: &str,
    goal: &str,
    pieces: u32,
    mut ours: impl FnMut() -> Outcome,
    mut bare: impl FnMut() -> Outcome,
) -> Outcome {
    let (mut our_best, mut bare_best) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        fastest(&mut our_best, pieces, &mut ours)?;
        fastest(&mut bare_best, pieces, &mut bare)?;
    }
    let ratio = bare_best.as_secs_f64() / our_best.as_secs_f64();
    println!("{what:<46} {our_best:>12.2?} {bare_best:>12.2?} {ratio:>7.2} {goal:>10}");
    Ok(())
}

/// Measures a long piece of work slice by slice: the sum, over all slices, of the fastest of ten passes of each.
/// A pass over the whole would be cut into by whatever else runs.
pub(crate) fn in_slices<T>(
    all: &[T],
    len: usize,
    mut work: impl FnMut(&T) -> Outcome,
) -> Result<Duration, Box<dyn Error>> {
    let mut sum = Duration::ZERO;
    for slice in all.chunks(len) {
        let mut best = Duration::MAX;
        for _ in 0..10 {
            fastest(&mut best, 1, &mut || slice.iter().try_for_each(&mut work))?;
        }
        sum += best;
    }
    Ok(sum)
}

/// Most memory that the process ever held, in KiB; `None` where the system does not say.
pub(crate) fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
