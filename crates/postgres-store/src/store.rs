//! The store: connections, and the one shape of every transaction.

use chrono::{DateTime, Utc};
use consent_policy::RowPredicate;
use crypto_vault::EpochId;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use privacy_operations::{Change, LoadedFacts, Needs, OperationError, Plan, RecordSelection, SealedStream};
use records_model::{Category, ClinicId, Set};

use crate::documents::DocumentCache;
use crate::lock::{locks_of, opening_statements};
use crate::{ChunkSource, StoreError, StreamPlace, commit, incoming, load};

/// Where `now` comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The database's clock, read after the locks: one clock for all servers.
    Database,
    /// This instant: for a demonstration's history and for tests.
    At(DateTime<Utc>),
}

/// A clinic database, over the application's own login.
#[derive(Clone)]
pub struct Store {
    pool: Pool<AsyncPgConnection>,
    pub(crate) documents: DocumentCache,
    /// The epoch whose key this process holds.
    pub(crate) epoch: Option<EpochId>,
}

/// What a transaction works out from what was loaded, at the instant read after the locks.
type WorkOut<'d, T> = Box<dyn FnOnce(&LoadedFacts, DateTime<Utc>) -> Result<T, OperationError> + Send + 'd>;

impl Store {
    /// Connects, and refuses another machine (the link would be in clear) and a login that owns tables, is a
    /// superuser or may bypass row-level security.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connection`], or [`StoreError::LinkInClear`] or [`StoreError::UnfitLogin`] with what is wrong.
    pub async fn connect(url: &str, connections: usize) -> Result<Self, StoreError> {
        crate::fitness::refuse_link_in_clear(url)?;
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url, config);
        let pool = Pool::builder(manager)
            .max_size(connections)
            .build()
            .map_err(|error| StoreError::Connection(error.to_string()))?;
        let store = Self { pool, documents: DocumentCache::default(), epoch: None };
        crate::fitness::refuse_unfit_login(&mut *store.connection().await?).await?;
        Ok(store)
    }

    /// Reads keys as the key of this epoch wraps them. Without it no key is read.
    #[must_use]
    pub fn under_epoch(self, epoch: EpochId) -> Self {
        Self { epoch: Some(epoch), ..self }
    }

    pub(crate) async fn connection(&self) -> Result<Object<AsyncPgConnection>, StoreError> {
        self.pool.get().await.map_err(|error| StoreError::Connection(error.to_string()))
    }

    /// Runs one operation's transaction: lock, read the clock, load, decide, write.
    ///
    /// `rows` and `decide` are synchronous pure functions of what was loaded; `rows` is asked only where the needs
    /// say [`RecordSelection::Permitted`], before any record is loaded. If one fails, or anything after it does,
    /// nothing was written. A refusal by the policy is not a failure: it commits with its log entry.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; nothing was written, unless it is [`StoreError::Unanswered`].
    pub async fn transact<T: Send>(
        &self,
        clinic: ClinicId,
        needs: &Needs,
        clock: Clock,
        rows: impl FnOnce(&LoadedFacts, DateTime<Utc>) -> Result<RowPredicate, OperationError> + Send,
        decide: impl FnOnce(&LoadedFacts, DateTime<Utc>) -> Result<Plan<T>, OperationError> + Send,
    ) -> Result<T, StoreError> {
        let mut outcome = None;
        let changes: WorkOut<'_, Vec<Change>> = Box::new(|facts, now| {
            let plan = decide(facts, now)?;
            outcome = Some(plan.outcome);
            Ok(plan.changes)
        });
        self.transact_changes(clinic, needs, clock, (Box::new(rows), changes)).await?;
        outcome.ok_or(StoreError::Inconsistent { table: "a plan" })
    }

    /// The same for an operation that stores a file: its sealed chunks are written as they come, and only when the last
    /// is there are the locks taken, the facts loaded and the plan made, all in one transaction. Whatever goes wrong
    /// before it commits, nothing of the file is stored; until then nobody sees it and nobody waits for it.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; nothing was written, unless it is [`StoreError::Unanswered`].
    pub async fn receive<T: Send>(
        &self,
        (clinic, place): (ClinicId, StreamPlace),
        source: &mut (impl ChunkSource + Send),
        (needs, clock): (&Needs, Clock),
        decide: impl FnOnce(SealedStream, &LoadedFacts, DateTime<Utc>) -> Result<Plan<T>, OperationError> + Send,
    ) -> Result<T, StoreError> {
        let (seeing, locking) = (
            opening_statements(clinic, self.epoch, &[]),
            opening_statements(clinic, self.epoch, &locks_of(clinic, needs)),
        );
        let mut conn = self.connection().await?;
        let mut is_written = false;
        let done = conn
            .build_transaction()
            .read_committed()
            .run(async |conn| {
                conn.batch_execute(&seeing).await?;
                let stream = incoming::write_chunks(conn, clinic, place, source).await?;
                conn.batch_execute(&locking).await?;
                let now = now(conn, clock).await?;
                let facts = load::facts(conn, &self.documents, clinic, needs, now).await?;
                let plan = decide(stream, &facts, now)?;
                commit::changes(conn, clinic, now, plan.changes).await?;
                is_written = true;
                Ok(plan.outcome)
            })
            .await;
        done.map_err(|error: StoreError| if is_written { error.of_commit() } else { error })
    }

    /// The transaction itself, compiled once for all operations.
    async fn transact_changes(
        &self,
        clinic: ClinicId,
        needs: &Needs,
        clock: Clock,
        (rows, decide): (WorkOut<'_, RowPredicate>, WorkOut<'_, Vec<Change>>),
    ) -> Result<(), StoreError> {
        let opening = opening_statements(clinic, self.epoch, &locks_of(clinic, needs));
        let mut conn = self.connection().await?;
        let mut is_written = false;
        // READ COMMITTED: a stronger level would read from a snapshot older than the locks.
        let done = conn
            .build_transaction()
            .read_committed()
            .run(async |conn| {
                conn.batch_execute(&opening).await?;
                let now = now(conn, clock).await?;
                let mut facts = load::facts(conn, &self.documents, clinic, needs, now).await?;
                // Of somebody who is not on file there is nothing to narrow.
                if let Some(categories) = narrowed(needs)
                    && facts.subject.is_some()
                {
                    let rows = rows(&facts, now)?;
                    load::permitted_records(conn, &mut facts, categories, &rows).await?;
                }
                let changes = decide(&facts, now)?;
                commit::changes(conn, clinic, now, changes).await?;
                is_written = true;
                Ok(())
            })
            .await;
        done.map_err(|error: StoreError| if is_written { error.of_commit() } else { error })
    }
}

/// In which categories the person's records are to be narrowed to those that may be permitted.
fn narrowed(needs: &Needs) -> Option<Set<Category>> {
    match needs.subject.as_ref()?.records {
        RecordSelection::Permitted(categories) => Some(categories),
        RecordSelection::None
        | RecordSelection::Categories(_)
        | RecordSelection::One(_)
        | RecordSelection::VersionsOf(_)
        | RecordSelection::EveryVersion(_)
        | RecordSelection::Heads => None,
    }
}

/// The instant of the decision: by the database's clock at this statement, not at the start of the transaction,
/// because the locks may have taken long.
pub(crate) async fn now(conn: &mut AsyncPgConnection, clock: Clock) -> Result<DateTime<Utc>, StoreError> {
    let database = diesel::dsl::sql::<diesel::sql_types::Timestamptz>("clock_timestamp()");
    match clock {
        Clock::Database => Ok(diesel::select(database).get_result(conn).await?),
        Clock::At(instant) => Ok(instant),
    }
}
