//! Where the socket lies: in the data folder, or where that path is too long in a folder of its own.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::bare::{quoting, random, run_as::RunAs};
use super::error::EmbeddedError;
use super::folder::{DataFolder, write_durably};

/// The file that names a socket folder outside the data folder.
const NAME_FILE: &str = "socket-folder";

/// The folder for the socket, as clients name it; it exists and only the user of Postgres can enter it.
pub(super) fn prepare(folder: &DataFolder) -> Result<String, EmbeddedError> {
    let inside = folder.path().join("socket");
    if let Some(host) = quoting::socket_host(&inside) {
        make_private(&inside, folder.run_as())?;
        return Ok(host.to_owned());
    }
    let named = fs::read_to_string(folder.path().join(NAME_FILE)).unwrap_or_default();
    let named = Path::new(named.trim());
    if let (Some(host), true) = (quoting::socket_host(named), is_private(named, folder.run_as())) {
        return Ok(host.to_owned());
    }
    let (path, host) = new_outside(folder.run_as())?;
    make_private(&path, folder.run_as())?;
    write_durably(folder.path(), NAME_FILE, &format!("{host}\n"))?;
    Ok(host)
}

/// A new name in a temporary folder. It cannot be guessed, so nobody else can have taken it.
fn new_outside(run_as: &RunAs) -> Result<(PathBuf, String), EmbeddedError> {
    let name = random::name().map_err(EmbeddedError::io(Path::new("/dev/urandom")))?;
    for parent in [std::env::temp_dir(), PathBuf::from("/tmp")] {
        let path = parent.join(format!("resguardo-{name}"));
        let Some(host) = quoting::socket_host(&path).map(str::to_owned) else { continue };
        let closed = run_as.first_closed_folder(&parent).map_err(EmbeddedError::io(&parent))?;
        if closed.is_none() {
            return Ok((path, host));
        }
    }
    Err(EmbeddedError::SocketPath)
}

fn make_private(path: &Path, run_as: &RunAs) -> Result<(), EmbeddedError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => run_as.own(path).map_err(EmbeddedError::io(path)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(EmbeddedError::io(path)(error)),
    }
}

/// Whether `path` is a real folder, closed to others, of the user that Postgres runs as. In a temporary folder
/// anybody may have put something of that name after the system removed ours.
fn is_private(path: &Path, run_as: &RunAs) -> bool {
    let Ok(metadata) = fs::symlink_metadata(path) else { return false };
    let owner = match run_as {
        RunAs::Ourselves => super::bare::run_as::own_uid().ok(),
        RunAs::User { uid, .. } => Some(*uid),
    };
    let closed = metadata.permissions().mode() & 0o777 == 0o700;
    metadata.is_dir() && closed && owner == Some(metadata.uid())
}

#[cfg(test)]
mod tests {
    use super::{is_private, make_private, new_outside};
    use crate::embedded::bare::run_as::RunAs;

    #[test]
    fn only_a_closed_folder_of_our_own_is_private() {
        let run_as = RunAs::pick().unwrap().unwrap();
        let (path, _) = new_outside(&run_as).unwrap();
        assert!(!is_private(&path, &run_as));
        make_private(&path, &run_as).unwrap();
        assert!(is_private(&path, &run_as));
        let link = path.with_extension("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(!is_private(&link, &run_as), "a link may lead anywhere");
        std::fs::remove_file(&link).unwrap();
        std::fs::remove_dir(&path).unwrap();
        assert!(!is_private(&std::env::temp_dir(), &run_as));
    }
}
