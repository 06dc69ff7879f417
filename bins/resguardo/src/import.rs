//! `records import`: many bundles, a few at a time.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use clinic_runtime::{BundleImported, ImportOrder, ImportReport, PersonOnFile, Runtime};
use indicatif::{ProgressBar, ProgressStyle};
use privacy_operations::ImportCounts;
use tokio::task::JoinSet;

use crate::acting::{Form, Unnamed, Work};
use crate::session::IMPORTS_AT_ONCE;
use crate::{CliError, Verdict, render};

/// Which bundles.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// FHIR R4 transaction bundles, each about one patient.
    #[arg(required = true, value_name = "BUNDLE.json")]
    bundles: Vec<PathBuf>,

    /// Name of the system they come from; without, the system of each patient's first identifier.
    #[arg(long, value_name = "SYSTEM")]
    source: Option<String>,
}

/// Bundles after which the log is placed in order, so that what waits stays little however many there are.
const BUNDLES_BETWEEN_HEADS: usize = 8;

/// What came of the bundles: a line for each, in the order given, and the counts of all together. A report
/// of its own for each bundle would grow with their number.
#[derive(Default)]
struct Outcomes {
    lines: BTreeMap<usize, (PathBuf, Result<BundleImported, CliError>)>,
    bundles: usize,
    counts: ImportCounts,
    read: ImportReport,
}

impl Outcomes {
    fn add(&mut self, number: usize, path: PathBuf, mut outcome: Result<BundleImported, CliError>) {
        if let Ok(imported) = &mut outcome {
            let report = std::mem::take(&mut imported.report);
            if imported.refused.is_none() {
                self.bundles += 1;
                self.counts.new += imported.counts.new;
                self.counts.addenda += imported.counts.addenda;
                self.counts.unchanged += imported.counts.unchanged;
                self.read.add(&report);
            }
        }
        self.lines.insert(number, (path, outcome));
    }
}

pub(crate) async fn answer(
    work: &Work<'_>,
    import: Import,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    // Before anything is stored: a mistyped name among many is better known now.
    for path in &import.bundles {
        File::open(path).map_err(|source| CliError::File { path: path.clone(), source })?;
    }
    let actor = work.actor(Unnamed::System).await?;
    let order = ImportOrder { actor, source: import.source, clock: work.clock() };
    let given = import.bundles.len();
    let outcomes = import_all(work.runtime(), import.bundles, Arc::new(order)).await?;
    match work.form {
        Form::Json => render::json(out, &as_json(&outcomes))?,
        Form::Text => write_lines(work, &outcomes, out)?,
    }
    let failed = outcomes.lines.values().filter(|(_, outcome)| outcome.is_err()).count();
    if failed > 0 {
        return Err(CliError::BundlesRefused { failed, given });
    }
    Ok(if outcomes.bundles < given { Verdict::No } else { Verdict::Done })
}

async fn import_all(
    runtime: &Arc<Runtime>,
    bundles: Vec<PathBuf>,
    order: Arc<ImportOrder>,
) -> Result<Outcomes, CliError> {
    let bar = progress(bundles.len());
    let mut waiting = bundles.into_iter().enumerate();
    let mut running = JoinSet::new();
    let mut outcomes = Outcomes::default();
    loop {
        while running.len() < IMPORTS_AT_ONCE
            && let Some((number, path)) = waiting.next()
        {
            let (runtime, order) = (Arc::clone(runtime), Arc::clone(&order));
            running.spawn(async move {
                let outcome = import_one(&runtime, &path, &order).await;
                (number, path, outcome)
            });
        }
        let Some(joined) = running.join_next().await else { break };
        let (number, path, outcome) = joined.map_err(std::io::Error::from)?;
        outcomes.add(number, path, outcome);
        bar.set_message(format!("{} resources", outcomes.read.resources));
        bar.inc(1);
        if outcomes.lines.len().is_multiple_of(BUNDLES_BETWEEN_HEADS) {
            runtime.sequence(order.clock).await?;
        }
    }
    runtime.sequence(order.clock).await?;
    bar.finish_and_clear();
    Ok(outcomes)
}

async fn import_one(runtime: &Runtime, path: &Path, order: &ImportOrder) -> Result<BundleImported, CliError> {
    let json =
        tokio::fs::read(path).await.map_err(|source| CliError::File { path: path.to_owned(), source })?;
    Ok(runtime.import_bundle(json, order).await?)
}

/// A bar on the terminal, if there is one to look at.
fn progress(bundles: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::try_from(bundles).unwrap_or(u64::MAX));
    match ProgressStyle::with_template("{wide_bar} {pos}/{len} bundles, {msg}, {eta} left") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Most bundles that are listed one by one; of more, only those that were refused.
const LISTED_MAX: usize = 20;

fn write_lines(work: &Work<'_>, outcomes: &Outcomes, out: &mut impl Write) -> Result<(), CliError> {
    let mut table = work.table(&["bundle", "person", "new", "addenda", "unchanged"]);
    for (path, outcome) in outcomes.lines.values() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match outcome {
            Ok(BundleImported { refused: None, person, subject, counts, .. }) => {
                let person = match person {
                    PersonOnFile::New => format!("{subject} (new)"),
                    PersonOnFile::Known => subject.to_string(),
                };
                let counts = [counts.new, counts.addenda, counts.unchanged].map(|count| count.to_string());
                table.add_row([name.into_owned(), person].into_iter().chain(counts));
            }
            Ok(BundleImported { refused: Some(answer), .. }) => {
                write!(out, "{name}: ")?;
                render::refusal(work, answer, out)?;
            }
            Err(error) => writeln!(out, "{name}: {error}")?,
        }
    }
    if outcomes.lines.len() <= LISTED_MAX && !table.is_empty() {
        writeln!(out, "{}", table.trim_fmt())?;
    }
    Ok(write_totals(outcomes, out)?)
}

fn write_totals(outcomes: &Outcomes, out: &mut impl Write) -> std::io::Result<()> {
    let Outcomes { bundles, counts, read, .. } = outcomes;
    writeln!(out, "{bundles} bundles, {} resources", read.resources)?;
    writeln!(out, "{} new, {} addenda, {} unchanged", counts.new, counts.addenda, counts.unchanged)?;
    list(out, "kept sealed, of types without a category", &read.unclassified_types)?;
    list(out, "left out, because the policy does not name them", &read.left_out)?;
    let notes = [
        (read.card_numbers_masked, "card numbers masked"),
        (read.phones_not_normalised, "telephone numbers kept as given: not in international form"),
        (read.emails_not_valid, "e-mail addresses kept as given: not valid"),
        (read.without_date, "items without a date, counted from the last medical act"),
        (read.dated_in_future, "items dated in the future, counted from today"),
        (read.references_unresolved, "references to entries that are not in the bundle"),
        (read.genetic, "items with genetic results"),
        (read.consents_not_read, "FHIR consents kept unclassified, never read as a permission"),
    ];
    for (count, what) in notes.iter().filter(|(count, _)| *count > 0) {
        writeln!(out, "{count} {what}")?;
    }
    writeln!(out, "no consent was made; `consents to-collect` lists whose is missing")
}

fn list(out: &mut impl Write, title: &str, counts: &BTreeMap<String, usize>) -> std::io::Result<()> {
    if counts.is_empty() {
        return Ok(());
    }
    writeln!(out, "{title}:")?;
    counts.iter().try_for_each(|(name, count)| writeln!(out, "  {name}: {count}"))
}

fn as_json(outcomes: &Outcomes) -> serde_json::Value {
    let bundle = |(path, outcome): &(PathBuf, Result<BundleImported, CliError>)| match outcome {
        Ok(imported) => serde_json::json!({
            "bundle": path,
            "subject": imported.subject,
            "person": match imported.person { PersonOnFile::New => "new", PersonOnFile::Known => "known" },
            "refused": imported.refused,
            "new": imported.counts.new,
            "addenda": imported.counts.addenda,
            "unchanged": imported.counts.unchanged,
        }),
        Err(error) => serde_json::json!({ "bundle": path, "error": error.to_string() }),
    };
    serde_json::json!({
        "bundles": outcomes.lines.values().map(bundle).collect::<Vec<_>>(),
        "new": outcomes.counts.new,
        "addenda": outcomes.counts.addenda,
        "unchanged": outcomes.counts.unchanged,
        "read": outcomes.read,
    })
}
