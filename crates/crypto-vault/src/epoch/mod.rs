//! How an epoch key is kept outside the database: a key file, or a passphrase and its header. Text only; who
//! reads and writes the file is not this crate.

mod file;
mod passphrase;
pub(crate) mod text;

pub(crate) use file::epoch_number;
pub use file::{EpochFile, EpochFileError};
pub use passphrase::{KdfCost, KdfCostError, Passphrase, PassphraseError, PassphraseHeader};
