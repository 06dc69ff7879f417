//! A throwaway cluster that cannot outlive its owner.
//!
//! A shell starts it, waits for the end of its own input and then stops and removes it. The owner holds the other
//! end of that pipe; however the owner ends, a kill included, the system closes the pipe.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use super::{quoting, random, run_as::RunAs};

/// The only role of a new throwaway cluster.
pub(crate) const SUPERUSER: &str = "resguardo_superuser";

const SCRIPT: &str = include_str!("holder.sh");

/// Nothing on this disk has to survive a crash, so nothing is flushed.
const SETTINGS: &str = "listen_addresses = ''\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\n\
                        max_connections = 200\ntimezone = 'UTC'\nlog_timezone = 'UTC'\nlog_checkpoints = off\n";

/// A running throwaway cluster. Dropping it stops and removes the cluster, and waits until that is done.
#[derive(Debug)]
pub(crate) struct Held {
    folder: PathBuf,
    host: String,
    password: String,
    shell: Child,
}

/// Why no throwaway cluster could be started.
#[derive(Debug)]
pub(crate) enum HoldError {
    /// No temporary folder is short enough for a socket and open to the user that Postgres runs as.
    NoTemporaryFolder,
    /// The system refused something.
    Io(io::Error),
    /// Postgres did not start; this is what it printed.
    Refused(String),
}

impl From<io::Error> for HoldError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Held {
    /// Starts a cluster that lasts until the other end of `input` is closed.
    ///
    /// With [`Stdio::piped`] this value holds that end.
    pub(crate) fn start(binaries: &Path, run_as: &RunAs, input: Stdio) -> Result<Self, HoldError> {
        let (folder, host) = new_folder(run_as)?;
        let password = random::password()?;
        let prepared = write_for(run_as, &folder.join("password"), &password).and_then(|()| {
            let socket = quoting::folder_setting(&host);
            let settings = format!("{SETTINGS}unix_socket_directories = {socket}\n");
            write_for(run_as, &folder.join("settings"), &settings)
        });
        let spawned = prepared.and_then(|()| {
            run_as
                .command("/bin/sh")
                .args(["-c", SCRIPT, "sh"])
                .args([folder.as_path(), binaries])
                // Its own group: an interrupt from the terminal must not stop the cleaning up.
                .process_group(0)
                .stdin(input)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
        });
        let shell = match spawned {
            Ok(shell) => shell,
            Err(error) => {
                // The reason is worth more than a second error from here.
                let _ = fs::remove_dir_all(&folder);
                return Err(error.into());
            }
        };
        let mut held = Self { folder, host, password, shell };
        let mut printed = String::new();
        if let Some(mut output) = held.shell.stdout.take() {
            output.read_to_string(&mut printed)?;
        }
        if printed == "ready\n" { Ok(held) } else { Err(HoldError::Refused(printed)) }
    }

    /// The folder that goes when the cluster goes.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The superuser's connection, in the keywords that libpq and its relatives read. It holds the password.
    pub(crate) fn keywords(&self) -> String {
        let host = self.host.replace('\\', "\\\\").replace('\'', "\\'");
        let (port, password) = (quoting::PORT, &self.password);
        format!("host='{host}' port={port} user={SUPERUSER} password={password} dbname=postgres")
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // A shell that is gone already has cleaned up already.
        let _ = self.shell.wait();
    }
}

/// Makes an empty folder that only `run_as` can enter, and says how clients name it.
fn new_folder(run_as: &RunAs) -> Result<(PathBuf, String), HoldError> {
    for parent in [std::env::temp_dir(), PathBuf::from("/tmp")] {
        let folder = parent.join(format!("resguardo-test-{}", random::name()?));
        let Some(host) = quoting::socket_host(&folder).map(str::to_owned) else { continue };
        if !parent.is_dir() || run_as.first_closed_folder(&parent)?.is_some() {
            continue;
        }
        DirBuilder::new().mode(0o700).create(&folder)?;
        run_as.own(&folder)?;
        return Ok((folder, host));
    }
    Err(HoldError::NoTemporaryFolder)
}

/// Writes a new file that only `run_as` can read.
fn write_for(run_as: &RunAs, path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    run_as.own(path)
}
