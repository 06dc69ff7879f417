//! A process's stay in a running cluster.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use super::bare::holder::SUPERUSER;
use super::bare::quoting::PORT;
use super::control;
use super::error::EmbeddedError;
use super::folder::DataFolder;
use super::secret::{Login, Secrets};
use super::target::ConnectTarget;

/// What a process does with the folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occupant {
    /// Serves it; there is one at most.
    Server,
    /// Works on it beside the server, or without one.
    Tool,
}

/// What became of Postgres when a process left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Somebody else still uses it.
    StillInUse,
    /// Nobody did, and it was stopped after a checkpoint.
    Stopped,
}

/// The database that the product lives in; the superuser makes it.
pub const DATABASE: &str = "resguardo";

/// A running private Postgres, and this process's share in it.
///
/// While this value lives, Postgres keeps running. [`Cluster::leave`] gives the share back, and the last to leave
/// stops Postgres; dropping does the same without a word on errors. Both block for as long as a checkpoint takes.
#[derive(Debug)]
pub struct Cluster {
    folder: DataFolder,
    host: String,
    credentials: ClusterCredentials,
    /// Shared lock.
    in_use: File,
    /// Exclusive lock; a server's only.
    server: Option<File>,
    stay: Stay,
}

#[derive(Debug, PartialEq, Eq)]
enum Stay {
    Here,
    Gone,
}

/// The passwords of a cluster. `Debug` shows none of them.
#[derive(Clone)]
pub struct ClusterCredentials {
    superuser: String,
    logins: [(Login, String); 4],
}

impl ClusterCredentials {
    /// Reads the passwords. Those of the logins are made where they are absent, because the store sets them at every
    /// start; the superuser's only before there is a cluster, which keeps the one it was made with.
    fn prepare(secrets: &Secrets, folder: &DataFolder) -> Result<Self, EmbeddedError> {
        let superuser = if folder.has_cluster() {
            secrets.password(SUPERUSER)?
        } else {
            secrets.password_or_new(SUPERUSER)?
        };
        let login = |login: Login| Ok((login, secrets.password_or_new(login.role())?));
        let [owner, app, sequencer, reader] = Login::ALL;
        Ok(Self { superuser, logins: [login(owner)?, login(app)?, login(sequencer)?, login(reader)?] })
    }

    /// The password kept for a login. The role itself is made, and given this password, by the store.
    #[must_use]
    pub fn password(&self, login: Login) -> &str {
        self.logins.iter().find(|(kept, _)| *kept == login).map_or("", |(_, password)| password)
    }
}

impl std::fmt::Debug for ClusterCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClusterCredentials").finish_non_exhaustive()
    }
}

impl DataFolder {
    /// Starts the folder's Postgres, or finds it running, and stays in it.
    ///
    /// Makes the cluster first where there is none. Blocks: about 2 s the first time, a fraction of a second after
    /// a clean stop, some seconds after a crash.
    ///
    /// # Errors
    ///
    /// [`EmbeddedError`]: another server has the folder, no Postgres is installed, or Postgres did not start.
    pub fn start(&self, occupant: Occupant) -> Result<Cluster, EmbeddedError> {
        let server = match occupant {
            Occupant::Server => Some(take_server_lock(self)?),
            Occupant::Tool => None,
        };
        let starting = StartLock::take(self)?;
        let in_use = self.lock_file("in-use")?;
        // Only somebody who holds `start.lock` ever holds this one exclusively, so this does not wait.
        in_use.lock_shared().map_err(EmbeddedError::io(&self.path().join("in-use")))?;
        let secrets = Secrets::open(self.path().join("secrets"))?;
        // Before Postgres runs: a start that fails must not leave it running.
        let credentials = ClusterCredentials::prepare(&secrets, self)?;
        let host = control::bring_up(self, &credentials.superuser)?;
        starting.release();
        Ok(Cluster { folder: self.clone(), host, credentials, in_use, server, stay: Stay::Here })
    }
}

impl Cluster {
    /// The folder.
    #[must_use]
    pub const fn folder(&self) -> &DataFolder {
        &self.folder
    }

    /// The passwords.
    #[must_use]
    pub const fn credentials(&self) -> &ClusterCredentials {
        &self.credentials
    }

    /// How the product connects: as one of its logins, to its own database.
    #[must_use]
    pub fn target(&self, login: Login) -> ConnectTarget {
        self.connect_target(DATABASE, login.role(), self.credentials.password(login))
    }

    /// The superuser on the database `postgres`: only for making the roles and the database.
    #[must_use]
    pub fn superuser_target(&self) -> ConnectTarget {
        self.connect_target("postgres", SUPERUSER, &self.credentials.superuser)
    }

    /// Gives the share back; the last to leave stops Postgres.
    ///
    /// Close every connection first: a fast stop cuts those that are open.
    ///
    /// # Errors
    ///
    /// [`EmbeddedError`] if Postgres did not stop; the share is given back all the same.
    pub fn leave(mut self) -> Result<Left, EmbeddedError> {
        self.go()
    }

    fn go(&mut self) -> Result<Left, EmbeddedError> {
        if std::mem::replace(&mut self.stay, Stay::Gone) == Stay::Gone {
            return Ok(Left::StillInUse);
        }
        let starting = StartLock::take(&self.folder)?;
        // Unlocked by name, not by closing: a child of another thread may hold a copy until it has started.
        self.in_use.unlock().map_err(EmbeddedError::io(&self.folder.path().join("in-use")))?;
        let left = match self.in_use.try_lock() {
            Ok(()) => control::stop(&self.folder).map(|()| Left::Stopped),
            Err(TryLockError::WouldBlock) => Ok(Left::StillInUse),
            Err(TryLockError::Error(error)) => {
                Err(EmbeddedError::io(&self.folder.path().join("in-use"))(error))
            }
        };
        // An unlock of a lock that we hold does not fail; closing the files would do the same.
        let _ = self.in_use.unlock();
        if let Some(server) = self.server.take() {
            let _ = server.unlock();
        }
        starting.release();
        left
    }

    fn connect_target(&self, database: &str, user: &str, password: &str) -> ConnectTarget {
        ConnectTarget {
            host: self.host.clone(),
            port: PORT,
            database: database.to_owned(),
            user: user.to_owned(),
            password: password.to_owned(),
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // Who wants to know calls `leave`.
        let _ = self.go();
    }
}

/// One process at a time starts or stops Postgres.
struct StartLock(File);

impl StartLock {
    fn take(folder: &DataFolder) -> Result<Self, EmbeddedError> {
        let file = folder.lock_file("start.lock")?;
        file.lock().map_err(EmbeddedError::io(&folder.path().join("start.lock")))?;
        Ok(Self(file))
    }

    fn release(self) {
        // Closing the file would do the same, a moment later.
        let _ = self.0.unlock();
    }
}

fn take_server_lock(folder: &DataFolder) -> Result<File, EmbeddedError> {
    let path = folder.path().join("server.lock");
    let mut file = folder.lock_file("server.lock")?;
    match file.try_lock() {
        Ok(()) => {
            note_process(&mut file).map_err(EmbeddedError::io(&path))?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => Err(server_running(folder.path(), &mut file)),
        Err(TryLockError::Error(error)) => Err(EmbeddedError::io(&path)(error)),
    }
}

/// Our number, for the message to whoever comes second.
fn note_process(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn server_running(folder: &Path, file: &mut File) -> EmbeddedError {
    let mut text = String::new();
    let read = file.read_to_string(&mut text).is_ok() && !text.trim().is_empty();
    let process = if read { text.trim().to_owned() } else { "?".to_owned() };
    EmbeddedError::ServerRunning { folder: folder.to_owned(), process }
}
