//! Keys, envelopes and blind indexes: what is stored opens only where it belongs.
//!
//! - An [`EpochKey`], kept outside the database, wraps a data key ([`Dek`]) for every clinic, person, retention
//!   class and version. Destroying the wrapped key destroys what it sealed, in every copy of the data.
//! - A [`BatchSealer`] seals the fields of one write of one record, a [`RecordOpener`] opens them. Clinic,
//!   person, class, table, record, version, category, kind and what the content reveals are bound: changed in
//!   the database, the record no longer opens.
//! - An [`AttachmentSealer`] seals content of any length as a stream in constant memory, an [`AttachmentOpener`]
//!   opens it from its beginning, [`AttachmentChunks`] anywhere.
//! - [`SearchKeys`] turn telephone numbers, e-mail addresses and names into tokens that can be looked up
//!   without opening anything.
//!
//! The bytes are written down in `docs/vault-format.md`. No I/O, no clock and no randomness of its own: the
//! caller brings the source of randomness.

mod aead;
mod attachment;
mod context;
mod encode;
mod envelope;
mod epoch;
mod index;
mod kdf;
mod key;
mod record;

#[cfg(any(test, feature = "proptest"))]
pub mod testing;

pub use attachment::{
    ATTACHMENT_HEADER_BYTES, AttachmentChunks, AttachmentError, AttachmentHeader, AttachmentOpener,
    AttachmentSealError, AttachmentSealer, CHUNK_BYTES,
};
pub use context::{ContentType, FieldContext, FieldName, RecordContext, SealedTable, SideField};
pub use envelope::{
    BatchSealer, CONTENT_BYTES_MAX, EnvelopeHeader, FIELDS_MAX, OVERHEAD_BYTES, OpenError, RecordOpener,
    Salt, SealError,
};
pub use epoch::{
    EpochFile, EpochFileError, KdfCost, KdfCostError, Passphrase, PassphraseError, PassphraseHeader,
};
pub use index::{BlindToken, IndexKeyCheck, IndexKeyMismatch, IndexRoot, SearchKeys};
pub use key::{
    Active, DecryptKey, DecryptOnly, Dek, DekId, DekIdError, EpochId, EpochKey, IndexRootId, KeyState,
    KeyVersion, KeystoreRow, KeystoreRowError, OpenedDek, Secret, SecretId, SecretKind, StoredKeyState,
    UnknownKeyState, UnwrapError, WrappedKey, WrappedKeyError, YearMonth, has_monthly_keys,
};
pub use record::{SealedRecord, content_hash, open_fields, seal_record};
