//! How keys age and end: steps, versions, resealing, epochs, certificates and recovery.

use chrono::{DateTime, TimeDelta, Utc};
use crypto_vault::testing::{CountingRng, example_index_root_id};
use crypto_vault::{DekId, EpochId, EpochKey, IndexRoot, KeystoreRow, Salt, StoredKeyState};
use records_model::{HoldId, LegalHold, RetentionClass, Set};
use uuid::Uuid;

mod certificates;
mod epochs;
mod recovery;
mod reseal;
mod shred;
mod versions;

fn day(number: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + number)
}

fn epoch(number: u32) -> EpochKey {
    EpochKey::generate(EpochId::new(number).unwrap(), &mut CountingRng::new(u64::from(number)))
}

fn index_root() -> IndexRoot {
    IndexRoot::generate(example_index_root_id(), &mut CountingRng::new(77))
}

fn salt(seed: u64) -> Salt {
    Salt::generate(&mut CountingRng::new(seed))
}

/// A row of this key in this state, wrapped under this epoch.
fn row(epoch: &EpochKey, id: DekId, state: StoredKeyState) -> KeystoreRow {
    let wrapped = epoch.wrap_dek(&crate::support::same_bytes(id), salt(u64::from(id.version().number())));
    KeystoreRow::new(id, state, (state != StoredKeyState::Destroyed).then_some(wrapped)).unwrap()
}

fn hold(
    classes: Set<RetentionClass>,
    starts_at: DateTime<Utc>,
    released_at: Option<DateTime<Utc>>,
) -> LegalHold {
    let id = HoldId::from_uuid(Uuid::from_u128(0x401d));
    LegalHold { id, classes, authority: "a court".into(), starts_at, released_at }
}
