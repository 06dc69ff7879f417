//! The user that Postgres runs as: it refuses to run as root.

use std::ffi::OsStr;
use std::io;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Who runs the Postgres binaries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RunAs {
    /// The user of this process, who is not root.
    Ourselves,
    /// Another user, because this process is root.
    User {
        /// For messages.
        name: String,
        /// User id, never 0.
        uid: u32,
        /// Group id; every other group is dropped.
        gid: u32,
    },
}

/// Users that Postgres may run as when this process is root, best first.
const USERS: [&str; 2] = ["postgres", "nobody"];

impl RunAs {
    /// The user for a new cluster; nothing where this process is root and none of the usual users exists.
    pub(crate) fn pick() -> io::Result<Option<Self>> {
        if own_uid()? != 0 {
            return Ok(Some(Self::Ourselves));
        }
        Ok(USERS.into_iter().find_map(|name| {
            let (uid, gid) = (id(&["-u", name]).ok()?, id(&["-g", name]).ok()?);
            (uid != 0).then(|| Self::User { name: name.to_owned(), uid, gid })
        }))
    }

    /// The user's name, for messages.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Ourselves => "this user",
            Self::User { name, .. } => name,
        }
    }

    /// A command that runs as this user, knows nothing of the caller's Postgres settings and speaks English.
    ///
    /// The caller's folder may be closed to that user, so the command starts in `/`.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            // PGPORT, PGDATA and their like would change what a private cluster does.
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        command.env("LC_ALL", "C").env_remove("LANGUAGE").current_dir("/").stdin(Stdio::null());
        if let Self::User { uid, gid, .. } = self {
            // The standard library drops the supplementary groups of root with it.
            command.uid(*uid).gid(*gid);
        }
        command
    }

    /// Gives `path` to this user.
    pub(crate) fn own(&self, path: &Path) -> io::Result<()> {
        match self {
            Self::Ourselves => Ok(()),
            Self::User { uid, gid, .. } => chown(path, Some(*uid), Some(*gid)),
        }
    }

    /// The first folder on the way to the existing folder `folder`, itself included, that this user cannot enter.
    pub(crate) fn first_closed_folder(&self, folder: &Path) -> io::Result<Option<PathBuf>> {
        let mut way: Vec<&Path> = folder.ancestors().collect();
        way.reverse();
        let output = self.command("/bin/sh").args(["-c", FIRST_CLOSED, "sh"]).args(&way).output()?;
        let position = String::from_utf8_lossy(&output.stdout).trim().parse::<usize>().ok();
        Ok(position.and_then(|position| way.get(position)).map(|closed| (*closed).to_owned()))
    }
}

/// Prints the position of the first argument that cannot be entered, counted from 0.
const FIRST_CLOSED: &str =
    "n=0; for step; do cd -- \"$step\" 2>/dev/null || { echo $n; exit 0; }; n=$((n + 1)); done";

/// The user id of this process.
pub(crate) fn own_uid() -> io::Result<u32> {
    id(&["-u"])
}

/// Asks id(1), which knows every source of users that the system has.
fn id(arguments: &[&str]) -> io::Result<u32> {
    let output = Command::new("id").args(arguments).stdin(Stdio::null()).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map_err(|_| io::Error::other("id(1) printed no number"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{RunAs, own_uid};

    #[test]
    fn a_command_never_runs_as_root_nor_with_a_group_of_root() {
        let run_as = RunAs::pick().unwrap().unwrap();
        let output = run_as.command("id").arg("-u").output().unwrap();
        assert_ne!(String::from_utf8(output.stdout).unwrap().trim(), "0");
        let output = run_as.command("id").arg("-G").output().unwrap();
        let groups = String::from_utf8(output.stdout).unwrap();
        assert!(!groups.split_whitespace().any(|group| group == "0"), "{groups}");
    }

    #[test]
    fn root_is_the_only_one_who_switches() {
        let switches = matches!(RunAs::pick().unwrap(), Some(RunAs::User { .. }));
        assert_eq!(switches, own_uid().unwrap() == 0);
    }

    #[test]
    fn the_root_folder_is_open() {
        let run_as = RunAs::pick().unwrap().unwrap();
        assert_eq!(run_as.first_closed_folder(Path::new("/")).unwrap(), None);
    }
}
