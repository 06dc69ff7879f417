//! Questions that decide nothing and open nothing: counts, queues and lists of ids.
//!
//! What they return names nobody: whoever wants to know more runs an operation, which is decided and logged.

mod clinic;
mod disposals;
mod erasures;
mod keystore;
mod log;
mod oversight;
mod people;
mod queue;
mod reseal;
mod sign_in;
mod work;

pub use erasures::{BackupRow, EpochEndRow, Erasure, ErasureFile, ErasureGround, Proof};
pub use keystore::{CopyLine, EpochLine, EpochOutcome, KeystoreState, RecoveryLine};
pub use log::{LogEntry, SealedSide};
pub use people::{ActorLine, SubjectLine};
pub use reseal::StaleSeals;
pub use sign_in::LoginRow;
pub use work::{CaseLine, ReviewLine, Tally};

/// Runs a query inside one clinic's rows, in a transaction of its own.
macro_rules! in_clinic {
    ($store:expr, $clinic:expr, async |$conn:ident| $query:block) => {{
        use diesel_async::{AsyncConnection as _, SimpleAsyncConnection as _};
        let opening = $crate::lock::opening_statements($clinic, $store.epoch, &[]);
        let mut connection = $store.connection().await?;
        connection
            .transaction(async |$conn| {
                $conn.batch_execute(&opening).await?;
                $query
            })
            .await
    }};
}
pub(crate) use in_clinic;
