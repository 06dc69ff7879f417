//! Where the Postgres binaries are, and how to install them where they are not.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Oldest major version that is accepted. Source: DESIGN.md, section 6.
pub(crate) const MAJOR_MIN: u32 = 15;

/// The variable that names the folder of the binaries; when it is set, nothing else is searched.
pub(crate) const FOLDER_VARIABLE: &str = "RESGUARDO_PG_BIN";

/// One folder with `initdb`, `pg_ctl` and `postgres`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Installation {
    /// The folder.
    pub(crate) folder: PathBuf,
    /// The major version, such as 15.
    pub(crate) major: u32,
}

impl Installation {
    /// Reads what is in `folder`; nothing where one of the binaries is missing or does not run.
    pub(crate) fn read(folder: &Path) -> Option<Self> {
        let complete = ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).is_file());
        if !complete {
            return None;
        }
        let output =
            Command::new(folder.join("pg_ctl")).arg("--version").stdin(Stdio::null()).output().ok()?;
        let major = major_version(&String::from_utf8_lossy(&output.stdout))?;
        Some(Self { folder: folder.to_owned(), major })
    }
}

/// The folder that the environment names.
pub(crate) fn named_folder() -> Option<PathBuf> {
    env::var_os(FOLDER_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Every installation on this system, of any version: those of PATH first, then the usual places, newest first.
pub(crate) fn installations() -> Vec<Installation> {
    let mut found: Vec<Installation> = Vec::new();
    for folder in folders_of_path().into_iter().chain(usual_folders()) {
        if found.iter().all(|known| known.folder != folder) {
            found.extend(Installation::read(&folder));
        }
    }
    found
}

/// The folders behind every `pg_ctl` in PATH: a link leads to the folder that holds the other binaries too.
fn folders_of_path() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders = Vec::new();
    for folder in env::split_paths(&path) {
        let program = folder.join("pg_ctl");
        if let Some(real) = program.canonicalize().ok().as_deref().and_then(Path::parent) {
            folders.push(real.to_owned());
            folders.push(folder);
        }
    }
    folders
}

/// Where the packages of Debian, Fedora, openSUSE, Alpine, Homebrew and Postgres.app put the binaries: a folder to
/// list, how an entry that counts begins, and what follows it.
const USUAL: [(&str, &str, &str); 9] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/lib", "postgresql", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
    ("/usr/local", "pgsql", "bin"),
];

fn usual_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for (parent, start, rest) in USUAL {
        let entries = fs::read_dir(parent).into_iter().flatten().flatten();
        let mut numbered: Vec<(u32, PathBuf)> = entries
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(start))
            .map(|entry| (first_number(&entry.file_name().to_string_lossy()), entry.path().join(rest)))
            .collect();
        numbered.sort_by(|left, right| right.cmp(left));
        folders.extend(numbered.into_iter().map(|(_, folder)| folder));
    }
    folders
}

/// The major version in what `pg_ctl --version` prints, such as `pg_ctl (PostgreSQL) 15.13 (Debian 15.13-0)`.
fn major_version(printed: &str) -> Option<u32> {
    let (_, version) = printed.split_once("(PostgreSQL)")?;
    Some(first_number(version)).filter(|major| *major > 0)
}

/// The first run of digits in `text`, or 0.
fn first_number(text: &str) -> u32 {
    let digits: String =
        text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_default()
}

/// Package tools by name, and what they install. Root runs all of them but Homebrew.
const INSTALLERS: [(&str, &str); 6] = [
    ("apt-get", "apt-get update && apt-get install -y --no-install-recommends postgresql"),
    ("dnf", "dnf install -y postgresql-server"),
    ("zypper", "zypper install -y postgresql-server"),
    ("pacman", "pacman -Sy --noconfirm postgresql"),
    ("apk", "apk add postgresql"),
    ("brew", "brew install postgresql@17"),
];

/// The one line that installs Postgres on this system, for a user with this id.
pub(crate) fn install_command(uid: u32) -> String {
    let installer = INSTALLERS.into_iter().find(|(tool, _)| is_in_path(tool));
    match installer {
        Some(("brew", line)) => line.to_owned(),
        Some((_, line)) if uid == 0 => line.to_owned(),
        Some((_, line)) => format!("sudo sh -c '{line}'"),
        None => format!("install PostgreSQL {MAJOR_MIN} or later from https://www.postgresql.org/download/"),
    }
}

/// Whether a program of this name is in PATH.
pub(crate) fn is_in_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::{MAJOR_MIN, first_number, install_command, installations, major_version};

    #[test]
    fn the_version_is_read_from_every_way_of_writing_it() {
        for (printed, major) in [
            ("pg_ctl (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)\n", Some(15)),
            ("pg_ctl (PostgreSQL) 18beta1\n", Some(18)),
            ("pg_ctl (PostgreSQL) 9.6.24\n", Some(9)),
            ("pg_ctl (EnterpriseDB) 15\n", None),
            ("", None),
        ] {
            assert_eq!(major_version(printed), major, "{printed}");
        }
        assert_eq!(first_number("postgresql@17"), 17);
    }

    #[test]
    fn this_machine_has_a_postgres_that_is_new_enough() {
        assert!(installations().iter().any(|found| found.major >= MAJOR_MIN));
    }

    #[test]
    fn only_root_is_told_a_line_without_sudo() {
        assert!(!install_command(0).contains("sudo"));
        let line = install_command(1000);
        assert!(
            line.starts_with("sudo ") || line.starts_with("brew ") || line.starts_with("install "),
            "{line}"
        );
    }
}
