//! The passwords of a private cluster, each in a file that only its owner reads.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::bare::random;
use super::error::EmbeddedError;
use super::flush;

/// A login of the running system. None of them is a superuser, and only the owner may change the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Login {
    /// Owns the schema; used by migrations only.
    Owner,
    /// The operations.
    App,
    /// Places log entries in the tree.
    Sequencer,
    /// Reports; reads only.
    Reader,
}

impl Login {
    /// Every login.
    pub const ALL: [Self; 4] = [Self::Owner, Self::App, Self::Sequencer, Self::Reader];

    /// The name of the role in Postgres.
    ///
    /// ```
    /// use postgres_store::embedded::Login;
    ///
    /// assert_eq!(Login::App.role(), "resguardo_app");
    /// ```
    #[must_use]
    pub const fn role(self) -> &'static str {
        match self {
            Self::Owner => "resguardo_owner",
            Self::App => "resguardo_app",
            Self::Sequencer => "resguardo_sequencer",
            Self::Reader => "resguardo_reader",
        }
    }
}

/// The folder `secrets` of a data folder.
#[derive(Debug, Clone)]
pub(super) struct Secrets {
    folder: PathBuf,
}

impl Secrets {
    /// Makes the folder where it is absent.
    pub(super) fn open(folder: PathBuf) -> Result<Self, EmbeddedError> {
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(EmbeddedError::io(&folder)(error))
            }
            _ => Ok(Self { folder }),
        }
    }

    /// The password kept under `name`, made now where there is none.
    pub(super) fn password_or_new(&self, name: &str) -> Result<String, EmbeddedError> {
        let file = self.file(name);
        if !file.exists() {
            write_new(&file).map_err(EmbeddedError::io(&file))?;
        }
        self.password(name)
    }

    /// The password kept under `name`.
    pub(super) fn password(&self, name: &str) -> Result<String, EmbeddedError> {
        let file = self.file(name);
        let mode = match fs::metadata(&file) {
            Ok(metadata) => metadata.permissions().mode(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(EmbeddedError::MissingSecret { file });
            }
            Err(error) => return Err(EmbeddedError::io(&file)(error)),
        };
        if mode & 0o077 != 0 {
            return Err(EmbeddedError::ExposedSecret { file });
        }
        let password = fs::read_to_string(&file).map_err(EmbeddedError::io(&file))?;
        match password.trim() {
            "" => Err(EmbeddedError::MissingSecret { file }),
            password => Ok(password.to_owned()),
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.password"))
    }
}

/// Writes a new password beside `file` and moves it there, so that no reader ever sees half of one.
fn write_new(file: &Path) -> io::Result<()> {
    let draft = file.with_extension("draft");
    let mut written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    written.write_all(random::password()?.as_bytes())?;
    written.sync_all()?;
    fs::rename(&draft, file)?;
    file.parent().map_or(Ok(()), flush::entries)
}

#[cfg(test)]
mod tests {
    use super::Login;

    #[test]
    fn every_login_has_its_own_role() {
        let names: std::collections::BTreeSet<&str> = Login::ALL.iter().map(|login| login.role()).collect();
        assert_eq!(names.len(), Login::ALL.len());
    }
}
