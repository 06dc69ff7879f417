//! An access log as CSV: one row, one request of the past.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::path::Path;

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use consent_policy::{Facts, Replay, Request};
use records_model::{
    Action, Category, ConsentForm, CountryClass, Detail, Fact, RecipientClass, Set, Vocabulary,
};
use serde::Serialize;

use super::mapping::{Column, Mapping};
use crate::CliError;

/// Rows that are named when they cannot be read; the rest is counted.
const NAMED_MAX: usize = 10;

/// From when to when the log goes, where it says so.
#[derive(Debug, Default, Serialize)]
pub(super) struct Period {
    from: Option<NaiveDateTime>,
    to: Option<NaiveDateTime>,
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (Some(from), Some(to)) => write!(f, " from {} to {}", from.date(), to.date()),
            _ => Ok(()),
        }
    }
}

/// Decides every row; if one cannot be read, all that cannot are counted and the first are named.
pub(super) fn read(path: &Path, mapping: &Mapping, replay: &mut Replay<'_>) -> Result<Period, CliError> {
    let file = File::open(path).map_err(|source| CliError::File { path: path.to_owned(), source })?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let bad = |line, why| CliError::Line { path: path.to_owned(), line, why };
    let columns = columns(reader.headers().map_err(|error| bad(1, shape(&error)))?, mapping)
        .map_err(|why| bad(1, why))?;
    let (mut period, mut problems, mut unread) = (Period::default(), Vec::new(), 0_usize);
    let mut record = csv::StringRecord::new();
    loop {
        let line = usize::try_from(reader.position().line()).unwrap_or(usize::MAX);
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            // A row of another shape leaves the rows after it in doubt.
            Err(error) => return Err(bad(line, shape(&error))),
        }
        let row = Row { columns: &columns, record: &record, mapping };
        let line = record.position().map_or(line as u64, csv::Position::line);
        match row.request() {
            Ok((request, facts, at)) => {
                period.from = period.from.into_iter().chain(at).min();
                period.to = period.to.max(at);
                replay.take(line, &request, &facts, DateTime::UNIX_EPOCH);
            }
            Err(why) => {
                unread += 1;
                if problems.len() < NAMED_MAX {
                    problems.push(format!("line {line}, {why}"));
                }
            }
        }
    }
    if unread == 0 {
        return Ok(period);
    }
    Err(CliError::Rows { path: path.to_owned(), unread, problems: problems.join("\n  ") })
}

/// What is wrong with the shape of a row, without the row.
fn shape(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} fields, and the header names {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "not UTF-8".to_owned(),
        csv::ErrorKind::Io(source) => source.to_string(),
        _ => "not CSV".to_owned(),
    }
}

/// Where each column stands.
fn columns(header: &csv::StringRecord, mapping: &Mapping) -> Result<BTreeMap<Column, usize>, String> {
    let mut columns = BTreeMap::new();
    for (position, name) in header.iter().enumerate() {
        let found = mapping.column(name).map_err(|why| {
            format!("column {}: {why}; map it in [columns], or name it in `ignore`", position + 1)
        })?;
        if let Some(column) = found
            && columns.insert(column, position).is_some()
        {
            return Err(format!("column {}: there is a column for `{column}` already", position + 1));
        }
    }
    for column in [Column::Role, Column::Purpose, Column::Category, Column::Ground] {
        if !columns.contains_key(&column) && mapping.usual(column).is_none() {
            return Err(format!("no column for `{column}`; map one in [columns], or say what is usual"));
        }
    }
    Ok(columns)
}

/// One row under its header.
struct Row<'a> {
    columns: &'a BTreeMap<Column, usize>,
    record: &'a csv::StringRecord,
    mapping: &'a Mapping,
}

impl Row<'_> {
    fn request(&self) -> Result<(Request, Facts, Option<NaiveDateTime>), String> {
        let categories: Set<Category> = self.set(Column::Category)?;
        if categories.is_empty() {
            return Err(missing(Column::Category));
        }
        let request = Request {
            action: self.word_or(Column::Action, Action::Read)?,
            role: self.needed(Column::Role)?,
            actor: None,
            purpose: self.needed(Column::Purpose)?,
            undescribed: None,
            categories,
            recipient: self.word_or(Column::Recipient, RecipientClass::Internal)?,
            recipient_id: None,
            country: self.word_or(Column::Country, CountryClass::Domestic)?,
            ground: self.needed(Column::Ground)?,
            detail: self.word_or(Column::Detail, Detail::Full)?,
        };
        if !request.names_its_purpose() {
            let what = "`sharing` needs the id of a purpose, which a log of before does not have";
            return Err(format!(
                "`{}`: {what}; map the word to another purpose, or leave the row out",
                Column::Purpose
            ));
        }
        let present: Set<Fact> = self.set(Column::Facts)?;
        let facts = Facts::new(self.word_or(Column::Consent, ConsentForm::None)?, present);
        Ok((request, facts, self.at()?))
    }

    /// What the row says, or what is usual; nothing if neither says anything.
    fn text(&self, column: Column) -> Option<&str> {
        let field = self.columns.get(&column).and_then(|position| self.record.get(*position));
        field.filter(|text| !text.is_empty()).or_else(|| self.mapping.usual(column))
    }

    fn word<V: Vocabulary>(&self, column: Column, text: &str) -> Result<V, String> {
        V::parse(self.mapping.word(column, text)).map_err(|unknown| {
            format!("`{column}`: {unknown}; see `policy words`, or say in [words.{column}] what it means")
        })
    }

    fn needed<V: Vocabulary>(&self, column: Column) -> Result<V, String> {
        self.word(column, self.text(column).ok_or_else(|| missing(column))?)
    }

    fn word_or<V: Vocabulary>(&self, column: Column, usual: V) -> Result<V, String> {
        self.text(column).map_or(Ok(usual), |text| self.word(column, text))
    }

    fn set<V: Vocabulary>(&self, column: Column) -> Result<Set<V>, String> {
        let words = self.text(column).unwrap_or_default().split(';').map(str::trim);
        words.filter(|word| !word.is_empty()).map(|word| self.word(column, word)).collect()
    }

    fn at(&self) -> Result<Option<NaiveDateTime>, String> {
        let Some(text) = self.text(Column::At) else { return Ok(None) };
        let local = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"];
        let day = || text.parse().ok().map(|day: NaiveDate| day.and_time(chrono::NaiveTime::MIN));
        let read = DateTime::parse_from_rfc3339(text).ok().map(|at| at.naive_local());
        let read =
            read.or_else(|| local.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()));
        let expected = "expected a day or an instant, such as 2026-01-05 or 2026-01-05 15:00";
        read.or_else(day).map(Some).ok_or_else(|| format!("`{}`: {expected}", Column::At))
    }
}

fn missing(column: Column) -> String {
    format!("`{column}` is empty, and nothing is usual for it")
}
