//! What can go wrong between the rules and Postgres.

use privacy_operations::OperationError;
use thiserror::Error;

/// Why the store could not do what was asked. Nothing was written, unless it is [`StoreError::Unanswered`].
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Postgres refused or was not there.
    #[error("the database did not answer as expected: {}", database_reason(.0))]
    Database(#[from] diesel::result::Error),
    /// Everything was ready to be stored, and the connection ended before the database said that it is.
    #[error(
        "the connection to the database ended before it said whether this was stored; look whether it was (each change has its entry in the log) before you do it again"
    )]
    Unanswered,
    /// No connection could be had.
    #[error("no connection to the database: {0}")]
    Connection(String),
    /// A row breaks a rule that the schema should have enforced.
    #[error(
        "a stored row in `{table}` breaks its own rules; restore it from a backup, then run `resguardo audit verify`"
    )]
    Inconsistent {
        /// The table.
        table: &'static str,
    },
    /// The epoch of the key that this process holds is closed.
    #[error(
        "epoch {epoch}, whose key this process holds, is closed; start it again, so that it reads the key of the epoch in force"
    )]
    EpochClosed {
        /// The epoch.
        epoch: u32,
    },
    /// A key is not wrapped under the epoch of the key that this process holds.
    #[error(
        "a key of this person was made under another epoch than {held}, whose key this process holds; start it again to read the key in force, and run `resguardo vault rotate-epoch`, which brings over what servers with an older key made"
    )]
    OtherEpoch {
        /// The epoch that this process holds; 0 if none.
        held: u32,
    },
    /// The clinic is not in this database.
    #[error(
        "this clinic is not in this database; look whether --data or DATABASE_URL, and --clinic, name the right one"
    )]
    UnknownClinic,
    /// The login is not one that the application may run under.
    #[error(
        "the database login `{login}` {why}; give the application its own login (DATABASE_URL) and keep the owner's for `resguardo db migrate`"
    )]
    UnfitLogin {
        /// The login.
        login: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The database is on another machine.
    #[error(
        "the database is at `{host}`, and the link to another machine would be in clear; run this program on the database's machine (a socket or 127.0.0.1), or lead the link through a tunnel (ssh -L, stunnel, WireGuard) that ends on 127.0.0.1"
    )]
    LinkInClear {
        /// Where it is.
        host: String,
    },
    /// The schema could not be brought up to date.
    #[error("the schema could not be brought up to date: {0}")]
    Migration(String),
    /// The order of the log cannot be worked out, or it is not what was signed: something wrote outside the protocol.
    #[error(
        "the log contradicts itself or what was signed; the sequencer stopped, and the privacy officer must look: {0}"
    )]
    Sequence(String),
    /// What was sent broke off.
    #[error("the file could not be read to its end, and nothing of it was stored; send it again: {0}")]
    Incoming(#[source] std::io::Error),
    /// The operation could not be decided.
    #[error(transparent)]
    Operation(#[from] OperationError),
}

impl StoreError {
    /// What an error means that came after everything of a transaction was written: of the commit. What the server itself
    /// refused was rolled back; where its answer is missing nobody knows.
    pub(crate) fn of_commit(self) -> Self {
        use diesel::result::DatabaseErrorKind::{ClosedConnection, UnableToSendCommand};
        use diesel::result::Error::{BrokenTransactionManager, DatabaseError, RollbackErrorOnCommit};
        let is_answered = match &self {
            Self::Database(
                DatabaseError(ClosedConnection | UnableToSendCommand, _)
                | BrokenTransactionManager
                | RollbackErrorOnCommit { .. },
            ) => false,
            // A server that shuts down, or ends a connection, says this in the place of an answer.
            Self::Database(DatabaseError(_, about)) => !about.message().contains("terminating connection"),
            _ => true,
        };
        if is_answered { self } else { Self::Unanswered }
    }
}

/// A database error without the row it was about: constraint messages can repeat values.
fn database_reason(error: &diesel::result::Error) -> String {
    match error {
        diesel::result::Error::DatabaseError(kind, about) => match about.constraint_name() {
            Some(constraint) => format!("{kind:?} on {constraint}"),
            None => format!("{kind:?}: {}", about.message().lines().next().unwrap_or_default()),
        },
        other => other.to_string(),
    }
}
