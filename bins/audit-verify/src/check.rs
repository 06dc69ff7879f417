//! Reading the files and asking the library.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use audit_log::{AnchorError, Anchors, CheckpointError, Report, Verifier, VerifierKey, VerifierKeyError};
use thiserror::Error;

use crate::cli::{Cli, Command, Held};
use crate::{proofs, render};

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
    #[error("{} is no proof of this kind", path.display())]
    Proof { path: PathBuf },
    #[error("a proof needs the export as a file, since it is read twice")]
    ProofFromPipe,
    #[error("{} cannot be written: {source}", path.display())]
    WriteFile { path: PathBuf, source: io::Error },
    #[error("{} is no signed head of this log: {source}", path.display())]
    Head { path: PathBuf, source: CheckpointError },
    #[error("a proof of growth needs two anchors, each a signed head")]
    TwoHeads,
    #[error("the result cannot be written: {0}")]
    Write(#[from] io::Error),
    #[error("the result cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Does what the command line asks for and writes the result.
pub(crate) fn run(cli: &Cli, out: &mut impl Write) -> Result<Answer, CheckError> {
    match (&cli.command, &cli.export) {
        (Some(Command::Prove { export, held: outside, entry, out: file }), _) => {
            proofs::prove(export, outside, *entry, file, out)
        }
        (Some(Command::Inclusion { proof, held: outside }), _) => proofs::inclusion(proof, outside, out),
        (Some(Command::ProveGrowth { export, held: outside, out: file }), _) => {
            proofs::prove_growth(export, outside, file, out)
        }
        (Some(Command::Growth { proof, held: outside }), _) => proofs::growth(proof, outside, out),
        (None, Some(export)) => check_export(export, &cli.held, out),
        // The command line is not read without one of the two.
        (None, None) => Ok(Answer::No),
    }
}

/// Checks a whole export and says what was found.
pub(crate) fn check_export(path: &Path, outside: &Held, out: &mut impl Write) -> Result<Answer, CheckError> {
    let mut anchors = Anchors::new(read_key(outside)?);
    for path in &outside.anchor {
        add_anchor(&mut anchors, path)?;
    }
    let given = render::Given { heads: anchors.head_count(), trail: anchors.trail_len() };
    let report = verify(path, anchors)?;
    if outside.json {
        render::json(&report, given, out)?;
    } else {
        render::text(&report, given, out)?;
    }
    Ok(if report.is_intact() { Answer::Yes } else { Answer::No })
}

/// The key itself, or the file that holds it.
pub(crate) fn read_key(outside: &Held) -> Result<VerifierKey, CheckError> {
    // The command line is not read without one; an empty one is no key.
    let key_or_file = outside.key.as_deref().unwrap_or_default();
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
pub(crate) fn for_each_line(path: &Path, mut take: impl FnMut(&str)) -> Result<(), CheckError> {
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
