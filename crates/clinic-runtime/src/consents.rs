//! Consents as evidence: the signed receipt, and who received what under a consent.

use audit_log::{Disclosure, Event, sign_receipt};
use chrono::{DateTime, Utc};
use consent_policy::Consent;
use crypto_vault::KeystoreRow;
use postgres_store::Clock;
use privacy_operations::{Answer, IssueReceipt, PreviewWithdrawal, WithdrawalPreview, received_under};
use records_model::SubjectId;

use crate::{Runtime, RuntimeError};

/// A receipt, if the actor may have it.
#[derive(Debug, Clone)]
pub struct SignedReceipt {
    /// Whether they may.
    pub answer: Answer,
    /// The signed text; `audit_log::verify_receipt` checks it with the log's public key alone.
    pub text: Option<String>,
}

/// What withdrawing consents would do, if the actor may know.
#[derive(Debug, Clone)]
pub struct WithdrawalEffect {
    /// Whether they may.
    pub answer: Answer,
    /// What would stop and what is kept.
    pub preview: Option<WithdrawalPreview>,
    /// Who received what under these consents.
    pub received: ReceivedUnder,
}

/// The work-list of a withdrawal: who received what under the consents, and so is to be told.
#[derive(Debug, Clone, Default)]
pub struct ReceivedUnder {
    /// To whom, what, how often.
    pub disclosures: Vec<Disclosure>,
    /// Log entries about the person that no key opens any more, so that nothing is known of what they sent.
    pub unopened: usize,
}

impl Runtime {
    /// The signed receipt of a consent, with the newest head of the log. The asking is logged.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if there is no such consent, or nothing could be decided.
    pub async fn consent_receipt(
        &self,
        issue: &IssueReceipt,
        clock: Clock,
    ) -> Result<SignedReceipt, RuntimeError> {
        let issued = self.perform(issue, clock).await?;
        let text = issued.body.map(|body| sign_receipt(&body, self.signing())).transpose()?;
        Ok(SignedReceipt { answer: issued.answer, text })
    }

    /// What withdrawing consents would do: nothing ends. The looking is logged. After the permit is committed, the log
    /// about this person is opened in memory.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if a consent is unknown or has ended, or nothing could be decided.
    pub async fn withdrawal_effect(
        &self,
        preview: &PreviewWithdrawal,
        clock: Clock,
    ) -> Result<WithdrawalEffect, RuntimeError> {
        let previewed = self.perform(preview, clock).await?;
        let received = match &previewed.preview {
            Some(found) => {
                let given = (found.consents.as_slice(), found.keys.as_slice());
                self.received_under(preview.subject, given, found.now).await?
            }
            None => ReceivedUnder::default(),
        };
        Ok(WithdrawalEffect { answer: previewed.answer, preview: previewed.preview, received })
    }

    /// Who received what under these consents, from the log about the person. To be asked after a permit about them
    /// was committed, which also gave the keys.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the log or the keys cannot be read.
    pub async fn received_under(
        &self,
        subject: SubjectId,
        (consents, keys): (&[Consent], &[KeystoreRow]),
        now: DateTime<Utc>,
    ) -> Result<ReceivedUnder, RuntimeError> {
        let mut left = Vec::new();
        let unopened = self
            .each_about(subject, keys, |opened| {
                if opened.leaf().parts().event == Event::DisclosureMade {
                    left.push(opened);
                }
            })
            .await?;
        Ok(ReceivedUnder { disclosures: received_under(consents, &left, subject, now), unopened })
    }
}
