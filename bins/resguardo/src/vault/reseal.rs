//! `vault reseal`: what older versions of keys sealed, sealed anew under the newest: files first, then their records.

use std::io::Write;

use clap::Args;
use postgres_store::StaleSeals;
use privacy_operations::ResealRecords;
use serde_json::json;

use super::progress;
use crate::acting::{Form, Unnamed, Work};
use crate::{CliError, Verdict, render};

/// Whether anything is written.
#[derive(Debug, Args)]
pub(crate) struct ResealAll {
    /// Say what would be sealed anew; change nothing.
    #[arg(long)]
    dry_run: bool,
}

/// Versions of records that one transaction seals anew, each with its log entry.
const IN_A_CHUNK: usize = 50;

impl ResealAll {
    pub(super) async fn answer(&self, work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        let runtime = work.runtime();
        let waiting = runtime.store().to_reseal(runtime.clinic()).await?;
        let all = waiting.iter().fold(Counts::default(), |all, one| all.and(one.records, one.files));
        if self.dry_run {
            return say(work, (Counts::default(), all), out);
        }
        let actor = work.actor(Unnamed::Refused).await?;
        let (bar, mut done) = (progress(all.records + all.files, "records and files"), Counts::default());
        for StaleSeals { subject, class, files, .. } in waiting {
            if files > 0 {
                let resealed = runtime.reseal_files(actor, (subject, class), work.clock()).await?;
                if !resealed.answer.is_permit() {
                    return render::change(work, &resealed.answer, ("", json!(null)), out);
                }
                done = done.and(0, resealed.files);
            }
            loop {
                let reseal = ResealRecords { actor, subject, class, at_most: IN_A_CHUNK };
                let tended = runtime.perform(&reseal, work.clock()).await?;
                if !tended.answer.is_permit() {
                    return render::change(work, &tended.answer, ("", json!(null)), out);
                }
                done = done.and(u64::try_from(tended.changed).unwrap_or_default(), 0);
                bar.set_position(done.records + done.files);
                if tended.changed < IN_A_CHUNK {
                    break;
                }
            }
        }
        bar.finish_and_clear();
        say(work, (done, all.less(done)), out)
    }
}

/// Versions of records, and attached files.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    records: u64,
    files: u64,
}

impl Counts {
    const fn and(self, records: u64, files: u64) -> Self {
        Self { records: self.records + records, files: self.files + files }
    }

    const fn less(self, done: Self) -> Self {
        Self {
            records: self.records.saturating_sub(done.records),
            files: self.files.saturating_sub(done.files),
        }
    }
}

fn say(
    work: &Work<'_>,
    (done, waiting): (Counts, Counts),
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    match work.form {
        Form::Json => {
            let value = json!({
                "resealed": done.records,
                "waiting": waiting.records,
                "files_resealed": done.files,
                "files_waiting": waiting.files,
            });
            render::json(out, &value)?;
        }
        Form::Text => {
            writeln!(out, "{} versions of records sealed anew, {} wait", done.records, waiting.records)?;
            writeln!(out, "{} attached files sealed anew, {} wait", done.files, waiting.files)?;
        }
    }
    Ok(Verdict::Done)
}
