//! Patterns in the log: raised once, and closed by a verdict of somebody else.

use std::collections::BTreeSet;

use audit_log::{Alert, AlertParts, AlertRule, CloseError, Closing, Event, Moves, Verdict, new_alerts};
use chrono::{DateTime, Utc};
use crypto_vault::{ContentType, FieldContext, RecordContext, RecordOpener, SealedTable, SideField};
use records_model::{ActorId, AlertId, ClinicId, EntryId, RecordId, RetentionClass, Set, SubjectId};
use serde::{Deserialize, Serialize};

use super::work::oversight;
use crate::ask::{Asking, ask};
use crate::ledger::Ledger;
use crate::self_dealing::{SelfDealing, refuse};
use crate::{
    Answer, Change, KeyRing, Load, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan,
    SubjectNeed, Tools,
};

/// An alert as it is stored: what it is about is sealed with the accounting key of its owner, so that it goes with
/// that person's accounting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAlert {
    /// Whose key seals it: the person whose record it is about, or else the person the actor is.
    pub owner: SubjectId,
    /// Its id.
    pub id: AlertId,
    /// What drew attention.
    pub rule: AlertRule,
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// Version of the key.
    pub dek_version: u32,
    /// The rest, sealed.
    pub sealed: Vec<u8>,
    /// Its end, if it has one.
    pub closing: Option<Closing>,
}

/// What of an alert is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct AlertSide {
    actor: ActorId,
    subject: Option<SubjectId>,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    entries: BTreeSet<EntryId>,
}

const FIELD: FieldContext = FieldContext::of_side_row(SideField::Evidence, ContentType::Text);

/// Opens a stored alert.
///
/// # Errors
///
/// [`OperationError::KeyMissing`] if its key was destroyed; [`OperationError::Open`] or [`OperationError::Stored`]
/// if it was altered.
pub fn open_alert(clinic: ClinicId, stored: &StoredAlert, ring: &KeyRing) -> Result<Alert, OperationError> {
    let (class, row) = (RetentionClass::Accounting, RecordId::from_uuid(stored.id.as_uuid()));
    let context = RecordContext::of_side_row(clinic, stored.owner, class, SealedTable::LogDetails, row);
    let key = ring.version(class, stored.dek_version)?;
    let bytes = RecordOpener::for_envelope(key, &context, &stored.sealed)?.open(&FIELD, &stored.sealed)?;
    let side: AlertSide = serde_json::from_slice(&bytes).map_err(|_| OperationError::Stored("alert"))?;
    let AlertSide { actor, subject, first_at, last_at, entries } = side;
    let (rule, closing) = (stored.rule, stored.closing);
    Ok(AlertParts { rule, actor, subject, first_at, last_at, entries, closing }.into())
}

fn side_of(alert: &Alert) -> AlertSide {
    AlertSide {
        actor: alert.actor(),
        subject: alert.subject(),
        first_at: alert.first_at(),
        last_at: alert.last_at(),
        entries: alert.entries().clone(),
    }
}

/// Stores one alert that the rules found, unless it is known: looked up under the owner's lock, so that two who look
/// at once raise it once.
#[derive(Debug, Clone)]
pub struct RaiseAlert {
    /// Who looked.
    pub actor: ActorId,
    /// Whose accounting key is to seal it: the person concerned, or else the person the actor is.
    pub owner: SubjectId,
    /// The alert.
    pub alert: Alert,
}

impl Operation for RaiseAlert {
    type Outcome = Option<AlertId>;

    fn needs(&self) -> Needs {
        let owner = SubjectNeed::new(self.owner, LockMode::Exclusive).with(Load::Alerts);
        Needs::decision(self.actor, owner)
    }

    fn plan(
        &self,
        facts: &LoadedFacts,
        tools: &mut Tools<'_>,
    ) -> Result<Plan<Option<AlertId>>, OperationError> {
        let owner = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.owner))?;
        let ring = KeyRing::open(facts.clinic.id, owner.id, tools.epoch, &owner.keys)?;
        let known: Result<Vec<Alert>, OperationError> =
            owner.alerts.iter().map(|stored| open_alert(facts.clinic.id, stored, &ring)).collect();
        let mut ledger = Ledger::open(facts, tools)?;
        let Some(alert) = new_alerts(vec![self.alert.clone()], &known?).pop() else {
            return Ok(ledger.finish(None));
        };
        let entry = match ask(facts, &mut ledger, &oversight(), Set::EMPTY)? {
            Asking::Permitted(_, entry) => entry,
            Asking::Refused(_) => return Ok(ledger.finish(None)),
        };
        let id = AlertId::generate(ledger.tools.arrival, ledger.tools.rng);
        let side = serde_json::to_vec(&side_of(&alert)).map_err(|_| OperationError::Stored("alert"))?;
        let (dek_version, sealed) = ledger.seal_side(
            RetentionClass::Accounting,
            SealedTable::LogDetails,
            id.as_uuid(),
            (SideField::Evidence, &side),
        )?;
        ledger.change(Change::PutAlert(Box::new(StoredAlert {
            owner: self.owner,
            id,
            rule: alert.rule(),
            raised_at: ledger.tools.now,
            dek_version,
            sealed,
            closing: None,
        })));
        ledger.enter(entry.becoming(Event::AlertRaised, Moves::None))?;
        Ok(ledger.finish(Some(id)))
    }
}

/// Closes an alert with a verdict; nobody judges one about themselves.
#[derive(Debug, Clone)]
pub struct JudgeAlert {
    /// Who judges.
    pub actor: ActorId,
    /// Whose accounting key seals it.
    pub owner: SubjectId,
    /// Which alert.
    pub alert: AlertId,
    /// What was found.
    pub verdict: Verdict,
}

/// The outcome of judging.
#[derive(Debug, Clone)]
pub struct AlertJudged {
    /// Whether the actor may judge it.
    pub answer: Answer,
    /// The rule that it is counted for, if it was judged.
    pub rule: Option<AlertRule>,
}

impl Operation for JudgeAlert {
    type Outcome = AlertJudged;

    fn needs(&self) -> Needs {
        let owner = SubjectNeed::new(self.owner, LockMode::Exclusive).with(Load::Alerts);
        Needs::decision(self.actor, owner)
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<AlertJudged>, OperationError> {
        let owner = facts.subject.as_ref().ok_or(OperationError::UnknownAlert)?;
        let stored =
            owner.alerts.iter().find(|alert| alert.id == self.alert).ok_or(OperationError::UnknownAlert)?;
        let ring = KeyRing::open(facts.clinic.id, owner.id, tools.epoch, &owner.keys)?;
        let alert = open_alert(facts.clinic.id, stored, &ring)?;
        let is_about_owner = facts.actor.as_ref().is_some_and(|actor| actor.subject == self.owner);
        let closing = Closing { verdict: self.verdict, by: self.actor, at: tools.now };
        let closed = alert.close(closing);
        let mut ledger = Ledger::open(facts, tools)?;
        match closed {
            Err(CloseError::AlreadyClosed) => return Err(OperationError::AlertClosed),
            Err(CloseError::BeforeLast) => {
                return Err(OperationError::Period("a verdict comes after the last act that it judges"));
            }
            // Whoever holds two roles is one person all the same.
            Err(_) => return refused(facts, ledger),
            Ok(_) if is_about_owner => return refused(facts, ledger),
            Ok(_) => {}
        }
        match ask(facts, &mut ledger, &oversight(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => {
                let (owner, id) = (self.owner, self.alert);
                ledger.change(Change::PutAlertVerdict { owner, id, closing });
                ledger.enter(entry.becoming(Event::AlertClosed, Moves::None))?;
                Ok(ledger.finish(AlertJudged { answer, rule: Some(stored.rule) }))
            }
            Asking::Refused(answer) => Ok(ledger.finish(AlertJudged { answer, rule: None })),
        }
    }
}

fn refused(facts: &LoadedFacts, mut ledger: Ledger<'_, '_>) -> Result<Plan<AlertJudged>, OperationError> {
    let answer = refuse(facts, &mut ledger, &oversight(), SelfDealing::Alert)?;
    Ok(ledger.finish(AlertJudged { answer, rule: None }))
}
