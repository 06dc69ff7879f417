//! `vault hold`: the key of an epoch stays while an authority may ask for what only older copies of the keystore open.

use std::io::Write;

use clap::Subcommand;
use crypto_vault::EpochId;
use records_model::HoldId;
use serde_json::json;

use crate::acting::{Unnamed, Work};
use crate::{CliError, Verdict, render};

#[derive(Debug, Subcommand)]
pub(crate) enum Hold {
    /// Hold the key of an epoch: it does not end before the hold is released.
    Place {
        /// The epoch, as `vault status` names it.
        #[arg(long, value_name = "N")]
        epoch: u32,
        /// Who asked for it, and under which number; no names of patients.
        #[arg(long, value_name = "TEXT")]
        authority: String,
    },
    /// Release a hold.
    Release {
        /// The hold, as `vault status` names it.
        hold: HoldId,
    },
}

pub(super) async fn answer(work: &Work<'_>, verb: Hold, out: &mut impl Write) -> Result<Verdict, CliError> {
    match verb {
        Hold::Place { epoch, authority } => place(work, (epoch, authority), out).await,
        Hold::Release { hold } => release(work, hold, out).await,
    }
}

async fn place(
    work: &Work<'_>,
    (epoch, authority): (u32, String),
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let epoch = EpochId::new(epoch).ok_or_else(|| CliError::usage("--epoch: epochs are numbered from 1"))?;
    if authority.trim().is_empty() {
        return Err(CliError::usage("--authority: say who asked for it"));
    }
    let actor = work.actor(Unnamed::Refused).await?;
    let (answer, hold) = work.runtime().hold_epoch(actor, (epoch, authority), work.clock()).await?;
    let done = format!("the key of epoch {epoch} stays until hold {hold} is released");
    render::change(work, &answer, (&done, json!({ "hold": hold })), out)
}

async fn release(work: &Work<'_>, hold: HoldId, out: &mut impl Write) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let answer = work.runtime().release_epoch(actor, hold, work.clock()).await?;
    let done = format!("hold {hold} is released");
    render::change(work, &answer, (&done, json!({ "hold": hold })), out)
}
