//! Reading the files and asking the library.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use audit_log::{
    AnchorError, Anchors, EntryId, InclusionBundle, InclusionError, InclusionSearch, Report, Verifier,
    VerifierKey, VerifierKeyError,
};
use thiserror::Error;

use crate::cli::Cli;
use crate::render;

/// What the check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Intact, or proved.
    Yes,
    /// Not intact, or not proved.
    No,
}

/// Why nothing could be checked.
#[derive(Debug, Error)]
pub(crate) enum CheckError {
    #[error("{} cannot be read: {source}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the key is no public key of a log ({0}), and no file of that name can be read")]
    Key(VerifierKeyError),
    #[error("{} holds no public key of a log: {source}", path.display())]
    KeyFile { path: PathBuf, source: VerifierKeyError },
    #[error("{} cannot serve as an anchor: {source}", path.display())]
    Anchor { path: PathBuf, source: AnchorError },
    #[error("{} is no bundle of one entry", path.display())]
    Bundle { path: PathBuf },
    #[error("an entry's bundle needs the export as a file, since it is read twice")]
    InclusionFromPipe,
    #[error("the result cannot be written: {0}")]
    Write(#[from] io::Error),
    #[error("the result cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Does what the command line asks for and writes the result.
pub(crate) fn run(cli: &Cli, out: &mut impl Write) -> Result<Answer, CheckError> {
    let key = read_key(&cli.key)?;
    if let Some(path) = &cli.bundle {
        return check_bundle(path, &key, cli.json, out);
    }
    let mut anchors = Anchors::new(key);
    for path in &cli.anchor {
        add_anchor(&mut anchors, path)?;
    }
    let given = render::Given { heads: anchors.head_count(), trail: anchors.trail_len() };
    let path = cli.export.as_deref().unwrap_or(Path::new("-"));
    let report = verify(path, anchors)?;
    match cli.inclusion {
        Some(entry) if report.is_intact() => write_bundle(path, entry, out),
        _ => {
            if cli.json {
                render::json(&report, given, out)?;
            } else {
                render::text(&report, given, out)?;
            }
            Ok(if report.is_intact() { Answer::Yes } else { Answer::No })
        }
    }
}

/// The key itself, or the file that holds it.
fn read_key(key_or_file: &str) -> Result<VerifierKey, CheckError> {
    match VerifierKey::parse(key_or_file) {
        Ok(key) => Ok(key),
        Err(not_a_key) => {
            let text = fs::read_to_string(key_or_file).map_err(|_| CheckError::Key(not_a_key))?;
            let path = PathBuf::from(key_or_file);
            VerifierKey::parse(text.trim()).map_err(|source| CheckError::KeyFile { path, source })
        }
    }
}

/// Adds a file, or every file of a folder in the order of their names.
fn add_anchor(anchors: &mut Anchors, path: &Path) -> Result<(), CheckError> {
    let unreadable = |source| CheckError::Read { path: path.to_owned(), source };
    if path.is_dir() {
        let entries = fs::read_dir(path).map_err(unreadable)?;
        let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
        let mut paths = paths.map_err(unreadable)?;
        paths.sort();
        return paths.iter().filter(|path| path.is_file()).try_for_each(|path| add_anchor(anchors, path));
    }
    let text = fs::read_to_string(path).map_err(unreadable)?;
    anchors.add(&text).map_err(|source| CheckError::Anchor { path: path.to_owned(), source })
}

fn verify(path: &Path, anchors: Anchors) -> Result<Report, CheckError> {
    let mut verifier = Verifier::new(anchors);
    for_each_line(path, |line| verifier.take_line(line))?;
    Ok(verifier.finish())
}

/// Lines without their line feed; bytes that are no text become a character that no line may hold.
fn for_each_line(path: &Path, mut take: impl FnMut(&str)) -> Result<(), CheckError> {
    let unreadable = |source| CheckError::Read { path: path.to_owned(), source };
    let mut input: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::with_capacity(1 << 16, File::open(path).map_err(unreadable)?))
    };
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
            return Ok(());
        }
        take(&String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(&line)));
    }
}

fn write_bundle(path: &Path, entry: EntryId, out: &mut impl Write) -> Result<Answer, CheckError> {
    if path == Path::new("-") {
        return Err(CheckError::InclusionFromPipe);
    }
    let mut search = InclusionSearch::new(entry);
    for_each_line(path, |line| search.take_line(line))?;
    match search.finish() {
        Ok(bundle) => {
            writeln!(out, "{}", serde_json::to_string(&bundle)?)?;
            Ok(Answer::Yes)
        }
        Err(error) => {
            writeln!(out, "not proved: {error}")?;
            Ok(Answer::No)
        }
    }
}

fn check_bundle(
    path: &Path,
    key: &VerifierKey,
    as_json: bool,
    out: &mut impl Write,
) -> Result<Answer, CheckError> {
    let text =
        fs::read_to_string(path).map_err(|source| CheckError::Read { path: path.to_owned(), source })?;
    let bundle: InclusionBundle =
        serde_json::from_str(&text).map_err(|_| CheckError::Bundle { path: path.to_owned() })?;
    let outcome: Result<_, InclusionError> = bundle.verify(key);
    if as_json {
        render::bundle_json(&outcome, out)?;
    } else {
        render::bundle_text(&outcome, out)?;
    }
    Ok(if outcome.is_ok() { Answer::Yes } else { Answer::No })
}
