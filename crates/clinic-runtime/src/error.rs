//! Why the runtime could not do what was asked.

use std::path::PathBuf;

use postgres_store::StoreError;
use postgres_store::embedded::EmbeddedError;
use privacy_operations::OperationError;
use thiserror::Error;

/// Why the runtime could not do what was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// The store could not.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The private Postgres could not.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// The operation could not be decided or opened.
    #[error(transparent)]
    Operation(#[from] OperationError),
    /// A bundle is broken; nothing of it was stored.
    #[error(transparent)]
    Bundle(#[from] fhir_mapping::BundleError),
    /// Something that was kept elsewhere cannot serve as an anchor of this log.
    #[error(transparent)]
    Anchor(#[from] audit_log::AnchorError),
    /// A file could not be read or written.
    #[error("`{}`: {why}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The key file may be read by others.
    #[error("`{}` may be read by others; run `chmod 600` on it, and change the key if somebody may have read it", path.display())]
    KeyFileOpenToOthers {
        /// Which file.
        path: PathBuf,
    },
    /// The key file or passphrase is not right.
    #[error("the epoch key cannot be used: {0}")]
    EpochKey(String),
    /// A service that wraps the epoch key does not.
    #[error("the epoch key cannot be used: {0}")]
    KeyProvider(std::sync::Arc<key_providers::ProviderError>),
    /// The settings want a passphrase.
    #[error("the settings say that the keys derive from a passphrase; name its file with --passphrase-file")]
    PassphraseMissing,
    /// A passphrase is named although a service wraps the key.
    #[error(
        "a service wraps the epoch key, and no passphrase is needed; leave --passphrase-file out, or correct `keys.provider`"
    )]
    PassphraseTooMany,
    /// The key is kept in another way than the settings say.
    #[error(
        "this clinic's key is kept in `{}`, and the settings want `{}`; set `keys.provider` back, or have a service wrap the key of a key file with `vault wrap-key`",
        found.display(),
        wanted.display()
    )]
    KeptOtherwise {
        /// The file that is there.
        found: PathBuf,
        /// The file that the settings name.
        wanted: PathBuf,
    },
    /// Only a key that stands in a key file is given to a service.
    #[error(
        "only the key of a key file is wrapped by a service; name settings with the provider `transit` or `pkcs11`, and for a passphrase begin a new clinic's keys with the service"
    )]
    OnlyFromKeyFile,
    /// Another epoch has a key still.
    #[error("another epoch has a key file still; finish the rotation and end the earlier epoch first")]
    EpochsUnfinished,
    /// Shares do not bring the keys back.
    #[error(transparent)]
    Recovery(#[from] crypto_vault::RecoveryError),
    /// The keystore, or a copy of it, is not whole.
    #[error("the keystore is not whole: {0}")]
    Keystore(String),
    /// The clinic's secrets do not open under this epoch key.
    #[error(
        "the clinic's keys were wrapped under another epoch key; restore the right key file before anything is written"
    )]
    WrongEpochKey,
    /// The keystore does not open whole.
    #[error("the keystore does not open whole; `resguardo vault doctor` looks for what is wrong: {0}")]
    Survey(#[from] crypto_vault::SurveyError),
    /// The key file in force is not the key that this process holds.
    #[error(
        "this process holds the key of epoch {held}, and the key file in force is {}; start it again",
        in_file.map_or_else(|| "not there".to_owned(), |epoch| format!("that of epoch {epoch}"))
    )]
    AnotherEpochInForce {
        /// The epoch whose key is held.
        held: crypto_vault::EpochId,
        /// The epoch of the file, if it is there.
        in_file: Option<crypto_vault::EpochId>,
    },
    /// A backup of one clinic would hold others.
    #[error(
        "this database holds {clinics} clinics, and a backup takes all of a database: the certificates of the others would not count it. Give each clinic a database of its own"
    )]
    SeveralClinics {
        /// How many.
        clinics: u64,
    },
    /// A rotation was begun with a key whose file is not there.
    #[error(
        "keys are wrapped under epoch {epoch} already, and its key file `{}` is not there; bring it back from where the rotation was begun, and run it again",
        path.display()
    )]
    NextKeyMissing {
        /// The epoch.
        epoch: crypto_vault::EpochId,
        /// Where its key is to be.
        path: PathBuf,
    },
    /// No such epoch stands.
    #[error("there is no epoch {epoch}, or it is closed and its key given up; `vault status` lists them")]
    NoSuchEpoch {
        /// Which was named.
        epoch: crypto_vault::EpochId,
    },
    /// No such hold on an epoch stands.
    #[error("no hold {hold} stands on an epoch; `vault status` lists them")]
    NoSuchHold {
        /// Which was named.
        hold: records_model::HoldId,
    },
    /// Nobody holds shares of this epoch that could be destroyed.
    #[error(
        "no shares of epoch {epoch} are out, or it is the epoch in force, whose shares are needed; name an earlier epoch that was shared out"
    )]
    NoShares {
        /// The epoch.
        epoch: crypto_vault::EpochId,
    },
    /// The folder belongs to another clinic.
    #[error(
        "`{}` belongs to another clinic than the one named; name its documents (--clinic and --profiles), or use another folder",
        folder.display()
    )]
    AnotherClinic {
        /// Which folder.
        folder: PathBuf,
    },
    /// Only one of the two logins is named.
    #[error(
        "DATABASE_URL is set and DATABASE_URL_SEQUENCER is not; set both (the log is placed in order under a login of its own), or neither to use a data folder"
    )]
    SequencerMissing,
    /// The system does not let a process keep its memory to itself.
    #[error("the system does not keep core dumps of this process away ({0}); no key was read")]
    Memory(String),
    /// The system has no randomness to give.
    #[error("the system gave no randomness; nothing was done")]
    Randomness,
    /// The task that ran the operation ended without an outcome.
    #[error("the operation was interrupted; look whether it was done before you try again")]
    Interrupted,
    /// What was read could not be written on.
    #[error("the output cannot be written: {0}")]
    Output(#[from] std::io::Error),
    /// A receipt could not be signed.
    #[error("the receipt could not be signed: {0}")]
    Receipt(#[from] audit_log::ReceiptError),
    /// The log's head could not be signed.
    #[error("the log's head could not be signed: {0}")]
    Signing(String),
}
