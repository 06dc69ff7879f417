//! Advisory locks: which, in which order, under which keys.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crypto_vault::EpochId;
use privacy_operations::{KeystoreNeed, LockMode, Needs};
use records_model::ClinicId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What a lock is about; the number is the first of Postgres' two lock integers and never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockClass {
    /// The clinic's policy and providers.
    Clinic = 1,
    /// An actor's clearance.
    Actor = 2,
    /// A person's consents, restrictions and evidence.
    Subject = 3,
    /// The sequencer of a clinic's log.
    Sequencer = 4,
}

/// One lock to take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lock {
    /// What it is about.
    pub class: LockClass,
    /// The second of Postgres' two lock integers.
    pub key: i32,
    /// How strongly.
    pub mode: LockMode,
}

/// The second lock integer: the first four bytes, big-endian, of SHA-256(clinic id || id).
///
/// Two different people may share a key; that costs waiting, never correctness.
#[must_use]
pub fn lock_key(clinic: ClinicId, id: Uuid) -> i32 {
    let mut hasher = Sha256::new();
    hasher.update(clinic.as_uuid().as_bytes());
    hasher.update(id.as_bytes());
    let digest: [u8; 32] = hasher.finalize().into();
    let [a, b, c, d, ..] = digest;
    i32::from_be_bytes([a, b, c, d])
}

/// The locks of an operation in the one order that every transaction keeps: clinic, actor, subject; within a
/// class ascending, each key once in the strongest mode needed.
#[must_use]
pub fn locks_of(clinic: ClinicId, needs: &Needs) -> Vec<Lock> {
    let mut wanted = BTreeMap::new();
    let mut want = |class, id: Uuid, mode: LockMode| {
        let strongest = wanted.entry((class, lock_key(clinic, id))).or_insert(mode);
        *strongest = (*strongest).max(mode);
    };
    want(LockClass::Clinic, clinic.as_uuid(), needs.clinic);
    want(LockClass::Actor, needs.actor.0.as_uuid(), needs.actor.1);
    if let Some(by) = needs.by {
        want(LockClass::Actor, by.as_uuid(), LockMode::Shared);
    }
    if let Some(subject) = &needs.subject {
        want(LockClass::Subject, subject.id.as_uuid(), subject.lock);
        if let Some([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, ..]) = subject.source {
            let source = Uuid::from_bytes([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p]);
            want(LockClass::Subject, source, LockMode::Exclusive);
        }
    }
    if let KeystoreNeed::WrappingsOf(people) = &needs.keystore {
        for one in people {
            want(LockClass::Subject, one.as_uuid(), LockMode::Shared);
        }
    }
    wanted.into_iter().map(|((class, key), mode)| Lock { class, key, mode }).collect()
}

/// The statements that begin every transaction: the clinic for row-level security and the epoch whose key this
/// process holds, then the locks, each in a statement of its own, before anything is read.
#[must_use]
pub fn opening_statements(clinic: ClinicId, epoch: Option<EpochId>, locks: &[Lock]) -> String {
    let mut sql = format!("SET LOCAL resguardo.clinic_id = '{}';", clinic.as_uuid());
    if let Some(epoch) = epoch {
        let _ = write!(sql, "SET LOCAL resguardo.epoch = {};", epoch.number());
    }
    for lock in locks {
        let function = match lock.mode {
            LockMode::Shared => "pg_advisory_xact_lock_shared",
            LockMode::Exclusive => "pg_advisory_xact_lock",
        };
        let _ = write!(sql, "SELECT {function}({}, {});", lock.class as i32, lock.key);
    }
    sql
}

#[cfg(test)]
mod tests {
    use records_model::{ActorId, SubjectId};

    use super::*;
    use privacy_operations::SubjectNeed;

    #[test]
    fn the_key_of_a_lock_is_frozen() {
        let clinic = ClinicId::from_uuid(Uuid::from_u128(1));
        // SHA-256 of 15 zero bytes, 1, 15 zero bytes, 2; computed apart with sha256sum.
        assert_eq!(lock_key(clinic, Uuid::from_u128(2)), FROZEN_KEY);
    }

    const FROZEN_KEY: i32 = 2_027_325_217;

    #[test]
    fn locks_are_taken_in_the_order_clinic_actor_subject() {
        let clinic = ClinicId::from_uuid(Uuid::from_u128(1));
        let subject = SubjectNeed::new(SubjectId::from_uuid(Uuid::from_u128(3)), LockMode::Exclusive);
        let needs = Needs::decision(ActorId::from_uuid(Uuid::from_u128(2)), subject);
        let locks = locks_of(clinic, &needs);
        let classes: Vec<_> = locks.iter().map(|lock| (lock.class, lock.mode)).collect();
        assert_eq!(
            classes,
            [
                (LockClass::Clinic, LockMode::Shared),
                (LockClass::Actor, LockMode::Shared),
                (LockClass::Subject, LockMode::Exclusive),
            ]
        );
        let sql = opening_statements(clinic, Some(EpochId::FIRST), &locks);
        assert!(sql.starts_with("SET LOCAL resguardo.clinic_id = "));
        assert_eq!(sql.matches("pg_advisory_xact_lock_shared").count(), 2);
    }
}
