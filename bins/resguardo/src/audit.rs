//! `audit`: the log that a stranger can check.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use audit_log::timestamp_request;
use clap::{Args, Subcommand};
use clinic_runtime::LiveLog;
use privacy_operations::{ExportLog, LogTaken};
use serde_json::json;

use crate::acting::{Form, Unnamed, Work};
use crate::alerts::{self, Alerts, Judge, Review};
use crate::oversight::{self, About, Suspend};
use crate::{CliError, Verdict, render};

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Check the log as it stands in the database.
    Verify {
        /// A signed head, trail or earlier export that was kept elsewhere; may be given several times. Without
        /// one, a rewrite by whoever holds the signing key does not show.
        #[arg(long, value_name = "FILE")]
        anchor: Vec<PathBuf>,
    },
    /// Write the log to a file that `audit-verify` checks without any database.
    Export(Export),
    /// Who was given a person's data in the last six years, first and last of each run of the same.
    Accounting(About),
    /// Who looked at a person's record, refused attempts included: role and unit.
    Looks(About),
    /// Leave disclosures to an authority out of a person's accounting for a time, because it asked for that.
    Suspend(Suspend),
    /// Emergency accesses that wait for a review; exit status 3 if one is late.
    Reviews,
    /// Judge an emergency access.
    Review(Review),
    /// Patterns in the log that somebody should look at, and how often each rule was right.
    Alerts(Alerts),
    /// Close an alert for good.
    Verdict(Judge),
}

/// Where to.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The export, one JSON object a line. It names nobody.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Also write the log's public key.
    #[arg(long, value_name = "FILE")]
    key_out: Option<PathBuf>,
    /// Also write a request for a time stamp (RFC 3161) over the file of `--anchor-out`, for a time-stamping service: its
    /// answer, kept with the head, shows to anybody when the log was as it is.
    #[arg(long, value_name = "FILE", requires = "anchor_out")]
    timestamp_request_out: Option<PathBuf>,
    /// Also write the newest signed head. Keep it where nobody who runs the clinic's systems can change it.
    #[arg(long, value_name = "FILE")]
    anchor_out: Option<PathBuf>,
}

pub(crate) async fn answer(work: &Work<'_>, audit: Audit, out: &mut impl Write) -> Result<Verdict, CliError> {
    match audit {
        Audit::Verify { anchor } => verify(work, &anchor, out).await,
        Audit::Export(export) => write_export(work, &export, out).await,
        Audit::Accounting(about) => oversight::accounting(work, &about, out).await,
        Audit::Looks(about) => oversight::looks(work, &about, out).await,
        Audit::Suspend(suspend) => oversight::suspend(work, suspend, out).await,
        Audit::Reviews => alerts::reviews(work, out).await,
        Audit::Review(review) => alerts::review(work, &review, out).await,
        Audit::Alerts(asked) => alerts::alerts(work, &asked, out).await,
        Audit::Verdict(judge) => alerts::verdict(work, &judge, out).await,
    }
}

async fn verify(work: &Work<'_>, kept: &[PathBuf], out: &mut impl Write) -> Result<Verdict, CliError> {
    let read = |path: &PathBuf| {
        std::fs::read_to_string(path).map_err(|source| CliError::File { path: path.clone(), source })
    };
    let texts: Vec<String> = kept.iter().map(read).collect::<Result<_, _>>()?;
    // Every committed entry gets its place first, so that what is checked is all there is.
    let stopped = work.runtime().sequence_or_why(work.clock()).await?;
    let log = work.runtime().verify_log_against(&texts).await?;
    match work.form {
        Form::Json => render::json(
            out,
            &json!({
                "intact": log.is_intact() && stopped.is_none(),
                "entries": log.report.entries,
                "vouched": log.report.vouched,
                "unsequenced": log.report.unsequenced,
                "lost": log.lost,
                "anchors": texts.len(),
                "findings": log.report.findings,
                "newest_head": log.newest_head,
                "sequencer_stopped": stopped,
            }),
        )?,
        Form::Text => verified(&log, (texts.len(), stopped.as_deref()), out)?,
    }
    Ok(if log.is_intact() && stopped.is_none() { Verdict::Done } else { Verdict::No })
}

fn verified(
    log: &LiveLog,
    (kept, stopped): (usize, Option<&str>),
    out: &mut impl Write,
) -> Result<(), CliError> {
    match log.report.first_bad() {
        None if stopped.is_some() => {
            writeln!(out, "not intact: what is there does not go on from what was signed")?;
        }
        None => writeln!(out, "intact: {} entries, all under a signed head", log.report.entries)?,
        Some(finding) => writeln!(out, "not intact: {finding}")?,
    }
    for finding in log.report.findings.iter().skip(1) {
        writeln!(out, "  {finding}")?;
    }
    if log.lost > 0 {
        writeln!(
            out,
            "  {} entries have no place and wait for none: something wrote past the product",
            log.lost
        )?;
    }
    if let Some(why) = stopped {
        writeln!(out, "  nothing is placed or signed any more, and the privacy officer must look: {why}")?;
    }
    if kept == 0 {
        writeln!(out, "  no anchor from outside: a rewrite by whoever holds the signing key would not show")?;
    }
    Ok(())
}

async fn write_export(work: &Work<'_>, export: &Export, out: &mut impl Write) -> Result<Verdict, CliError> {
    // It stands in the log who takes it along before the first line is written.
    let actor = work.actor(Unnamed::System).await?;
    if let LogTaken::Refused(answer) = work.runtime().perform(&ExportLog { actor }, work.clock()).await? {
        return render::change(work, &answer, ("", ()), out);
    }
    work.runtime().sequence(work.clock()).await?;
    let mut file = Unfinished::create(&export.out)?;
    let mut entries = 0_u64;
    let newest = work
        .runtime()
        .export_log(|line| {
            entries += u64::from(line.starts_with("{\"entry\""));
            writeln!(file.writer, "{line}")
        })
        .await?;
    file.finish()?;
    let key = work.runtime().verifier_key().to_string();
    if let Some(path) = &export.key_out {
        write_whole(path, format!("{key}\n"))?;
    }
    if let (Some(path), Some(head)) = (&export.anchor_out, &newest) {
        write_whole(path, head)?;
        if let Some(request) = &export.timestamp_request_out {
            write_whole(request, timestamp_request(head))?;
        }
    }
    match work.form {
        Form::Json => {
            render::json(out, &json!({ "entries": entries, "key": key, "newest_head": newest }))?;
        }
        Form::Text => writeln!(
            out,
            "{entries} entries written to {}\ncheck them with: audit-verify {0} --key '{key}'",
            export.out.display()
        )?,
    }
    Ok(Verdict::Done)
}

pub(crate) fn write_whole(path: &Path, content: impl AsRef<[u8]>) -> Result<(), CliError> {
    let mut file = Unfinished::create(path)?;
    file.writer
        .write_all(content.as_ref())
        .map_err(|source| CliError::File { path: path.to_owned(), source })?;
    file.finish()
}

/// A file that takes its name only once it is whole.
struct Unfinished {
    name: PathBuf,
    partial: PathBuf,
    writer: BufWriter<File>,
}

impl Unfinished {
    fn create(name: &Path) -> Result<Self, CliError> {
        let mut partial = name.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial);
        let file = file.map_err(|source| CliError::File { path: partial.clone(), source })?;
        Ok(Self { name: name.to_owned(), partial, writer: BufWriter::new(file) })
    }

    fn finish(mut self) -> Result<(), CliError> {
        let done = self.writer.flush().and_then(|()| self.writer.get_ref().sync_all());
        done.and_then(|()| std::fs::rename(&self.partial, &self.name))
            .map_err(|source| CliError::File { path: self.name.clone(), source })
    }
}
