//! Starts, finds and stops the private Postgres of a data folder.
//!
//! Without `DATABASE_URL` the product keeps its data in a Postgres of its own, one for each [`DataFolder`]. It
//! listens on a Unix socket only, asks for a password there too, and runs as an ordinary user even when the product
//! is started by root. Several processes share it; the first to come starts it, the last to leave stops it.
//!
//! Everything here blocks: inside an async program call it through `spawn_blocking`.
//!
//! ```no_run
//! use postgres_store::embedded::{DataFolder, FolderKind, Login, Occupant};
//!
//! let path = DataFolder::default_path(FolderKind::Production)?;
//! let cluster = DataFolder::open(&path, FolderKind::Production)?.start(Occupant::Server)?;
//! let target = cluster.target(Login::App);
//! println!("{} on {}", target.user, target.host);
//! cluster.leave()?;
//! # Ok::<(), postgres_store::embedded::EmbeddedError>(())
//! ```

mod bare;
mod binaries;
mod client;
mod cluster;
mod control;
mod error;
mod flush;
mod folder;
mod postmaster;
mod secret;
mod socket;
mod target;
pub mod throwaway;

pub use client::{dump_data, restore_data};
pub use cluster::{Cluster, ClusterCredentials, DATABASE, Left, Occupant};
pub use error::EmbeddedError;
pub use folder::{DataFolder, FolderKind};
pub use secret::Login;
pub use target::ConnectTarget;
