//! What was proposed for destruction.

use privacy_operations::DisposalRow;
use records_model::{ClinicId, SubjectId};

use super::in_clinic;
use crate::load::disposals_of_many;
use crate::{Store, StoreError};

impl Store {
    /// Every disposal of a clinic, done ones included, oldest proposal first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn disposals(&self, clinic: ClinicId) -> Result<Vec<(SubjectId, DisposalRow)>, StoreError> {
        in_clinic!(self, clinic, async |conn| { disposals_of_many(conn, None).await })
    }
}
