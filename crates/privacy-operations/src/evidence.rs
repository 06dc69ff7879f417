//! Typed evidence: breaking the glass, incapacity, an emergency, proof of identity; and the officer's review.

use std::fmt;

use audit_log::{Event, Moves};
use chrono::{DateTime, TimeDelta, Utc};
use crypto_vault::{SealedTable, SideField};
use records_model::{
    Action, ActorId, Category, Detail, EvidenceId, Ground, Purpose, RetentionClass, Set, SubjectId,
};

use crate::ask::{Asking, ask, widening_will};
use crate::card::refuse_card_number;
use crate::change::NewEvidence;
use crate::ledger::Ledger;
use crate::self_dealing::{SelfDealing, refuse};
use crate::word::ReviewVerdict;
use crate::{
    Answer, Asked, Change, EvidenceKind, EvidenceRow, LoadedFacts, LockMode, Needs, Operation,
    OperationError, Plan, SubjectNeed, Tools,
};

/// Records a piece of evidence about a person, with a reason and an end.
///
/// Breaking the glass is one: it takes the person and a reason, opens the minimum set for the actor alone, and
/// waits for the officer's review.
#[derive(Clone)]
pub struct RecordEvidence {
    /// Who records it.
    pub actor: ActorId,
    /// About whom.
    pub subject: SubjectId,
    /// What it shows.
    pub kind: EvidenceKind,
    /// Why, in 3 to 2000 characters and without a card number; stored sealed.
    pub reason: String,
    /// How long it counts.
    pub lasts: TimeDelta,
}

/// Shows everything but the reason, which is the person's.
impl fmt::Debug for RecordEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordEvidence")
            .field("actor", &self.actor)
            .field("subject", &self.subject)
            .field("kind", &self.kind)
            .field("lasts", &self.lasts)
            .finish_non_exhaustive()
    }
}

/// Longest time an emergency counts, a broken glass or a recorded one, in hours (a choice of this project; the policy says only that it
/// ends with the emergency).
pub const BREAK_GLASS_HOURS_MAX: i64 = 8;
/// Longest time any other evidence counts before it must be recorded again, in days (a choice of this project).
pub const EVIDENCE_DAYS_MAX: i64 = 90;

/// The outcome.
#[derive(Debug, Clone)]
pub struct EvidenceRecorded {
    /// Whether the actor may record it.
    pub answer: Answer,
    /// Its id and its end, if recorded.
    pub evidence: Option<(EvidenceId, DateTime<Utc>)>,
}

impl Operation for RecordEvidence {
    type Outcome = EvidenceRecorded;

    fn needs(&self) -> Needs {
        Needs::decision(self.actor, SubjectNeed::new(self.subject, LockMode::Exclusive))
    }

    fn plan(
        &self,
        facts: &LoadedFacts,
        tools: &mut Tools<'_>,
    ) -> Result<Plan<EvidenceRecorded>, OperationError> {
        facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        check_reason(&self.reason)?;
        refuse_card_number(&self.reason)?;
        let ends_at = self.end(tools.now)?;
        let mut ledger = Ledger::open(facts, tools)?;
        let (answer, entry) = match ask(facts, &mut ledger, &asked_for(self.kind), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(ledger.finish(EvidenceRecorded { answer, evidence: None })),
        };
        let id = EvidenceId::generate(ledger.tools.arrival, ledger.tools.rng);
        let (dek_version, reason) = ledger.seal_side(
            RetentionClass::Accounting,
            SealedTable::Evidence,
            id.as_uuid(),
            (SideField::Narrative, self.reason.trim().as_bytes()),
        )?;
        ledger.change(Change::PutEvidence(Box::new(NewEvidence {
            subject: self.subject,
            id,
            kind: self.kind,
            recorded_by: self.actor,
            actor: (self.kind == EvidenceKind::BreakGlass).then_some(self.actor),
            ends_at,
            dek_version,
            reason,
        })));
        ledger.enter(entry.becoming(event_of(self.kind), Moves::Subject))?;
        Ok(ledger.finish(EvidenceRecorded { answer, evidence: Some((id, ends_at)) }))
    }
}

impl RecordEvidence {
    fn end(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, OperationError> {
        let (longest, why) = match self.kind {
            EvidenceKind::BreakGlass | EvidenceKind::EmergencyToSelf => (
                TimeDelta::hours(BREAK_GLASS_HOURS_MAX),
                "an emergency lasts between one minute and 8 hours; record it again if it goes on",
            ),
            _ => (
                TimeDelta::days(EVIDENCE_DAYS_MAX),
                "evidence lasts between one minute and 90 days; record it again if it still holds",
            ),
        };
        if self.lasts < TimeDelta::minutes(1) || self.lasts > longest {
            return Err(OperationError::Period(why));
        }
        now.checked_add_signed(self.lasts).ok_or(OperationError::Range)
    }
}

/// Shortest and longest reason, in characters.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 3..=2000;

pub(crate) fn check_reason(text: &str) -> Result<(), OperationError> {
    if REASON_CHARS.contains(&text.trim().chars().count()) { Ok(()) } else { Err(OperationError::ReasonText) }
}

const fn event_of(kind: EvidenceKind) -> Event {
    match kind {
        EvidenceKind::BreakGlass => Event::BreakGlassOpened,
        _ => Event::EvidenceRecorded,
    }
}

/// What the policy is asked before evidence is recorded: clinical evidence is written on the ground it proves.
fn asked_for(kind: EvidenceKind) -> Asked {
    let clinical = |ground| {
        let category = Set::one(Category::TreatmentNotes);
        Asked {
            detail: Detail::Existence,
            ..Asked::internal(Action::Write, Purpose::Emergency, ground, category)
        }
    };
    match kind {
        EvidenceKind::BreakGlass => clinical(Ground::EmergencyToSelf),
        // A physician records what opens the chart to everybody in the care.
        EvidenceKind::EmergencyToSelf | EvidenceKind::Incapacity => clinical(Ground::IncapacityCare),
        EvidenceKind::NamedRisk => clinical(Ground::HarmToOthers),
        EvidenceKind::LegalDemand
        | EvidenceKind::CourtOrder
        | EvidenceKind::CitedNorm
        | EvidenceKind::TwoApprovers => legal_papers(),
        EvidenceKind::TelehealthConsent | EvidenceKind::IdentityProof => widening_will(),
    }
}

/// What is asked before an order, a norm or an approval is recorded: those who answer for privacy do it.
pub(crate) fn legal_papers() -> Asked {
    let category = Set::one(Category::IdentityContact);
    Asked {
        detail: Detail::Existence,
        ..Asked::internal(Action::Write, Purpose::LegalCompliance, Ground::LegalDuty, category)
    }
}

/// The officer's verdict on a broken glass.
#[derive(Debug, Clone)]
pub struct ReviewEvidence {
    /// Who judges.
    pub actor: ActorId,
    /// About whom.
    pub subject: SubjectId,
    /// Which evidence.
    pub evidence: EvidenceId,
    /// The verdict.
    pub verdict: ReviewVerdict,
}

impl Operation for ReviewEvidence {
    type Outcome = Answer;

    fn needs(&self) -> Needs {
        Needs::decision(self.actor, SubjectNeed::new(self.subject, LockMode::Exclusive))
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<Answer>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let waits = |row: &&EvidenceRow| {
            row.id == self.evidence && row.kind == EvidenceKind::BreakGlass && row.verdict.is_none()
        };
        let row = subject.evidence.iter().find(waits).ok_or(OperationError::UnknownEvidence)?;
        let mut ledger = Ledger::open(facts, tools)?;
        let category = Set::one(Category::TreatmentNotes);
        let mut asked = Asked::internal(Action::Read, Purpose::Oversight, Ground::LegalDuty, category);
        asked.detail = Detail::Existence;
        if row.recorded_by == self.actor {
            let answer = refuse(facts, &mut ledger, &asked, SelfDealing::Review)?;
            return Ok(ledger.finish(answer));
        }
        match ask(facts, &mut ledger, &asked, Set::EMPTY)? {
            Asking::Permitted(answer, entry) => {
                ledger.change(Change::PutEvidenceReview {
                    subject: self.subject,
                    id: self.evidence,
                    reviewed_by: self.actor,
                    verdict: self.verdict,
                });
                // A glass that should not have been broken is closed from now on.
                ledger.enter(entry.becoming(Event::BreakGlassReviewed, Moves::Subject))?;
                Ok(ledger.finish(answer))
            }
            Asking::Refused(answer) => Ok(ledger.finish(answer)),
        }
    }
}
