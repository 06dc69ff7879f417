//! How keys age and end: rotation, partial disposal, shredding, the end of an epoch, and what proves each.
//!
//! Everything here is decided from what is on file, so that work cut off by a crash continues where it stands.

mod certificate;
mod destruction;
mod ledger;
mod reseal;
mod rotation;
mod shred;
mod step;
mod survey;
mod versions;

pub use certificate::{
    Certificate, CertificateError, CertificateState, Coverage, IndexTokens, Survives, Survivor,
};
pub use destruction::{
    DestroyedEpoch, DestructionOutcome, EpochDestruction, EpochEnd, EpochHold, KEYSTORE_COPIES_MIN, NotYet,
    RECOVERY_AGE_DAYS_MAX,
};
pub use ledger::{ErasureLedger, Replay};
pub use reseal::{Reseal, ResealError, SurvivorsResealed};
pub use rotation::{EpochRotation, RotationError, RotationOrder};
pub use shred::{ShredConflict, ShredFacts, ShredStep};
pub use step::{KeyStepError, ShredGround};
pub use survey::{CopyId, KeystoreItem, KeystoreSurvey, SurveyError, VerifiedCopy};
pub use versions::{KeyVersions, KeyVersionsError, RotatedKey, VersionRefused};
