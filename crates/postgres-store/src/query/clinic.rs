//! The clinic's own rows.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use privacy_operations::{DocumentRow, SecretRow};
use records_model::ClinicId;

use super::in_clinic;
use crate::schema::log_checkpoints::dsl as heads;
use crate::{Clock, Store, StoreError, load};

impl Store {
    /// The instant that this clock shows.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn instant(&self, clock: Clock) -> Result<DateTime<Utc>, StoreError> {
        crate::store::now(&mut *self.connection().await?, clock).await
    }

    /// The clinic's documents in force.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn documents_in_force(&self, clinic: ClinicId) -> Result<Vec<DocumentRow>, StoreError> {
        let documents = self.documents.clone();
        in_clinic!(self, clinic, async |conn| { documents.in_force(conn, clinic).await })
    }

    /// The clinic's wrapped secrets; none if it is not founded.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn secrets(&self, clinic: ClinicId) -> Result<Vec<SecretRow>, StoreError> {
        in_clinic!(self, clinic, async |conn| { load::secrets(conn, clinic).await })
    }

    /// Every signed head of the log, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn heads(&self, clinic: ClinicId) -> Result<Vec<(u64, DateTime<Utc>, String)>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let rows: Vec<(i64, DateTime<Utc>, String)> = heads::log_checkpoints
                .filter(heads::clinic_id.eq(clinic.as_uuid()))
                .order((heads::tree_size, heads::signed_at))
                .select((heads::tree_size, heads::signed_at, heads::note))
                .load(conn)
                .await?;
            let size = |size| load::counter(size, "log_checkpoints");
            rows.into_iter().map(|(count, at, note)| Ok((size(count)?, at, note))).collect()
        })
    }
}
