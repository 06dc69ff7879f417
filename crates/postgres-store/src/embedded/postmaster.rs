//! One look at a cluster's Postgres: is it there, is it ready, or is only its file left.

use std::fs;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::bare::quoting::SOCKET_NAME;
use super::error::EmbeddedError;

/// How a cluster's Postgres stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is not running and left nothing behind that matters.
    Stopped,
    /// It takes connections in this folder.
    Ready {
        /// The folder of the socket.
        host: String,
    },
    /// It is starting, recovering or stopping.
    Busy,
    /// It runs, but its socket is gone.
    Unreachable,
    /// It is not running, but another process or a zombie has its number, which Postgres would take for itself.
    Stale,
}

/// The lines of `postmaster.pid` that are read here. Source: Postgres, `src/include/utils/pidfile.h`.
#[derive(Debug, PartialEq, Eq)]
struct PidFile {
    process: u32,
    folder: PathBuf,
    socket_folder: PathBuf,
    status: String,
}

/// The name of the cluster, in the command line of its Postgres.
pub(super) fn cluster_name(id: &str) -> String {
    format!("resguardo-{id}")
}

/// Looks at the cluster in `cluster`, whose data folder has this id.
pub(super) fn look(cluster: &Path, id: &str) -> Result<Standing, EmbeddedError> {
    let path = cluster.join("postmaster.pid");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Standing::Stopped),
        Err(error) => return Err(EmbeddedError::io(&path)(error)),
    };
    let file = PidFile::parse(&text);
    if file.folder != cluster {
        // The folder was copied or moved together with the file of a Postgres that runs, or ran, elsewhere.
        return Ok(Standing::Stale);
    }
    let connects = UnixStream::connect(file.socket_folder.join(SOCKET_NAME)).is_ok();
    Ok(match (connects, file.status.as_str(), liveness(file.process, id)) {
        (true, "ready", _) => Standing::Ready { host: file.socket_folder.to_string_lossy().into_owned() },
        (false, "ready", Liveness::Ours) => Standing::Unreachable,
        (true, ..) | (false, _, Liveness::Ours) => Standing::Busy,
        (false, _, Liveness::Other) => Standing::Stale,
        (false, _, Liveness::Gone) => Standing::Stopped,
    })
}

/// Removes the files that a Postgres which is [`Standing::Stale`] left, or it would never start again.
pub(super) fn remove_leftovers(cluster: &Path, socket_folder: &Path) -> Result<(), EmbeddedError> {
    let lock = socket_folder.join(format!("{SOCKET_NAME}.lock"));
    for path in [cluster.join("postmaster.pid"), lock] {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(EmbeddedError::io(&path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

impl PidFile {
    /// A file that is being written may be short: what is missing reads as empty.
    fn parse(text: &str) -> Self {
        let line = |number: usize| text.lines().nth(number).unwrap_or_default().trim_end();
        Self {
            process: line(0).parse().unwrap_or_default(),
            folder: PathBuf::from(line(1)),
            socket_folder: PathBuf::from(line(4)),
            status: line(7).to_owned(),
        }
    }
}

enum Liveness {
    Ours,
    Other,
    Gone,
}

/// Whose process this is: the command line of ours holds the name of the cluster.
fn liveness(process: u32, id: &str) -> Liveness {
    match command_line(process) {
        None => Liveness::Gone,
        Some(line) if line.contains(&cluster_name(id)) => Liveness::Ours,
        // A zombie has an empty command line.
        Some(_) => Liveness::Other,
    }
}

fn command_line(process: u32) -> Option<String> {
    if Path::new("/proc/self/cmdline").exists() {
        let bytes = fs::read(format!("/proc/{process}/cmdline")).ok()?;
        return Some(String::from_utf8_lossy(&bytes).into_owned());
    }
    let arguments = ["-o", "command=", "-p", &process.to_string()];
    let output = Command::new("ps").args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::{Liveness, PidFile, command_line, liveness};

    #[test]
    fn the_file_of_postgres_is_read_whole_or_in_part() {
        let whole = "4711\n/d/postgres\n1737000000\n5432\n/d/socket\n\n  5505026         3\nready   \n";
        let read = PidFile::parse(whole);
        assert_eq!((read.process, read.status.as_str()), (4711, "ready"));
        assert_eq!(read.folder, Path::new("/d/postgres"));
        assert_eq!(read.socket_folder, Path::new("/d/socket"));
        for end in 0..whole.len() {
            assert_ne!(PidFile::parse(&whole[..end.min(whole.len() - 9)]).status, "ready");
        }
        assert_eq!(PidFile::parse("").folder, PathBuf::new());
    }

    #[test]
    fn this_test_is_somebody_elses_process_and_a_number_beyond_all_is_nobodys() {
        assert!(command_line(std::process::id()).is_some());
        assert!(matches!(liveness(std::process::id(), "no such id"), Liveness::Other));
        assert!(matches!(liveness(u32::MAX, "no such id"), Liveness::Gone));
    }
}
