//! `db`: the database itself: its schema, backups, and coming back from them.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use clinic_runtime::{BackupOrder, CopyAge, RestoreOrder, read_epoch_key_file, restore};
use crypto_vault::recover;
use postgres_store::Clock;
use postgres_store::embedded::ConnectTarget;
use serde_json::json;

use crate::acting::{Form, Unnamed, Work};
use crate::vault::read_share;
use crate::{Cli, CliError, Verdict, render};

#[derive(Debug, Subcommand)]
pub(crate) enum Db {
    /// Bring the schema of your own Postgres up to date, over the owner's login (`DATABASE_URL_OWNER`).
    Migrate,
    /// Back up the data and the keystore, in two folders: neither alone opens anything.
    Backup(Backup),
    /// Bring a clinic back into a new data folder (`--data`), from a backup of the data, the newest copy of the
    /// keystore, and the epoch key or shares of it. Nothing is written before the key opens the copy.
    Restore(Restore),
}

/// Where backups go.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The folder for the data; expired backups in it are destroyed.
    #[arg(long, value_name = "DIR")]
    data_to: PathBuf,
    /// The folder for the keystore, on another disk if there is one; the copy in it is replaced.
    #[arg(long, value_name = "DIR")]
    keystore_to: PathBuf,
    /// After how many days the backup of the data is to be destroyed; 30 is our choice.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=366))]
    keep_days: u16,
}

/// What to restore from.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup of the data; what was written beside it has to lie beside it.
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// The newest copy of the keystore.
    #[arg(long, value_name = "FILE")]
    keystore: PathBuf,
    /// A share of the keys; give as many as are needed.
    #[arg(long, value_name = "FILE", conflicts_with = "key_file", required_unless_present = "key_file")]
    share: Vec<PathBuf>,
    /// The file of the epoch key, if it is at hand.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

/// What needs no open clinic.
pub(crate) async fn answer_without_clinic(
    cli: &Cli,
    db: &Db,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    match db {
        Db::Migrate => migrate(out).await,
        Db::Restore(asked) => bring_back(cli, asked, out).await,
        Db::Backup(_) => Err(CliError::usage("a backup is taken of an open clinic")),
    }
}

pub(crate) async fn migrate(out: &mut impl Write) -> Result<Verdict, CliError> {
    postgres_store::migrate_over(&owner_url()?).await?;
    writeln!(out, "the schema is up to date")?;
    Ok(Verdict::Done)
}

fn owner_url() -> Result<String, CliError> {
    std::env::var("DATABASE_URL_OWNER").ok().filter(|url| !url.is_empty()).ok_or_else(|| {
        CliError::usage(
            "set DATABASE_URL_OWNER to the login that owns the tables; a data folder needs no migration by hand",
        )
    })
}

/// Backs an open clinic up, over the owner's login of its data folder or the one in the environment.
pub(crate) async fn back_up(
    work: &Work<'_>,
    asked: &Backup,
    owner: Option<ConnectTarget>,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let owner = match owner {
        Some(owner) => owner,
        None => {
            owner_url()?.parse().map_err(|error| CliError::usage(format!("DATABASE_URL_OWNER: {error}")))?
        }
    };
    let order = BackupOrder {
        actor: work.actor(Unnamed::System).await?,
        data_to: asked.data_to.clone(),
        keystore_to: asked.keystore_to.clone(),
        keep_days: asked.keep_days,
        owner,
    };
    let taken = work.runtime().back_up(&order, work.clock()).await?;
    let shown =
        |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    let (data, keystore) = (shown(&taken.data), shown(&taken.keystore));
    let done = format!(
        "data:     {data}\nkeystore: {keystore}\nthe copy of the keystore was read back and opens whole"
    );
    render::change(work, &taken.answer, (&done, json!({ "data": data, "keystore": keystore })), out)
}

async fn bring_back(cli: &Cli, asked: &Restore, out: &mut impl Write) -> Result<Verdict, CliError> {
    let folder = cli.place.data().ok_or_else(|| CliError::usage("name the new data folder with --data"))?;
    let epoch = if let Some(path) = &asked.key_file {
        read_epoch_key_file(path)?
    } else {
        let shares = asked.share.iter().map(|path| read_share(path)).collect::<Result<Vec<_>, _>>()?;
        recover(&shares).map_err(clinic_runtime::RuntimeError::from)?.epoch
    };
    let order = RestoreOrder {
        folder: folder.to_owned(),
        data: asked.from.clone(),
        copy: asked.keystore.clone(),
        epoch,
        clock: Clock::Database,
    };
    let restored = restore(order).await?;
    let (keys, again) = (restored.keys, restored.erased_again);
    let is_older = restored.copy_age == CopyAge::OlderThanData;
    let form = if cli.json { Form::Json } else { Form::Text };
    if form == Form::Json {
        let clinic = restored.clinic;
        render::json(
            out,
            &json!({
                "clinic": clinic,
                "keys": keys,
                "erased_again": again,
                "copy_is_older": is_older,
                "log": { "entries": restored.log.entries, "signed_at": restored.log.signed_at },
            }),
        )?;
        return Ok(if is_older { Verdict::No } else { Verdict::Done });
    }
    writeln!(out, "restored: {keys} keys open, the log verifies, {again} erased rows were removed again")?;
    writeln!(
        out,
        "the log ends after {} entries, at {}: what was entered since is lost, withdrawals and restrictions among it, and heads given out since do not fit it any more; ask for both",
        restored.log.entries, restored.log.signed_at
    )?;
    if is_older {
        writeln!(
            out,
            "the copy of the keystore is older than the data: what was erased between the two may have come back; restore again from a newer copy"
        )?;
        return Ok(Verdict::No);
    }
    Ok(Verdict::Done)
}
