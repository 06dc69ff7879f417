//! A copy of the keystore as one text: a head, a line for each row, and a digest and a tag of all of them.
//!
//! ```text
//! {"format":"resguardo-keystore-copy/2","copy":ID,"clinic":ID,"epoch":N,"made_at":INSTANT,"rows":N}
//! {"table":"deks","row":{...}}
//! {"sha256":DIGEST OF EVERY LINE ABOVE,"tag":HMAC OF THE SAME UNDER THE EPOCH KEY}
//! ```
//!
//! The digest tells a damaged copy; the tag one that somebody without the key has written: what a copy says beside its
//! keys (erasures, ends of epochs, minimums) proves itself by nothing else.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use crypto_vault::{
    CopyForged, CopyTag, DekId, EpochId, EpochKey, IndexRootId, KeyVersion, KeystoreItem, KeystoreRow,
    KeystoreSurvey, SecretId, SecretKind, StoredKeyState, WrappedKey, YearMonth,
};
use postgres_store::KeystoreTable;
use records_model::{BackupId, ClinicId, RetentionClass, SubjectId, Vocabulary as _};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::RuntimeError;

const FORMAT: &str = "resguardo-keystore-copy/2";

/// What the first line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CopyHead {
    format: String,
    /// Stamped into this copy.
    pub(crate) copy: BackupId,
    pub(crate) clinic: ClinicId,
    pub(crate) epoch: u32,
    pub(crate) made_at: DateTime<Utc>,
    rows: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RowLine {
    table: String,
    row: Value,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LastLine {
    sha256: String,
    tag: String,
}

/// A copy of one clinic's keystore, read or to be written.
#[derive(Debug, Clone)]
pub(crate) struct KeystoreCopy {
    pub(crate) head: CopyHead,
    pub(crate) rows: Vec<(KeystoreTable, Value)>,
}

impl KeystoreCopy {
    pub(crate) fn new(
        (copy, clinic): (BackupId, ClinicId),
        epoch: EpochId,
        made_at: DateTime<Utc>,
        rows: Vec<(KeystoreTable, Value)>,
    ) -> Self {
        let head = CopyHead {
            format: FORMAT.to_owned(),
            copy,
            clinic,
            epoch: epoch.number(),
            made_at,
            rows: rows.len(),
        };
        Self { head, rows }
    }

    /// The text of the copy, with a tag under the key of its epoch.
    pub(crate) fn format(&self, epoch: &EpochKey) -> Result<String, RuntimeError> {
        let mut text = line(&self.head)?;
        for (table, row) in &self.rows {
            text.push_str(&line(&RowLine { table: table.name().to_owned(), row: row.clone() })?);
        }
        let sha256 = digest(text.as_bytes());
        let tag = digits(CopyTag::of(epoch, self.head.clinic, text.as_bytes()).as_bytes());
        text.push_str(&line(&LastLine { sha256, tag })?);
        Ok(text)
    }

    /// Reads a copy that is whole and was written by a holder of this epoch's key.
    pub(crate) fn read(path: &Path, text: &str, epoch: &EpochKey) -> Result<Self, RuntimeError> {
        let (copy, above, tag) = Self::parse_lines(path, text)?;
        if epoch.id().number() != copy.head.epoch {
            return Err(RuntimeError::EpochKey(format!(
                "it is of epoch {}, and the copy of the keystore of epoch {}; use the key and the copy of one epoch",
                epoch.id(),
                copy.head.epoch
            )));
        }
        match tag.check(epoch, copy.head.clinic, above.as_bytes()) {
            Ok(()) => Ok(copy),
            Err(CopyForged) => Err(RuntimeError::File {
                path: path.to_owned(),
                why: "this copy was not written with this epoch key: the key is another one, or somebody changed the copy; \
                      use another copy of the keystore, and find out who can write the folder in which this one lay"
                    .to_owned(),
            }),
        }
    }

    /// Reads a copy that is whole, whoever wrote it.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, RuntimeError> {
        Self::parse_lines(path, text).map(|(copy, ..)| copy)
    }

    /// The copy, what its tag is over, and the tag.
    fn parse_lines(path: &Path, text: &str) -> Result<(Self, String, CopyTag), RuntimeError> {
        let broken = |why: &str| broken(path, why);
        let body = text.trim_end_matches('\n');
        let (above, last) = body.rsplit_once('\n').ok_or_else(|| broken("this is no copy of a keystore"))?;
        let last: LastLine = serde_json::from_str(last).map_err(|_| broken("the copy is cut off"))?;
        let above = format!("{above}\n");
        if last.sha256 != digest(above.as_bytes()) {
            return Err(broken("the copy is damaged: its digest does not fit"));
        }
        let tag = bytes_of(&last.tag).and_then(|bytes| bytes.try_into().ok()).map(CopyTag::from_bytes);
        let tag = tag.ok_or_else(|| broken("the copy is damaged: it has no tag"))?;
        let mut lines = above.lines();
        let head = lines.next().and_then(|line| serde_json::from_str::<CopyHead>(line).ok());
        let head = head.filter(|head| head.format == FORMAT);
        let head = head.ok_or_else(|| broken("this is no copy of a keystore that this version reads"))?;
        let row = |line: &str| {
            let line: RowLine = serde_json::from_str(line).ok()?;
            Some((KeystoreTable::parse(&line.table)?, line.row))
        };
        let rows: Option<Vec<_>> = lines.map(row).collect();
        let rows = rows
            .filter(|rows| rows.len() == head.rows)
            .ok_or_else(|| broken("a row of it cannot be read"))?;
        Ok((Self { head, rows }, above, tag))
    }

    /// Opens every key of it.
    pub(crate) fn survey(&self, epoch: &EpochKey) -> Result<KeystoreSurvey, RuntimeError> {
        survey(self.head.clinic, &self.rows, epoch)
    }
}

fn broken(path: &Path, why: &str) -> RuntimeError {
    RuntimeError::File { path: path.to_owned(), why: format!("{why}; use another copy of the keystore") }
}

fn line(value: &impl Serialize) -> Result<String, RuntimeError> {
    let text = serde_json::to_string(value).map_err(|error| RuntimeError::Output(error.into()))?;
    Ok(text + "\n")
}

/// Opens every key among these rows under the epoch key.
///
/// # Errors
///
/// [`RuntimeError::Keystore`] if a row cannot be read or a key does not open.
pub(crate) fn survey(
    clinic: ClinicId,
    rows: &[(KeystoreTable, Value)],
    epoch: &EpochKey,
) -> Result<KeystoreSurvey, RuntimeError> {
    let damaged = || RuntimeError::Keystore("a row of it cannot be read".to_owned());
    let read = read_rows(clinic, rows).ok_or_else(damaged)?;
    let deks = read.deks.iter().map(KeystoreItem::Dek);
    let roots = read.roots.iter().map(|(id, key)| KeystoreItem::IndexRoot(*id, key));
    let secrets = read.secrets.iter().map(|(id, key)| KeystoreItem::Secret(*id, key));
    KeystoreSurvey::open_all(epoch, deks.chain(roots).chain(secrets))
        .map_err(|error| RuntimeError::Keystore(error.to_string()))
}

#[derive(Default)]
struct ReadRows {
    deks: Vec<KeystoreRow>,
    roots: Vec<(IndexRootId, WrappedKey)>,
    secrets: Vec<(SecretId, WrappedKey)>,
}

fn read_rows(clinic: ClinicId, rows: &[(KeystoreTable, Value)]) -> Option<ReadRows> {
    let of =
        |wanted: KeystoreTable| rows.iter().filter(move |(table, _)| *table == wanted).map(|(_, row)| row);
    let name = |row: &Value| {
        Some((text(row, "subject_id")?.to_owned(), text(row, "class")?.to_owned(), version(row)?))
    };
    let mut bytes = BTreeMap::new();
    for row in of(KeystoreTable::Wrappings) {
        bytes.insert(name(row)?, wrapped(row)?);
    }
    let mut read = ReadRows::default();
    for row in of(KeystoreTable::Deks) {
        let (subject, class, version) = name(row)?;
        let month = match row.get("month")? {
            Value::Null => None,
            first_day => Some(month(first_day)?),
        };
        let id = DekId::new(
            clinic,
            subject.parse::<SubjectId>().ok()?,
            RetentionClass::parse(&class).ok()?,
            version,
            month,
        );
        let state = StoredKeyState::parse(text(row, "state")?).ok()?;
        let key = bytes.remove(&(subject, class, version));
        read.deks.push(KeystoreRow::new(id.ok()?, state, key).ok()?);
    }
    for row in of(KeystoreTable::ClinicSecrets) {
        let (version, key) = (version(row)?, wrapped(row)?);
        match text(row, "kind")? {
            "index-root" => read.roots.push((IndexRootId { clinic, version }, key)),
            "log-signing" => {
                read.secrets.push((SecretId { clinic, kind: SecretKind::LogSigning, version }, key));
            }
            _ => return None,
        }
    }
    Some(read)
}

fn text<'a>(row: &'a Value, column: &str) -> Option<&'a str> {
    row.get(column)?.as_str()
}

fn version(row: &Value) -> Option<KeyVersion> {
    KeyVersion::new(u32::try_from(row.get("version")?.as_u64()?).ok()?)
}

/// The month of a key, as the date of its first day.
fn month(first_day: &Value) -> Option<YearMonth> {
    let day: NaiveDate = first_day.as_str()?.parse().ok()?;
    YearMonth::new(u16::try_from(day.year()).ok()?, u8::try_from(day.month()).ok()?)
}

/// Bytes as Postgres writes them in JSON.
fn wrapped(row: &Value) -> Option<WrappedKey> {
    WrappedKey::parse(&bytes_of(text(row, "wrapped")?.strip_prefix("\\x")?)?).ok()
}

/// The bytes that hexadecimal digits write.
fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.as_bytes().chunks(2).map(byte).collect()
}

/// SHA-256 in hexadecimal digits.
pub(crate) fn digest(bytes: &[u8]) -> String {
    digits(&Sha256::digest(bytes))
}

/// The same of a whole file, of which little is in memory at once: files that are attached make a backup long.
pub(crate) fn digest_of_file(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(digits(&hash.finalize())),
            read => hash.update(buffer.get(..read).unwrap_or_default()),
        }
    }
}

fn digits(hash: &[u8]) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_hashed_to_its_end_however_it_is_read() {
        let path = std::env::temp_dir().join(format!("resguardo-digest-{}", std::process::id()));
        for length in [0, 1, (1 << 16) - 1, 1 << 16, (1 << 16) + 1, 200_000] {
            let bytes: Vec<u8> = (0..length).map(|at: u32| at.to_le_bytes()[0]).collect();
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(digest_of_file(&path).unwrap(), digest(&bytes), "{length} bytes");
        }
        std::fs::remove_file(&path).unwrap();
    }
}
