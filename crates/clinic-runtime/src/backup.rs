//! Backups: the data in one place, the keystore in another, so that neither alone opens anything.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use crypto_vault::{CopyId, VerifiedCopy};
use postgres_store::embedded::{ConnectTarget, dump_data};
use postgres_store::{Clock, connect, count_clinics};
use privacy_operations::{Answer, EnterKeystoreFact, KeystoreFact};
use records_model::{ActorId, BackupId, ClinicId};
use serde::{Deserialize, Serialize};

use crate::keystore_copy::{KeystoreCopy, digest_of_file, survey};
use crate::runtime::new_rng;
use crate::{Runtime, RuntimeError};

/// Name of the copy of the keystore in its folder: the next one takes its place.
const COPY_NAME: &str = "resguardo-keystore.copy";
/// What the names of backups of the data begin with.
const DATA_NAME: &str = "resguardo-data-";
/// Held while a backup is written into a folder.
const LOCK_NAME: &str = "resguardo-backup.lock";
const DATA_FORMAT: &str = "resguardo-data-backup/1";

/// What to back up, and where to.
#[derive(Debug, Clone)]
pub struct BackupOrder {
    /// Who has it done.
    pub actor: ActorId,
    /// The folder for the data.
    pub data_to: PathBuf,
    /// The folder for the keystore: another one, on another disk if there is one.
    pub keystore_to: PathBuf,
    /// After how many days the backup of the data is to be destroyed.
    pub keep_days: u16,
    /// The login that owns the tables.
    pub owner: ConnectTarget,
}

/// What was backed up.
#[derive(Debug)]
pub struct BackupTaken {
    /// Whether the actor may.
    pub answer: Answer,
    /// The backup of the data, if they may.
    pub data: Option<PathBuf>,
    /// The copy of the keystore, if they may.
    pub keystore: Option<PathBuf>,
}

/// What stands beside a backup of the data.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    format: String,
    backup: BackupId,
    pub(crate) clinic: ClinicId,
    pub(crate) taken_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    pub(crate) sha256: String,
}

impl Manifest {
    /// Of the backup of the data at `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, RuntimeError> {
        let beside = path.with_extension("json");
        let text = fs::read_to_string(&beside).map_err(file(&beside))?;
        let why = || {
            "this is no account of a backup that this version reads; bring the one that was written beside it"
                .to_owned()
        };
        let read: Option<Self> = serde_json::from_str(&text).ok();
        read.filter(|read| read.format == DATA_FORMAT)
            .ok_or_else(|| RuntimeError::File { path: beside, why: why() })
    }
}

impl Runtime {
    /// Backs the clinic up: its data as a file that is to be destroyed after a number of days, and its keystore as
    /// the one copy of that folder, which replaces the one before after it was read back and opened whole.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] says what was not done; a copy that was there before is still there then.
    pub async fn back_up(&self, order: &BackupOrder, clock: Clock) -> Result<BackupTaken, RuntimeError> {
        let (data_to, keystore_to) = apart(&order.data_to, &order.keystore_to)?;
        // A dump takes the whole database: another clinic's certificates would not count it.
        let clinics = count_clinics(&mut connect(&order.owner).await?).await?;
        if clinics > 1 {
            return Err(RuntimeError::SeveralClinics { clinics });
        }
        let now = self.store().instant(clock).await?;
        let (backup, copy) = {
            let rng = &mut new_rng()?;
            (BackupId::generate(now, rng), BackupId::generate(now, rng))
        };
        let expires_at = now + TimeDelta::days(i64::from(order.keep_days));
        // Entered first: no backup exists that the certificates do not count.
        let fact = KeystoreFact::Backup { id: backup, expires_at, index_version: self.index_version() };
        let answer = self.perform(&EnterKeystoreFact { actor: order.actor, fact }, clock).await?;
        if !answer.is_permit() {
            return Ok(BackupTaken { answer, data: None, keystore: None });
        }
        let manifest = Manifest {
            format: DATA_FORMAT.to_owned(),
            backup,
            clinic: self.clinic(),
            taken_at: now,
            expires_at,
            sha256: String::new(),
        };
        let owner = order.owner.clone();
        let dumped = tokio::task::spawn_blocking(move || dump(&owner, &data_to, manifest)).await;
        let data = dumped.map_err(|_| RuntimeError::Interrupted)??;
        let written = KeystoreFact::BackupWritten { id: backup };
        self.perform(&EnterKeystoreFact { actor: order.actor, fact: written }, clock).await?;
        let keystore = self.copy_keystore((order.actor, copy), &keystore_to, clock).await?;
        Ok(BackupTaken { answer, data: Some(data), keystore: Some(keystore) })
    }

    /// Makes the copy at this path anew.
    pub(crate) async fn copy_keystore_to(
        &self,
        actor: ActorId,
        path: &Path,
        clock: Clock,
    ) -> Result<(), RuntimeError> {
        // Those that were made here have their whole path; anything else would be written wherever this process runs.
        let Some(folder) = path.parent().filter(|folder| folder.is_absolute()) else {
            let why = "this is not the whole path of a copy; make one with `resguardo db backup`";
            return Err(RuntimeError::File { path: path.to_owned(), why: why.to_owned() });
        };
        let id = BackupId::generate(self.store().instant(clock).await?, &mut new_rng()?);
        self.copy_keystore((actor, id), folder, clock).await.map(drop)
    }

    async fn copy_keystore(
        &self,
        (actor, id): (ActorId, BackupId),
        folder: &Path,
        clock: Clock,
    ) -> Result<PathBuf, RuntimeError> {
        let path = folder.join(COPY_NAME);
        let _alone = only_writer(folder)?;
        let at = self.store().instant(clock).await?;
        refuse_other_copy(&path, self.clinic(), at)?;
        let rows = self.store().keystore_rows(self.clinic()).await?;
        let live = survey(self.clinic(), &rows, self.epoch())?;
        let draft = path.with_extension("copy.new");
        let copy = KeystoreCopy::new((id, self.clinic()), self.epoch().id(), at, rows);
        let text = copy.format(self.epoch())?;
        write_anew(&draft, text.as_bytes())?;
        let written = fs::read_to_string(&draft).map_err(file(&draft))?;
        let read = KeystoreCopy::read(&draft, &written, self.epoch())?;
        let copied = read.survey(self.epoch())?;
        let verified = VerifiedCopy::of(CopyId(*id.as_uuid().as_bytes()), copied, &live, at)
            .map_err(|error| RuntimeError::Keystore(error.to_string()))?;
        put_in_place(&draft, &path)?;
        let fact = KeystoreFact::Copy {
            id: uuid::Uuid::from_bytes(verified.id().0),
            epoch: live.epoch().number(),
            live: live.live(),
            digest: *live.digest(),
            place: path.display().to_string(),
        };
        self.perform(&EnterKeystoreFact { actor, fact }, clock).await?;
        Ok(path)
    }
}

/// Both folders, made where they are absent; one inside the other, or both the same, are refused.
fn apart(data: &Path, keystore: &Path) -> Result<(PathBuf, PathBuf), RuntimeError> {
    let made = |path: &Path| fs::create_dir_all(path).and_then(|()| path.canonicalize()).map_err(file(path));
    let (data, keystore) = (made(data)?, made(keystore)?);
    if data.starts_with(&keystore) || keystore.starts_with(&data) {
        let why = "the keystore may not lie with the data: whoever finds one would have both; name two folders apart";
        return Err(RuntimeError::File { path: keystore, why: why.to_owned() });
    }
    Ok((data, keystore))
}

fn dump(owner: &ConnectTarget, folder: &Path, manifest: Manifest) -> Result<PathBuf, RuntimeError> {
    let _alone = only_writer(folder)?;
    remove_expired(folder, manifest.taken_at)?;
    let path = folder.join(format!("{DATA_NAME}{}.dump", manifest.backup));
    let part = path.with_extension("part");
    if let Err(failed) = dump_data(owner, &part) {
        let _ = fs::remove_file(&part);
        return Err(failed.into());
    }
    let manifest = Manifest { sha256: digest_of_file(&part).map_err(file(&part))?, ..manifest };
    let text = serde_json::to_string_pretty(&manifest).map_err(|error| RuntimeError::Output(error.into()))?;
    write_anew(&path.with_extension("json"), text.as_bytes())?;
    File::open(&part).and_then(|written| written.sync_all()).map_err(file(&part))?;
    put_in_place(&part, &path)?;
    Ok(path)
}

/// Holds a folder for one backup at a time, until the file is dropped: two would write over each other's drafts.
fn only_writer(folder: &Path) -> Result<File, RuntimeError> {
    let path = folder.join(LOCK_NAME);
    let lock = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let lock = lock.map_err(file(&path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            let why = "another backup is being written into this folder; wait until it is done".to_owned();
            Err(RuntimeError::File { path: folder.to_owned(), why })
        }
        Err(TryLockError::Error(error)) => Err(file(&path)(error)),
    }
}

/// A backup past its day goes: search tokens of the erased may be in it. So does what an interrupted one left.
fn remove_expired(folder: &Path, now: DateTime<Utc>) -> Result<(), RuntimeError> {
    for entry in fs::read_dir(folder).map_err(file(folder))?.flatten() {
        let path = entry.path();
        let is_ours = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(DATA_NAME));
        let has = |wanted: &str| path.extension().is_some_and(|extension| extension == wanted);
        if is_ours && (has("part") || (has("json") && !path.with_extension("dump").exists())) {
            fs::remove_file(&path).map_err(file(&path))?;
            continue;
        }
        if path.extension().is_some_and(|extension| extension == "dump")
            && Manifest::read(&path).is_ok_and(|manifest| manifest.expires_at <= now)
        {
            fs::remove_file(&path).map_err(file(&path))?;
            let beside = path.with_extension("json");
            fs::remove_file(&beside).map_err(file(&beside))?;
        }
    }
    Ok(())
}

/// A copy of another clinic, or of a later moment, is not replaced.
fn refuse_other_copy(path: &Path, clinic: ClinicId, now: DateTime<Utc>) -> Result<(), RuntimeError> {
    let Ok(text) = fs::read_to_string(path) else { return Ok(()) };
    let Ok(there) = KeystoreCopy::parse(path, &text) else { return Ok(()) };
    if there.head.clinic == clinic && there.head.made_at <= now {
        return Ok(());
    }
    let why = "a copy of another clinic, or a newer one, is there; name another folder";
    Err(RuntimeError::File { path: path.to_owned(), why: why.to_owned() })
}

pub(crate) fn write_anew(path: &Path, bytes: &[u8]) -> Result<(), RuntimeError> {
    let mut options = OpenOptions::new();
    let mut written =
        options.write(true).create(true).truncate(true).mode(0o600).open(path).map_err(file(path))?;
    written.write_all(bytes).and_then(|()| written.sync_all()).map_err(file(path))
}

/// Moves a file over the one that is there, and sees that on disk.
fn put_in_place(from: &Path, to: &Path) -> Result<(), RuntimeError> {
    fs::rename(from, to).map_err(file(to))?;
    let folder = to.parent().unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(file(folder))
}

pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> RuntimeError + '_ {
    move |error| RuntimeError::File { path: path.to_owned(), why: error.to_string() }
}
