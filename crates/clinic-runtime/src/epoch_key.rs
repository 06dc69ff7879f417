//! Where the epoch key is kept: a file that only its owner reads, or a passphrase.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use chacha20::ChaCha20Rng;
use crypto_vault::{DestructionOutcome, EpochFile, EpochId, EpochKey, Passphrase, PassphraseHeader};
use zeroize::Zeroizing;

use crate::RuntimeError;

/// Where the epoch key comes from.
pub enum EpochKeySource {
    /// A key file; made on first use.
    File(PathBuf),
    /// A passphrase, with the header file that holds its salt and cost; made on first use.
    Passphrase {
        /// The header file.
        header: PathBuf,
        /// The passphrase.
        passphrase: Zeroizing<String>,
    },
}

/// Whether an epoch had been closed before its key file was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EpochClosed {
    /// In this same run.
    Now,
    /// In a run that was interrupted.
    Before,
}

/// Shows where the files are, and no passphrase.
impl fmt::Debug for EpochKeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Passphrase { header, .. } => {
                f.debug_struct("Passphrase").field("header", header).finish_non_exhaustive()
            }
        }
    }
}

impl EpochKeySource {
    /// The file itself: the key, or the header of its passphrase.
    #[must_use]
    pub fn path(&self) -> &Path {
        let (Self::File(path) | Self::Passphrase { header: path, .. }) = self;
        path
    }

    /// Where the key of an epoch is kept while another is in force: `epoch-N.key` (or `.header`) beside it.
    #[must_use]
    pub fn beside(&self, epoch: EpochId) -> Self {
        let named = |path: &Path, extension: &str| path.with_file_name(format!("epoch-{epoch}.{extension}"));
        match self {
            Self::File(path) => Self::File(named(path, "key")),
            Self::Passphrase { header, passphrase } => {
                Self::Passphrase { header: named(header, "header"), passphrase: passphrase.clone() }
            }
        }
    }

    /// The key, if its file is there.
    ///
    /// # Errors
    ///
    /// As [`load_or_create_epoch_key`].
    pub fn load(&self) -> Result<Option<EpochKey>, RuntimeError> {
        if !self.path().exists() {
            return Ok(None);
        }
        let unusable = |why: String| RuntimeError::EpochKey(why);
        let text = read_private(self.path())?;
        let key = match self {
            Self::File(_) => EpochFile::parse(&text).map_err(|error| unusable(error.to_string()))?,
            Self::Passphrase { passphrase, .. } => Passphrase::parse(passphrase)
                .and_then(|passphrase| PassphraseHeader::parse(&text)?.open(&passphrase))
                .map_err(|error| unusable(error.to_string()))?,
        };
        Ok(Some(key))
    }

    /// Makes the key of an epoch and sees it on disk before anything is wrapped under it.
    pub(crate) fn create(&self, epoch: EpochId, rng: &mut ChaCha20Rng) -> Result<EpochKey, RuntimeError> {
        let key = match self {
            Self::File(path) => {
                let key = EpochKey::generate(epoch, rng);
                write_private(path, &EpochFile::format(&key))?;
                key
            }
            Self::Passphrase { header, passphrase } => {
                let wrong = |error: crypto_vault::PassphraseError| RuntimeError::EpochKey(error.to_string());
                let passphrase = Passphrase::parse(passphrase).map_err(wrong)?;
                let cost = crypto_vault::KdfCost::RECOMMENDED;
                let (made, key) = PassphraseHeader::create(epoch, &passphrase, cost, rng).map_err(wrong)?;
                write_private(header, &made.format())?;
                key
            }
        };
        sync_folder(self.path())?;
        Ok(key)
    }

    /// Puts the key of the next epoch in the place of the one in force, which stays beside it until its epoch ends.
    /// Stopped anywhere, both keys are still there, and it can be run again.
    pub(crate) fn promote(&self, from: EpochId, to: EpochId) -> Result<(), RuntimeError> {
        let failed = |error: std::io::Error| self.failed(&error);
        let earlier = self.beside(from);
        if !earlier.path().exists() {
            fs::hard_link(self.path(), earlier.path()).map_err(failed)?;
            sync_folder(self.path())?;
        }
        fs::rename(self.beside(to).path(), self.path()).map_err(failed)?;
        sync_folder(self.path())
    }

    /// Overwrites and removes the file, and says what that proves. A file that is gone already proves something only
    /// if nothing could be wrapped under it any more when it went.
    pub(crate) fn destroy(
        &self,
        closed: EpochClosed,
        at: chrono::DateTime<chrono::Utc>,
    ) -> Result<DestructionOutcome, RuntimeError> {
        let failed = |error: std::io::Error| self.failed(&error);
        let is_there = self.path().exists();
        if is_there {
            if let Self::File(path) = self {
                let mut file = OpenOptions::new().write(true).open(path).map_err(failed)?;
                let len = usize::try_from(file.metadata().map_err(failed)?.len()).unwrap_or_default();
                file.write_all(&vec![0; len]).map_err(failed)?;
                file.sync_all().map_err(failed)?;
            }
            fs::remove_file(self.path()).map_err(failed)?;
            sync_folder(self.path())?;
        }
        Ok(match self {
            Self::File(_) if is_there || closed == EpochClosed::Before => {
                DestructionOutcome::Destroyed { at }
            }
            Self::File(_) | Self::Passphrase { .. } => DestructionOutcome::CannotProve { at },
        })
    }

    fn failed(&self, error: &std::io::Error) -> RuntimeError {
        RuntimeError::File { path: self.path().to_owned(), why: error.to_string() }
    }

    /// Refuses to go on if the file is not there although the clinic has keys wrapped under it: a new key would
    /// open nothing.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::File`] names the file to bring back.
    pub(crate) fn refuse_missing(&self) -> Result<(), RuntimeError> {
        let path = self.path();
        if path.exists() {
            return Ok(());
        }
        let why = "this clinic's keys need it; bring it back from where it is kept apart".to_owned();
        Err(RuntimeError::File { path: path.to_owned(), why })
    }
}

/// Loads the epoch key, or makes that of the first epoch if there is no file.
///
/// # Errors
///
/// [`RuntimeError::KeyFileOpenToOthers`] if others may read the file; [`RuntimeError::EpochKey`] if the file is
/// damaged or the passphrase wrong.
pub fn load_or_create_epoch_key(
    source: &EpochKeySource,
    rng: &mut ChaCha20Rng,
) -> Result<EpochKey, RuntimeError> {
    match source.load()? {
        Some(key) => Ok(key),
        None => source.create(EpochId::FIRST, rng),
    }
}

/// The epoch key in a file that only its owner may read.
///
/// # Errors
///
/// [`RuntimeError::KeyFileOpenToOthers`] if others may read it; [`RuntimeError::EpochKey`] if it is damaged.
pub fn read_epoch_key_file(path: &Path) -> Result<EpochKey, RuntimeError> {
    let text = read_private(path)?;
    EpochFile::parse(&text).map_err(|error| RuntimeError::EpochKey(error.to_string()))
}

/// The passphrase in a file that only its owner may read; a line feed at its end is no part of it.
///
/// # Errors
///
/// [`RuntimeError::KeyFileOpenToOthers`] if others may read it; [`RuntimeError::File`] if it cannot be read.
pub fn read_passphrase_file(path: &Path) -> Result<Zeroizing<String>, RuntimeError> {
    let text = read_private(path)?;
    Ok(Zeroizing::new(text.trim_end_matches(['\n', '\r']).to_owned()))
}

/// Reads a file that only its owner may read.
fn read_private(path: &Path) -> Result<Zeroizing<String>, RuntimeError> {
    let failed = |error: std::io::Error| RuntimeError::File { path: path.to_owned(), why: error.to_string() };
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(RuntimeError::KeyFileOpenToOthers { path: path.to_owned() });
    }
    fs::read_to_string(path).map(Zeroizing::new).map_err(failed)
}

/// Writes a new file that only its owner may read, and sees it on disk before anything depends on it.
fn write_private(path: &Path, text: &str) -> Result<(), RuntimeError> {
    let failed = |error: std::io::Error| RuntimeError::File { path: path.to_owned(), why: error.to_string() };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)
}

/// Sees the names in a file's folder on disk.
fn sync_folder(path: &Path) -> Result<(), RuntimeError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| RuntimeError::File { path: folder.to_owned(), why: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_passphrase() {
        let passphrase = "una frase larga".to_owned().into();
        let source = EpochKeySource::Passphrase { header: PathBuf::from("epoch.header"), passphrase };
        assert_eq!(format!("{source:?}"), "Passphrase { header: \"epoch.header\", .. }");
    }
}
