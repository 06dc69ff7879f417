//! What can go wrong with a private Postgres, each with the next step.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why the private Postgres of a data folder is not available.
///
/// A message names folders, versions and commands; it never holds a password.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// A client program is missing or failed.
    #[error("{program}: {why}")]
    Program {
        /// Which.
        program: &'static str,
        /// What it said first, or what to do.
        why: String,
    },
    /// No Postgres binaries, or none new enough.
    #[error("no Postgres {least} or later was found on this system; install it with: {install}")]
    NoPostgres {
        /// The oldest major version that is accepted.
        least: u32,
        /// The one line that installs it here.
        install: String,
    },
    /// `RESGUARDO_PG_BIN` names a folder that is of no use.
    #[error(
        "RESGUARDO_PG_BIN names {}, which does not hold initdb, pg_ctl and postgres of version {least} or later; \
         correct it or unset it", folder.display()
    )]
    NamedBinaries {
        /// The folder it names.
        folder: PathBuf,
        /// The oldest major version that is accepted.
        least: u32,
    },
    /// The cluster was made by a Postgres that is not installed any more.
    #[error(
        "the data in {} was written by Postgres {written}, which is not installed; install that version again \
         beside any newer one, or point RESGUARDO_PG_BIN at it", folder.display()
    )]
    OtherVersion {
        /// The data folder.
        folder: PathBuf,
        /// The major version that wrote the data.
        written: u32,
    },
    /// Root started us and there is no user for Postgres.
    #[error(
        "Postgres refuses to run as root, and there is neither a user `postgres` nor `nobody`; create one"
    )]
    NoUser,
    /// The user that Postgres runs as cannot reach the data folder.
    #[error(
        "Postgres runs as the user `{user}`, who may not enter {}; choose a folder outside it with --data, \
         such as /var/lib/resguardo, or let others pass through it with: chmod o+x '{}'",
        closed.display(), closed.display()
    )]
    ClosedFolder {
        /// That user.
        user: String,
        /// The first folder on the way that is closed.
        closed: PathBuf,
    },
    /// There is no home folder to derive the default from.
    #[error("neither XDG_DATA_HOME nor HOME is set; name a data folder with --data")]
    NoHome,
    /// The folder holds something else.
    #[error("{} is not empty and is not a data folder of Resguardo; choose another with --data", folder.display())]
    ForeignFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder was written by a later release.
    #[error("{} was written by a later release of Resguardo; use that release", folder.display())]
    LaterFormat {
        /// The folder.
        folder: PathBuf,
    },
    /// A demo folder was to be opened for real work.
    #[error(
        "{} holds invented data of the demo and is never used for real work; choose another folder with --data, \
         or start it with --demo", folder.display()
    )]
    DemoFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder of real work was to be opened by the demo.
    #[error(
        "{} holds real data, which the demo never touches; choose another folder with --data",
        folder.display()
    )]
    ProductionFolder {
        /// The folder.
        folder: PathBuf,
    },
    /// Another server has the folder.
    #[error(
        "another server (process {process}) already uses {}; stop it, or choose another folder with --data",
        folder.display()
    )]
    ServerRunning {
        /// The folder.
        folder: PathBuf,
        /// Its process id, or a question mark.
        process: String,
    },
    /// A password file can be read by others.
    #[error("{} can be read by others; close it with: chmod 600 '{}'", file.display(), file.display())]
    ExposedSecret {
        /// The file.
        file: PathBuf,
    },
    /// A password that the cluster was made with is gone.
    #[error("{} is missing or empty; bring it back from a backup of the data folder", file.display())]
    MissingSecret {
        /// The file.
        file: PathBuf,
    },
    /// No folder is short enough for the socket.
    #[error("no temporary folder is short enough for a socket; set TMPDIR to a short path such as /tmp")]
    SocketPath,
    /// The disk is full.
    #[error("the disk that holds {} is full; make room there and start again", folder.display())]
    DiskFull {
        /// The folder.
        folder: PathBuf,
    },
    /// The system refuses access.
    #[error(
        "no permission for {}; run as the user who owns the data folder, or choose another with --data",
        path.display()
    )]
    Permission {
        /// What was refused.
        path: PathBuf,
    },
    /// The system does not know the locale.
    #[error("Postgres does not know the locale of this system; set LC_ALL=C and start again")]
    Locale,
    /// The system has no shared memory left for Postgres.
    #[error("the system gives Postgres too little shared memory; stop other databases or raise its limit")]
    SharedMemory,
    /// Postgres gave up for another reason.
    #[error("Postgres could not {action}: {reason} (all of it: {})", log.display())]
    Refused {
        /// What it was asked to do.
        action: &'static str,
        /// Its own last words.
        reason: String,
        /// Where the rest is.
        log: PathBuf,
    },
    /// Postgres did not come up in time.
    #[error("Postgres was not ready after {waited_seconds} s; see {} and start again", log.display())]
    Slow {
        /// How long it was given, in seconds.
        waited_seconds: u64,
        /// What it wrote.
        log: PathBuf,
    },
    /// A text does not say where to connect.
    #[error(
        "a connection is written as host=... user=... password=..., with port=... and dbname=... if need be"
    )]
    Target,
    /// `RESGUARDO_TEST_PG` cannot be read.
    #[error(
        "RESGUARDO_TEST_PG does not name a host, a user and a password; unset it or run `cargo xtask test`"
    )]
    TestVariable,
    /// Anything else from the system.
    #[error("could not use {}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl EmbeddedError {
    /// Names the file or folder that the system refused.
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { folder: path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::Permission { path },
            _ => Self::Io { path, source },
        }
    }

    /// Turns what Postgres printed into the reason that it names.
    pub(super) fn from_output(action: &'static str, output: &str, folder: &Path, log: &Path) -> Self {
        let says = |text: &str| output.contains(text);
        if says("No space left on device") || says("Disk quota exceeded") {
            Self::DiskFull { folder: folder.to_owned() }
        } else if says("Permission denied") || says("has wrong ownership") || says("Read-only file system") {
            Self::Permission { path: folder.to_owned() }
        } else if says("invalid locale") {
            Self::Locale
        } else if says("could not create shared memory") || says("could not map anonymous shared memory") {
            Self::SharedMemory
        } else {
            let reason = last_complaint(output).to_owned();
            Self::Refused { action, reason, log: log.to_owned() }
        }
    }
}

/// The last line that complains, else the last line, else a word about silence.
fn last_complaint(output: &str) -> &str {
    let lines = || output.lines().rev().map(str::trim).filter(|line| !line.is_empty());
    let complaint =
        lines().find(|line| ["FATAL:", "PANIC:", "error:"].iter().any(|word| line.contains(word)));
    complaint.or_else(|| lines().next()).unwrap_or("it said nothing")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::EmbeddedError;

    #[test]
    fn what_postgres_prints_becomes_the_reason_it_names() {
        let (folder, log) = (Path::new("/data"), Path::new("/data/postgres.log"));
        for (output, message) in [
            ("FATAL:  could not write: No space left on device", "the disk that holds /data is full"),
            ("initdb: error: could not access directory \"x\": Permission denied", "no permission for /data"),
            ("FATAL:  data directory \"x\" has wrong ownership", "no permission for /data"),
            ("initdb: error: invalid locale settings; check LANG", "Postgres does not know the locale"),
            ("FATAL:  could not map anonymous shared memory: Cannot allocate", "too little shared memory"),
            (
                "LOG:  starting\nFATAL:  bad magic\nLOG:  shut down\n",
                "could not start: FATAL:  bad magic (all of it: /data/",
            ),
            ("", "could not start: it said nothing"),
        ] {
            let error = EmbeddedError::from_output("start", output, folder, log).to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
