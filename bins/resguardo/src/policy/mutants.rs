//! `policy mutants`: every single edit of every rule, and whether the document notices it.

use std::io::{self, IsTerminal as _, Write};
use std::num::NonZero;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use consent_policy::mutation::{Catch, Mutant, Score, Survivor, Trial, sampled};
use indicatif::{ProgressBar, ProgressStyle};
use records_model::Vocabulary as _;

use super::{Asked, document};
use crate::acting::Form;
use crate::{CliError, Verdict, render};

/// Which edits are tried.
#[derive(Debug, Args)]
pub(crate) struct Mutants {
    /// A policy document; without, the clinic's own in force.
    #[arg(value_name = "FILE")]
    pub(super) document: Option<PathBuf>,
    /// Try so many of the edits only.
    #[arg(long, value_name = "N")]
    sample: Option<NonZero<usize>>,
    /// Which ones: the same seed picks the same edits.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

impl Mutants {
    /// Tries the edits and says how the document did; the answer is no if one of them passed unseen.
    pub(super) fn answer(&self, asked: &Asked<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        let policy = match &self.document {
            Some(path) => &document::verified(path)?,
            None => asked.in_force()?.policy(),
        };
        let trial = Trial::new(policy);
        let all = trial.mutants();
        let edits = all.len();
        let mutants = sampled(all, self.sample.map_or(edits, NonZero::get), self.seed);
        let started = Instant::now();
        let score = scored(&trial, &mutants)?;
        let report = Report { trial: &trial, edits, seed: self.seed, took: started.elapsed(), score };
        match asked.form {
            Form::Json => report.json(out)?,
            Form::Text => report.text(out)?,
        }
        Ok(if report.score.is_full() { Verdict::Done } else { Verdict::No })
    }
}

/// Every thread takes every so-manieth edit: neighbours cost alike, so the load is even.
fn scored(trial: &Trial<'_>, mutants: &[Mutant]) -> Result<Score, CliError> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let bar = progress(mutants.len());
    std::thread::scope(|scope| {
        let worker = |first: usize| {
            let (bar, mine) = (&bar, mutants.iter().skip(first).step_by(threads));
            move || trial.score(mine.copied().inspect(|_| bar.inc(1)))
        };
        let workers: Vec<_> = (0..threads).map(|first| scope.spawn(worker(first))).collect();
        let scores = workers.into_iter().map(|worker| {
            worker.join().map_err(|_| CliError::Write(io::Error::other("a thread of the trial stopped")))
        });
        scores.into_iter().try_fold(Score::default(), |all, score| Ok(all.and(score?)))
    })
}

fn progress(mutants: usize) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::try_from(mutants).unwrap_or(u64::MAX));
    match ProgressStyle::with_template("{wide_bar} {pos}/{len} edits, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

struct Report<'a> {
    trial: &'a Trial<'a>,
    /// How many edits there are; as many as were tried, or more.
    edits: usize,
    seed: u64,
    took: Duration,
    score: Score,
}

impl Report<'_> {
    fn text(&self, out: &mut impl Write) -> io::Result<()> {
        let (score, hundredths) = (&self.score, self.score.hundredths_of_percent());
        writeln!(out, "seed {}: {} of {} single edits tried", self.seed, score.tried(), self.edits)?;
        for catch in Catch::ALL {
            writeln!(out, "  {:>6} caught: {}", score.caught_by(*catch), catch.code())?;
        }
        writeln!(out, "  {:>6} proved to change nothing", score.dead())?;
        writeln!(out, "  {:>6} proved to forbid only what nobody allowed anyway", score.doubled())?;
        let unguarded = score.unguarded().len();
        writeln!(out, "  {unguarded:>6} left something refused but no longer forbidden")?;
        writeln!(out, "  {:>6} survived", score.survivors().len())?;
        let strict = score.strict_hundredths_of_percent();
        writeln!(
            out,
            "score {}.{:02} %; {}.{:02} % if what is no longer forbidden counts as missed",
            hundredths / 100,
            hundredths % 100,
            strict / 100,
            strict % 100
        )?;
        for survivor in self.survivors() {
            writeln!(out, "{}", self.trial.sentence(survivor.mutant))?;
            writeln!(out, "  {}: {}", survivor.change.kind, survivor.change.witness)?;
        }
        // What a run takes is said apart, so that two runs print the same.
        writeln!(io::stderr(), "tried in {} ms", self.took.as_millis())
    }

    fn json(&self, out: &mut impl Write) -> Result<(), CliError> {
        let caught =
            Catch::ALL.iter().map(|catch| (catch.code().to_owned(), self.score.caught_by(*catch).into()));
        let survivors = self.survivors().into_iter().map(|survivor| {
            serde_json::json!({
                "edit": self.trial.sentence(survivor.mutant),
                "change": survivor.change.kind.to_string(),
                "witness": { "request": survivor.change.witness.request, "facts": survivor.change.witness.facts },
            })
        });
        let report = serde_json::json!({
            "seed": self.seed,
            "edits": self.edits,
            "tried": self.score.tried(),
            "caught": caught.collect::<serde_json::Map<String, serde_json::Value>>(),
            "dead": self.score.dead(),
            "doubled": self.score.doubled(),
            "unguarded": self.score.unguarded().len(),
            "strict-score-hundredths-of-percent": self.score.strict_hundredths_of_percent(),
            "score-hundredths-of-percent": self.score.hundredths_of_percent(),
            "survivors": survivors.collect::<Vec<_>>(),
            "took-ms": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
        });
        render::json(out, &report)
    }

    /// In the order of the document, however the threads shared the work.
    fn survivors(&self) -> Vec<&Survivor> {
        let mut survivors: Vec<&Survivor> = self.score.survivors().iter().collect();
        survivors.sort_by_key(|survivor| survivor.mutant);
        survivors
    }
}
