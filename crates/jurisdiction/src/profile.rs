//! A profile: one version of a law or promise, with its rows.

mod raw;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use records_model::{ClauseId, Set};
use serde::{Deserialize, Serialize};

pub(crate) use raw::RawDocument;

use crate::{
    CalendarId, Confidence, ConsentRow, CountFrom, Language, MissingDay, PauseCause, PauseEffect, PeriodRow,
    ProfileFamily, ProfileId, Right, RollRule, RowId, RowRef, Standing, StartEvent, Step, TermUnit,
    TransferRow,
};

/// Where a number is written, and how sure it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Citation {
    /// The article, section or page.
    pub source: String,
    /// How sure.
    pub confidence: Confidence,
}

/// One version of a law or promise; at most one version of a family is in force on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    id: ProfileId,
    family: ProfileFamily,
    standing: Standing,
    title: BTreeMap<Language, String>,
    authority: BTreeMap<Language, String>,
    effective_from: Option<NaiveDate>,
    effective_to: Option<NaiveDate>,
    deadlines: Vec<DeadlineRow>,
    periods: Vec<PeriodRow>,
    consents: Vec<ConsentRow>,
    duties: Vec<DutyRow>,
    transfers: Vec<TransferRow>,
}

/// One row: by when something has to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadlineRow {
    /// Its id.
    pub id: RowId,
    /// For these rights.
    pub rights: Set<Right>,
    /// This step.
    pub step: Step,
    /// How long, in `unit`.
    pub amount: u32,
    /// The unit.
    pub unit: TermUnit,
    /// Which day is the first.
    pub from: CountFrom,
    /// The event it is counted from.
    pub event: StartEvent,
    /// The calendar for counting and rolling.
    pub calendar: Option<CalendarId>,
    /// The calendar of the strict reading.
    pub strict_calendar: Option<CalendarId>,
    /// What happens at its end.
    pub roll: RollRule,
    /// Where a month without the date ends.
    pub missing: MissingDay,
    /// Whether it can be extended.
    pub extension: Option<Extension>,
    /// What stops its clock.
    pub pauses: Vec<PauseRule>,
    /// The clause of the policy it stands in, if it does.
    pub clause: Option<ClauseId>,
    /// Where it is written.
    pub citation: Citation,
}

/// How a term may be extended, in the unit of the term and counted in one run with it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Extension {
    /// How often at most.
    pub times: u32,
    /// How much each time, in the unit of the term.
    pub amount: u32,
    /// On what condition, in words.
    pub condition: String,
}

/// What stops the clock of a term.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PauseRule {
    /// For these causes only.
    pub causes: Set<PauseCause>,
    /// With this effect.
    pub effect: PauseEffect,
}

/// One row without a number: a duty to be shown and cited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DutyRow {
    /// Its id.
    pub id: RowId,
    /// For these rights.
    pub rights: Set<Right>,
    /// What has to be done, in each language.
    pub text: BTreeMap<Language, String>,
    /// Where it is written.
    pub citation: Citation,
}

impl Profile {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> &ProfileId {
        &self.id
    }

    /// The law of which this is one version.
    #[must_use]
    pub const fn family(&self) -> &ProfileFamily {
        &self.family
    }

    /// What gives it its force.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// Its title.
    #[must_use]
    pub fn title(&self, language: Language) -> &str {
        self.title.get(&language).map_or(self.id.as_str(), String::as_str)
    }

    /// The authority to which a person may turn under it, if it names one.
    #[must_use]
    pub fn authority(&self, language: Language) -> Option<&str> {
        self.authority.get(&language).map(String::as_str)
    }

    /// Whether this version is in force on this day.
    #[must_use]
    pub fn is_in_force(&self, on: NaiveDate) -> bool {
        self.effective_from.is_none_or(|from| from <= on) && self.effective_to.is_none_or(|to| on <= to)
    }

    /// The first day on which this version is no longer in force, if one is set.
    pub(crate) fn over_from(&self) -> Option<NaiveDate> {
        self.effective_to.and_then(|last| last.succ_opt())
    }

    /// Whether two versions are ever in force on the same day.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let starts_by = |a: &Self, b: &Self| match (a.effective_from, b.effective_to) {
            (Some(from), Some(to)) => from <= to,
            _ => true,
        };
        starts_by(self, other) && starts_by(other, self)
    }

    /// Its deadlines.
    #[must_use]
    pub fn deadlines(&self) -> &[DeadlineRow] {
        &self.deadlines
    }

    /// The row for a step of a right.
    #[must_use]
    pub fn deadline(&self, right: Right, step: Step) -> Option<&DeadlineRow> {
        self.deadlines.iter().find(|row| row.step == step && row.rights.contains(right))
    }

    /// Its retention periods.
    #[must_use]
    pub fn periods(&self) -> &[PeriodRow] {
        &self.periods
    }

    /// Its forms of consent.
    #[must_use]
    pub fn consents(&self) -> &[ConsentRow] {
        &self.consents
    }

    /// Its duties without a number.
    #[must_use]
    pub fn duties(&self) -> &[DutyRow] {
        &self.duties
    }

    /// The mechanisms that it accepts for a transfer abroad; none if it says nothing of them.
    #[must_use]
    pub fn transfers(&self) -> &[TransferRow] {
        &self.transfers
    }

    /// The full name of one of its rows.
    #[must_use]
    pub fn reference(&self, row: &RowId) -> RowRef {
        RowRef { profile: self.id.clone(), row: row.clone() }
    }
}
