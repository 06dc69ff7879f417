//! The only place that runs an operation.
//!
//! [`Runtime::perform`] takes an operation from `privacy-operations`, has the store lock, load and commit its
//! plan, and hands back the outcome. Plaintext is opened here and nowhere else, after the permit is committed
//! ([`Runtime::open_used`], [`Runtime::open_page`]). [`Runtime::promise_report`] computes how every promise stands.
//!
//! The epoch key comes from a file, a passphrase or a service that wraps it ([`EpochKeySource`]); the database never
//! sees it.

mod backup;
mod bundled;
mod cases;
mod certificates;
mod clinic_files;
mod consents;
mod disposal;
mod epoch_holds;
mod epoch_key;
mod error;
mod evidence;
mod export;
mod files;
mod folder_owner;
mod import;
mod kept_head;
mod key_previews;
mod key_wrapping;
mod keystore_copy;
mod memory;
mod opened;
mod oversight;
mod password;
mod people;
mod place;
mod policy_editions;
mod recovery;
mod restore;
mod rotation;
mod runtime;
mod sign_in_name;
mod start;
mod vault_status;
mod what_if;

pub use backup::{BackupOrder, BackupTaken};
pub use bundled::{ExampleClinic, example_clinic};
pub use certificates::{Certificates, ErasureCertificate};
pub use clinic_files::{ClinicFiles, read_clinic_folder};
pub use consents::{ReceivedUnder, SignedReceipt, WithdrawalEffect};
pub use disposal::DisposalPreview;
pub use epoch_key::{
    EndOfKey, EpochKeySource, KeyAccess, WrappedKeyFile, load_or_create_epoch_key, read_epoch_key_file,
    read_secret_file,
};
pub use error::RuntimeError;
pub use evidence::{KeysLookedOver, OutsideEvidence, VaultFinding};
pub use export::LiveLog;
pub use fhir_mapping::ImportReport;
pub use files::{FileSent, FilesResealed, OpenFile, Stored};
pub use import::{BundleImported, ImportOrder, PersonOnFile};
pub use key_previews::{SharingPreview, WrappingPreview};
pub use key_providers::Unproved;
pub use key_wrapping::KeyWrapping;
pub use memory::keep_memory_private;
pub use opened::{OpenedRecord, OpenedUse, Withheld};
pub use oversight::{AccountingShown, AlertLine, AlertsSeen, LooksShown, OnPaper, ReviewDue, ReviewsSeen};
pub use password::{
    PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, PasswordCheck, PasswordError, hash_password, verify_password,
};
pub use people::{PeopleFound, SearchTerm};
pub use place::{FolderChoice, Place};
pub use policy_editions::{PolicyEdition, Wholeness};
pub use recovery::{SharedOut, SharesTried};
pub use restore::{CopyAge, LogEnd, RestoreOrder, Restored, restore};
pub use rotation::{Begun, Ended, Ending, Rotation, RotationDone, RotationStep, Unready};
pub use runtime::{Runtime, RuntimeParts};
pub use sign_in_name::{SignInName, SignInNameError};
pub use start::{Database, Founded, Home, HomeOptions, open_home};
pub use vault_status::{VaultStatus, VaultWarning};
pub use what_if::LoggedWhatIf;
