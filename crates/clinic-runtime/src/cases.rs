//! Rights requests as they stand.

use privacy_operations::OperationError;
use rights_requests::Case;

use crate::{Runtime, RuntimeError};

impl Runtime {
    /// Every rights request, oldest first. It names nobody: ids, rights and dates only.
    ///
    /// # Errors
    ///
    /// [`RuntimeError::Store`] if the database does not answer; [`RuntimeError::Operation`] if a stored case has a
    /// form that this version does not know.
    pub async fn requests(&self) -> Result<Vec<Case>, RuntimeError> {
        let lines = self.store().cases(self.clinic()).await?;
        let read =
            |document| serde_json::from_value(document).map_err(|_| OperationError::Stored("case").into());
        lines.into_iter().map(|line| read(line.document)).collect()
    }
}
