//! `policy format`: a document in the one way of writing it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::document;
use crate::{CliError, Verdict};

/// Which document.
#[derive(Debug, Args)]
pub(crate) struct Format {
    /// A policy document; it is replaced as a whole, or not at all.
    #[arg(value_name = "FILE")]
    document: PathBuf,
    /// Change nothing; exit with 3 if something would change.
    #[arg(long)]
    check: bool,
}

impl Format {
    pub(super) fn answer(&self, out: &mut impl Write) -> Result<Verdict, CliError> {
        let path = self.document.as_path();
        let before = document::text_of(path)?;
        let after = consent_policy::formatted(&before)
            .map_err(|error| CliError::Policy { path: path.to_owned(), why: error.to_string() })?;
        if before == after {
            writeln!(out, "`{}` is written as it should be", path.display())?;
            return Ok(Verdict::Done);
        }
        if self.check {
            let line = before.lines().zip(after.lines()).take_while(|(one, other)| one == other).count() + 1;
            writeln!(out, "`{}` would change, first at line {line}", path.display())?;
            return Ok(Verdict::No);
        }
        replace(path, &after).map_err(|source| CliError::File { path: path.to_owned(), source })?;
        writeln!(out, "`{}` was written anew", path.display())?;
        Ok(Verdict::Done)
    }
}

/// Writes beside the file and renames: whoever reads it meets the old text or the new one, never half of one.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A link stays a link: what it points to is replaced.
    let path = path.canonicalize()?;
    let mut beside = path.clone().into_os_string();
    beside.push(format!(".{}.new", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = write_whole(&beside, text)
        .and_then(|()| std::fs::set_permissions(&beside, std::fs::metadata(&path)?.permissions()))
        .and_then(|()| std::fs::rename(&beside, &path));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = std::fs::remove_file(&beside);
    }
    written
}

fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
