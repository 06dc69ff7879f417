//! Where the epoch key is kept: a file that only its owner reads, or a passphrase.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use chacha20::ChaCha20Rng;
use crypto_vault::{EpochFile, EpochId, EpochKey, Passphrase, PassphraseHeader};
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
    /// Refuses to go on if the file is not there although the clinic has keys wrapped under it: a new key would
    /// open nothing.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::File`] names the file to bring back.
    pub(crate) fn refuse_missing(&self) -> Result<(), RuntimeError> {
        let (Self::File(path) | Self::Passphrase { header: path, .. }) = self;
        if path.exists() {
            return Ok(());
        }
        let why = "this clinic's keys need it; bring it back from where it is kept apart".to_owned();
        Err(RuntimeError::File { path: path.clone(), why })
    }
}

/// Loads the epoch key, or makes it if `first_use` says that this clinic has none yet.
///
/// # Errors
///
/// [`RuntimeError::KeyFileOpenToOthers`] if others may read the file; [`RuntimeError::EpochKey`] if the file is
/// damaged or the passphrase wrong.
pub fn load_or_create_epoch_key(
    source: &EpochKeySource,
    rng: &mut ChaCha20Rng,
) -> Result<EpochKey, RuntimeError> {
    match source {
        EpochKeySource::File(path) if path.exists() => {
            let text = read_private(path)?;
            EpochFile::parse(&text).map_err(|error| RuntimeError::EpochKey(error.to_string()))
        }
        EpochKeySource::File(path) => {
            let key = EpochKey::generate(EpochId::FIRST, rng);
            write_private(path, &EpochFile::format(&key))?;
            Ok(key)
        }
        EpochKeySource::Passphrase { header, passphrase } => from_passphrase(header, passphrase, rng),
    }
}

fn from_passphrase(header: &Path, passphrase: &str, rng: &mut ChaCha20Rng) -> Result<EpochKey, RuntimeError> {
    let wrong = |error: crypto_vault::PassphraseError| RuntimeError::EpochKey(error.to_string());
    let passphrase = Passphrase::parse(passphrase).map_err(wrong)?;
    if header.exists() {
        let text = read_private(header)?;
        return PassphraseHeader::parse(&text).map_err(wrong)?.open(&passphrase).map_err(wrong);
    }
    let cost = crypto_vault::KdfCost::RECOMMENDED;
    let (made, key) = PassphraseHeader::create(EpochId::FIRST, &passphrase, cost, rng).map_err(wrong)?;
    write_private(header, &made.format())?;
    Ok(key)
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
