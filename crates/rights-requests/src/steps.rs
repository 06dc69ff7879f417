//! The steps of a case. Each gives the case as it is afterwards, or says why it cannot be taken.

use chrono::{DateTime, NaiveDate, Utc};
use jurisdiction::{
    Adjustments, Deadline, DeadlineError, DeadlineRequest, ExtensionGiven, LawBook, PauseCause, PauseGiven,
    ProfileFamily, Right, StartEvent, Step,
};
use records_model::{ActorId, RestrictionKind};

use crate::{
    AskerKind, Case, Explanation, IdentityProof, Outcome, RefusalGround, RightItem, RightState, StepError,
    word,
};

/// What an extension would gain; the screen shows it before anybody asks for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExtensionGain {
    /// The committed date without it.
    pub before: NaiveDate,
    /// The committed date with it.
    pub after: NaiveDate,
}

impl ExtensionGain {
    /// How many days it gains; 0 means that it is refused.
    #[must_use]
    pub fn days(self) -> i64 {
        (self.after - self.before).num_days()
    }
}

impl Case {
    /// Records that the asker proved who they are; every right that waits for it may be worked on.
    ///
    /// # Errors
    ///
    /// [`StepError`] if it was proved before, the authority of somebody who acts for another is missing, or the
    /// step is dated before the receipt.
    pub fn verify(&self, proof: IdentityProof, at: DateTime<Utc>) -> Result<Self, StepError> {
        if self.proof.is_some() {
            return Err(StepError::AlreadyProved);
        }
        if self.asker == AskerKind::Representative && proof.authority.is_none() {
            return Err(StepError::AuthorityNotProved);
        }
        if at < self.received_at {
            return Err(StepError::Backwards);
        }
        let mut case = self.clone();
        case.proof = Some(proof);
        for item in case.items.values_mut().filter(|item| item.state == RightState::Received) {
            item.state = RightState::Verified { at };
        }
        Ok(case)
    }

    /// Gives the case to somebody (P-67: never to the person that it complains of).
    ///
    /// # Errors
    ///
    /// [`StepError::ConflictOfInterest`].
    pub fn assign(&self, handler: ActorId) -> Result<Self, StepError> {
        if self.complaint_about == Some(handler) {
            return Err(StepError::ConflictOfInterest);
        }
        Ok(Self { handler: Some(handler), ..self.clone() })
    }

    /// What an extension of this family's term, told now, would gain.
    ///
    /// # Errors
    ///
    /// [`StepError`] if an answer went out, or the family's row knows no such extension now.
    pub fn extension_gain(
        &self,
        right: Right,
        family: &ProfileFamily,
        told_at: DateTime<Utc>,
        law: &LawBook,
    ) -> Result<ExtensionGain, StepError> {
        let item = self.unanswered(right, "extended", told_at)?;
        let after = self.recount(right, &self.with_extension(item, family, told_at), law)?;
        Ok(ExtensionGain { before: item.answer_by.committed_due(), after: after.committed_due() })
    }

    /// Extends one family's term; the person is told of it at `told_at`, with the reason.
    ///
    /// The promise never moves: where it is the earlier date, an extension gains nothing and is refused.
    ///
    /// # Errors
    ///
    /// [`StepError`] if an answer went out, the row knows no (further) extension, the term had ended, or it gains
    /// no day.
    pub fn extend(
        &self,
        right: Right,
        family: &ProfileFamily,
        reason: Explanation,
        told_at: DateTime<Utc>,
        law: &LawBook,
    ) -> Result<Self, StepError> {
        let gain = self.extension_gain(right, family, told_at, law)?;
        if gain.days() <= 0 {
            return Err(StepError::NoGain { committed_due: gain.before });
        }
        let mut item = self.item(right)?.clone();
        item.adjustments = self.with_extension(&item, family, told_at);
        item.answer_by = self.recount(right, &item.adjustments, law)?;
        item.extension_reasons.push(reason);
        Ok(self.with_item(right, item))
    }

    /// Asks the person for something; the clocks that know the cause stand still until they answer.
    ///
    /// # Errors
    ///
    /// [`StepError`] if an answer went out, it is paused already, no clock knows the cause, or missing elements
    /// were asked for before or are asked for too late.
    pub fn pause(
        &self,
        right: Right,
        cause: PauseCause,
        at: DateTime<Utc>,
        law: &LawBook,
    ) -> Result<Self, StepError> {
        let mut item = self.unanswered(right, "paused", at)?.clone();
        if matches!(item.state, RightState::Paused { .. }) {
            return Err(wrong_state(right, &item.state, "paused"));
        }
        let started_on = item.answer_by.started_on();
        let knows = law
            .all_in_force(&self.families, started_on)
            .filter_map(|profile| profile.deadline(right, Step::Answer))
            .any(|row| row.pauses.iter().any(|rule| rule.causes.contains(cause)));
        if !knows {
            return Err(StepError::NoClockStops { right, cause });
        }
        let from = self.zone.date_of(at);
        let mut complete_by = None;
        if cause == PauseCause::MissingElements {
            if item.adjustments.pauses.iter().any(|pause| pause.cause == cause) {
                return Err(StepError::AskedAlready);
            }
            let ask =
                self.other_deadline(right, Step::AskMissing, StartEvent::Receipt, self.received_at, law)?;
            if let Some(last_day) = ask.map(|ask| ask.committed_due()).filter(|last_day| from > *last_day) {
                return Err(StepError::AskedTooLate { last_day });
            }
            let complete = self.other_deadline(right, Step::Complete, StartEvent::AskedMissing, at, law)?;
            complete_by = complete.map(|deadline| deadline.committed_due());
        }
        item.adjustments.pauses.push(PauseGiven { cause, from, until: None });
        item.state = RightState::Paused { at, cause, complete_by };
        Ok(self.with_item(right, item))
    }

    /// Records that the person answered; the clocks run on, or start again.
    ///
    /// # Errors
    ///
    /// [`StepError`] if it is not paused, or the answer is dated before the question.
    pub fn resume(&self, right: Right, at: DateTime<Utc>, law: &LawBook) -> Result<Self, StepError> {
        let mut item = self.unanswered(right, "resumed", at)?.clone();
        if !matches!(item.state, RightState::Paused { .. }) {
            return Err(wrong_state(right, &item.state, "resumed"));
        }
        let until = self.zone.date_of(at);
        if let Some(pause) = item.adjustments.pauses.iter_mut().rev().find(|pause| pause.until.is_none()) {
            pause.until = Some(until);
        }
        item.answer_by = self.recount(right, &item.adjustments, law)?;
        item.state = if self.proof.is_some() { RightState::Verified { at } } else { RightState::Received };
        Ok(self.with_item(right, item))
    }

    /// Closes a request that the person did not complete: it counts as not made.
    ///
    /// # Errors
    ///
    /// [`StepError`] if it is not paused, the person may still answer, or no law lets it lapse.
    pub fn lapse(&self, right: Right, at: DateTime<Utc>) -> Result<Self, StepError> {
        let mut item = self.unanswered(right, "closed as not presented", at)?.clone();
        match &item.state {
            RightState::Paused { complete_by: Some(until), .. } if self.zone.date_of(at) <= *until => {
                return Err(StepError::CompletionOpen { until: *until });
            }
            RightState::Paused { complete_by: Some(_), .. } => item.state = RightState::NotPresented { at },
            RightState::Paused { complete_by: None, .. } => return Err(StepError::NeverLapses),
            state => return Err(wrong_state(right, state, "closed as not presented")),
        }
        Ok(self.with_item(right, item))
    }

    /// Records that the decision went out, and starts the clock for carrying it out.
    ///
    /// # Errors
    ///
    /// [`StepError`] if an answer went out before, the clock is paused, something is granted without the proof
    /// that it needs, identity is the ground although it is proved, or a restriction that must be agreed to is
    /// refused.
    pub fn answer(
        &self,
        right: Right,
        outcome: Outcome,
        at: DateTime<Utc>,
        law: &LawBook,
    ) -> Result<Self, StepError> {
        let mut item = self.unanswered(right, "answered", at)?.clone();
        if matches!(item.state, RightState::Paused { .. }) {
            return Err(wrong_state(right, &item.state, "answered"));
        }
        let ground = match &outcome {
            Outcome::Granted => None,
            Outcome::Partly { ground, .. } | Outcome::Refused { ground, .. } => Some(*ground),
        };
        if self.proof.is_some() && ground == Some(RefusalGround::IdentityNotShown) {
            return Err(StepError::IdentityWasShown);
        }
        if outcome.grants() && word::needs_proof(right) && self.proof.is_none() {
            return Err(StepError::IdentityNotProved { right });
        }
        let must_agree = right == Right::Restriction && self.restriction == Some(RestrictionKind::MustAgree);
        if must_agree && outcome != Outcome::Granted {
            return Err(StepError::MustAgree);
        }
        if outcome.grants() && word::is_carried_out(right) {
            item.execute_by = self.other_deadline(right, Step::Execute, StartEvent::DecisionTold, at, law)?;
        }
        item.state = RightState::Answered { at, outcome };
        Ok(self.with_item(right, item))
    }

    /// Records that what was granted is carried out.
    ///
    /// # Errors
    ///
    /// [`StepError`] if nothing was granted, or it is dated before the answer.
    pub fn execute(&self, right: Right, at: DateTime<Utc>) -> Result<Self, StepError> {
        let mut item = self.item(right)?.clone();
        self.check_order(&item, at)?;
        item.state = match item.state {
            RightState::Answered { at: answered_at, outcome } if outcome.grants() => {
                RightState::Executed { answered_at, outcome, at }
            }
            state => return Err(wrong_state(right, &state, "carried out")),
        };
        Ok(self.with_item(right, item))
    }

    /// Records that the person took the request back.
    ///
    /// # Errors
    ///
    /// [`StepError`] if an answer went out before.
    pub fn withdraw(&self, right: Right, at: DateTime<Utc>) -> Result<Self, StepError> {
        let mut item = self.unanswered(right, "taken back", at)?.clone();
        item.state = RightState::Withdrawn { at };
        Ok(self.with_item(right, item))
    }

    fn unanswered(
        &self,
        right: Right,
        step: &'static str,
        at: DateTime<Utc>,
    ) -> Result<&RightItem, StepError> {
        let item = self.item(right)?;
        if item.state.answered_at().is_some() {
            return Err(wrong_state(right, &item.state, step));
        }
        self.check_order(item, at)?;
        Ok(item)
    }

    fn check_order(&self, item: &RightItem, at: DateTime<Utc>) -> Result<(), StepError> {
        if at < item.state.since().unwrap_or(self.received_at) { Err(StepError::Backwards) } else { Ok(()) }
    }

    fn with_item(&self, right: Right, item: RightItem) -> Self {
        let mut case = self.clone();
        case.items.insert(right, item);
        case
    }

    fn with_extension(
        &self,
        item: &RightItem,
        family: &ProfileFamily,
        told_at: DateTime<Utc>,
    ) -> Adjustments {
        let mut adjustments = item.adjustments.clone();
        adjustments
            .extensions
            .push(ExtensionGiven { family: family.clone(), told_on: self.zone.date_of(told_at) });
        adjustments
    }

    fn recount(&self, right: Right, adjustments: &Adjustments, law: &LawBook) -> Result<Deadline, StepError> {
        let request = self.deadline_request(right, Step::Answer, StartEvent::Receipt, self.received_at);
        Ok(law.deadline(&request, self.zone, adjustments)?)
    }

    /// The deadline of another step, where a law sets one.
    fn other_deadline(
        &self,
        right: Right,
        step: Step,
        event: StartEvent,
        started_at: DateTime<Utc>,
        law: &LawBook,
    ) -> Result<Option<Deadline>, StepError> {
        let request = self.deadline_request(right, step, event, started_at);
        match law.deadline(&request, self.zone, &Adjustments::default()) {
            Ok(deadline) => Ok(Some(deadline)),
            Err(DeadlineError::NoTerm { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn deadline_request(
        &self,
        right: Right,
        step: Step,
        event: StartEvent,
        started_at: DateTime<Utc>,
    ) -> DeadlineRequest {
        DeadlineRequest { right, step, event, started_at, families: self.families.clone() }
    }
}

const fn wrong_state(right: Right, state: &RightState, step: &'static str) -> StepError {
    StepError::WrongState { right, state: state.name(), step }
}
