//! Clusters for tests: nothing on them survives, and they go when their owner goes.
//!
//! A test asks for [`superuser_target`] and makes a database of its own. One cluster serves a whole run where
//! `cargo xtask test` named it in `RESGUARDO_TEST_PG`; else each test binary starts its own.

use std::process::Stdio;
use std::sync::OnceLock;

use super::bare::holder::{Held, HoldError};
use super::bare::run_as::RunAs;
use super::binaries;
use super::error::EmbeddedError;
use super::target::ConnectTarget;

/// The variable that names a cluster for tests: `host=... port=... user=... password=... dbname=...`.
pub const VARIABLE: &str = "RESGUARDO_TEST_PG";

static SHARED: OnceLock<Throwaway> = OnceLock::new();

/// A cluster that ends with this value, or with the process that holds it, however that ends.
#[derive(Debug)]
pub struct Throwaway {
    target: ConnectTarget,
    /// Nothing for a cluster that somebody else holds.
    held: Option<Held>,
}

impl Throwaway {
    /// Starts a cluster of one's own in the temporary folder, without any flushing to disk.
    ///
    /// # Errors
    ///
    /// [`EmbeddedError`] if no Postgres is installed or it did not start.
    pub fn start() -> Result<Self, EmbeddedError> {
        Self::start_held_by(Stdio::piped())
    }

    /// As [`Throwaway::start`], but it lasts until the other end of `pipe` is closed.
    ///
    /// # Errors
    ///
    /// As [`Throwaway::start`].
    pub fn start_held_by(pipe: Stdio) -> Result<Self, EmbeddedError> {
        let temporary = std::env::temp_dir();
        let installation = binaries::for_new_cluster()?;
        let run_as = RunAs::pick().map_err(EmbeddedError::io(&temporary))?.ok_or(EmbeddedError::NoUser)?;
        let held = Held::start(&installation.folder, &run_as, pipe).map_err(|error| match error {
            HoldError::NoTemporaryFolder => EmbeddedError::SocketPath,
            HoldError::Io(error) => EmbeddedError::io(&temporary)(error),
            HoldError::Refused(output) => {
                EmbeddedError::from_output("start a throwaway cluster", &output, &temporary, &temporary)
            }
        })?;
        Ok(Self { target: held.keywords().parse()?, held: Some(held) })
    }

    /// The superuser's connection to the database `postgres`.
    #[must_use]
    pub const fn superuser_target(&self) -> &ConnectTarget {
        &self.target
    }

    /// The folder that goes when the cluster goes; nothing for a cluster that somebody else holds.
    #[must_use]
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.held.as_ref().map(Held::folder)
    }
}

/// The superuser's connection to the cluster of this run: the one that [`VARIABLE`] names, else one of this
/// process's own, started by the first who asks and gone when the process is.
///
/// # Errors
///
/// [`EmbeddedError`] if the variable cannot be read, no Postgres is installed, or it did not start.
pub fn superuser_target() -> Result<ConnectTarget, EmbeddedError> {
    // Started under a lock of its own, because an error must not be kept for ever.
    static STARTING: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _starting = STARTING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(shared) = SHARED.get() {
        return Ok(shared.target.clone());
    }
    let started = match std::env::var(VARIABLE) {
        Ok(named) if !named.trim().is_empty() => {
            let target = named.parse().map_err(|_| EmbeddedError::TestVariable)?;
            Throwaway { target, held: None }
        }
        _ => Throwaway::start()?,
    };
    Ok(SHARED.get_or_init(|| started).target.clone())
}
