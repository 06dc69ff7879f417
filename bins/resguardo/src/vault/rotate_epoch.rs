//! `vault rotate-epoch`: a new epoch key, and the end of the one before.

use std::io::Write;

use clap::Args;
use clinic_runtime::{Begun, Ended, Ending, RotationDone, RotationStep, Unready};
use crypto_vault::{EpochEnd, EpochId, KEYSTORE_COPIES_MIN, NotYet, RECOVERY_AGE_DAYS_MAX};
use serde_json::json;

use super::progress;
use crate::acting::{Form, Unnamed, Work};
use crate::{CliError, Verdict, render};

/// How far.
#[derive(Debug, Args)]
pub(crate) struct RotateEpoch {
    /// Say what would be wrapped and what is missing for the end of the epoch before; change nothing.
    #[arg(long)]
    dry_run: bool,
    /// End the epoch before instead: destroy its key, once nothing needs it.
    #[arg(long)]
    end_old: bool,
}

impl RotateEpoch {
    pub(super) async fn answer(&self, work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        if self.dry_run {
            return dry_run(work, out).await;
        }
        let actor = work.actor(Unnamed::Refused).await?;
        let runtime = work.runtime();
        if self.end_old {
            return end(work, actor, out).await;
        }
        let mut rotation = match runtime.begin_rotation(work.keys(), actor, work.clock()).await? {
            Begun::Rotation(rotation) => rotation,
            Begun::Refused(answer) => {
                render::change(work, &answer, ("", json!(null)), out)?;
                return Ok(Verdict::No);
            }
            Begun::EndFirst(epoch) => {
                return no(work, &[format!("epoch {epoch} has not ended; end it first: --end-old")], out);
            }
        };
        let bar = progress(rotation.left().await?, "keys");
        let mut wrapped = 0;
        loop {
            match rotation.step().await? {
                RotationStep::Wrapped(count) => {
                    wrapped += count;
                    bar.inc(u64::try_from(count).unwrap_or_default());
                }
                RotationStep::Whole => break,
                RotationStep::Refused(answer) => {
                    render::change(work, &answer, ("", json!(null)), out)?;
                    return Ok(Verdict::No);
                }
            }
        }
        let from = rotation.from();
        let done = match rotation.finish().await? {
            Ok(done) => done,
            Err(answer) => {
                render::change(work, &answer, ("", json!(null)), out)?;
                return Ok(Verdict::No);
            }
        };
        bar.finish_and_clear();
        told_done(work, (wrapped, from), &done, out)
    }
}

fn told_done(
    work: &Work<'_>,
    (wrapped, from): (usize, EpochId),
    done: &RotationDone,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    match work.form {
        Form::Json => render::json(
            out,
            &json!({
                "wrapped": wrapped,
                "opened": done.survey.live(),
                "epoch_in_force": done.in_force.number(),
            }),
        )?,
        Form::Text => {
            writeln!(
                out,
                "{wrapped} keys wrapped; {} opened under epoch {}",
                done.survey.live(),
                done.in_force
            )?;
            writeln!(
                out,
                "epoch {} is in force; start every server again, so that it reads its key",
                done.in_force
            )?;
            writeln!(
                out,
                "then make copies, verify the recovery, and end epoch {from}: vault rotate-epoch --end-old"
            )?;
        }
    }
    Ok(Verdict::Done)
}

async fn dry_run(work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
    let runtime = work.runtime();
    let status = runtime.vault_status(work.keys(), work.clock()).await?;
    let living = status.state.epochs.iter().map(|line| line.wrapped).max().unwrap_or_default();
    let missing = match runtime.prove_end(work.clock()).await? {
        Some((epoch, Err(missing))) => missing.iter().map(|one| told(epoch.number(), *one)).collect(),
        _ => Vec::new(),
    };
    match work.form {
        Form::Json => render::json(out, &json!({ "keys": living, "missing": missing }))?,
        Form::Text => {
            writeln!(out, "{living} keys would be wrapped, at most; nothing was changed")?;
            for one in &missing {
                writeln!(out, "missing: {one}")?;
            }
        }
    }
    Ok(Verdict::Done)
}

async fn end(
    work: &Work<'_>,
    actor: records_model::ActorId,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let done = match work.runtime().end_epoch(work.keys(), actor, work.clock()).await? {
        Ending::Ended(ended) => what_ended(work, &ended),
        Ending::Nothing => "every earlier epoch has ended".to_owned(),
        Ending::Refused(answer) => return render::change(work, &answer, ("", json!(null)), out),
        Ending::NotYet(epoch, missing) => {
            let told: Vec<String> = missing.iter().map(|one| told(epoch.number(), *one)).collect();
            return no(work, &told, out);
        }
    };
    match work.form {
        Form::Json => render::json(out, &json!({ "ended": done }))?,
        Form::Text => writeln!(out, "{done}")?,
    }
    Ok(Verdict::Done)
}

fn what_ended(work: &Work<'_>, ended: &Ended) -> String {
    let said = match ended.end {
        EpochEnd::Destroyed(end) if work.keys().opens_only_with_a_service() => format!(
            "epoch {} ended: its key was destroyed where it was kept; backups of that service hold it until they expire",
            end.epoch()
        ),
        EpochEnd::Destroyed(end) => format!(
            "epoch {} ended: its key file was overwritten and removed; destroy every copy of it too",
            end.epoch()
        ),
        EpochEnd::Unproved { epoch, .. } => {
            let why = ended.unproved.map(|why| why.to_string());
            let why = why.unwrap_or_else(|| "nobody says that its key is gone".to_owned());
            format!("epoch {epoch} ended without proof: {why}")
        }
    };
    let stale = ended.not_copied.iter().map(|(place, why)| {
        format!("the copy of the keystore in {place} does not show it ({why}): make it anew with `db backup`")
    });
    std::iter::once(said).chain(stale).collect::<Vec<_>>().join("\n")
}

/// What is missing, and what to do about it.
fn told(epoch: u32, missing: Unready) -> String {
    match missing {
        Unready::KeysLeft(count) => format!(
            "{count} keys are wrapped under epoch {epoch} only: start every server again, then `vault rotate-epoch`"
        ),
        Unready::SharesOut => format!(
            "shares of epoch {epoch} were handed out, and enough of them are its key: collect and destroy them, then \
             `vault recovery destroyed --epoch {epoch}`"
        ),
        Unready::Vault(NotYet::Copies { found }) => format!(
            "{found} of {KEYSTORE_COPIES_MIN} copies show the keystore as it is now: `db backup` into so many folders makes them"
        ),
        Unready::Vault(NotYet::Recovery) => format!(
            "the recovery of the epoch in force was not verified within {RECOVERY_AGE_DAYS_MAX} days: `vault recovery verify`"
        ),
        Unready::Vault(NotYet::Held { hold }) => {
            format!("legal hold {hold} names the epoch: it stays until that is released")
        }
        Unready::Vault(other) => format!("{other}: run `vault rotate-epoch` again"),
    }
}

fn no(work: &Work<'_>, missing: &[String], out: &mut impl Write) -> Result<Verdict, CliError> {
    match work.form {
        Form::Json => render::json(out, &json!({ "missing": missing }))?,
        Form::Text => {
            writeln!(out, "not yet:")?;
            for one in missing {
                writeln!(out, "  - {one}")?;
            }
        }
    }
    Ok(Verdict::No)
}
