//! The written form of calendars and profiles, and the checks between its lines.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::NaiveDate;
use records_model::{
    AnchorEvent, ClauseId, ConsentForm, CountryCode, RetentionClass, Sensitivity, Set, Vocabulary,
};
use serde::Deserialize;

use super::{Citation, DeadlineRow, DutyRow, Extension, PauseRule, Profile};
use crate::calendar::RawCalendar;
use crate::document::Located;
use crate::{
    CalendarId, Confidence, ConsentRow, CountFrom, Direction, DocumentError, Language, MechanismKind,
    MissingDay, PeriodRow, PeriodStart, PeriodUnit, ProfileFamily, ProfileId, Right, RollRule, RowId,
    Standing, StartEvent, Step, TermUnit, TransferRow,
};

/// Longest term or period accepted, in its unit: longer is a slip of the pen.
const AMOUNT_MAX: u32 = 3660;

/// One file: calendars, a profile, or both.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct RawDocument {
    #[serde(default)]
    pub(crate) calendar: Vec<RawCalendar>,
    profile: Option<Located<RawProfile>>,
    #[serde(default)]
    deadline: Vec<RawDeadline>,
    #[serde(default)]
    period: Vec<RawPeriod>,
    #[serde(default)]
    consent: Vec<RawConsent>,
    #[serde(default)]
    duty: Vec<RawDuty>,
    #[serde(default)]
    transfer: Vec<RawTransfer>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawTransfer {
    id: Located<RowId>,
    mechanism: MechanismKind,
    #[serde(default)]
    destinations: BTreeSet<CountryCode>,
    from: Option<NaiveDate>,
    until: Option<NaiveDate>,
    source: String,
    confidence: Confidence,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawProfile {
    id: ProfileId,
    family: ProfileFamily,
    standing: Standing,
    title: BTreeMap<Language, String>,
    #[serde(default)]
    authority: BTreeMap<Language, String>,
    effective_from: Option<NaiveDate>,
    effective_to: Option<NaiveDate>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawDeadline {
    id: Located<RowId>,
    rights: Set<Right>,
    step: Step,
    amount: u32,
    unit: TermUnit,
    count_from: CountFrom,
    event: StartEvent,
    calendar: Option<Located<CalendarId>>,
    strict_calendar: Option<Located<CalendarId>>,
    #[serde(default = "no_roll")]
    roll: RollRule,
    #[serde(default = "last_day")]
    missing_day: MissingDay,
    extension: Option<Extension>,
    #[serde(default)]
    pauses: Vec<PauseRule>,
    clause: Option<ClauseId>,
    source: String,
    confidence: Confidence,
}

const fn no_roll() -> RollRule {
    RollRule::None
}

const fn last_day() -> MissingDay {
    MissingDay::LastDay
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawPeriod {
    id: Located<RowId>,
    classes: Set<RetentionClass>,
    direction: Direction,
    amount: u32,
    unit: PeriodUnit,
    anchor: Option<AnchorEvent>,
    anchor_year_after: Option<AnchorEvent>,
    majority_years: Option<u8>,
    clause: Option<ClauseId>,
    source: String,
    confidence: Confidence,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawConsent {
    id: Located<RowId>,
    sensitivity: Sensitivity,
    form: ConsentForm,
    source: String,
    confidence: Confidence,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RawDuty {
    id: Located<RowId>,
    rights: Set<Right>,
    text: BTreeMap<Language, String>,
    source: String,
    confidence: Confidence,
}

/// What the checks need to name a place.
struct Place<'a> {
    file: &'a str,
    text: &'a str,
}

impl Place<'_> {
    fn refuse(&self, span: Range<usize>, problem: &str) -> DocumentError {
        DocumentError::at(self.file, self.text, span, problem)
    }
}

impl RawDocument {
    /// Turns the rows into a profile, if the file holds one; every calendar it names must be known.
    pub(crate) fn check(
        self,
        file: &str,
        text: &str,
        knows: &impl Fn(&CalendarId) -> bool,
    ) -> Result<Option<Profile>, DocumentError> {
        let place = Place { file, text };
        let ids = self.deadline.iter().map(|row| &row.id);
        let ids =
            ids.chain(self.period.iter().map(|row| &row.id)).chain(self.consent.iter().map(|row| &row.id));
        let ids: Vec<_> = ids.chain(self.duty.iter().map(|row| &row.id)).collect();
        let Some(head) = self.profile else {
            return match ids.first() {
                Some(row) => Err(place.refuse(row.span(), "a row needs a `[profile]` in the same file")),
                None => Ok(None),
            };
        };
        for (position, id) in ids.iter().enumerate() {
            if ids.iter().take(position).any(|other| other.get_ref() == id.get_ref()) {
                return Err(place.refuse(id.span(), "two rows of one profile have the same id"));
            }
        }
        let span = head.span();
        let head = head.into_inner();
        if head.effective_from.zip(head.effective_to).is_some_and(|(from, to)| to < from) {
            return Err(place.refuse(span, "`effective-to` is before `effective-from`"));
        }
        check_texts(&place, span, &head.title)?;
        let mut deadlines: Vec<DeadlineRow> = Vec::new();
        for raw in self.deadline {
            let at = raw.id.span();
            let row = raw.check(&place, knows)?;
            if deadlines.iter().any(|other| other.step == row.step && other.rights.intersects(row.rights)) {
                return Err(
                    place.refuse(at, "another row of this profile already sets this step of this right")
                );
            }
            deadlines.push(row);
        }
        Ok(Some(Profile {
            id: head.id,
            family: head.family,
            standing: head.standing,
            title: head.title,
            authority: head.authority,
            effective_from: head.effective_from,
            effective_to: head.effective_to,
            deadlines,
            periods: self.period.into_iter().map(|raw| raw.check(&place)).collect::<Result<_, _>>()?,
            consents: self.consent.into_iter().map(RawConsent::check).collect(),
            duties: self.duty.into_iter().map(|raw| raw.check(&place)).collect::<Result<_, _>>()?,
            transfers: self.transfer.into_iter().map(|raw| raw.check(&place)).collect::<Result<_, _>>()?,
        }))
    }
}

fn check_texts(
    place: &Place<'_>,
    at: Range<usize>,
    texts: &BTreeMap<Language, String>,
) -> Result<(), DocumentError> {
    let written = |language| texts.get(&language).is_some_and(|text: &String| !text.trim().is_empty());
    if written(Language::Es) && written(Language::En) {
        Ok(())
    } else {
        Err(place.refuse(at, "a text is needed in both languages, `es` and `en`"))
    }
}

impl RawDeadline {
    fn check(
        self,
        place: &Place<'_>,
        knows: &impl Fn(&CalendarId) -> bool,
    ) -> Result<DeadlineRow, DocumentError> {
        let at = self.id.span();
        for calendar in [&self.calendar, &self.strict_calendar].into_iter().flatten() {
            if !knows(calendar.get_ref()) {
                return Err(place.refuse(calendar.span(), "no calendar with this id was read"));
            }
        }
        let needs_calendar = self.unit == TermUnit::BusinessDay
            || self.roll == RollRule::NextWorkingDay
            || self.missing_day == MissingDay::NextWorkingDay;
        let problem = if self.rights.is_empty() {
            "a deadline names at least one right"
        } else if self.amount > AMOUNT_MAX {
            "a term has at most 3660 units"
        } else if needs_calendar && self.calendar.is_none() {
            "business days, a roll and a missing day need a `calendar`"
        } else if self.unit == TermUnit::Month && self.count_from != CountFrom::SameDay {
            "months end on the same date, so they count from `same-day`"
        } else if self
            .extension
            .as_ref()
            .is_some_and(|e| e.times == 0 || e.amount == 0 || e.amount > AMOUNT_MAX)
        {
            "an extension is given at least once and for 1 to 3660 units"
        } else if self.extension.as_ref().is_some_and(|e| e.times > 3) {
            "an extension is given at most 3 times"
        } else if self.pauses.iter().any(|pause| pause.causes.is_empty()) {
            "a pause names at least one cause"
        } else {
            ""
        };
        if !problem.is_empty() {
            return Err(place.refuse(at, problem));
        }
        Ok(DeadlineRow {
            id: self.id.into_inner(),
            rights: self.rights,
            step: self.step,
            amount: self.amount,
            unit: self.unit,
            from: self.count_from,
            event: self.event,
            calendar: self.calendar.map(Located::into_inner),
            strict_calendar: self.strict_calendar.map(Located::into_inner),
            roll: self.roll,
            missing: self.missing_day,
            extension: self.extension,
            pauses: self.pauses,
            clause: self.clause,
            citation: Citation { source: self.source, confidence: self.confidence },
        })
    }
}

impl RawPeriod {
    fn check(self, place: &Place<'_>) -> Result<PeriodRow, DocumentError> {
        let at = self.id.span();
        if self.classes.is_empty() {
            return Err(place.refuse(at, "a period names at least one class"));
        }
        if self.amount > AMOUNT_MAX {
            return Err(place.refuse(at, "a period has at most 3660 units"));
        }
        let start = match (self.direction, self.anchor, self.anchor_year_after, self.majority_years) {
            (Direction::Blocking, None, None, None) => PeriodStart::Cancellation,
            (Direction::Floor | Direction::Ceiling, Some(anchor), None, None) => PeriodStart::Anchor(anchor),
            (Direction::Floor | Direction::Ceiling, None, Some(anchor), None) => {
                PeriodStart::EndOfNextYear(anchor)
            }
            (Direction::Floor, None, None, Some(age_years)) => PeriodStart::Majority { age_years },
            _ => {
                let problem = "a floor or ceiling has one of `anchor`, `anchor-year-after` and (floors) \
                               `majority-years`; a blocking period has none: it runs from cancellation";
                return Err(place.refuse(at, problem));
            }
        };
        Ok(PeriodRow {
            id: self.id.into_inner(),
            classes: self.classes,
            direction: self.direction,
            amount: self.amount,
            unit: self.unit,
            start,
            clause: self.clause,
            citation: Citation { source: self.source, confidence: self.confidence },
        })
    }
}

impl RawConsent {
    fn check(self) -> ConsentRow {
        ConsentRow {
            id: self.id.into_inner(),
            sensitivity: self.sensitivity,
            form: self.form,
            citation: Citation { source: self.source, confidence: self.confidence },
        }
    }
}

impl RawTransfer {
    fn check(self, place: &Place<'_>) -> Result<TransferRow, DocumentError> {
        let at = self.id.span();
        if self.from.zip(self.until).is_some_and(|(from, until)| until <= from) {
            return Err(place.refuse(at, "`until` is not after `from`"));
        }
        if self.mechanism.is_of_countries() && self.destinations.is_empty() {
            let problem =
                format!("`{}` is said of countries: name them in `destinations`", self.mechanism.code());
            return Err(place.refuse(at, &problem));
        }
        Ok(TransferRow {
            id: self.id.into_inner(),
            mechanism: self.mechanism,
            destinations: self.destinations,
            from: self.from,
            until: self.until,
            citation: Citation { source: self.source, confidence: self.confidence },
        })
    }
}

impl RawDuty {
    fn check(self, place: &Place<'_>) -> Result<DutyRow, DocumentError> {
        check_texts(place, self.id.span(), &self.text)?;
        Ok(DutyRow {
            id: self.id.into_inner(),
            rights: self.rights,
            text: self.text,
            citation: Citation { source: self.source, confidence: self.confidence },
        })
    }
}
