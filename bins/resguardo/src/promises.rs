//! `promises report`: every clause, and how it stands.

use std::io::Write;

use clap::Subcommand;
use clinic_runtime::OutsideEvidence;
use privacy_notice::{Bilingual, ClauseReport, ClauseState, Language};
use serde_json::json;

use crate::acting::{Form, Work};
use crate::{CliError, Verdict, render};

#[derive(Debug, Subcommand)]
pub(crate) enum Promises {
    /// Say of every clause of the policy whether it is kept, broken or not evidenced, computed from facts.
    Report {
        /// Only the broken ones, with what mends them.
        #[arg(long)]
        broken: bool,
    },
}

pub(crate) async fn answer(
    work: &Work<'_>,
    promises: Promises,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let Promises::Report { broken } = promises;
    let report = work.runtime().promise_report(work.clock(), &OutsideEvidence::default()).await?;
    let is_broken = |line: &&ClauseReport| matches!(line.state, ClauseState::Broken { .. });
    let count = report.iter().filter(is_broken).count();
    match work.form {
        Form::Json => render::json(out, &json!({ "clauses": report }))?,
        Form::Text => {
            let mut table = work.table(&["clause", "section", "state", "promise"]);
            for line in report.iter().filter(|line| !broken || is_broken(line)) {
                let what = match &line.state {
                    ClauseState::Broken { why, mend } => format!(
                        "{}\n{}\n-> {}",
                        said(&line.promise, work.language),
                        said(why, work.language),
                        said(mend, work.language)
                    ),
                    ClauseState::Kept | ClauseState::NotEvidenced => {
                        said(&line.promise, work.language).to_owned()
                    }
                };
                table.add_row([
                    line.id.to_string(),
                    line.section.clone(),
                    line.state.code().to_owned(),
                    what,
                ]);
            }
            writeln!(out, "{}", table.trim_fmt())?;
            let kept = report.iter().filter(|line| line.state == ClauseState::Kept).count();
            let open = report.len() - kept - count;
            writeln!(out, "{} clauses: {kept} kept, {count} broken, {open} not evidenced", report.len())?;
        }
    }
    Ok(if count > 0 { Verdict::No } else { Verdict::Done })
}

fn said(text: &Bilingual, language: Language) -> &str {
    match language {
        Language::Es => &text.es,
        Language::En => &text.en,
    }
}
