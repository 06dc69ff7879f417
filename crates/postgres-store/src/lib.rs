//! The one adapter: diesel on Postgres.
//!
//! It takes the locks, loads the facts, hands them to a pure plan and commits what the plan says, all in one
//! transaction; nothing else in the product names diesel. [`embedded`] starts, finds and stops the private
//! Postgres of a data folder.
//!
//! **No rule lives here.** The order of locks, the isolation level and the grants are this crate's; what may be
//! read, and by whom, is decided by `privacy-operations` between loading and writing.

mod bootstrap;
mod chain;
mod commit;
mod documents;
pub mod embedded;
mod error;
mod fitness;
mod incoming;
mod keystore_rows;
mod load;
mod lock;
mod query;
mod row;
mod schema;
mod sequencer;
mod snapshot;
mod store;
mod subject_tables;
#[cfg(feature = "testing")]
pub mod testing;

pub use bootstrap::{connect, make_database, make_roles, migrate, migrate_over, prepare};
pub use error::StoreError;
pub use incoming::{ChunkSource, Sent, StreamPlace};
pub use keystore_rows::{KeystoreTable, count_clinics, load_keystore, load_minimums};
pub use lock::{Lock, LockClass, lock_key, locks_of, opening_statements};
pub use query::{
    ActorLine, BackupRow, CaseLine, CopyLine, EpochEndRow, EpochLine, EpochOutcome, Erasure, ErasureFile,
    ErasureGround, KeystoreState, LogEntry, LoginRow, Proof, RecoveryLine, ReviewLine, SealedSide,
    StaleSeals, SubjectLine, Tally,
};
pub use sequencer::{Placed, RESIGN_SECONDS, Sequencer};
pub use snapshot::{
    CaseState, Conduct, ConductQuestion, DocumentEdition, EntrySide, FileHead, MissingRecord, Snapshot,
    StaffFile, StoredVersion, TracedEntry, WordCheck,
};
pub use store::{Clock, Store};
pub use subject_tables::{AtDisposal, Export, KeptWith, SUBJECT_TABLES, SubjectTable};
