//! Patterns in the log that somebody should look at (P-54).
//!
//! Rules are pure functions of entries and of facts that others declared. An alert accuses nobody: it asks a person
//! to look, who closes it with a verdict, and from the verdicts each rule's precision is counted.

mod act;
mod facts;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use records_model::{ActorId, EntryId, SubjectId, vocabulary};
use thiserror::Error;

pub use act::{Act, ActKind};
pub use facts::{ContactToken, DutyHours, DutyHoursError, StaffFacts};
pub use rules::{Thresholds, find_alerts};

vocabulary! {
    /// What drew attention.
    AlertRule, "alert rule" {
        /// Many more people's records in one stretch of duty than this actor usually opens.
        Volume = "volume",
        /// Records opened while not on duty.
        OutsideDuty = "outside-duty",
        /// Somebody's own record.
        SelfAccess = "self-access",
        /// The record of somebody to whom the actor declared a relation.
        DeclaredRelation = "declared-relation",
        /// The record of somebody with the actor's own address or telephone number.
        SharedContact = "shared-contact",
        /// Many refusals in a short time.
        DenialBurst = "denial-burst",
        /// An emergency access whose review is late.
        UnreviewedGlass = "unreviewed-glass",
    }
}

impl AlertRule {
    /// Whether its alerts are about one person's record.
    const fn is_about_one_person(self) -> bool {
        matches!(
            self,
            Self::SelfAccess | Self::DeclaredRelation | Self::SharedContact | Self::UnreviewedGlass
        )
    }
}

vocabulary! {
    /// What somebody found who looked.
    Verdict, "alert verdict" {
        /// Data was opened, or was to be, without need.
        Confirmed = "confirmed",
        /// There was a good reason.
        Explained = "explained",
    }
}

/// An alert's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    /// What was found.
    pub verdict: Verdict,
    /// Who found it.
    pub by: ActorId,
    /// When.
    pub at: DateTime<Utc>,
}

/// Why an alert cannot be closed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CloseError {
    /// Nobody judges an alert about themselves.
    #[error("whoever the alert is about does not close it")]
    OwnAlert,
    /// It has its verdict.
    #[error("the alert was closed before")]
    AlreadyClosed,
    /// The verdict would come before what it is about.
    #[error("a verdict cannot come before the last of what it judges")]
    BeforeLast,
}

/// One pattern, however often it repeated itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    rule: AlertRule,
    actor: ActorId,
    subject: Option<SubjectId>,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    entries: BTreeSet<EntryId>,
    closing: Option<Closing>,
}

/// An alert as a store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertParts {
    /// What drew attention.
    pub rule: AlertRule,
    /// Whose acts.
    pub actor: ActorId,
    /// Whose record, if it is about one.
    pub subject: Option<SubjectId>,
    /// The first of the acts.
    pub first_at: DateTime<Utc>,
    /// The last of the acts.
    pub last_at: DateTime<Utc>,
    /// The entries of the acts.
    pub entries: BTreeSet<EntryId>,
    /// Its end, if it has one.
    pub closing: Option<Closing>,
}

impl From<AlertParts> for Alert {
    fn from(parts: AlertParts) -> Self {
        let AlertParts { rule, actor, subject, first_at, last_at, entries, closing } = parts;
        Self { rule, actor, subject, first_at, last_at, entries, closing }
    }
}

impl Alert {
    /// What drew attention.
    #[must_use]
    pub const fn rule(&self) -> AlertRule {
        self.rule
    }

    /// Whose acts.
    #[must_use]
    pub const fn actor(&self) -> ActorId {
        self.actor
    }

    /// Whose record, if it is about one.
    #[must_use]
    pub const fn subject(&self) -> Option<SubjectId> {
        self.subject
    }

    /// The first of the acts.
    #[must_use]
    pub const fn first_at(&self) -> DateTime<Utc> {
        self.first_at
    }

    /// The last of the acts.
    #[must_use]
    pub const fn last_at(&self) -> DateTime<Utc> {
        self.last_at
    }

    /// The entries of the acts.
    #[must_use]
    pub const fn entries(&self) -> &BTreeSet<EntryId> {
        &self.entries
    }

    /// Its end, if it has one.
    #[must_use]
    pub const fn closing(&self) -> Option<&Closing> {
        self.closing.as_ref()
    }

    /// Closes it with a verdict.
    ///
    /// # Errors
    ///
    /// [`CloseError`] if it is closed, or not by this person, or not yet.
    pub fn close(self, closing: Closing) -> Result<Self, CloseError> {
        if self.closing.is_some() {
            Err(CloseError::AlreadyClosed)
        } else if closing.by == self.actor {
            Err(CloseError::OwnAlert)
        } else if closing.at < self.last_at {
            Err(CloseError::BeforeLast)
        } else {
            Ok(Self { closing: Some(closing), ..self })
        }
    }
}

/// One act that a rule speaks of.
#[derive(Debug, Clone, Copy)]
struct Hit {
    rule: AlertRule,
    actor: ActorId,
    subject: Option<SubjectId>,
    at: DateTime<Utc>,
    entry: EntryId,
}

/// Folds hits of one rule, actor and (where the rule is about one person) subject into one alert, as long as each
/// comes within `fold_within` of the one before. Alerts stand by first act.
fn fold(mut hits: Vec<Hit>, fold_within: TimeDelta) -> Vec<Alert> {
    hits.sort_by_key(|hit| (hit.at, hit.rule, hit.entry));
    let mut running: BTreeMap<_, Alert> = BTreeMap::new();
    let mut alerts = Vec::new();
    for hit in hits {
        let subject = hit.subject.filter(|_| hit.rule.is_about_one_person());
        let fresh = || Alert {
            rule: hit.rule,
            actor: hit.actor,
            subject,
            first_at: hit.at,
            last_at: hit.at,
            entries: BTreeSet::new(),
            closing: None,
        };
        let alert = running.entry((hit.rule, hit.actor, subject)).or_insert_with(fresh);
        if hit.at.signed_duration_since(alert.last_at) > fold_within {
            alerts.push(std::mem::replace(alert, fresh()));
        }
        alert.last_at = hit.at;
        alert.entries.insert(hit.entry);
    }
    alerts.extend(running.into_values());
    alerts.sort_by_key(|alert| (alert.first_at, alert.rule, alert.actor));
    alerts
}

/// What is new among the alerts just found, given those raised before: an act that was already judged, or waits to
/// be, under the same rule raises nothing again, and a later act after a verdict does.
#[must_use]
pub fn new_alerts(found: Vec<Alert>, known: &[Alert]) -> Vec<Alert> {
    let is_known = |alert: &Alert| {
        let same = known.iter().filter(|before| {
            (before.rule, before.actor, before.subject) == (alert.rule, alert.actor, alert.subject)
        });
        same.clone().any(|before| before.closing.is_none() && !before.entries.is_disjoint(&alert.entries))
            || alert.entries.iter().all(|entry| same.clone().any(|before| before.entries.contains(entry)))
    };
    found.into_iter().filter(|alert| !is_known(alert)).collect()
}

/// How often a rule was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RulePrecision {
    /// The rule.
    pub rule: AlertRule,
    /// Alerts that were confirmed.
    pub confirmed: u64,
    /// Alerts that were explained.
    pub explained: u64,
    /// Alerts without a verdict.
    pub open: u64,
}

impl RulePrecision {
    /// Confirmed ones of a hundred that have a verdict, rounded down; nothing while none has.
    #[must_use]
    pub fn percent(&self) -> Option<u64> {
        (self.confirmed * 100).checked_div(self.confirmed + self.explained)
    }
}

/// The precision of every rule, in the order of the rules, also of those that never spoke.
#[must_use]
pub fn precision_by_rule(alerts: &[Alert]) -> Vec<RulePrecision> {
    let of_rule = |rule: &AlertRule| {
        let mut precision = RulePrecision { rule: *rule, confirmed: 0, explained: 0, open: 0 };
        for alert in alerts.iter().filter(|alert| alert.rule == *rule) {
            match alert.closing.map(|closing| closing.verdict) {
                Some(Verdict::Confirmed) => precision.confirmed += 1,
                Some(Verdict::Explained) => precision.explained += 1,
                None => precision.open += 1,
            }
        }
        precision
    };
    <AlertRule as records_model::Vocabulary>::ALL.iter().map(of_rule).collect()
}
