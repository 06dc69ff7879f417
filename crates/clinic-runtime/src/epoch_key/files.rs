//! Files of keys and secrets: which nobody else reads, and which are on disk before anything depends on them.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use crypto_vault::{EpochFile, EpochKey};
use zeroize::Zeroizing;

use crate::RuntimeError;

/// The epoch key in a file that only its owner may read.
///
/// # Errors
///
/// [`RuntimeError::KeyFileOpenToOthers`] if others may read it; [`RuntimeError::EpochKey`] if it is damaged.
pub fn read_epoch_key_file(path: &Path) -> Result<EpochKey, RuntimeError> {
    let text = read_private(path)?;
    EpochFile::parse(&text).map_err(|error| RuntimeError::EpochKey(error.to_string()))
}

/// A passphrase, token or PIN in a file that only its owner may read; a line feed at its end is no part of it.
///
/// # Errors
///
/// [`RuntimeError::KeyFileOpenToOthers`] if others may read it; [`RuntimeError::File`] if it cannot be read.
pub fn read_secret_file(path: &Path) -> Result<Zeroizing<String>, RuntimeError> {
    let text = read_private(path)?;
    Ok(Zeroizing::new(text.trim_end_matches(['\n', '\r']).to_owned()))
}

/// Reads a file that only its owner may read.
pub(super) fn read_private(path: &Path) -> Result<Zeroizing<String>, RuntimeError> {
    let failed = |error: std::io::Error| RuntimeError::File { path: path.to_owned(), why: error.to_string() };
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(RuntimeError::KeyFileOpenToOthers { path: path.to_owned() });
    }
    fs::read_to_string(path).map(Zeroizing::new).map_err(failed)
}

/// Writes a new file that only its owner may read, whole or not at all, and sees it on disk before anything depends on
/// it. One that is there is not replaced.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), RuntimeError> {
    let failed = |error: std::io::Error| RuntimeError::File { path: path.to_owned(), why: error.to_string() };
    let mut draft = path.as_os_str().to_owned();
    draft.push(".new");
    let mut options = OpenOptions::new();
    let mut file =
        options.write(true).create(true).truncate(true).mode(0o600).open(&draft).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft).map_err(failed)?;
    linked.map_err(failed)
}

/// Overwrites and removes a file.
pub(super) fn wipe(path: &Path) -> Result<(), RuntimeError> {
    blank(path)?;
    remove(path)
}

/// Overwrites a file and leaves it.
pub(super) fn blank(path: &Path) -> Result<(), RuntimeError> {
    let failed = |error: std::io::Error| RuntimeError::File { path: path.to_owned(), why: error.to_string() };
    let mut file = OpenOptions::new().write(true).open(path).map_err(failed)?;
    let len = usize::try_from(file.metadata().map_err(failed)?.len()).unwrap_or_default();
    file.write_all(&vec![0; len]).map_err(failed)?;
    file.sync_all().map_err(failed)
}

/// Empties a file and leaves it.
pub(super) fn empty(path: &Path) -> Result<(), RuntimeError> {
    let failed = |error: std::io::Error| RuntimeError::File { path: path.to_owned(), why: error.to_string() };
    let file = OpenOptions::new().write(true).truncate(true).open(path).map_err(failed)?;
    file.sync_all().map_err(failed)
}

/// Whether nothing is in a file.
pub(super) fn is_empty(path: &Path) -> Result<bool, RuntimeError> {
    let failed = |error: std::io::Error| RuntimeError::File { path: path.to_owned(), why: error.to_string() };
    Ok(fs::metadata(path).map_err(failed)?.len() == 0)
}

/// Removes a file, and sees that on disk.
pub(super) fn remove(path: &Path) -> Result<(), RuntimeError> {
    let failed = |error: std::io::Error| RuntimeError::File { path: path.to_owned(), why: error.to_string() };
    fs::remove_file(path).map_err(failed)?;
    sync_folder(path)
}

/// Sees the names in a file's folder on disk.
pub(super) fn sync_folder(path: &Path) -> Result<(), RuntimeError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| RuntimeError::File { path: folder.to_owned(), why: error.to_string() })
}
