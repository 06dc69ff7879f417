//! Proofs for outsiders: one entry without the others, and one head grown out of another.

use std::fs;
use std::io::Write;
use std::path::Path;

use audit_log::{
    Checkpoint, EntryName, GrowthBundle, InclusionBundle, InclusionError, ProofSearch, VerifierKey,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::check::{Answer, CheckError, check_export, for_each_line, read_key};
use crate::cli::Held;
use crate::render;

/// A signed head as text and as what it says.
type Head = (String, Checkpoint);

fn read(path: &Path) -> Result<String, CheckError> {
    fs::read_to_string(path).map_err(|source| CheckError::Read { path: path.to_owned(), source })
}

fn heads(outside: &Held, key: &VerifierKey) -> Result<Vec<Head>, CheckError> {
    let head = |path: &std::path::PathBuf| {
        let note = read(path)?;
        let head = Checkpoint::open(&note, key)
            .map_err(|source| CheckError::Head { path: path.to_owned(), source })?;
        Ok((note, head))
    };
    outside.anchor.iter().map(head).collect()
}

/// Nothing is proved out of an export that is not intact: then the check says what is wrong.
fn search(
    export: &Path,
    outside: &Held,
    wanted: Option<EntryName>,
    out: &mut impl Write,
) -> Result<Option<ProofSearch>, CheckError> {
    if export == Path::new("-") {
        return Err(CheckError::ProofFromPipe);
    }
    let mut said = Vec::new();
    if check_export(export, outside, &mut said)? == Answer::No {
        out.write_all(&said)?;
        return Ok(None);
    }
    let mut search = ProofSearch::new(wanted);
    for_each_line(export, |line| search.take_line(line))?;
    Ok(Some(search))
}

fn write<T: Serialize>(
    made: Result<T, InclusionError>,
    file: &Path,
    out: &mut impl Write,
) -> Result<Answer, CheckError> {
    match made {
        Ok(bundle) => {
            let text = serde_json::to_string(&bundle)?;
            fs::write(file, text)
                .map_err(|source| CheckError::WriteFile { path: file.to_owned(), source })?;
            writeln!(out, "written: {}", file.display())?;
            Ok(Answer::Yes)
        }
        Err(error) => {
            writeln!(out, "not proved: {error}")?;
            Ok(Answer::No)
        }
    }
}

fn parse<T: DeserializeOwned>(path: &Path) -> Result<T, CheckError> {
    serde_json::from_str(&read(path)?).map_err(|_| CheckError::Proof { path: path.to_owned() })
}

pub(crate) fn prove(
    export: &Path,
    outside: &Held,
    entry: EntryName,
    file: &Path,
    out: &mut impl Write,
) -> Result<Answer, CheckError> {
    let heads: Vec<Checkpoint> =
        heads(outside, &read_key(outside)?)?.into_iter().map(|(_, head)| head).collect();
    match search(export, outside, Some(entry), out)? {
        Some(search) => write(search.inclusion(&heads), file, out),
        None => Ok(Answer::No),
    }
}

pub(crate) fn inclusion(path: &Path, outside: &Held, out: &mut impl Write) -> Result<Answer, CheckError> {
    let key = read_key(outside)?;
    let heads: Vec<Checkpoint> = heads(outside, &key)?.into_iter().map(|(_, head)| head).collect();
    let outcome = parse::<InclusionBundle>(path)?.verify_against(&key, &heads);
    if outside.json {
        render::inclusion_json(&outcome, heads.len(), out)?;
    } else {
        render::inclusion_text(&outcome, heads.len(), out)?;
    }
    Ok(if outcome.is_ok() { Answer::Yes } else { Answer::No })
}

pub(crate) fn prove_growth(
    export: &Path,
    outside: &Held,
    file: &Path,
    out: &mut impl Write,
) -> Result<Answer, CheckError> {
    let heads = heads(outside, &read_key(outside)?)?;
    let [(first_note, first), (second_note, second)] = heads.as_slice() else {
        return Err(CheckError::TwoHeads);
    };
    match search(export, outside, None, out)? {
        Some(search) => write(search.growth((first_note, first), (second_note, second)), file, out),
        None => Ok(Answer::No),
    }
}

pub(crate) fn growth(path: &Path, outside: &Held, out: &mut impl Write) -> Result<Answer, CheckError> {
    let key = read_key(outside)?;
    let heads: Vec<Checkpoint> = heads(outside, &key)?.into_iter().map(|(_, head)| head).collect();
    let outcome = parse::<GrowthBundle>(path)?.verify_against(&key, &heads);
    if outside.json {
        render::growth_json(&outcome, heads.len(), out)?;
    } else {
        render::growth_text(&outcome, heads.len(), out)?;
    }
    Ok(if outcome.is_ok() { Answer::Yes } else { Answer::No })
}
