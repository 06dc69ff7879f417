//! The newest head of the log, kept beside the key and so outside the database: who can write the database alone can
//! neither cut the log behind it nor have another one signed.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use audit_log::{Checkpoint, VerifierKey};

use crate::RuntimeError;

const FILE: &str = "log.head";

/// One at a time in this process: two that place the log at once would write one draft, and the head that is placed first
/// could take the place of the larger.
static KEEPING: Mutex<()> = Mutex::new(());

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
        let _alone = KEEPING.lock().unwrap_or_else(PoisonError::into_inner);
        if self.read(key)?.is_some_and(|(kept, _)| kept.size() >= head.size()) {
            return Ok(());
        }
        // A name of its own for each process: two processes that write at once leave one whole head.
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

#[cfg(test)]
mod tests {
    use audit_log::{LogSigningKey, TreeHash};
    use chrono::DateTime;
    use records_model::ClinicId;
    use uuid::Uuid;

    use super::*;

    const WRITERS: u64 = 4;
    const LARGEST: u64 = 1600;

    #[test]
    fn several_that_keep_heads_at_once_leave_the_largest_whole() {
        let folder = std::env::temp_dir().join(format!("resguardo-kept-head-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let clinic = ClinicId::from_uuid(Uuid::from_u128(7));
        let key = LogSigningKey::from_bytes(clinic, &[7; 32]);
        let kept = KeptHead::beside(&folder);
        std::thread::scope(|scope| {
            for writer in 0..WRITERS {
                let (kept, key) = (&kept, &key);
                scope.spawn(move || {
                    for size in (1..=LARGEST).filter(|size| size % WRITERS == writer) {
                        let root = TreeHash::from_bytes([9; 32]);
                        let head = Checkpoint::new(clinic, size, root, DateTime::UNIX_EPOCH);
                        kept.keep(&head.sign(key).unwrap(), &key.verifier_key()).unwrap();
                    }
                });
            }
        });
        let (head, _) = kept.read(&key.verifier_key()).unwrap().unwrap();
        assert_eq!(head.size(), LARGEST);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no draft is left");
        fs::remove_dir_all(&folder).unwrap();
    }
}
