//! One clinic's rows as they stood at one instant: what the promise report counts, without stopping anybody.
//!
//! A snapshot is a read-only transaction that sees one state of the database however long the report takes, so
//! that a record and its log entry are seen together or not at all. No decision is ever taken on it: decisions
//! read under locks ([`Store::transact`](crate::Store::transact)).

mod conduct;
mod custody;
mod files;
mod keeping;
mod log;
mod papers;
mod staff;

use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, SimpleAsyncConnection, TransactionManager};
use records_model::ClinicId;

use crate::lock::opening_statements;
use crate::{Store, StoreError};

pub use conduct::{Conduct, ConductQuestion};
pub use custody::{StoredVersion, WordCheck};
pub use files::FileHead;
pub use log::{EntrySide, TracedEntry};
pub use papers::{CaseState, DocumentEdition, MissingRecord};
pub use staff::StaffFile;

/// One clinic's rows as they stood at one instant. Close it; one that is dropped costs its connection.
pub struct Snapshot {
    conn: Object<AsyncPgConnection>,
    clinic: ClinicId,
}

const BEGIN: &str = "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";

impl Store {
    /// Opens a snapshot of one clinic.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn snapshot(&self, clinic: ClinicId) -> Result<Snapshot, StoreError> {
        let mut conn = self.connection().await?;
        AnsiTransactionManager::begin_transaction_sql(&mut *conn, BEGIN).await?;
        conn.batch_execute(&opening_statements(clinic, self.epoch, &[])).await?;
        Ok(Snapshot { conn, clinic })
    }
}

impl Snapshot {
    /// Gives the connection back.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn close(mut self) -> Result<(), StoreError> {
        AnsiTransactionManager::rollback_transaction(&mut *self.conn).await?;
        Ok(())
    }
}
