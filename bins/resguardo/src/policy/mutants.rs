//! `policy mutants`: every single edit of every rule and every group, and whether the document notices it.

use std::io::{self, IsTerminal as _, Write};
use std::num::NonZero;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use consent_policy::Change;
use consent_policy::mutation::{Catch, GroupTrial, Score, Survivor, Trial, sampled};
use indicatif::{ProgressBar, ProgressStyle};
use records_model::Vocabulary as _;

use super::{Asked, document};
use crate::acting::Form;
use crate::{CliError, Verdict, render};

/// Which edits are tried.
#[derive(Debug, Args)]
pub(crate) struct Mutants {
    /// A policy document; without, the clinic's own in force, of which the rules are tried and not the groups.
    #[arg(value_name = "FILE")]
    pub(super) document: Option<PathBuf>,
    /// Try so many of the edits of each kind only.
    #[arg(long, value_name = "N")]
    sample: Option<NonZero<usize>>,
    /// Which ones: the same seed picks the same edits.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

impl Mutants {
    /// Tries the edits and says how the document did; the answer is no if one of them passed unseen.
    pub(super) fn answer(&self, asked: &Asked<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        let text = self.document.as_deref().map(document::text_of).transpose()?;
        let policy = match &self.document {
            Some(path) => &document::verified(path)?,
            None => asked.in_force()?.policy(),
        };
        let started = Instant::now();
        let trial = Trial::new(policy);
        let (edits, mutants) = self.chosen(trial.mutants());
        let score = scored(&mutants, |mine| trial.score(mine))?;
        let mut tallies = vec![Tally::of(OF_RULES, edits, &score, |mutant| trial.sentence(*mutant))];
        if let (Some(text), Some(path)) = (&text, &self.document) {
            let groups = GroupTrial::new(text, policy)
                .map_err(|error| CliError::Policy { path: path.clone(), why: error.to_string() })?;
            let (edits, mutants) = self.chosen(groups.edits());
            let score = scored(&mutants, |mine| groups.score(mine))?;
            let tally = Tally::of(OF_GROUPS, edits, &score, |edit| groups.sentence(edit));
            tallies.extend((tally.edits > 0).then_some(tally));
        }
        let report = Report { seed: self.seed, took: started.elapsed(), tallies };
        match asked.form {
            Form::Json => report.json(out)?,
            Form::Text => report.text(out)?,
        }
        Ok(if report.tallies.iter().all(|tally| tally.survivors.is_empty()) {
            Verdict::Done
        } else {
            Verdict::No
        })
    }

    /// How many edits there are, and those that are tried.
    fn chosen<M>(&self, all: Vec<M>) -> (usize, Vec<M>) {
        let edits = all.len();
        (edits, sampled(all, self.sample.map_or(edits, NonZero::get), self.seed))
    }
}

/// Every thread takes every so-manieth edit: neighbours cost alike, so the load is even.
fn scored<M: Clone + Sync + Send>(
    mutants: &[M],
    try_all: impl Fn(&mut dyn Iterator<Item = M>) -> Score<M> + Sync,
) -> Result<Score<M>, CliError> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let (bar, try_all) = (&progress(mutants.len()), &try_all);
    std::thread::scope(|scope| {
        let worker = |first: usize| {
            let mine = mutants.iter().skip(first).step_by(threads);
            move || try_all(&mut mine.cloned().inspect(|_| bar.inc(1)))
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

/// What the two kinds of edits are called.
const OF_RULES: Kind = Kind { text: "single edits", key: "rules" };
const OF_GROUPS: Kind = Kind { text: "single edits of groups", key: "groups" };

/// A kind of edits.
#[derive(Clone, Copy)]
struct Kind {
    text: &'static str,
    key: &'static str,
}

struct Report {
    seed: u64,
    took: Duration,
    tallies: Vec<Tally>,
}

/// How the document did against edits of one kind.
struct Tally {
    kind: Kind,
    /// How many edits there are; as many as were tried, or more.
    edits: usize,
    tried: usize,
    caught: Vec<(Catch, usize)>,
    dead: usize,
    doubled: usize,
    unguarded: usize,
    score: usize,
    strict: usize,
    /// Sentence and change of each, in the order of the document, however the threads shared the work.
    survivors: Vec<(String, Change)>,
}

impl Tally {
    fn of<M: Ord>(kind: Kind, edits: usize, score: &Score<M>, sentence: impl Fn(&M) -> String) -> Self {
        let mut survivors: Vec<&Survivor<M>> = score.survivors().iter().collect();
        survivors.sort_by_key(|survivor| &survivor.mutant);
        let said = |survivor: &Survivor<M>| (sentence(&survivor.mutant), (*survivor.change).clone());
        Self {
            kind,
            edits,
            tried: score.tried(),
            caught: Catch::ALL.iter().map(|catch| (*catch, score.caught_by(*catch))).collect(),
            dead: score.dead(),
            doubled: score.doubled(),
            unguarded: score.unguarded().len(),
            score: score.hundredths_of_percent(),
            strict: score.strict_hundredths_of_percent(),
            survivors: survivors.into_iter().map(said).collect(),
        }
    }

    fn text(&self, seed: u64, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "seed {seed}: {} of {} {} tried", self.tried, self.edits, self.kind.text)?;
        for (catch, count) in &self.caught {
            writeln!(out, "  {count:>6} caught: {}", catch.code())?;
        }
        writeln!(out, "  {:>6} proved to change nothing", self.dead)?;
        writeln!(out, "  {:>6} proved to forbid only what nobody allowed anyway", self.doubled)?;
        writeln!(out, "  {:>6} left something refused but no longer forbidden", self.unguarded)?;
        writeln!(out, "  {:>6} survived", self.survivors.len())?;
        writeln!(
            out,
            "score {}.{:02} %; {}.{:02} % if what is no longer forbidden counts as missed",
            self.score / 100,
            self.score % 100,
            self.strict / 100,
            self.strict % 100
        )?;
        for (sentence, change) in &self.survivors {
            writeln!(out, "{sentence}\n  {}: {}", change.kind, change.witness)?;
        }
        Ok(())
    }

    fn json(&self) -> serde_json::Value {
        let caught = self.caught.iter().map(|(catch, count)| (catch.code().to_owned(), (*count).into()));
        let survivors = self.survivors.iter().map(|(sentence, change)| {
            serde_json::json!({
                "edit": sentence,
                "change": change.kind.to_string(),
                "witness": { "request": change.witness.request, "facts": change.witness.facts },
            })
        });
        serde_json::json!({
            "edits": self.edits,
            "tried": self.tried,
            "caught": caught.collect::<serde_json::Map<String, serde_json::Value>>(),
            "dead": self.dead,
            "doubled": self.doubled,
            "unguarded": self.unguarded,
            "strict-score-hundredths-of-percent": self.strict,
            "score-hundredths-of-percent": self.score,
            "survivors": survivors.collect::<Vec<_>>(),
        })
    }
}

impl Report {
    fn text(&self, out: &mut impl Write) -> io::Result<()> {
        self.tallies.iter().try_for_each(|tally| tally.text(self.seed, out))?;
        // What a run takes is said apart, so that two runs print the same.
        writeln!(io::stderr(), "tried in {} ms", self.took.as_millis())
    }

    fn json(&self, out: &mut impl Write) -> Result<(), CliError> {
        let mut report = serde_json::json!({
            "seed": self.seed,
            "took-ms": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
        });
        if let Some(report) = report.as_object_mut() {
            report.extend(self.tallies.iter().map(|tally| (tally.kind.key.to_owned(), tally.json())));
        }
        render::json(out, &report)
    }
}
