//! The clinic that the command line names, open.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clinic_runtime::{
    EpochKeySource, ExampleClinic, FolderChoice, Founded, HomeOptions, KeyAccess, Runtime, example_clinic,
    open_home, read_clinic_folder,
};
use postgres_store::Clock;
use postgres_store::embedded::{Cluster, Occupant};

use privacy_notice::KeySettings;

use crate::CliError;

/// Where the clinic is.
#[derive(Debug, Args)]
pub struct Place {
    /// The data folder with its private Postgres; made on first use.
    #[arg(long, global = true, env = "RESGUARDO_DATA", value_name = "DIR")]
    data: Option<PathBuf>,

    /// The clinic's documents. They name the clinic, and found it on first use; without, the example clinic.
    #[arg(long, global = true, value_name = "DIR", requires = "profiles")]
    clinic: Option<PathBuf>,

    /// The jurisdiction profiles that go with them.
    #[arg(long, global = true, value_name = "DIR")]
    profiles: Option<PathBuf>,

    /// A file with the passphrase of the clinic's keys, if they are not kept in a key file.
    #[arg(long, global = true, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,

    /// A file that says how the clinic's keys are kept on this machine, as `[keys]` of clinic.toml does.
    #[arg(long, global = true, env = "RESGUARDO_KEYS", value_name = "FILE")]
    keys: Option<PathBuf>,
}

impl Place {
    /// The data folder that the command line names.
    pub(crate) fn data(&self) -> Option<&std::path::Path> {
        self.data.as_deref()
    }
}

/// An open clinic, and the clock that its commands go by.
pub struct Session {
    /// The clinic at work.
    pub runtime: Arc<Runtime>,
    /// The clock.
    pub clock: Clock,
    /// Where tables go.
    pub screen: Screen,
    /// Where the key of its epoch is kept.
    pub keys: EpochKeySource,
    /// Whether it was founded by this opening.
    pub founded: Founded,
}

/// How wide tables may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// As wide as the terminal, if the output is one.
    Terminal,
    /// As wide as their content.
    Unbounded,
}

/// Bundles imported at a time, and so connections that an import needs.
pub(crate) const IMPORTS_AT_ONCE: usize = 4;

impl Session {
    /// Opens the clinic, beside a running server too.
    pub(crate) async fn open(
        place: &Place,
        keys: Option<KeySettings>,
    ) -> Result<(Self, Option<Cluster>), CliError> {
        let documents = match (&place.clinic, &place.profiles) {
            (Some(clinic), Some(profiles)) => read_clinic_folder(clinic, profiles)?,
            _ => example_clinic(ExampleClinic::Elicells),
        };
        let named = KeyAccess::gather(place.keys.as_deref(), place.passphrase_file.as_deref(), environment)?;
        let keys = KeyAccess { settings: keys.or(named.settings), ..named };
        let named = clinic_runtime::Place {
            data: place.data.clone(),
            database_url: environment("DATABASE_URL"),
            sequencer_url: environment("DATABASE_URL_SEQUENCER"),
        };
        let home = open_home(HomeOptions {
            database: named.database(Occupant::Tool, FolderChoice::AsFound)?,
            documents,
            keys,
            clock: Clock::Database,
            // One more than the imports: who places the log does not wait for them.
            connections: IMPORTS_AT_ONCE + 1,
        })
        .await?;
        if home.founded == Founded::Now {
            let name = home.runtime.house().map(|house| house.settings.name.clone()).unwrap_or_default();
            eprintln!("founded the clinic {name}; keep its key file apart from its data");
        }
        let runtime = Arc::new(home.runtime);
        let (keys, founded) = (home.keys, home.founded);
        let session = Self { runtime, clock: Clock::Database, screen: Screen::Terminal, keys, founded };
        Ok((session, home.cluster))
    }
}

/// What the environment says, if it says anything.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}
