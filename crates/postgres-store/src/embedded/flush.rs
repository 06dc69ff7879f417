//! Waits until the disk has what was written.
//!
//! A cluster is about 950 small files. Flushed one by one they took 4 s of the first start and 4 s of every start
//! after a crash; the whole file system at once took between 0.05 and 1.4 s on the same machine.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::Stdio;

use super::bare::locate::Installation;
use super::error::EmbeddedError;
use super::folder::DataFolder;

/// The first Linux whose syncfs(2) reports a write that failed. Source: syncfs(2), "Versions".
const SYNCFS_REPORTS_SINCE: (u32, u32) = (5, 8);

/// The setting by which Postgres flushes everything before it recovers.
pub(super) fn recovery_setting() -> &'static str {
    if syncfs_reports() {
        "recovery_init_sync_method = syncfs\n"
    } else {
        "recovery_init_sync_method = fsync\n"
    }
}

/// Flushes a new cluster that `initdb` wrote without flushing; `name` is its folder inside the data folder.
pub(super) fn cluster(folder: &DataFolder, from: &Installation, name: &str) -> Result<(), EmbeddedError> {
    let mut whole = folder.run_as().command("sync");
    whole.current_dir(folder.path()).args(["-f", name]).stdout(Stdio::null()).stderr(Stdio::null());
    // Not every sync(1) knows -f: `initdb` can do it too, file by file.
    if syncfs_reports() && whole.status().is_ok_and(|status| status.success()) {
        return Ok(());
    }
    let program = from.folder.join("initdb");
    let mut each = folder.run_as().command(&program);
    let output = each.current_dir(folder.path()).args(["--sync-only", "-D", name]).output();
    let output = output.map_err(EmbeddedError::io(&program))?;
    if output.status.success() {
        return Ok(());
    }
    let printed = String::from_utf8_lossy(&output.stderr);
    Err(EmbeddedError::from_output("flush a new cluster", &printed, folder.path(), &folder.log()))
}

/// Flushes which files are in `folder`, so that a rename lasts.
pub(super) fn entries(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn syncfs_reports() -> bool {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    kernel(&release).is_some_and(|version| version >= SYNCFS_REPORTS_SINCE)
}

/// The first two numbers of a kernel release such as `6.1.0-18-amd64`.
fn kernel(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{SYNCFS_REPORTS_SINCE, kernel};

    #[test]
    fn a_release_is_compared_by_number() {
        let reports = |release: &str| kernel(release).is_some_and(|version| version >= SYNCFS_REPORTS_SINCE);
        assert!(reports("6.1.0-18-amd64\n") && reports("5.10.0") && reports("5.8"));
        assert!(!reports("4.18.0-553.el8") && !reports("5.7.19") && !reports("") && !reports("unknown"));
    }
}
