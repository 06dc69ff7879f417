//! Why a command could not be carried out.

use std::io;
use std::path::PathBuf;

use clinic_runtime::{PasswordError, RuntimeError};
use thiserror::Error;

/// Why a command could not be carried out; each says what to do next.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CliError {
    /// Something on the command line cannot be so.
    #[error("{0}")]
    Usage(String),
    /// The clinic could not do it.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// A file could not be read or written.
    #[error("`{}`: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A policy document cannot be used.
    #[error("`{}`: {why}", path.display())]
    Policy {
        /// Which.
        path: PathBuf,
        /// The place in it, and what would be valid.
        why: String,
    },
    /// No test of a document has such a name.
    #[error("no test has that text in its name{0}")]
    NoSuchTest(String),
    /// A line of a file cannot be used.
    #[error("`{}`, line {line}: {why}", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it, and what would be valid.
        why: String,
    },
    /// Rows of a file cannot be read; nothing was counted.
    #[error("`{}`: {unread} rows cannot be read, and nothing was counted:\n  {problems}", path.display())]
    Rows {
        /// Which file.
        path: PathBuf,
        /// How many rows.
        unread: usize,
        /// The first of them, a line each, with what would be valid.
        problems: String,
    },
    /// A password cannot be used.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// Some of several bundles could not be imported; each was named.
    #[error("{failed} of {given} bundles were not imported; nothing of them was stored")]
    BundlesRefused {
        /// How many.
        failed: usize,
        /// Of how many.
        given: usize,
    },
    /// The result could not be written.
    #[error("the result cannot be written: {0}")]
    Write(#[from] io::Error),
    /// The result could not be written as JSON.
    #[error("the result cannot be written as json: {0}")]
    Json(#[from] serde_json::Error),
}

impl CliError {
    /// 2 for wrong use, 1 for everything else.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            _ => 1,
        }
    }

    /// Whether whoever reads the result has closed it, as `head` does: nothing went wrong, and nobody is left to tell.
    #[must_use]
    pub fn is_nobody_reading(&self) -> bool {
        match self {
            Self::Write(error) => error.kind() == io::ErrorKind::BrokenPipe,
            Self::Json(error) => error.io_error_kind() == Some(io::ErrorKind::BrokenPipe),
            _ => false,
        }
    }

    pub(crate) fn usage(why: impl std::fmt::Display) -> Self {
        Self::Usage(why.to_string())
    }
}

impl From<postgres_store::StoreError> for CliError {
    fn from(error: postgres_store::StoreError) -> Self {
        Self::Runtime(RuntimeError::Store(error))
    }
}
