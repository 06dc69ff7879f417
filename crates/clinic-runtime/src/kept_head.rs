//! The newest head of the log, kept beside the key and so outside the database: who can write the database alone can
//! neither cut the log behind it nor have another one signed.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use audit_log::{Checkpoint, VerifierKey};

use crate::RuntimeError;

const FILE: &str = "log.head";

/// Where the newest head is kept.
#[derive(Debug)]
pub(crate) struct KeptHead {
    path: PathBuf,
}

impl KeptHead {
    pub(crate) fn beside(keys: &Path) -> Self {
        Self { path: keys.join(FILE) }
    }

    /// The head that is kept; none before the first.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::File`] if it is not one that this clinic's key signed.
    pub(crate) fn read(&self, key: &VerifierKey) -> Result<Option<(Checkpoint, String)>, RuntimeError> {
        let failed = |why: String| RuntimeError::File { path: self.path.clone(), why };
        let note = match fs::read_to_string(&self.path) {
            Ok(note) => note,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error.to_string())),
        };
        let head = Checkpoint::open(&note, key).map_err(|error| {
            failed(format!(
                "{error}; it is no head of this clinic's log: find out who changed it, and move it away"
            ))
        })?;
        Ok(Some((head, note)))
    }

    /// Keeps a head, if it is larger than the one that is there. A folder in which nothing may be written keeps none.
    pub(crate) fn keep(&self, note: &str, key: &VerifierKey) -> Result<(), RuntimeError> {
        let failed = |why: String| RuntimeError::File { path: self.path.clone(), why };
        let head = Checkpoint::open(note, key).map_err(|error| failed(error.to_string()))?;
        if self.read(key)?.is_some_and(|(kept, _)| kept.size() >= head.size()) {
            return Ok(());
        }
        // A name of its own for each process: two that write at once leave one whole head.
        let draft = self.path.with_extension(format!("head.{}", std::process::id()));
        let written = fs::write(&draft, note).and_then(|()| fs::rename(&draft, &self.path));
        match written {
            Err(error)
                if !matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) =>
            {
                Err(failed(error.to_string()))
            }
            _ => Ok(()),
        }
    }
}
