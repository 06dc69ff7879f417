//! Where the epoch key is kept: a file that only its owner reads, a passphrase, or a service that wraps it. A closed list:
//! what is added here says how it begins, opens, moves on and ends.

mod access;
mod files;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chacha20::ChaCha20Rng;
use crypto_vault::{
    DestructionOutcome, EpochFile, EpochId, EpochKey, Passphrase, PassphraseHeader, WrappedEpoch,
};
use key_providers::{KeyEnd, KeyProvider, Unproved};
use records_model::ClinicId;
use zeroize::Zeroizing;

use self::files::{blank, empty, is_empty, read_private, remove, sync_folder, wipe, write_private};
use crate::RuntimeError;

pub use access::KeyAccess;
pub use files::{read_epoch_key_file, read_secret_file};

/// Where the epoch key comes from.
#[derive(Clone)]
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
    /// A service that wraps it; made on first use.
    Provider(WrappedKeyFile),
}

/// An epoch key that a service wraps, and the service.
#[derive(Debug, Clone)]
pub struct WrappedKeyFile {
    path: PathBuf,
    clinic: ClinicId,
    provider: Arc<KeyProvider>,
}

/// Whether the end of a key can be proved where it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndOfKey {
    /// Whoever keeps it destroys it, and says so.
    Destroys,
    /// Nobody can say that no copy is left.
    CannotProve,
}

/// What came of destroying a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyDestroyed {
    pub(crate) outcome: DestructionOutcome,
    /// Why it proves nothing, if it does not.
    pub(crate) unproved: Option<Unproved>,
}

/// Shows where the files are, and no passphrase.
impl fmt::Debug for EpochKeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Passphrase { header, .. } => {
                f.debug_struct("Passphrase").field("header", header).finish_non_exhaustive()
            }
            Self::Provider(wrapped) => f.debug_tuple("Provider").field(wrapped).finish(),
        }
    }
}

impl EpochKeySource {
    /// The file itself: the key, the header of its passphrase, or the key as a service wrapped it.
    #[must_use]
    pub fn path(&self) -> &Path {
        let (Self::File(path)
        | Self::Passphrase { header: path, .. }
        | Self::Provider(WrappedKeyFile { path, .. })) = self;
        path
    }

    /// Who keeps the key, for people; no secret.
    #[must_use]
    pub fn kept_by(&self) -> String {
        match self {
            Self::File(_) => "key file".to_owned(),
            Self::Passphrase { .. } => "passphrase".to_owned(),
            Self::Provider(wrapped) => wrapped.provider.place(),
        }
    }

    /// Whether the file opens only with a service, and so may be read by others.
    #[must_use]
    pub const fn opens_only_with_a_service(&self) -> bool {
        matches!(self, Self::Provider(_))
    }

    /// Whether the end of its key can be proved.
    #[must_use]
    pub const fn end_of_key(&self) -> EndOfKey {
        match self {
            Self::File(_) | Self::Provider(_) => EndOfKey::Destroys,
            Self::Passphrase { .. } => EndOfKey::CannotProve,
        }
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
            Self::Provider(wrapped) => {
                Self::Provider(WrappedKeyFile { path: named(&wrapped.path, "wrapped"), ..wrapped.clone() })
            }
        }
    }

    /// The key, if its file is there. A passphrase takes a second, and a service over the network up to ten: call it
    /// where waiting does no harm.
    ///
    /// # Errors
    ///
    /// As [`load_or_create_epoch_key`].
    pub fn load(&self) -> Result<Option<EpochKey>, RuntimeError> {
        if !self.path().exists() {
            return Ok(None);
        }
        let unusable = |why: String| RuntimeError::EpochKey(why);
        let key = match self {
            Self::File(path) => {
                EpochFile::parse(&read_private(path)?).map_err(|error| unusable(error.to_string()))?
            }
            Self::Passphrase { header, passphrase } => {
                let header = read_private(header)?;
                Passphrase::parse(passphrase)
                    .and_then(|passphrase| PassphraseHeader::parse(&header)?.open(&passphrase))
                    .map_err(|error| unusable(error.to_string()))?
            }
            Self::Provider(wrapped) => wrapped.provider.open(wrapped.clinic, &wrapped.read()?)?,
        };
        Ok(Some(key))
    }

    /// The epoch that the file of a wrapped key names, if there is one. The service is not asked.
    pub(crate) fn wrapped_epoch(&self) -> Result<Option<EpochId>, RuntimeError> {
        match self {
            Self::Provider(wrapped) if wrapped.path.exists() => wrapped.read().map(|read| Some(read.epoch())),
            _ => Ok(None),
        }
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
            Self::Provider(wrapped) => {
                let key = EpochKey::generate(epoch, rng);
                wrapped.keep(&key, rng)?;
                key
            }
        };
        sync_folder(self.path())?;
        Ok(key)
    }

    /// Has a service keep a key that was kept in a file.
    pub(crate) fn keep(&self, key: &EpochKey, rng: &mut ChaCha20Rng) -> Result<(), RuntimeError> {
        let Self::Provider(wrapped) = self else { return Err(RuntimeError::OnlyFromKeyFile) };
        wrapped.keep(key, rng)?;
        sync_folder(&wrapped.path)
    }

    /// Destroys the file of a key that is kept elsewhere now.
    pub(crate) fn forget(&self) -> Result<(), RuntimeError> {
        wipe(self.path())
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

    /// Has the key destroyed, and says what that proves. The file stays, without a key in it, until
    /// [`EpochKeySource::bury`]: stopped in between, it is found again and proves the same. A file that is gone proves
    /// nothing, whoever removed it.
    pub(crate) fn destroy(&self, at: chrono::DateTime<chrono::Utc>) -> Result<KeyDestroyed, RuntimeError> {
        let is_there = self.path().exists();
        let end = match self {
            Self::File(path) if is_there => {
                blank(path)?;
                KeyEnd::Proved
            }
            Self::Passphrase { .. } => KeyEnd::Unproved(Unproved::Remembered),
            // Emptied once the service had said so.
            Self::Provider(wrapped) if is_there && is_empty(&wrapped.path)? => KeyEnd::Proved,
            Self::Provider(wrapped) if is_there => {
                let end = wrapped.provider.destroy(&wrapped.read()?)?;
                if end == KeyEnd::Proved {
                    empty(&wrapped.path)?;
                }
                end
            }
            Self::File(_) | Self::Provider(_) => KeyEnd::Unproved(Unproved::GoneBefore),
        };
        Ok(match end {
            KeyEnd::Proved => KeyDestroyed { outcome: DestructionOutcome::Destroyed { at }, unproved: None },
            KeyEnd::Unproved(why) => {
                KeyDestroyed { outcome: DestructionOutcome::CannotProve { at }, unproved: Some(why) }
            }
        })
    }

    /// Removes the file of a key whose end is entered.
    pub(crate) fn bury(&self) -> Result<(), RuntimeError> {
        if self.path().exists() { remove(self.path()) } else { Ok(()) }
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
        let others = ["epoch.key", "epoch.header", "epoch.wrapped"].map(|name| path.with_file_name(name));
        if let Some(other) = others.into_iter().find(|other| other.exists()) {
            return Err(RuntimeError::KeptOtherwise { found: other, wanted: path.to_owned() });
        }
        let why = "this clinic's keys need it; bring it back from where it is kept apart".to_owned();
        Err(RuntimeError::File { path: path.to_owned(), why })
    }
}

impl WrappedKeyFile {
    fn keep(&self, key: &EpochKey, rng: &mut ChaCha20Rng) -> Result<(), RuntimeError> {
        let made = self.provider.wrap(self.clinic, key, rng)?;
        write_private(&self.path, &made.format())
    }

    fn read(&self) -> Result<WrappedEpoch, RuntimeError> {
        let failed = |why: String| RuntimeError::File { path: self.path.clone(), why };
        let text = fs::read_to_string(&self.path).map_err(|error| failed(error.to_string()))?;
        WrappedEpoch::parse(&text).map_err(|error| failed(error.to_string()))
    }
}

/// Does what may wait, for a passphrase or a service, where it keeps nobody waiting.
pub(crate) async fn apart<T: Send + 'static>(
    source: &EpochKeySource,
    work: impl FnOnce(&EpochKeySource) -> Result<T, RuntimeError> + Send + 'static,
) -> Result<T, RuntimeError> {
    let source = source.clone();
    let done = tokio::task::spawn_blocking(move || work(&source)).await;
    done.map_err(|_| RuntimeError::Interrupted)?
}

/// Loads the epoch key, or makes that of the first epoch if there is no file.
///
/// # Errors
///
/// [`RuntimeError::KeyFileOpenToOthers`] if others may read the file; [`RuntimeError::EpochKey`] if the file is
/// damaged or the passphrase wrong; [`RuntimeError::KeyProvider`] if a service does not open it.
pub fn load_or_create_epoch_key(
    source: &EpochKeySource,
    rng: &mut ChaCha20Rng,
) -> Result<EpochKey, RuntimeError> {
    match source.load()? {
        Some(key) => Ok(key),
        None => source.create(EpochId::FIRST, rng),
    }
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
