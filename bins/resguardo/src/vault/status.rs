//! `vault status`: epochs, keys, copies, recovery, backups.

use std::io::Write;

use clinic_runtime::{EndOfKey, EpochKeySource, VaultStatus};
use postgres_store::EpochOutcome;
use serde_json::json;

use crate::acting::{Form, Work};
use crate::{CliError, Verdict, render};

pub(super) async fn answer(work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
    let status = work.runtime().vault_status(work.keys(), work.clock()).await?;
    match work.form {
        Form::Json => render::json(out, &as_json(&status, work.keys()))?,
        Form::Text => text(work, &status, out)?,
    }
    Ok(Verdict::Done)
}

fn stands(status: &VaultStatus, line: &postgres_store::EpochLine) -> &'static str {
    match (line.ended, line.closed_at) {
        (Some((_, EpochOutcome::Destroyed)), _) => "ended, key destroyed",
        (Some((_, EpochOutcome::Unproved)), _) => "ended without proof",
        (None, Some(_)) => "closed, not ended",
        (None, None) if line.epoch.number() == status.in_force.number() => "in force",
        (None, None) if line.epoch.number() > status.in_force.number() => "being made",
        (None, None) => "earlier, not ended",
    }
}

fn text(work: &Work<'_>, status: &VaultStatus, out: &mut impl Write) -> Result<(), CliError> {
    let state = &status.state;
    writeln!(out, "epoch {} is in force", status.in_force)?;
    writeln!(out, "its key is kept by: {}", work.keys().kept_by())?;
    writeln!(out, "  {}", proof(work.keys().end_of_key()))?;
    let mut table = work.table(&["epoch", "stands", "keys wrapped"]);
    for line in &state.epochs {
        let stands = stands(status, line).to_owned();
        table.add_row([line.epoch.to_string(), stands, line.wrapped.to_string()]);
    }
    writeln!(out, "{}", table.trim_fmt())?;
    let keys: Vec<String> = state.states.iter().map(|(state, count)| format!("{count} {state}")).collect();
    writeln!(out, "keys: {}", if keys.is_empty() { "none".to_owned() } else { keys.join(", ") })?;
    writeln!(out, "copies read back: {}", state.copies.len())?;
    writeln!(out, "backups of the data: {}", state.backups.0)?;
    for hold in state.holds.iter().filter(|hold| hold.released_at.is_none()) {
        writeln!(out, "hold {} keeps epoch {}", hold.hold, hold.epoch)?;
    }
    for warning in &status.warnings {
        writeln!(out, "warning: {warning}")?;
    }
    Ok(())
}

const fn proof(end: EndOfKey) -> &'static str {
    match end {
        EndOfKey::Destroys => "its end can be proved, as far as copies and backups of it are destroyed too",
        EndOfKey::CannotProve => "its end can never be proved",
    }
}

fn as_json(status: &VaultStatus, keys: &EpochKeySource) -> serde_json::Value {
    let state = &status.state;
    let epoch = |line: &postgres_store::EpochLine| {
        json!({
            "epoch": line.epoch.number(),
            "stands": stands(status, line),
            "keys_wrapped": line.wrapped,
            "closed_at": line.closed_at,
            "ended_at": line.ended.map(|(at, _)| at),
        })
    };
    let hold = |hold: &crypto_vault::EpochHold| json!({ "hold": hold.hold, "epoch": hold.epoch.number() });
    let copy = |copy: &postgres_store::CopyLine| json!({ "epoch": copy.epoch, "keys": copy.live, "verified_at": copy.verified_at, "place": copy.place });
    json!({
        "epoch_in_force": status.in_force.number(),
        "kept_by": keys.kept_by(),
        "end_can_be_proved": keys.end_of_key() == EndOfKey::Destroys,
        "epochs": state.epochs.iter().map(epoch).collect::<Vec<_>>(),
        "keys": state.states.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
        "holds": state.holds.iter().filter(|hold| hold.released_at.is_none()).map(hold).collect::<Vec<_>>(),
        "copies": state.copies.iter().map(copy).collect::<Vec<_>>(),
        "recovery_verified_at": status.recovery_verified_at,
        "backups": { "kept": state.backups.0, "newest": state.backups.1 },
        "warnings": status.warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
