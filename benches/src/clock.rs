//! Measuring in turns.

use std::convert::Infallible;
use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// One thing that is measured.
pub struct Subject<'a, E = Infallible> {
    name: String,
    /// Work of one round.
    run: Box<dyn FnMut() -> Result<(), E> + 'a>,
    /// Operations in it.
    operations: u32,
    rounds: Vec<Duration>,
}

impl<'a> Subject<'a> {
    /// Measures this work, which does so many operations each time.
    pub fn new<T>(name: impl Into<String>, operations: u32, mut work: impl FnMut() -> T + 'a) -> Self {
        Self::fallible(name, operations, move || Ok(work()))
    }
}

impl<'a, E> Subject<'a, E> {
    /// The same for work that may fail: what fails is often fast, so nothing is measured then.
    pub fn fallible<T>(
        name: impl Into<String>,
        operations: u32,
        mut work: impl FnMut() -> Result<T, E> + 'a,
    ) -> Self {
        let run = Box::new(move || {
            black_box(work()?);
            Ok(())
        });
        Self { name: name.into(), run, operations, rounds: Vec::new() }
    }
}

/// The median time of one operation.
#[derive(Debug, Clone)]
pub struct Median {
    /// Of what.
    pub name: String,
    /// Nanoseconds for one operation.
    pub nanos: f64,
}

impl fmt::Display for Median {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (value, unit) = match self.nanos {
            nanos if nanos < 1e4 => (nanos, "ns"),
            nanos if nanos < 1e7 => (nanos / 1e3, "us"),
            nanos => (nanos / 1e6, "ms"),
        };
        write!(f, "{:<44} {value:>9.1} {unit}", self.name)
    }
}

/// Rounds of all subjects, one after the other and again, after one round that warms up; then the median of each.
#[must_use]
pub fn in_turns(rounds: usize, subjects: Vec<Subject<'_>>) -> Vec<Median> {
    let Ok(medians) = in_turns_or_fail(rounds, subjects, || Ok(()));
    medians
}

/// The same for work that may fail; `between` clears up after each piece of it, and is not measured.
///
/// # Errors
///
/// The first failure.
pub fn in_turns_or_fail<E>(
    rounds: usize,
    mut subjects: Vec<Subject<'_, E>>,
    mut between: impl FnMut() -> Result<(), E>,
) -> Result<Vec<Median>, E> {
    for subject in &mut subjects {
        (subject.run)()?;
        between()?;
    }
    for _ in 0..rounds {
        for subject in &mut subjects {
            let started = Instant::now();
            (subject.run)()?;
            subject.rounds.push(started.elapsed());
            between()?;
        }
    }
    Ok(subjects.into_iter().map(median).collect())
}

fn median<E>(mut subject: Subject<'_, E>) -> Median {
    subject.rounds.sort_unstable();
    let middle = subject.rounds.get(subject.rounds.len() / 2).copied().unwrap_or_default();
    Median { name: subject.name, nanos: middle.as_secs_f64() * 1e9 / f64::from(subject.operations) }
}

/// Prints the medians, each with its ratio to the first, and a goal where one is named: the ratio of the subject at
/// the position must be at least, or at most, the figure.
pub fn print(title: &str, medians: &[Median], goals: &[(usize, Goal)]) {
    println!("\n{title}");
    let Some(first) = medians.first() else { return };
    for (position, median) in medians.iter().enumerate() {
        let ratio = median.nanos / first.nanos;
        print!("  {median}  x{ratio:.2}");
        for (_, goal) in goals.iter().filter(|(at, _)| *at == position) {
            print!("  {}", goal.judge(ratio, median.nanos));
        }
        println!();
    }
}

/// What a measurement is to reach.
#[derive(Debug, Clone, Copy)]
pub enum Goal {
    /// So many times the first subject, or more.
    RatioAtLeast(f64),
    /// So many times the first subject, or less.
    RatioAtMost(f64),
    /// So many nanoseconds, or less.
    NanosAtMost(f64),
}

impl Goal {
    fn judge(self, ratio: f64, nanos: f64) -> String {
        let (text, met) = match self {
            Self::RatioAtLeast(goal) => (format!("goal >= x{goal}"), ratio >= goal),
            Self::RatioAtMost(goal) => (format!("goal <= x{goal}"), ratio <= goal),
            Self::NanosAtMost(goal) => (format!("goal <= {} us", goal / 1e3), nanos <= goal),
        };
        format!("({text}: {})", if met { "met" } else { "MISSED" })
    }
}
