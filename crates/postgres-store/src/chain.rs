//! How many changes of each chain of facts stand in the tree: against this the sequencer checks every batch.
//!
//! `sequence` orders a batch by what its own entries say. Whether they fit what was placed before only these
//! counts tell: an entry that read facts which a placed change has ended must not get a place.

use std::collections::{BTreeSet, HashMap};

use audit_log::{Chain, Leaf, OrderCheck};
use diesel::sql_types::{Array, BigInt, Binary, Uuid as SqlUuid};
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use records_model::ClinicId;

use crate::StoreError;
use crate::row::counter;
use crate::schema::log_chains::dsl;

const TABLE: &str = "log_chains";

/// A chain as it is stored: its kind, then the pseudonym under which the log knows whose it is.
fn key(chain: Chain) -> Vec<u8> {
    match chain {
        Chain::Clinic => vec![1],
        Chain::Actor(pseudonym) => [&[2], pseudonym.as_bytes().as_slice()].concat(),
        Chain::Subject(pseudonym) => [&[3], pseudonym.as_bytes().as_slice()].concat(),
    }
}

fn chains_of(leaf: &Leaf) -> impl Iterator<Item = Chain> {
    let parts = leaf.parts();
    [Some(Chain::Clinic), parts.actor.map(Chain::Actor), parts.subject.map(Chain::Subject)]
        .into_iter()
        .flatten()
}

/// Takes a batch in the order in which it will be placed, and counts its changes.
///
/// Fails at the first entry that does not fit what stands before it; then nothing may be placed.
pub(crate) async fn admit(
    conn: &mut AsyncPgConnection,
    clinic: ClinicId,
    batch: &[&Leaf],
) -> Result<(), StoreError> {
    let chains: BTreeSet<Chain> = batch.iter().flat_map(|leaf| chains_of(leaf)).collect();
    let keys: Vec<Vec<u8>> = chains.iter().copied().map(key).collect();
    let rows: Vec<(Vec<u8>, i64)> = dsl::log_chains
        .filter(dsl::clinic_id.eq(clinic.as_uuid()))
        .filter(dsl::chain.eq_any(keys))
        .select((dsl::chain, dsl::changes))
        .load(conn)
        .await?;
    let stored: HashMap<Vec<u8>, i64> = rows.into_iter().collect();
    let mut before = Vec::with_capacity(stored.len());
    for chain in &chains {
        if let Some(changes) = stored.get(&key(*chain)) {
            before.push((*chain, counter(*changes, TABLE)?));
        }
    }
    let known = OrderCheck::after(before);
    let mut check = known.clone();
    for leaf in batch {
        check.admit(leaf).map_err(|fault| {
            StoreError::Sequence(format!("entry {}: {fault}", leaf.parts().entry.as_uuid()))
        })?;
    }
    let moved = chains.into_iter().filter(|chain| check.changes(*chain) != known.changes(*chain));
    count(conn, clinic, moved.map(|chain| (key(chain), check.changes(chain)))).await
}

async fn count(
    conn: &mut AsyncPgConnection,
    clinic: ClinicId,
    moved: impl Iterator<Item = (Vec<u8>, u64)>,
) -> Result<(), StoreError> {
    let mut keys = Vec::new();
    let mut counts = Vec::new();
    for (key, changes) in moved {
        keys.push(key);
        counts.push(i64::try_from(changes).map_err(|_| StoreError::Inconsistent { table: TABLE })?);
    }
    diesel::sql_query(
        "INSERT INTO resguardo.log_chains (clinic_id, chain, changes) SELECT $1, * FROM unnest($2, $3) \
         ON CONFLICT (clinic_id, chain) DO UPDATE SET changes = excluded.changes",
    )
    .bind::<SqlUuid, _>(clinic.as_uuid())
    .bind::<Array<Binary>, _>(keys)
    .bind::<Array<BigInt>, _>(counts)
    .execute(conn)
    .await?;
    Ok(())
}
