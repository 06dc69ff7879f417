//! The data folder: what is in it, and who may open it.
//!
//! ```text
//! resguardo-folder   what this folder is: format and id; written last when a folder is made
//! demo               only in a folder that the demo made
//! in-use             every process holds a shared lock on it
//! server.lock        a server holds an exclusive lock on it
//! start.lock         held while Postgres is started or stopped
//! secrets/           one file for each password
//! postgres/          the cluster
//! postgres.log       what Postgres says; it is told to say nothing about rows
//! socket/            the socket, or `socket-folder` names where it is
//! ```

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::bare::{random, run_as::RunAs, run_as::own_uid};
use super::error::EmbeddedError;
use super::flush;

/// What a data folder is for; it is decided when the folder is made and never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderKind {
    /// Real work.
    Production,
    /// Invented data of the demo.
    Demo,
}

/// A folder that holds everything of one installation: the cluster, its passwords and its locks.
///
/// Opening makes the folder where it is absent; it starts nothing, see [`DataFolder::start`].
#[derive(Debug, Clone)]
pub struct DataFolder {
    path: PathBuf,
    kind: FolderKind,
    id: String,
    run_as: RunAs,
}

const MARKER: &str = "resguardo-folder";
const DEMO_MARKER: &str = "demo";
const FORMAT: &str = "resguardo data folder, format 1, id ";
/// What every format begins with, later ones too.
const ANY_FORMAT: &str = "resguardo data folder, format ";

impl DataFolder {
    /// Opens a folder of the given kind, making it where it is absent or empty.
    ///
    /// # Errors
    ///
    /// [`EmbeddedError`], and nothing was written, when the folder is of the other kind, holds something else,
    /// comes from a later release, or cannot be reached by the user that Postgres runs as.
    pub fn open(path: &Path, kind: FolderKind) -> Result<Self, EmbeddedError> {
        let folder = Self::open_or_make(path, kind)?;
        match (folder.kind, kind) {
            (FolderKind::Demo, FolderKind::Production) => {
                Err(EmbeddedError::DemoFolder { folder: folder.path })
            }
            (FolderKind::Production, FolderKind::Demo) => {
                Err(EmbeddedError::ProductionFolder { folder: folder.path })
            }
            _ => Ok(folder),
        }
    }

    /// Opens a folder of whichever kind it is; an absent or empty one becomes a production folder.
    ///
    /// For tools that work on the folder of a running server, whatever that server is.
    ///
    /// # Errors
    ///
    /// As [`DataFolder::open`], save that either kind is accepted.
    pub fn open_as_found(path: &Path) -> Result<Self, EmbeddedError> {
        Self::open_or_make(path, FolderKind::Production)
    }

    /// Where the data lies when nobody names a folder.
    ///
    /// `/var/lib/resguardo` for root, else `$XDG_DATA_HOME/resguardo` or `~/.local/share/resguardo`; the demo
    /// uses `resguardo-demo` in the same place, so that it never meets real data.
    ///
    /// # Errors
    ///
    /// [`EmbeddedError::NoHome`] if neither variable is set.
    pub fn default_path(kind: FolderKind) -> Result<PathBuf, EmbeddedError> {
        let name = match kind {
            FolderKind::Production => "resguardo",
            FolderKind::Demo => "resguardo-demo",
        };
        if own_uid().map_err(EmbeddedError::io(Path::new("id")))? == 0 {
            return Ok(Path::new("/var/lib").join(name));
        }
        let absolute = |variable: &str| {
            std::env::var_os(variable).map(PathBuf::from).filter(|value| value.is_absolute())
        };
        let base = absolute("XDG_DATA_HOME").or_else(|| Some(absolute("HOME")?.join(".local/share")));
        base.map(|base| base.join(name)).ok_or(EmbeddedError::NoHome)
    }

    /// The folder, absolute and without links.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the folder is for.
    #[must_use]
    pub const fn kind(&self) -> FolderKind {
        self.kind
    }

    /// A random id, part of the command line of this folder's Postgres.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) const fn run_as(&self) -> &RunAs {
        &self.run_as
    }

    pub(super) fn cluster(&self) -> PathBuf {
        self.path.join("postgres")
    }

    /// Whether the cluster was made; it is moved to its place whole.
    pub(super) fn has_cluster(&self) -> bool {
        self.cluster().join("PG_VERSION").exists()
    }

    pub(super) fn log(&self) -> PathBuf {
        self.path.join("postgres.log")
    }

    /// Opens one of the lock files, making it where it is absent.
    pub(super) fn lock_file(&self, name: &str) -> Result<File, EmbeddedError> {
        let path = self.path.join(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        options.open(&path).map_err(EmbeddedError::io(&path))
    }

    fn open_or_make(path: &Path, kind: FolderKind) -> Result<Self, EmbeddedError> {
        let path = std::path::absolute(path).map_err(EmbeddedError::io(path))?;
        let run_as =
            RunAs::pick().map_err(EmbeddedError::io(Path::new("id")))?.ok_or(EmbeddedError::NoUser)?;
        let nearest = path.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
        if nearest == path {
            let path = path.canonicalize().map_err(EmbeddedError::io(&path))?;
            let marker = read_marker(&path)?;
            open_to_others(&path, &run_as)?;
            return match marker {
                Some(id) => Self::found(path, id, run_as),
                None => Self::make(path, kind, run_as),
            };
        }
        // Looked at before anything is made, so that a refusal leaves nothing behind.
        check_way(nearest, &run_as)?;
        let mode = folder_mode(&run_as);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(EmbeddedError::io(parent))?;
        }
        match DirBuilder::new().mode(mode).create(&path) {
            // Another process made it in the meantime.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            result => result.map_err(EmbeddedError::io(&path))?,
        }
        Self::open_or_make(&path, kind)
    }

    fn found(path: PathBuf, id: String, mut run_as: RunAs) -> Result<Self, EmbeddedError> {
        check_way(&path, &run_as)?;
        let kind = if path.join(DEMO_MARKER).exists() { FolderKind::Demo } else { FolderKind::Production };
        // A cluster belongs to whoever made it: root serves it as that user.
        if let (RunAs::User { .. }, Ok(cluster)) = (&run_as, fs::metadata(path.join("postgres"))) {
            let (uid, gid) = (cluster.uid(), cluster.gid());
            if uid != 0 && !matches!(&run_as, RunAs::User { uid: usual, .. } if *usual == uid) {
                run_as = RunAs::User { name: uid.to_string(), uid, gid };
                check_way(&path, &run_as)?;
            }
        }
        Ok(Self { path, kind, id, run_as })
    }

    /// Marks an empty folder as ours. The kind is written before the marker, so a folder that is ours has one.
    fn make(path: PathBuf, kind: FolderKind, run_as: RunAs) -> Result<Self, EmbeddedError> {
        check_way(&path, &run_as)?;
        let start = path.join("start.lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&start);
        let lock = lock.map_err(EmbeddedError::io(&start))?;
        lock.lock().map_err(EmbeddedError::io(&start))?;
        if let Some(id) = read_marker(&path)? {
            return Self::found(path, id, run_as);
        }
        if kind == FolderKind::Demo {
            let text = "This folder holds invented data of the demo. It is never used for real work.\n";
            write_durably(&path, DEMO_MARKER, text)?;
        }
        let id = random::name().map_err(EmbeddedError::io(Path::new("/dev/urandom")))?;
        write_durably(&path, MARKER, &format!("{FORMAT}{id}\n"))?;
        Self::found(path, id, run_as)
    }
}

/// The id of a folder that is ours; nothing for a folder that we may make ours.
fn read_marker(path: &Path) -> Result<Option<String>, EmbeddedError> {
    let marker = path.join(MARKER);
    match fs::read_to_string(&marker) {
        Ok(text) => match text.strip_prefix(FORMAT) {
            Some(id) => Ok(Some(id.trim().to_owned())),
            None if text.starts_with(ANY_FORMAT) => {
                Err(EmbeddedError::LaterFormat { folder: path.to_owned() })
            }
            None => Err(EmbeddedError::ForeignFolder { folder: path.to_owned() }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let entries = fs::read_dir(path).map_err(EmbeddedError::io(path))?;
            // What an interrupted first start may have left.
            let ours = ["start.lock", DEMO_MARKER, "demo.draft", "resguardo-folder.draft"];
            let foreign = entries.flatten().any(|entry| ours.iter().all(|name| entry.file_name() != *name));
            match foreign {
                false => Ok(None),
                // Another process has made the folder since we looked.
                true if marker.exists() => read_marker(path),
                true => Err(EmbeddedError::ForeignFolder { folder: path.to_owned() }),
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            Err(EmbeddedError::ForeignFolder { folder: path.to_owned() })
        }
        Err(error) => Err(EmbeddedError::io(&marker)(error)),
    }
}

/// Others may pass through the folder only where Postgres runs as another user.
const fn folder_mode(run_as: &RunAs) -> u32 {
    match run_as {
        RunAs::Ourselves => 0o700,
        RunAs::User { .. } => 0o711,
    }
}

/// Lets the user that Postgres runs as pass through a folder that is ours (or empty and root's).
fn open_to_others(path: &Path, run_as: &RunAs) -> Result<(), EmbeddedError> {
    let metadata = fs::metadata(path).map_err(EmbeddedError::io(path))?;
    let mode = metadata.permissions().mode();
    if metadata.uid() != 0 || *run_as == RunAs::Ourselves || mode & 0o001 != 0 {
        return Ok(());
    }
    fs::set_permissions(path, Permissions::from_mode(mode | 0o111)).map_err(EmbeddedError::io(path))
}

fn check_way(folder: &Path, run_as: &RunAs) -> Result<(), EmbeddedError> {
    match run_as.first_closed_folder(folder).map_err(EmbeddedError::io(folder))? {
        Some(closed) if *run_as != RunAs::Ourselves => {
            Err(EmbeddedError::ClosedFolder { user: run_as.name().to_owned(), closed })
        }
        Some(closed) => Err(EmbeddedError::Permission { path: closed }),
        None => Ok(()),
    }
}

/// Writes a small file whole or not at all, and waits until the disk has it.
pub(super) fn write_durably(folder: &Path, name: &str, text: &str) -> Result<(), EmbeddedError> {
    let (draft, path) = (folder.join(format!("{name}.draft")), folder.join(name));
    let write = || -> io::Result<()> {
        let mut file = File::create(&draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, &path)?;
        flush::entries(folder)
    };
    write().map_err(EmbeddedError::io(&path))
}
