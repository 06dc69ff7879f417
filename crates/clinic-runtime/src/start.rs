//! Opening a clinic: its database, its keys, and its founding on first use.

use std::fmt;
use std::path::PathBuf;

use postgres_store::embedded::{Cluster, DataFolder, Login, Occupant};
use postgres_store::{Clock, Sequencer, Store, prepare};
use privacy_notice::ClinicSettings;
use privacy_operations::{
    FoundClinic, House, OperationError, SETTINGS_PATH, SecretRow, first_versions, new_secrets,
};

use crate::epoch_key::apart;
use crate::folder_owner;
use crate::runtime::new_rng;
use crate::{
    ClinicFiles, EpochKeySource, KeyAccess, Runtime, RuntimeError, RuntimeParts, load_or_create_epoch_key,
};

/// Where a clinic's database is.
pub enum Database {
    /// A private Postgres in a data folder.
    Folder(DataFolder, Occupant),
    /// Any Postgres 15 or later, already migrated: the logins of the application and the sequencer.
    Urls {
        /// The application's login.
        app: String,
        /// The sequencer's login.
        sequencer: String,
        /// Where key files are kept.
        keys: PathBuf,
    },
}

/// Shows where the files are, and no login: a URL holds a password.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder, occupant) => f.debug_tuple("Folder").field(folder).field(occupant).finish(),
            Self::Urls { keys, .. } => f.debug_struct("Urls").field("keys", keys).finish_non_exhaustive(),
        }
    }
}

/// How to open a clinic.
pub struct HomeOptions {
    /// Its database.
    pub database: Database,
    /// Its documents, used when it is founded; afterwards the stored ones are in force.
    pub documents: ClinicFiles,
    /// How its epoch key is reached.
    pub keys: KeyAccess,
    /// The clock of the founding.
    pub clock: Clock,
    /// Connections of the application's pool.
    pub connections: usize,
}

/// Shows everything but the documents, which are long, and secrets.
impl fmt::Debug for HomeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HomeOptions")
            .field("database", &self.database)
            .field("clock", &self.clock)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}

/// An open clinic. Keep it: dropping it lets go of the private Postgres.
pub struct Home {
    /// The clinic at work.
    pub runtime: Runtime,
    /// The private Postgres, if it is one.
    pub cluster: Option<Cluster>,
    /// Whether it was founded just now.
    pub founded: Founded,
    /// Where the key of its epoch is kept.
    pub keys: EpochKeySource,
}

/// Whether a clinic was founded by this opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Founded {
    /// Just now.
    Now,
    /// Before.
    Before,
}

/// Opens a clinic, and founds it on first use.
///
/// # Errors
///
/// [`RuntimeError`] with what to do next.
pub async fn open_home(options: HomeOptions) -> Result<Home, RuntimeError> {
    let (cluster, app, sequencer, keys) = match options.database {
        Database::Folder(folder, occupant) => {
            let keys = folder.path().to_owned();
            let cluster = tokio::task::spawn_blocking(move || folder.start(occupant))
                .await
                .map_err(|error| RuntimeError::EpochKey(error.to_string()))??;
            prepare(&cluster).await?;
            let app = cluster.target(Login::App).to_keywords();
            let sequencer = cluster.target(Login::Sequencer).to_keywords();
            (Some(cluster), app, sequencer, keys)
        }
        Database::Urls { app, sequencer, keys } => (None, app, sequencer, keys),
    };
    let settings = settings_of(&options.documents)?;
    let clinic = settings.id;
    folder_owner::refuse_another(&keys, clinic)?;
    let store = Store::connect(&app, options.connections).await?;
    let sequencer = Sequencer::connect(&sequencer)?;
    let known = store.secrets(clinic).await?;
    // What an older copy of the data brought back goes before anything is answered.
    store.replay_erasures(clinic).await?;
    let founded = if known.is_empty() { Founded::Now } else { Founded::Before };
    let source = options.keys.source(&keys, clinic, settings.keys)?;
    if founded == Founded::Before {
        source.refuse_missing()?;
    }
    let epoch = apart(&source, |source| load_or_create_epoch_key(source, &mut new_rng()?)).await?;
    let secrets = match founded {
        Founded::Before => known,
        Founded::Now => new_secrets(clinic, &epoch, &mut new_rng()?).to_vec(),
    };
    let runtime = Runtime::new(RuntimeParts { clinic, store, sequencer, epoch, secrets: secrets.clone() })?
        .keeping_heads(&keys)?;
    if founded == Founded::Now {
        found(&runtime, secrets, options.documents, options.clock).await?;
    }
    folder_owner::note(&keys, clinic)?;
    runtime.refresh().await?;
    Ok(Home { runtime, cluster, founded, keys: source })
}

/// The clinic's settings, with its id.
fn settings_of(documents: &ClinicFiles) -> Result<ClinicSettings, RuntimeError> {
    let missing = || OperationError::DocumentMissing(SETTINGS_PATH.into());
    let (_, text) = documents.iter().find(|(path, _)| path == SETTINGS_PATH).ok_or_else(missing)?;
    let broken = |why: String| OperationError::Document { path: SETTINGS_PATH.into(), why };
    Ok(ClinicSettings::parse(text).map_err(|error| broken(error.to_string()))?)
}

async fn found(
    runtime: &Runtime,
    secrets: Vec<SecretRow>,
    documents: ClinicFiles,
    clock: Clock,
) -> Result<(), RuntimeError> {
    // Verified before anything is written: a document that breaks a promise founds no clinic.
    let house = House::read(&first_versions(&documents))?;
    let operation = FoundClinic { clinic: runtime.clinic(), secrets, documents };
    runtime.perform_under(&house, &operation, clock).await?;
    runtime.sequence(clock).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_login_and_no_passphrase() {
        let url = |login: &str| format!("postgres://{login}:secreto@localhost/clinica");
        let options = HomeOptions {
            database: Database::Urls { app: url("app"), sequencer: url("seq"), keys: PathBuf::from("keys") },
            documents: ClinicFiles::new(),
            keys: KeyAccess {
                passphrase: Some("una frase secreta".to_owned().into()),
                ..KeyAccess::default()
            },
            clock: Clock::Database,
            connections: 3,
        };
        let shown = format!("{options:?} {options:#?}");
        assert!(shown.contains("keys") && !shown.contains("secret"), "{shown}");
    }
}
