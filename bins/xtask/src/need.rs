//! What a command needs from the machine.

use std::process::{Command, Stdio};

use crate::bare::locate::{self, FOLDER_VARIABLE, Installation, MAJOR_MIN};
use crate::bare::run_as::own_uid;

/// Finds Postgres, or installs it where that is ours to do, or says which line does.
pub(crate) fn postgres() -> Result<Installation, String> {
    if let Some(folder) = locate::named_folder() {
        let named = Installation::read(&folder).filter(|found| found.major >= MAJOR_MIN);
        let shown = folder.display();
        return named.ok_or_else(|| {
            format!("{FOLDER_VARIABLE} names {shown}, which holds no Postgres {MAJOR_MIN} or later; unset it")
        });
    }
    if let Some(found) = find() {
        return Ok(found);
    }
    let uid = own_uid().map_err(|error| format!("could not ask id(1) who we are: {error}"))?;
    let line = locate::install_command(uid);
    if uid == 0 && locate::is_in_path("apt-get") {
        eprintln!("No Postgres {MAJOR_MIN} or later was found. Installing it, as root, with:\n  {line}");
        install(&line)?;
    }
    find().ok_or_else(|| format!("no Postgres {MAJOR_MIN} or later was found; install it with:\n  {line}"))
}

/// Finds pyca/cryptography, or installs it where that is ours to do, or says which line does.
pub(crate) fn python_cryptography() -> Result<(), String> {
    let is_there = || {
        let found = Command::new("python3")
            .args(["-c", "import cryptography"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        found.is_ok_and(|status| status.success())
    };
    if is_there() {
        return Ok(());
    }
    let line = "apt-get update && apt-get install --yes python3-cryptography";
    let uid = own_uid().map_err(|error| format!("could not ask id(1) who we are: {error}"))?;
    if uid == 0 && locate::is_in_path("apt-get") {
        eprintln!("No Python with `cryptography` was found. Installing it, as root, with:\n  {line}");
        install(line)?;
    }
    if is_there() {
        Ok(())
    } else {
        Err(format!(
            "no python3 with `cryptography` was found; on a Debian, install it with:\n  sudo sh -c '{line}'"
        ))
    }
}

fn find() -> Option<Installation> {
    locate::installations().into_iter().find(|found| found.major >= MAJOR_MIN)
}

pub(crate) fn install(line: &str) -> Result<(), String> {
    let status = Command::new("/bin/sh")
        .args(["-c", line])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("could not run a shell: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("the installation failed; try it by hand:\n  {line}")) }
}
