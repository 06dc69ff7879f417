//! What the log says about one person: the accounting of disclosures, and who looked.

use std::sync::Arc;

use audit_log::{
    Accounting, AccountingHeadings, Event, Leaf, Names, Opened, ShownLook, accounting_csv, accounting_html,
    looks_csv, looks_html, open_accounting, shown_looks, who_looked,
};
use crypto_vault::KeystoreRow;
use postgres_store::{Clock, SealedSide};
use privacy_notice::Language;
use privacy_operations::{Answer, HouseWords, KeyRing, LogAsking, LogPermit, LogView, ViewLog, open_side};
use records_model::{ActorId, SubjectId};

use crate::{Runtime, RuntimeError};

/// Sides read at a time.
const PAGE: u32 = 500;

/// The accounting of disclosures, if the actor may see it.
#[derive(Debug)]
pub struct AccountingShown {
    /// Whether they may.
    pub answer: Answer,
    /// What left the clinic in the last six years.
    pub accounting: Option<Accounting>,
    /// The newest signed head of the log.
    pub checkpoint: Option<Arc<str>>,
    /// Log entries about the person that no key opens any more.
    pub unopened: usize,
}

/// Who looked at a person's record, if the actor may see it.
#[derive(Debug)]
pub struct LooksShown {
    /// Whether they may.
    pub answer: Answer,
    /// The looks in the order of time, in words.
    pub looks: Option<Vec<ShownLook>>,
    /// The newest signed head of the log.
    pub checkpoint: Option<Arc<str>>,
    /// Log entries about the person that no key opens any more.
    pub unopened: usize,
}

/// A form in which a person takes it along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnPaper {
    /// A table for a spreadsheet.
    Csv,
    /// A page to print or keep.
    Html,
}

const fn headings(language: Language) -> AccountingHeadings {
    match language {
        Language::Es => AccountingHeadings::SPANISH,
        Language::En => AccountingHeadings::ENGLISH,
    }
}

impl AccountingShown {
    /// The accounting as a file, with the newest signed head; nothing if it may not be seen.
    #[must_use]
    pub fn on_paper(&self, form: OnPaper, language: Language, words: &HouseWords) -> Option<String> {
        let (accounting, head) = (self.accounting.as_ref()?, self.checkpoint.as_deref());
        let headings = headings(language);
        Some(match form {
            OnPaper::Csv => accounting_csv(accounting, &headings, words, head),
            OnPaper::Html => accounting_html(accounting, &headings, words, head),
        })
    }
}

impl LooksShown {
    /// The looks as a file, with the newest signed head; nothing if they may not be seen.
    #[must_use]
    pub fn on_paper(&self, form: OnPaper, language: Language) -> Option<String> {
        let (looks, head) = (self.looks.as_deref()?, self.checkpoint.as_deref());
        Some(match form {
            OnPaper::Csv => looks_csv(looks, &headings(language), head),
            OnPaper::Html => looks_html(looks, &headings(language), head),
        })
    }
}

impl Runtime {
    /// What left the clinic about a person in the last six years, without what an authority had suspended. How much a
    /// suspension hides is told to whoever oversees, never to the person. The asking is decided and entered first.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if nothing could be decided, or the log or the keys cannot be read.
    pub async fn accounting(
        &self,
        (actor, subject): (ActorId, SubjectId),
        asking: LogAsking,
        clock: Clock,
    ) -> Result<AccountingShown, RuntimeError> {
        let view = ViewLog { actor, subject, view: LogView::Accounting, asking };
        let viewed = self.perform(&view, clock).await?;
        let (mut accounting, mut unopened) = (None, 0);
        if let Some(permit) = &viewed.permit {
            let mut left = Vec::new();
            unopened = self
                .each_about(subject, &permit.keys, |opened| {
                    if opened.leaf().parts().event == Event::DisclosureMade {
                        left.push(opened);
                    }
                })
                .await?;
            let mut shown = open_accounting(&left, subject, &permit.suspensions, permit.now);
            if asking == LogAsking::OwnRequest {
                shown.hidden = 0;
            }
            accounting = Some(shown);
        }
        Ok(AccountingShown { answer: viewed.answer, accounting, checkpoint: head(viewed.permit), unopened })
    }

    /// Who looked at a person's record, refused attempts included, in the clinic's words: role and unit, and the name
    /// under which they sign in only where the clinic's setting shows it. The asking is decided and entered first.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if nothing could be decided, or the log or the keys cannot be read.
    pub async fn looks(
        &self,
        (actor, subject): (ActorId, SubjectId),
        (asking, language): (LogAsking, Language),
        clock: Clock,
    ) -> Result<LooksShown, RuntimeError> {
        let view = ViewLog { actor, subject, view: LogView::Looks, asking };
        let viewed = self.perform(&view, clock).await?;
        let (mut looks, mut unopened) = (None, 0);
        if let Some(permit) = &viewed.permit {
            let mut found = Vec::new();
            let take = |opened| found.extend(who_looked([&opened], subject));
            unopened = self.each_about(subject, &permit.keys, take).await?;
            // This very asking, and what others did since, are not part of what was asked for.
            found.retain(|look| look.at < permit.now);
            found.sort_by_key(|look| (look.at, look.entry));
            let names = self.refresh().await?.look_names();
            looks = Some(shown_looks(&found, names, &self.reader_words(names, language).await?));
        }
        Ok(LooksShown { answer: viewed.answer, looks, checkpoint: head(viewed.permit), unopened })
    }

    /// The clinic's words for whatever a person reads of the log. Nobody's name is loaded unless it is to be shown.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] if the documents or the registers cannot be read.
    pub async fn reader_words(&self, names: Names, language: Language) -> Result<HouseWords, RuntimeError> {
        let (store, clinic) = (self.store(), self.clinic());
        let actors = store.actors(clinic).await?;
        let roles = actors.into_iter().map(|line| (line.actor.id, line.actor.role));
        let words = HouseWords::new(self.refresh().await?, language).with_roles(roles);
        Ok(match names {
            Names::Hidden => words,
            Names::Shown => words.with_names(store.sign_in_names(clinic).await?),
        })
    }

    /// Opens every entry about a person, page by page, and hands it to `take`; how many no key opens. To be called
    /// after a permit about them was committed, which also gave the keys.
    pub(crate) async fn each_about(
        &self,
        subject: SubjectId,
        keys: &[KeystoreRow],
        mut take: impl FnMut(Opened) + Send,
    ) -> Result<usize, RuntimeError> {
        let ring = KeyRing::open(self.clinic(), subject, self.epoch(), keys)?;
        let (mut after, mut unopened) = (None, 0);
        loop {
            let page = self.store().log_about(self.clinic(), subject, (after, PAGE)).await?;
            let Some(last) = page.last() else { return Ok(unopened) };
            after = Some(last.entry.id);
            for side in &page {
                match self.opened(side, &ring) {
                    Some(opened) => take(opened),
                    None => unopened += 1,
                }
            }
        }
    }

    fn opened(&self, side: &SealedSide, ring: &KeyRing) -> Option<Opened> {
        let leaf = Leaf::decode(&side.entry.leaf).ok()?;
        let sealed_for = (side.subject, side.class, side.dek_version);
        open_side(self.clinic(), leaf, sealed_for, (ring, &side.sealed)).ok()
    }
}

fn head(permit: Option<LogPermit>) -> Option<Arc<str>> {
    permit.and_then(|permit| permit.checkpoint)
}
