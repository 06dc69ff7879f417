//! How an epoch key is kept outside the database: a key file, or a passphrase and its header. Text only; who
//! reads and writes the file is not this crate.

mod file;
mod passphrase;
mod text;

pub use file::{EpochFile, EpochFileError};
pub use passphrase::{KdfCost, KdfCostError, Passphrase, PassphraseError, PassphraseHeader};
