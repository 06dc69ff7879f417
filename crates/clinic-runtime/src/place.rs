//! Where a clinic's data is, as a person names it on a command line or in the environment.

use std::fmt;
use std::path::PathBuf;

use postgres_store::embedded::{DataFolder, FolderKind, Occupant};

use crate::{Database, RuntimeError};

/// Where a clinic's data is: a folder with a private Postgres, or a Postgres of one's own.
///
/// The binaries fill it from `--data` (or `RESGUARDO_DATA`), `DATABASE_URL` and `DATABASE_URL_SEQUENCER`.
#[derive(Clone, Default)]
pub struct Place {
    /// The data folder; with a database of one's own, where the key file is kept.
    pub data: Option<PathBuf>,
    /// The application's login on a Postgres of one's own.
    pub database_url: Option<String>,
    /// The sequencer's login on the same.
    pub sequencer_url: Option<String>,
}

/// Shows the folder, and no login: a URL holds a password.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").field("data", &self.data).finish_non_exhaustive()
    }
}

/// Which kinds of data folder somebody will work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderChoice {
    /// This kind; a folder of the other kind is refused.
    Only(FolderKind),
    /// Whichever it is: for tools that work beside a running server.
    AsFound,
}

impl Place {
    /// The database that this names.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::SequencerMissing`] if only one of the two logins is named; [`RuntimeError::Embedded`] if
    /// the folder is of the wrong kind or cannot be used.
    pub fn database(self, occupant: Occupant, choice: FolderChoice) -> Result<Database, RuntimeError> {
        let kind = match choice {
            FolderChoice::Only(kind) => kind,
            FolderChoice::AsFound => FolderKind::Production,
        };
        let path = self.data.map_or_else(|| DataFolder::default_path(kind), Ok)?;
        match (self.database_url, self.sequencer_url) {
            (Some(app), Some(sequencer)) => Ok(Database::Urls { app, sequencer, keys: path }),
            (Some(_), None) => Err(RuntimeError::SequencerMissing),
            (None, _) => {
                let folder = match choice {
                    FolderChoice::Only(kind) => DataFolder::open(&path, kind),
                    FolderChoice::AsFound => DataFolder::open_as_found(&path),
                };
                Ok(Database::Folder(folder?, occupant))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_login() {
        let url = || Some("postgres://app:secreto@localhost/clinica".to_owned());
        let place = Place { data: Some(PathBuf::from("data")), database_url: url(), sequencer_url: url() };
        assert_eq!(format!("{place:?}"), "Place { data: Some(\"data\"), .. }");
    }
}
