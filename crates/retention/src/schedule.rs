//! The retention schedule of a clinic, read from its document.

use std::collections::BTreeMap;
use std::ops::Range;

use jurisdiction::{Direction, DocumentError, Language, LawBook, Located, PeriodRow, RowRef, read_document};
use records_model::{ClauseId, RetentionClass, Set, Vocabulary};
use serde::Deserialize;

/// What one class of records is kept for, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassSchedule {
    pub(crate) class: RetentionClass,
    pub(crate) clause: ClauseId,
    reason: BTreeMap<Language, String>,
    pub(crate) floors: Vec<(RowRef, PeriodRow)>,
    pub(crate) ceilings: Vec<(RowRef, PeriodRow)>,
    pub(crate) blocking: Option<(RowRef, PeriodRow)>,
    pub(crate) follows: Set<RetentionClass>,
}

impl ClassSchedule {
    /// The class.
    #[must_use]
    pub const fn class(&self) -> RetentionClass {
        self.class
    }

    /// The clause that it keeps.
    #[must_use]
    pub const fn clause(&self) -> ClauseId {
        self.clause
    }

    /// Why it is kept so long, in words.
    #[must_use]
    pub fn reason(&self, language: Language) -> &str {
        self.reason.get(&language).map_or("", String::as_str)
    }

    /// The rows that keep it.
    pub fn floors(&self) -> impl Iterator<Item = &RowRef> {
        self.floors.iter().map(|(row, _)| row)
    }

    /// The rows that end it.
    pub fn ceilings(&self) -> impl Iterator<Item = &RowRef> {
        self.ceilings.iter().map(|(row, _)| row)
    }

    /// The row that locks it away after cancellation.
    #[must_use]
    pub fn blocking(&self) -> Option<&RowRef> {
        self.blocking.as_ref().map(|(row, _)| row)
    }

    /// The classes that it serves: it is kept at least as long as they are.
    #[must_use]
    pub const fn follows(&self) -> Set<RetentionClass> {
        self.follows
    }
}

/// A schedule in which every class of records has an end and a reason (P-71).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionSchedule {
    id: String,
    pub(crate) disposal_days: u32,
    pub(crate) classes: BTreeMap<RetentionClass, ClassSchedule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawSchedule {
    schedule: RawHead,
    class: Vec<RawClass>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawHead {
    id: String,
    disposal_days: Located<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawClass {
    class: Located<RetentionClass>,
    clause: ClauseId,
    reason: BTreeMap<Language, String>,
    #[serde(default)]
    floors: Vec<Located<RowRef>>,
    #[serde(default)]
    ceilings: Vec<Located<RowRef>>,
    blocking: Option<Located<RowRef>>,
    #[serde(default)]
    follows: Set<RetentionClass>,
}

/// Longest time for disposal once nothing keeps an item, in days: longer is no end.
const DISPOSAL_DAYS_MAX: u32 = 366;

/// What the checks need: the document, and the rows that it may name.
struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    law: &'a LawBook,
}

impl RetentionSchedule {
    /// Reads a schedule whose rows are those of `law`.
    ///
    /// # Errors
    ///
    /// [`DocumentError`] names the line of an unknown key or word, of a row that does not exist, binds the other
    /// way or speaks of another class, and the classes that have no end.
    pub fn parse(file: &str, text: &str, law: &LawBook) -> Result<Self, DocumentError> {
        let raw: RawSchedule = read_document(file, text)?;
        let reader = Reader { file, text, law };
        let disposal_days = *raw.schedule.disposal_days.get_ref();
        if disposal_days > DISPOSAL_DAYS_MAX {
            let problem = "disposal happens within 366 days of the end of the period";
            return Err(reader.refuse(raw.schedule.disposal_days.span(), problem));
        }
        let mut classes = BTreeMap::new();
        let mut spans = BTreeMap::new();
        for raw in raw.class {
            let span = raw.class.span();
            let class = reader.class(raw)?;
            spans.insert(class.class, span.clone());
            if classes.insert(class.class, class).is_some() {
                return Err(reader.refuse(span, "this class has two schedules"));
            }
        }
        let follows_a_follower = |class: &ClassSchedule| {
            let followed = class.follows.iter();
            followed
                .into_iter()
                .any(|f| f == class.class || classes.get(&f).is_none_or(|c| !c.follows.is_empty()))
        };
        if let Some(class) = classes.values().find(|class| follows_a_follower(class)) {
            let problem = "a class follows only classes that have a schedule of their own and follow none";
            return Err(reader.refuse(spans.remove(&class.class).unwrap_or(0..0), problem));
        }
        let missing: Vec<_> = RetentionClass::ALL
            .iter()
            .filter(|class| !classes.contains_key(class))
            .map(|class| class.code())
            .collect();
        if missing.is_empty() {
            Ok(Self { id: raw.schedule.id, disposal_days, classes })
        } else {
            let problem =
                format!("every class needs a schedule with an end; missing: {}", missing.join(", "));
            Err(DocumentError::at(file, text, 0..0, problem))
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Within how many days after nothing keeps an item it is destroyed.
    #[must_use]
    pub const fn disposal_days(&self) -> u32 {
        self.disposal_days
    }

    /// The schedule of every class, in the order of the vocabulary.
    pub fn classes(&self) -> impl Iterator<Item = &ClassSchedule> {
        self.classes.values()
    }
}

impl Reader<'_> {
    fn refuse(&self, span: Range<usize>, problem: &str) -> DocumentError {
        DocumentError::at(self.file, self.text, span, problem)
    }

    fn class(&self, raw: RawClass) -> Result<ClassSchedule, DocumentError> {
        let class = *raw.class.get_ref();
        if raw.floors.is_empty() && raw.ceilings.is_empty() && raw.follows.is_empty() {
            return Err(
                self.refuse(raw.class.span(), "a class needs a floor, a ceiling or a class that it follows")
            );
        }
        if [Language::Es, Language::En]
            .iter()
            .any(|l| raw.reason.get(l).is_none_or(|text| text.trim().is_empty()))
        {
            return Err(self.refuse(raw.class.span(), "a class needs a `reason` in `es` and `en`"));
        }
        let rows = |named: Vec<Located<RowRef>>, direction| -> Result<Vec<_>, DocumentError> {
            named.into_iter().map(|row| self.row(row, direction, class)).collect()
        };
        Ok(ClassSchedule {
            class,
            clause: raw.clause,
            reason: raw.reason,
            floors: rows(raw.floors, Direction::Floor)?,
            ceilings: rows(raw.ceilings, Direction::Ceiling)?,
            blocking: raw.blocking.map(|row| self.row(row, Direction::Blocking, class)).transpose()?,
            follows: raw.follows,
        })
    }

    fn row(
        &self,
        named: Located<RowRef>,
        direction: Direction,
        class: RetentionClass,
    ) -> Result<(RowRef, PeriodRow), DocumentError> {
        let Some(row) = self.law.period(named.get_ref()) else {
            return Err(self.refuse(named.span(), "no profile that was read has this row"));
        };
        if row.direction != direction {
            return Err(
                self.refuse(named.span(), &format!("this row is a {}, not a {direction}", row.direction))
            );
        }
        if !row.classes.contains(class) {
            return Err(self.refuse(named.span(), &format!("this row does not speak of the class {class}")));
        }
        Ok((named.into_inner(), row.clone()))
    }
}
