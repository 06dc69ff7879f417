//! Restoring: from a backup of the data, the newest copy of the keystore and the epoch key, into an empty folder.
//!
//! Everything is tried before it counts: the key opens the copy before anything is written, the clinic is built
//! beside the folder and moved there once its keys open and its log verifies.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use crypto_vault::{EpochFile, EpochKey};
use postgres_store::embedded::{Cluster, DataFolder, FolderKind, Login, Occupant, restore_data};
use postgres_store::{Clock, Sequencer, Store, connect, load_keystore, load_minimums, prepare};
use privacy_operations::{NoteKeys, system_actor};
use records_model::ClinicId;

use crate::backup::{Manifest, file, write_anew};
use crate::keystore_copy::{KeystoreCopy, digest_of_file, survey};
use crate::{Runtime, RuntimeError, RuntimeParts, folder_owner};

/// What to restore from, and where to.
pub struct RestoreOrder {
    /// The data folder that is to be: absent or empty.
    pub folder: PathBuf,
    /// The backup of the data.
    pub data: PathBuf,
    /// The copy of the keystore: the newest there is.
    pub copy: PathBuf,
    /// The epoch key, from its file or from shares.
    pub epoch: EpochKey,
    /// Whose time it is.
    pub clock: Clock,
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Which clinic.
    pub clinic: ClinicId,
    /// Rows that had come back with the data although they were erased, and were erased again.
    pub erased_again: u64,
    /// Keys that open.
    pub keys: u64,
    /// Whether the copy of the keystore is older than the data.
    pub copy_age: CopyAge,
    /// Where the log ends that came back.
    pub log: LogEnd,
}

/// The newest head of a log that came back. What was entered after it is lost, and heads that were given out since then do
/// not fit the log any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogEnd {
    /// How many entries it has.
    pub entries: u64,
    /// When that was signed.
    pub signed_at: DateTime<Utc>,
}

/// How old the copy of the keystore is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyAge {
    /// As new as the data or newer.
    Current,
    /// Older than the data: what was erased between the two may have come back. Look for a newer copy.
    OlderThanData,
}

/// Restores a clinic.
///
/// # Errors
///
/// [`RuntimeError`] says what does not fit and what to do; the folder is left as it was.
pub async fn restore(order: RestoreOrder) -> Result<Restored, RuntimeError> {
    refuse_full(&order.folder)?;
    let text = fs::read_to_string(&order.copy).map_err(file(&order.copy))?;
    let copy = KeystoreCopy::read(&order.copy, &text, &order.epoch)?;
    let keys = copy.survey(&order.epoch)?.live();
    let manifest = Manifest::read(&order.data)?;
    let sha256 = digest_of_file(&order.data).map_err(file(&order.data))?;
    if sha256 != manifest.sha256 || manifest.clinic != copy.head.clinic {
        let why = "it is damaged, or of another clinic than the copy of the keystore; use another backup";
        return Err(RuntimeError::File { path: order.data, why: why.to_owned() });
    }
    let beside = beside(&order.folder)?;
    let built = build(&beside, &order, &copy).await;
    let (erased_again, log) = match built {
        Ok(built) => built,
        Err(error) => {
            // Whatever it leaves behind is ours, and a second try clears it away.
            let _ = fs::remove_dir_all(&beside);
            return Err(error);
        }
    };
    fs::rename(&beside, &order.folder).map_err(file(&order.folder))?;
    let is_older = copy.head.made_at < manifest.taken_at;
    let copy_age = if is_older { CopyAge::OlderThanData } else { CopyAge::Current };
    Ok(Restored { clinic: copy.head.clinic, erased_again, keys, copy_age, log })
}

fn refuse_full(folder: &Path) -> Result<(), RuntimeError> {
    let is_empty = !folder.exists() || fs::read_dir(folder).map_err(file(folder))?.next().is_none();
    if is_empty {
        return Ok(());
    }
    let why = "something is in this folder already; restore into a new one, and look at it before it takes the place of the old";
    Err(RuntimeError::File { path: folder.to_owned(), why: why.to_owned() })
}

/// The folder in which it is built, cleared of what an interrupted try left.
fn beside(folder: &Path) -> Result<PathBuf, RuntimeError> {
    let folder = std::path::absolute(folder).map_err(file(folder))?;
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = folder.with_file_name(format!("{name}.restoring"));
    if beside.exists() {
        fs::remove_dir_all(&beside).map_err(file(&beside))?;
    }
    Ok(beside)
}

async fn build(
    beside: &Path,
    order: &RestoreOrder,
    copy: &KeystoreCopy,
) -> Result<(u64, LogEnd), RuntimeError> {
    let folder = DataFolder::open(beside, FolderKind::Production)?;
    let started = tokio::task::spawn_blocking(move || folder.start(Occupant::Tool)).await;
    let cluster = started.map_err(|_| RuntimeError::Interrupted)??;
    let filled = fill(&cluster, beside, order, copy).await;
    let left = tokio::task::spawn_blocking(move || cluster.leave()).await;
    let filled = filled?;
    left.map_err(|_| RuntimeError::Interrupted)??;
    Ok(filled)
}

/// The keystore first, so that the ledger is there before any row of the data; then everything is tried.
async fn fill(
    cluster: &Cluster,
    folder: &Path,
    order: &RestoreOrder,
    copy: &KeystoreCopy,
) -> Result<(u64, LogEnd), RuntimeError> {
    let clinic = copy.head.clinic;
    prepare(cluster).await?;
    let owner = cluster.target(Login::Owner);
    load_keystore(&mut connect(&owner).await?, clinic, &copy.rows).await?;
    let (data, target) = (order.data.clone(), owner.clone());
    let read = tokio::task::spawn_blocking(move || restore_data(&target, &data)).await;
    read.map_err(|_| RuntimeError::Interrupted)??;
    load_minimums(&mut connect(&owner).await?, clinic, &copy.rows).await?;
    write_anew(&folder.join("epoch.key"), EpochFile::format(&order.epoch).as_bytes())?;
    folder_owner::note(folder, clinic)?;

    let store =
        Store::connect(&cluster.target(Login::App).to_keywords(), 2).await?.under_epoch(order.epoch.id());
    let erased_again = store.replay_erasures(clinic).await?;
    let keyless = store.records_without_key(clinic).await?;
    if keyless > 0 {
        return Err(RuntimeError::Keystore(format!(
            "{keyless} records, seals and files of the backup have no key in it; use a newer copy of the keystore"
        )));
    }
    let rows = store.keystore_rows(clinic).await?;
    if survey(clinic, &rows, &order.epoch)? != copy.survey(&order.epoch)? {
        return Err(RuntimeError::Keystore(
            "it is not whole after it was read back; use another copy".to_owned(),
        ));
    }
    let sequencer = Sequencer::connect(&cluster.target(Login::Sequencer).to_keywords())?;
    let epoch = EpochFile::parse(&EpochFile::format(&order.epoch))
        .map_err(|error| RuntimeError::EpochKey(error.to_string()))?;
    let secrets = store.secrets(clinic).await?;
    let runtime = Runtime::new(RuntimeParts { clinic, store, sequencer, epoch, secrets })?;
    runtime.refresh().await?;
    if !runtime.verify_log_against(&[]).await?.is_intact() {
        let why = "the log in it does not verify; use another backup, and have the privacy officer look at this one";
        return Err(RuntimeError::File { path: order.data.clone(), why: why.to_owned() });
    }
    Ok((erased_again, enter(&runtime, order).await?))
}

/// Enters in the log that came back that it came back, and says where it ended.
async fn enter(runtime: &Runtime, order: &RestoreOrder) -> Result<LogEnd, RuntimeError> {
    let heads = runtime.store().heads(runtime.clinic()).await?;
    let newest =
        heads.last().map(|(entries, signed_at, _)| LogEnd { entries: *entries, signed_at: *signed_at });
    let why = || "no head of the log is in it; use another backup".to_owned();
    let end = newest.ok_or_else(|| RuntimeError::File { path: order.data.clone(), why: why() })?;
    let what = format!("restored from a backup whose log ends after {} entries", end.entries);
    // Refused or not, it stands in the log.
    runtime.perform(&NoteKeys { actor: system_actor(runtime.clinic()), what }, order.clock).await?;
    runtime.sequence(order.clock).await?;
    Ok(end)
}
