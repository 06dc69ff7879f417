//! Keys: what each may do is in its type, and none can be copied, printed or serialised.

mod bytes;
mod dek;
mod epoch;
mod id;
mod secret;
mod state;
mod wrap;

pub use dek::{Active, DecryptKey, DecryptOnly, Dek, KeyState, OpenedDek};
pub use epoch::EpochKey;
pub use id::{
    DekId, DekIdError, EpochId, IndexRootId, KeyVersion, SecretId, SecretKind, YearMonth, has_monthly_keys,
};
pub use secret::Secret;
pub use state::{KeystoreRow, KeystoreRowError, StoredKeyState, UnknownKeyState};
pub use wrap::{UnwrapError, WrappedKey, WrappedKeyError};

pub(crate) use bytes::KeyBytes;
