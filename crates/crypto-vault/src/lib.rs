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
//! - [`EpochRotation`], [`KeyVersions`], [`Reseal`], [`ShredFacts`], [`EpochDestruction`] and [`Certificate`] say how
//!   keys age and end; [`split_recovery`] shares the keys out among people, [`verify_recovery`] tries them.
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
mod lifecycle;
mod record;
mod recovery;

#[cfg(any(test, feature = "proptest"))]
pub mod testing;

pub use attachment::{
    ATTACHMENT_HEADER_BYTES, AttachmentChunks, AttachmentError, AttachmentHeader, AttachmentOpener,
    AttachmentReseal, AttachmentResealError, AttachmentSealError, AttachmentSealer, CHUNK_BYTES,
    SEALED_CHUNK_BYTES,
};
pub use context::{ContentType, FieldContext, FieldName, RecordContext, SealedTable, SideField};
pub use envelope::{
    BatchSealer, CONTENT_BYTES_MAX, EnvelopeHeader, FIELDS_MAX, OVERHEAD_BYTES, OpenError, PADDED_BYTES,
    RecordOpener, Salt, SealError,
};
pub use epoch::{
    CopyForged, CopyTag, EpochFile, EpochFileError, KdfCost, KdfCostError, KeyAtProvider, Passphrase,
    PassphraseError, PassphraseHeader, WrappedEpoch, WrappedEpochError,
};
pub use index::{BlindToken, IndexKeyCheck, IndexKeyMismatch, IndexRoot, SearchKeys};
pub use key::{
    Active, DecryptKey, DecryptOnly, Dek, DekId, DekIdError, EpochId, EpochKey, IndexRootId, KeyState,
    KeyVersion, KeystoreRow, KeystoreRowError, OpenedDek, Secret, SecretId, SecretKind, StoredKeyState,
    UnknownKeyState, UnwrapError, WrappedKey, WrappedKeyError, YearMonth, has_monthly_keys,
};
pub use lifecycle::{
    Certificate, CertificateError, CertificateState, CopyId, Coverage, DestroyedEpoch, DestructionOutcome,
    EpochDestruction, EpochEnd, EpochHold, EpochRotation, ErasureLedger, IndexTokens, KEYSTORE_COPIES_MIN,
    KeyStepError, KeyVersions, KeyVersionsError, KeystoreItem, KeystoreSurvey, NotYet, RECOVERY_AGE_DAYS_MAX,
    Replay, Reseal, ResealError, RotatedKey, RotationError, RotationOrder, ShredConflict, ShredFacts,
    ShredGround, ShredStep, SurveyError, Survives, Survivor, SurvivorsResealed, VerifiedCopy, VersionRefused,
};
pub use record::{SealedRecord, content_hash, open_fields, seal_record};
pub use recovery::{
    Quorum, QuorumError, RecoveredKeys, RecoveryError, RecoveryShare, RecoveryVerified, ShareError,
    ShareLabel, recover, split_recovery, verify_recovery,
};
