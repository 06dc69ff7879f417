//! What a withdrawal does, shown before anybody confirms it: what stops, what is kept, who received what.

use audit_log::{Disclosure, Opened, RecipientId, accounting_of_disclosures};
use chrono::{DateTime, Utc};
use consent_policy::{Consent, ConsentPurpose, ConsentRecipient, Withdrawal, withdraw};
use crypto_vault::KeystoreRow;
use records_model::{Action, ActorId, ConsentId, Ground, Purpose, Set, SubjectId};

use crate::ask::{Asking, ask, narrowing_will};
use crate::ledger::Ledger;
use crate::{
    Answer, FloorRow, Load, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan, SubjectNeed, Tools,
};

/// Shows what withdrawing these consents would do; nothing ends. Whoever may record the withdrawal may look.
#[derive(Debug, Clone)]
pub struct PreviewWithdrawal {
    /// Who looks.
    pub actor: ActorId,
    /// Whose.
    pub subject: SubjectId,
    /// Which.
    pub consents: Vec<ConsentId>,
}

/// What the rules and the files say of a withdrawal.
#[derive(Debug, Clone)]
pub struct WithdrawalPreview {
    /// What would end, and what would stop with it.
    pub withdrawal: Withdrawal,
    /// The consents themselves, as they stand.
    pub consents: Vec<Consent>,
    /// What the law and the clinic's promise make it keep all the same, and through which day.
    pub kept: Vec<FloorRow>,
    /// Whether an order holds something that would otherwise go.
    pub holds: usize,
    /// The person's keys, to open the log about them.
    pub keys: Vec<KeystoreRow>,
    /// When it was computed.
    pub now: DateTime<Utc>,
}

/// The outcome of looking.
#[derive(Debug, Clone)]
pub struct WithdrawalPreviewed {
    /// Whether the actor may look.
    pub answer: Answer,
    /// What it would do, if they may.
    pub preview: Option<WithdrawalPreview>,
}

impl Operation for PreviewWithdrawal {
    type Outcome = WithdrawalPreviewed;

    fn needs(&self) -> Needs {
        let subject = SubjectNeed::new(self.subject, LockMode::Shared).with(Load::Retention);
        Needs::decision(self.actor, subject)
    }

    fn plan(
        &self,
        facts: &LoadedFacts,
        tools: &mut Tools<'_>,
    ) -> Result<Plan<WithdrawalPreviewed>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let (now, today) = (tools.now, tools.today());
        let withdrawal =
            withdraw(&subject.consents, &self.consents, now).map_err(|_| OperationError::UnknownConsent)?;
        let mut ledger = Ledger::open(facts, tools)?;
        match ask(facts, &mut ledger, &narrowing_will(), Set::EMPTY)? {
            Asking::Refused(answer) => Ok(ledger.finish(WithdrawalPreviewed { answer, preview: None })),
            Asking::Permitted(answer, entry) => {
                ledger.enter(*entry)?;
                let named = |consent: &&Consent| self.consents.contains(&consent.id());
                let preview = WithdrawalPreview {
                    withdrawal,
                    consents: subject.consents.iter().filter(named).cloned().collect(),
                    kept: subject
                        .floors
                        .iter()
                        .filter(|floor| floor.keep_through >= today)
                        .copied()
                        .collect(),
                    holds: subject.holds.len(),
                    keys: subject.keys.clone(),
                    now,
                };
                Ok(ledger.finish(WithdrawalPreviewed { answer, preview: Some(preview) }))
            }
        }
    }
}

/// Who received data that one of these consents covered, from its start on: whom to tell that it ended, and what to
/// ask back (section 6, P-63 by analogy). Only what left on the ground of consent counts, since nothing else rested
/// on it.
#[must_use]
pub fn received_under(
    consents: &[Consent],
    entries: &[Opened],
    subject: SubjectId,
    now: DateTime<Utc>,
) -> Vec<Disclosure> {
    let Some(first) = consents.iter().map(|consent| consent.parts().starts_at).min() else {
        return Vec::new();
    };
    // The window holds its start and not its end; what left in this very instant counts too.
    let window = first..now + chrono::TimeDelta::microseconds(1);
    let mut runs = accounting_of_disclosures(entries, subject, &window);
    runs.retain(|run| consents.iter().any(|consent| carried(consent, run)));
    runs
}

/// Whether the consent covered a category of what left, for its purpose and its recipient, while it was given.
fn carried(consent: &Consent, run: &Disclosure) -> bool {
    let parts = consent.parts();
    let for_this_purpose = |purpose: &ConsentPurpose| match (purpose, &run.undescribed_purpose) {
        (ConsentPurpose::Described(purpose), None) => run.purpose == Some(*purpose),
        (ConsentPurpose::Undescribed(id), Some(sent)) => run.purpose == Some(Purpose::Sharing) && id == sent,
        _ => false,
    };
    let to_this_recipient = |recipient: ConsentRecipient| match recipient {
        ConsentRecipient::Class(class) => class == run.recipient.class,
        ConsentRecipient::Provider { id, class } => {
            class == run.recipient.class && run.recipient.id == Some(RecipientId::Provider(id))
        }
    };
    run.ground == Some(Ground::Consent)
        && run.last_at >= parts.starts_at
        && parts.atoms.iter().any(|atom| {
            atom.actions.contains(Action::Disclose)
                && atom.categories.intersects(run.categories)
                && for_this_purpose(&atom.purpose)
                && to_this_recipient(atom.recipient)
        })
}
