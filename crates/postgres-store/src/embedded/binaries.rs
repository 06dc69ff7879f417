//! Which Postgres is used.

use std::fs;
use std::path::Path;

use super::bare::locate::{self, Installation, MAJOR_MIN};
use super::bare::run_as::own_uid;
use super::error::EmbeddedError;
use super::folder::DataFolder;

/// The installation for a cluster that is yet to be made: the one that the environment names, else the first that
/// is new enough.
pub(super) fn for_new_cluster() -> Result<Installation, EmbeddedError> {
    if let Some(named) = named()? {
        return Ok(named);
    }
    locate::installations().into_iter().find(|found| found.major >= MAJOR_MIN).ok_or_else(none)
}

/// The installation for a cluster that exists: its data can be read by that major version only.
pub(super) fn for_cluster(folder: &DataFolder) -> Result<Installation, EmbeddedError> {
    let path = folder.cluster().join("PG_VERSION");
    let text = fs::read_to_string(&path).map_err(EmbeddedError::io(&path))?;
    let written: u32 = text.trim().parse().unwrap_or_default();
    let other = || EmbeddedError::OtherVersion { folder: folder.path().to_owned(), written };
    if let Some(named) = named()? {
        return if named.major == written { Ok(named) } else { Err(other()) };
    }
    let mut found = locate::installations();
    if found.is_empty() {
        return Err(none());
    }
    found.retain(|installation| installation.major == written);
    found.into_iter().next().ok_or_else(other)
}

fn named() -> Result<Option<Installation>, EmbeddedError> {
    let Some(folder) = locate::named_folder() else { return Ok(None) };
    match Installation::read(&folder).filter(|found| found.major >= MAJOR_MIN) {
        Some(found) => Ok(Some(found)),
        None => Err(EmbeddedError::NamedBinaries { folder, least: MAJOR_MIN }),
    }
}

fn none() -> EmbeddedError {
    match own_uid() {
        Ok(uid) => EmbeddedError::NoPostgres { least: MAJOR_MIN, install: locate::install_command(uid) },
        Err(error) => EmbeddedError::io(Path::new("id"))(error),
    }
}
