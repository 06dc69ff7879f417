//! What every handler has: the clinic at work, the clock, and the sign-ins that were tried.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clinic_runtime::{ReceivedUnder, Runtime, RuntimeError, WithdrawalEffect};
use jurisdiction::Language;
use postgres_store::Clock;
use privacy_notice::ClauseReport;
use privacy_operations::{ConsentsWithdrawn, House, Operation, PreviewWithdrawal};
use records_model::SubjectId;
use tokio::task::JoinSet;

use crate::attempts::Attempts;
use crate::kept::Kept;
use crate::serving::Serving;

/// How long a promise report is shown: it reads the whole log, so one for everybody who looks at the same time.
const REPORT_KEPT: TimeDelta = TimeDelta::seconds(60);

/// What an [`App`] is made of.
pub struct AppParts {
    /// The clinic at work.
    pub runtime: Arc<Runtime>,
    /// Where `now` comes from.
    pub clock: Clock,
    /// How visitors reach it.
    pub serving: Serving,
}

/// The clinic at work behind the pages.
pub struct App {
    pub(crate) runtime: Arc<Runtime>,
    pub(crate) clock: Clock,
    pub(crate) serving: Serving,
    pub(crate) attempts: Attempts,
    pub(crate) promises: Kept<Vec<ClauseReport>>,
    entering: Mutex<JoinSet<()>>,
}

impl App {
    /// An app over a clinic.
    #[must_use]
    pub fn new(parts: AppParts) -> Arc<Self> {
        let AppParts { runtime, clock, serving } = parts;
        Arc::new(Self {
            runtime,
            clock,
            serving,
            attempts: Attempts::new(),
            promises: Kept::new(REPORT_KEPT),
            entering: Mutex::default(),
        })
    }

    /// This moment, for sessions and for what a page says of dates. Decisions read the database's own clock.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        match self.clock {
            Clock::At(instant) => instant,
            Clock::Database => std::time::SystemTime::now().into(),
        }
    }

    /// The date at the clinic.
    pub(crate) async fn today(&self) -> Result<NaiveDate, RuntimeError> {
        Ok(self.house().await?.zone.date_of(self.now()))
    }

    /// The documents in force.
    pub(crate) async fn house(&self) -> Result<Arc<House>, RuntimeError> {
        match self.runtime.house() {
            Some(house) => Ok(house),
            None => self.runtime.refresh().await,
        }
    }

    /// Runs one operation in a task of its own: a visitor who leaves does not cut a transaction.
    pub(crate) async fn perform<O>(&self, operation: O) -> Result<O::Outcome, RuntimeError>
    where
        O: Operation + Send + Sync + 'static,
        O::Outcome: Send + 'static,
    {
        let (runtime, clock) = (Arc::clone(&self.runtime), self.clock);
        let running = tokio::spawn(async move { runtime.perform(&operation, clock).await });
        running.await.map_err(|_| RuntimeError::Interrupted)?
    }

    /// What withdrawing consents would do.
    pub(crate) async fn withdrawal_effect(
        &self,
        asked: PreviewWithdrawal,
    ) -> Result<WithdrawalEffect, RuntimeError> {
        let (runtime, clock) = (Arc::clone(&self.runtime), self.clock);
        let running = tokio::spawn(async move { runtime.withdrawal_effect(&asked, clock).await });
        running.await.map_err(|_| RuntimeError::Interrupted)?
    }

    /// Who received what under the consents that were withdrawn.
    pub(crate) async fn received_under(
        &self,
        subject: SubjectId,
        withdrawn: &ConsentsWithdrawn,
    ) -> Result<ReceivedUnder, RuntimeError> {
        let given = (withdrawn.ended.as_slice(), withdrawn.keys.as_slice());
        self.runtime.received_under(subject, given, self.now()).await
    }

    /// Has the runtime do something in a task of its own: a visitor who leaves does not cut a transaction.
    pub(crate) async fn apart<T, F>(
        &self,
        work: impl FnOnce(Arc<Runtime>, Clock) -> F,
    ) -> Result<T, RuntimeError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, RuntimeError>> + Send + 'static,
    {
        let running = tokio::spawn(work(Arc::clone(&self.runtime), self.clock));
        running.await.map_err(|_| RuntimeError::Interrupted)?
    }

    /// Enters something in the log that nothing waits for: the answer must not tell by its time that there was
    /// something to enter.
    pub(crate) fn enter_later<O>(&self, operation: O)
    where
        O: Operation<Outcome = ()> + Send + Sync + 'static,
    {
        let (runtime, clock) = (Arc::clone(&self.runtime), self.clock);
        let Ok(mut entering) = self.entering.lock() else { return };
        while entering.try_join_next().is_some() {}
        entering.spawn(async move {
            if let Err(error) = runtime.perform(&operation, clock).await {
                tracing::error!(%error, "an event could not be entered in the log");
            }
        });
    }

    /// Waits until everything that was to be entered in the log stands there.
    pub async fn settled(&self) {
        let entering = self.entering.lock().map(|mut entering| std::mem::take(&mut *entering));
        if let Ok(entering) = entering {
            entering.join_all().await;
        }
    }
}

/// The language of a page, and its texts side by side where they are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lang(pub(crate) Language);

impl Lang {
    /// The text in this language.
    pub(crate) const fn t<'a>(self, es: &'a str, en: &'a str) -> &'a str {
        match self.0 {
            Language::Es => es,
            Language::En => en,
        }
    }

    /// Either of two pairs: what is said in this language.
    pub(crate) const fn t2(
        self,
        es: (&'static str, &'static str),
        en: (&'static str, &'static str),
    ) -> (&'static str, &'static str) {
        match self.0 {
            Language::Es => es,
            Language::En => en,
        }
    }

    /// The code for `<html lang>`.
    pub(crate) const fn code(self) -> &'static str {
        self.t("es-MX", "en")
    }
}
