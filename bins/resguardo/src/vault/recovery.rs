//! `vault recovery`: the keys shared out among people, and the shares tried.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use crypto_vault::{EpochId, Quorum, RecoveryShare};
use serde_json::json;
use zeroize::Zeroizing;

use crate::acting::{Unnamed, Work};
use crate::{CliError, Verdict, render};

#[derive(Debug, Subcommand)]
pub(crate) enum Recovery {
    /// Share the keys out: one file a holder, which only you can read. Hand each to its holder, and keep none.
    Split(Split),
    /// Try shares against the keys in use. Nothing is given out; that it worked is put on file.
    Verify {
        /// The holders' files, as many as are needed.
        #[arg(required = true, value_name = "SHARE")]
        shares: Vec<PathBuf>,
    },
    /// State that every share of an earlier epoch was collected and destroyed: enough of them are its key, and it does
    /// not end before.
    Destroyed {
        /// The epoch, as `vault status` names it.
        #[arg(long, value_name = "N")]
        epoch: u32,
    },
}

/// Among how many people.
#[derive(Debug, Args)]
pub(crate) struct Split {
    /// How many people hold a share.
    #[arg(long, default_value_t = 3)]
    holders: u8,
    /// How many of them bring the keys back.
    #[arg(long, default_value_t = 2)]
    needed: u8,
    /// An empty folder, or one to be made, for the files.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) async fn answer(
    work: &Work<'_>,
    recovery: Recovery,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    match recovery {
        Recovery::Split(split) => share_out(work, &split, out).await,
        Recovery::Verify { shares } => verify(work, &shares, out).await,
        Recovery::Destroyed { epoch } => destroyed(work, epoch, out).await,
    }
}

async fn share_out(work: &Work<'_>, split: &Split, out: &mut impl Write) -> Result<Verdict, CliError> {
    let quorum = Quorum::new(split.needed, split.holders).map_err(CliError::usage)?;
    let actor = work.actor(Unnamed::Refused).await?;
    empty_folder(&split.out)?;
    let shared = work.runtime().share_out(actor, quorum, work.clock()).await?;
    let mut files = Vec::new();
    for share in &shared.shares {
        let path = split.out.join(format!("share-{}.txt", share.holder()));
        write_private(&path, &share.format())?;
        files.push(path);
    }
    let done = format!(
        "{} shares in {}; {} of them bring the keys back. Hand each to its holder, delete the folder, and try them \
         with `vault recovery verify`",
        files.len(),
        split.out.display(),
        split.needed
    );
    render::change(work, &shared.answer, (&done, json!({ "files": files })), out)
}

async fn verify(work: &Work<'_>, paths: &[PathBuf], out: &mut impl Write) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let shares = paths.iter().map(|path| read_share(path)).collect::<Result<Vec<_>, _>>()?;
    let tried = work.runtime().try_shares(actor, &shares, work.clock()).await?;
    let done = "the shares bring back the keys in use; this is on file";
    render::change(work, &tried.answer, (done, json!({ "shares": paths.len() })), out)
}

async fn destroyed(work: &Work<'_>, epoch: u32, out: &mut impl Write) -> Result<Verdict, CliError> {
    let epoch = EpochId::new(epoch).ok_or_else(|| CliError::usage("--epoch: epochs are numbered from 1"))?;
    let actor = work.actor(Unnamed::Refused).await?;
    let answer = work.runtime().shares_destroyed(actor, epoch, work.clock()).await?;
    let done = format!("it is on file that every share of epoch {epoch} is destroyed");
    render::change(work, &answer, (&done, json!({ "epoch": epoch.number() })), out)
}

/// Reads one holder's file.
pub(crate) fn read_share(path: &Path) -> Result<RecoveryShare, CliError> {
    let file = |source| CliError::File { path: path.to_owned(), source };
    let text = Zeroizing::new(fs::read_to_string(path).map_err(file)?);
    RecoveryShare::parse(&text).map_err(|error| CliError::usage(format!("`{}`: {error}", path.display())))
}

/// A folder that holds nothing yet, so that no share is mixed with those of another split.
fn empty_folder(folder: &Path) -> Result<(), CliError> {
    let file = |source| CliError::File { path: folder.to_owned(), source };
    fs::create_dir_all(folder).map_err(file)?;
    match fs::read_dir(folder).map_err(file)?.next() {
        None => Ok(()),
        Some(_) => Err(CliError::usage("--out: the folder is not empty; name a new one")),
    }
}

fn write_private(path: &Path, text: &str) -> Result<(), CliError> {
    let failed = |source| CliError::File { path: path.to_owned(), source };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)
}
