//! `vault recovery`: the keys shared out among people, and the shares tried.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use clinic_runtime::SharingPreview;
use crypto_vault::{EpochId, Quorum, RecoveryShare};
use serde_json::json;
use zeroize::Zeroizing;

use crate::acting::{Form, Unnamed, Work};
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
    /// Say which files would be written; make no share, and write nothing.
    #[arg(long)]
    dry_run: bool,
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
    if split.dry_run {
        return would_share_out(work, split, out).await;
    }
    let actor = work.actor(Unnamed::Refused).await?;
    empty_folder(&split.out)?;
    let shared = work.runtime().share_out(actor, quorum, work.clock()).await?;
    let mut files = Vec::new();
    for share in &shared.shares {
        let path = file_of(split, share.holder());
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

async fn would_share_out(work: &Work<'_>, split: &Split, out: &mut impl Write) -> Result<Verdict, CliError> {
    if split.out.exists() {
        refuse_full(&split.out)?;
    }
    let SharingPreview { epoch, handed_out } = work.runtime().would_share_out().await?;
    let (needed, holders) = (split.needed, split.holders);
    match work.form {
        Form::Json => {
            let files: Vec<PathBuf> = (1..=holders).map(|holder| file_of(split, holder)).collect();
            let value = json!({ "epoch": epoch.number(), "files": files, "needed": needed, "handed_out_before": handed_out });
            render::json(out, &value)?;
        }
        Form::Text => {
            let folder = split.out.display();
            writeln!(
                out,
                "{holders} shares of the key of epoch {epoch} would be written to {folder}; {needed} of them bring it back"
            )?;
            writeln!(out, "no key changes; that it was shared out would be on file")?;
            if let Some(at) = handed_out {
                writeln!(
                    out,
                    "shares of this epoch were handed out on {} too: they go on bringing it back",
                    at.date_naive()
                )?;
            }
            writeln!(out, "nothing was changed, and no share was made")?;
        }
    }
    Ok(Verdict::Done)
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
    refuse_full(folder)
}

fn refuse_full(folder: &Path) -> Result<(), CliError> {
    let file = |source| CliError::File { path: folder.to_owned(), source };
    match fs::read_dir(folder).map_err(file)?.next() {
        None => Ok(()),
        Some(_) => Err(CliError::usage("--out: the folder is not empty; name a new one")),
    }
}

/// Where the share of one holder goes.
fn file_of(split: &Split, holder: u8) -> PathBuf {
    split.out.join(format!("share-{holder}.txt"))
}

fn write_private(path: &Path, text: &str) -> Result<(), CliError> {
    let failed = |source| CliError::File { path: path.to_owned(), source };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)
}
