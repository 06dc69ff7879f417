//! `vault reseal`: what older versions of keys sealed, sealed anew under the newest.

use std::io::Write;

use clap::Args;
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
        let all: u64 = waiting.iter().map(|(_, _, count)| count).sum();
        if self.dry_run {
            return say(work, (0, all), out);
        }
        let actor = work.actor(Unnamed::Refused).await?;
        let (bar, mut done) = (progress(all, "records"), 0);
        for (subject, class, _) in waiting {
            loop {
                let reseal = ResealRecords { actor, subject, class, at_most: IN_A_CHUNK };
                let tended = runtime.perform(&reseal, work.clock()).await?;
                if !tended.answer.is_permit() {
                    return render::change(work, &tended.answer, ("", json!(null)), out);
                }
                done += u64::try_from(tended.changed).unwrap_or_default();
                bar.set_position(done);
                if tended.changed < IN_A_CHUNK {
                    break;
                }
            }
        }
        bar.finish_and_clear();
        say(work, (done, all.saturating_sub(done)), out)
    }
}

fn say(work: &Work<'_>, (done, waiting): (u64, u64), out: &mut impl Write) -> Result<Verdict, CliError> {
    match work.form {
        Form::Json => render::json(out, &json!({ "resealed": done, "waiting": waiting }))?,
        Form::Text => writeln!(out, "{done} versions of records sealed anew, {waiting} wait")?,
    }
    Ok(Verdict::Done)
}
