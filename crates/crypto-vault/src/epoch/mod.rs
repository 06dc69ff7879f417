//! How an epoch key is kept outside the database: a key file, a passphrase and its header, or wrapped by a service. Text
//! only; who reads and writes the file, and who asks the service, is not this crate.

mod copy;
mod file;
mod passphrase;
pub(crate) mod text;
mod wrapped;

pub use copy::{CopyForged, CopyTag};
pub(crate) use file::epoch_number;
pub use file::{EpochFile, EpochFileError};
pub use passphrase::{KdfCost, KdfCostError, Passphrase, PassphraseError, PassphraseHeader};
pub use wrapped::{KeyAtProvider, WrappedEpoch, WrappedEpochError};

use crate::kdf::expand;
use crate::key::EpochKey;

/// Tells a wrong key from a right one; derived apart from every key that wraps.
fn check_value(key: &EpochKey) -> [u8; 16] {
    let number = key.id().number().to_be_bytes();
    let okm = expand::<1>(key.bytes().expose(), &[b"resguardo/vault/v1/epoch-check\0", &number]);
    let mut check = [0; 16];
    check.iter_mut().zip(okm.iter().flatten()).for_each(|(to, from)| *to = *from);
    check
}
