//! Reading the log back: the sealed side of an entry, and the name under which the log knows an actor.

use audit_log::{Leaf, Opened, Preimage, Pseudonym, Salt};
use crypto_vault::{RecordContext, RecordOpener, SealedTable};
use records_model::{ClinicId, RecordId, RetentionClass, SubjectId};

use crate::ledger::{SIDE_FIELD, open_actor_name, pseudonym_context};
use crate::{KeyRing, OperationError};

/// Opens the side of a log entry, and shows that it belongs to it.
///
/// - `sealed_for`: whose key seals it, of which class, in which version.
///
/// # Errors
///
/// [`OperationError::KeyMissing`] if that key was destroyed; [`OperationError::Open`] or
/// [`OperationError::Stored`] if the side was altered or is another entry's.
pub fn open_side(
    clinic: ClinicId,
    leaf: Leaf,
    (subject, class, dek_version): (SubjectId, RetentionClass, u32),
    (ring, sealed): (&KeyRing, &[u8]),
) -> Result<Opened, OperationError> {
    let altered = || OperationError::Stored("log side");
    let row = RecordId::from_uuid(leaf.parts().entry.as_uuid());
    let context = RecordContext::of_side_row(clinic, subject, class, SealedTable::LogDetails, row);
    let key = ring.version(class, dek_version)?;
    let salted = RecordOpener::for_envelope(key, &context, sealed)?.open(&SIDE_FIELD, sealed)?;
    let (salt, preimage) = salted.split_first_chunk::<{ Salt::LEN }>().ok_or_else(altered)?;
    let preimage = Preimage::decode(preimage).map_err(|_| altered())?;
    Opened::new(leaf, preimage, &Salt::from_bytes(*salt)).map_err(|_| altered())
}

/// Opens the name under which the log knows an actor.
///
/// # Errors
///
/// [`OperationError::KeyMissing`] if the staff key was destroyed; [`OperationError::Open`] if the name was
/// altered.
pub fn open_actor_pseudonym(
    clinic: ClinicId,
    subject: SubjectId,
    (ring, sealed): (&KeyRing, &[u8]),
) -> Result<Pseudonym, OperationError> {
    let context = pseudonym_context(clinic, subject, RetentionClass::Staff);
    open_actor_name(ring, &context, sealed)
}
