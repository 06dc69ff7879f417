//! Giving and withdrawing consent.

use audit_log::{ContentHash, Event, Moves};
use chrono::{DateTime, Utc};
use consent_policy::{Consent, ConsentAtom, ConsentError, ConsentExclusion, ConsentParts, EndCause, Signer};
use crypto_vault::{KeystoreRow, SealedTable, SideField};
use records_model::{ActorId, ConsentForm, ConsentId, NoticeVersionId, RetentionClass, Set, SubjectId};
use serde::Serialize;

use crate::ask::{Asking, ask, narrowing_will, widening_will};
use crate::disclose::notice_in_force;
use crate::ledger::{EntryDraft, Ledger};
use crate::{
    Answer, Change, ConsentEvidence, LoadedFacts, LockMode, Needs, Operation, OperationError, Plan,
    SubjectNeed, Tools,
};

/// Records a consent that a person gave.
#[derive(Debug, Clone)]
pub struct GiveConsent {
    /// Who records it.
    pub actor: ActorId,
    /// Whose.
    pub subject: SubjectId,
    /// To what.
    pub atoms: Vec<ConsentAtom>,
    /// Except for what.
    pub minus: Vec<ConsentExclusion>,
    /// In which form.
    pub form: ConsentForm,
    /// How it was taken.
    pub evidence: ConsentEvidence,
    /// Who signed.
    pub signer: Signer,
    /// When it ends by itself, if it does.
    pub expires_at: Option<DateTime<Utc>>,
    /// Consents that it takes the place of; they end for good.
    pub supersedes: Vec<ConsentId>,
}

/// The person's own copy of what they agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The consent.
    pub consent: ConsentId,
    /// The clinic.
    pub clinic: records_model::ClinicId,
    /// The notice that was in force.
    pub notice: NoticeVersionId,
    /// The hash of its text.
    pub notice_hash: String,
    /// In which form.
    pub form: ConsentForm,
    /// To what.
    pub atoms: Vec<ConsentAtom>,
    /// Except for what.
    pub minus: Vec<ConsentExclusion>,
    /// From when.
    pub given_at: DateTime<Utc>,
    /// Until when, if it ends by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// The newest signed head of the log: whoever holds this receipt can show whether the log was rewritten.
    pub checkpoint: Option<String>,
}

/// The outcome of giving a consent.
#[derive(Debug, Clone)]
pub struct ConsentGiven {
    /// Whether the actor may record it.
    pub answer: Answer,
    /// The receipt, if it was recorded.
    pub receipt: Option<Receipt>,
}

impl Operation for GiveConsent {
    type Outcome = ConsentGiven;

    fn needs(&self) -> Needs {
        Needs::decision(self.actor, SubjectNeed::new(self.subject, LockMode::Exclusive))
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<ConsentGiven>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        for id in &self.supersedes {
            in_force(&subject.consents, *id, tools.now)?;
        }
        self.check_evidence()?;
        let (notice, notice_hash) = notice_in_force(tools).ok_or(OperationError::NoNotice)?;
        let mut ledger = Ledger::open(facts, tools)?;
        let (answer, entry) = match ask(facts, &mut ledger, &widening_will(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => return Ok(ledger.finish(ConsentGiven { answer, receipt: None })),
        };
        let consent = self.consent(&notice, ledger.tools)?;
        let receipt = self.receipt(&consent, facts, (notice, notice_hash), ledger.tools.now);
        let canonical = serde_json::to_vec(&consent).map_err(|_| OperationError::Stored("consent"))?;
        let hash = ContentHash::of(&canonical);
        let text = serde_json::to_vec(&receipt).map_err(|_| OperationError::Stored("receipt"))?;
        let (_, sealed) = ledger.seal_side(
            RetentionClass::ConsentEvidence,
            SealedTable::ConsentEvidence,
            consent.id().as_uuid(),
            (SideField::Evidence, &text),
        )?;
        for id in &self.supersedes {
            end(&mut ledger, self.subject, *id, EndCause::Superseded, &entry)?;
        }
        ledger.change(Change::PutConsent {
            subject: self.subject,
            consent: Box::new(consent),
            evidence: self.evidence,
            recorded_by: self.actor,
            receipt: sealed,
        });
        let mut entry = entry.becoming(Event::ConsentGiven, Moves::Subject);
        entry.content = Some(hash);
        entry.preimage.categories = self.atoms.iter().fold(Set::EMPTY, |all, atom| all | atom.categories);
        ledger.enter(entry)?;
        Ok(ledger.finish(ConsentGiven { answer, receipt: Some(receipt) }))
    }
}

impl GiveConsent {
    /// A written consent needs a signature, and what somebody did after a notice is never more than tacit.
    const fn check_evidence(&self) -> Result<(), OperationError> {
        let is_signed = matches!(self.evidence, ConsentEvidence::SignedPaper | ConsentEvidence::SignedScreen);
        match (self.form, self.evidence) {
            (ConsentForm::ExpressWritten, _) if !is_signed => Err(OperationError::ConsentUnsigned),
            (form, ConsentEvidence::Conduct) if !matches!(form, ConsentForm::Tacit) => {
                Err(OperationError::ConsentByConduct)
            }
            _ => Ok(()),
        }
    }

    fn consent(&self, notice: &NoticeVersionId, tools: &mut Tools<'_>) -> Result<Consent, ConsentError> {
        Consent::try_from(ConsentParts {
            id: ConsentId::generate(tools.arrival, tools.rng),
            atoms: self.atoms.clone(),
            minus: self.minus.clone(),
            form: self.form,
            starts_at: tools.now,
            expires_at: self.expires_at,
            ended: None,
            notice: notice.clone(),
            signer: self.signer,
        })
    }

    fn receipt(
        &self,
        consent: &Consent,
        facts: &LoadedFacts,
        (notice, notice_hash): (NoticeVersionId, String),
        given_at: DateTime<Utc>,
    ) -> Receipt {
        Receipt {
            consent: consent.id(),
            clinic: facts.clinic.id,
            notice,
            notice_hash,
            form: self.form,
            atoms: self.atoms.clone(),
            minus: self.minus.clone(),
            given_at,
            expires_at: self.expires_at,
            checkpoint: facts.clinic.checkpoint.as_deref().map(str::to_owned),
        }
    }
}

fn in_force(consents: &[Consent], id: ConsentId, now: DateTime<Utc>) -> Result<&Consent, OperationError> {
    consents
        .iter()
        .find(|consent| consent.id() == id && consent.is_in_force(now))
        .ok_or(OperationError::UnknownConsent)
}

fn end(
    ledger: &mut Ledger<'_, '_>,
    subject: SubjectId,
    consent: ConsentId,
    cause: EndCause,
    entry: &EntryDraft,
) -> Result<(), OperationError> {
    ledger.change(Change::EndConsent { subject, consent, cause });
    let mut entry = entry.clone().becoming(Event::ConsentEnded, Moves::Subject);
    entry.content = Some(ContentHash::of(consent.as_uuid().as_bytes()));
    ledger.enter(entry).map(|_| ())
}

/// Withdraws consents: at once, and for good.
#[derive(Debug, Clone)]
pub struct WithdrawConsent {
    /// Who records it; the person themselves, or staff who was told.
    pub actor: ActorId,
    /// Whose.
    pub subject: SubjectId,
    /// Which.
    pub consents: Vec<ConsentId>,
}

/// The outcome of a withdrawal.
#[derive(Debug, Clone)]
pub struct ConsentsWithdrawn {
    /// Whether the actor may record it.
    pub answer: Answer,
    /// The consents that ended, as they were.
    pub ended: Vec<Consent>,
    /// The person's keys, to find in the log who received what under them.
    pub keys: Vec<KeystoreRow>,
    /// The newest signed head of the log, for the confirmation that the person takes along: whoever holds it can show
    /// whether the log was rewritten.
    pub checkpoint: Option<std::sync::Arc<str>>,
}

impl Operation for WithdrawConsent {
    type Outcome = ConsentsWithdrawn;

    fn needs(&self) -> Needs {
        Needs::decision(self.actor, SubjectNeed::new(self.subject, LockMode::Exclusive))
    }

    fn plan(
        &self,
        facts: &LoadedFacts,
        tools: &mut Tools<'_>,
    ) -> Result<Plan<ConsentsWithdrawn>, OperationError> {
        let subject = facts.subject.as_ref().ok_or(OperationError::UnknownSubject(self.subject))?;
        let chosen = self.consents.iter().map(|id| in_force(&subject.consents, *id, tools.now).cloned());
        let chosen: Vec<Consent> = chosen.collect::<Result<_, _>>()?;
        let mut ledger = Ledger::open(facts, tools)?;
        let (answer, entry) = match ask(facts, &mut ledger, &narrowing_will(), Set::EMPTY)? {
            Asking::Permitted(answer, entry) => (answer, entry),
            Asking::Refused(answer) => {
                let (ended, keys) = (Vec::new(), Vec::new());
                return Ok(ledger.finish(ConsentsWithdrawn { answer, ended, keys, checkpoint: None }));
            }
        };
        for consent in &chosen {
            end(&mut ledger, self.subject, consent.id(), EndCause::Withdrawn, &entry)?;
        }
        let (keys, checkpoint) = (subject.keys.clone(), facts.clinic.checkpoint.clone());
        Ok(ledger.finish(ConsentsWithdrawn { answer, ended: chosen, keys, checkpoint }))
    }
}
