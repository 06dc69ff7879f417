//! Places committed log entries in the tree, over a login that can do nothing else.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use audit_log::{Checkpoint, Frontier, Leaf, LogSigningKey, TreeHash, sequence};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use privacy_operations::LockMode;
use records_model::{ClinicId, EntryId};
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::chain;
use crate::fitness::{refuse_link_in_clear, refuse_unfit_login};
use crate::lock::{Lock, LockClass, lock_key, opening_statements};
use crate::schema::{log_checkpoints, log_entries, log_queue};
use crate::{Clock, StoreError};

/// The sequencer of this database.
#[derive(Clone)]
pub struct Sequencer {
    pool: Pool<AsyncPgConnection>,
    /// Set once the login was found to be bound by its grants.
    fit: Arc<OnceCell<()>>,
    /// The largest head of each clinic that is known here: the database may not go back behind it.
    known: Arc<Mutex<BTreeMap<ClinicId, Checkpoint>>>,
}

/// What one turn of the sequencer did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// How many entries got their place.
    pub entries: usize,
    /// The head that was signed, if one was.
    pub head: Option<String>,
}

/// Longest time without a new head, in seconds: an idle log is signed again, so that a head tells its age.
pub const RESIGN_SECONDS: i64 = 3600;

impl Sequencer {
    /// Connects over the sequencer's own login; another machine is refused, because the link would be in clear.
    ///
    /// # Errors
    ///
    /// [`StoreError::Connection`] or [`StoreError::LinkInClear`].
    pub fn connect(url: &str) -> Result<Self, StoreError> {
        refuse_link_in_clear(url)?;
        let mut config = ManagerConfig::default();
        config.recycling_method = RecyclingMethod::Fast;
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url, config);
        let pool = Pool::builder(manager)
            .max_size(2)
            .build()
            .map_err(|error| StoreError::Connection(error.to_string()))?;
        Ok(Self { pool, fit: Arc::default(), known: Arc::default() })
    }

    /// Takes note of a head that was kept outside the database: nothing is signed that falls behind it.
    pub fn know(&self, head: &Checkpoint) {
        if let Ok(mut known) = self.known.lock() {
            let largest = known.entry(head.clinic()).or_insert(*head);
            if largest.size() < head.size() {
                *largest = *head;
            }
        }
    }

    /// Places every entry that is committed and not placed yet, and signs the head.
    ///
    /// Several servers may call it at once: an advisory lock lets one work at a time.
    ///
    /// # Errors
    ///
    /// [`StoreError::Sequence`] if the entries contradict each other or what was placed before, or the newest head is
    /// not one that this key signed, or is behind one that is known here; nothing was placed or signed, and a person
    /// must look. [`StoreError::UnfitLogin`] for a login that no grant binds.
    pub async fn place(&self, clock: Clock, key: &LogSigningKey) -> Result<Placed, StoreError> {
        let clinic = key.clinic();
        let mut conn = self.pool.get().await.map_err(|error| StoreError::Connection(error.to_string()))?;
        self.fit.get_or_try_init(|| refuse_unfit_login(&mut conn)).await?;
        let lock = Lock {
            class: LockClass::Sequencer,
            key: lock_key(clinic, clinic.as_uuid()),
            mode: LockMode::Exclusive,
        };
        let opening = opening_statements(clinic, None, &[lock]);
        // READ COMMITTED, whatever the database's default is: a stronger level would see the queue as it was before
        // the lock, and place an entry twice.
        let placed = conn
            .build_transaction()
            .read_committed()
            .run(async |conn| {
                conn.batch_execute(&opening).await?;
                let (mut frontier, last_signed) = self.newest(conn, key).await?;
                let waiting = waiting(conn, clinic).await?;
                let at = crate::store::now(conn, clock).await?;
                let stale = last_signed.is_none_or(|last| (at - last).num_seconds() >= RESIGN_SECONDS);
                if waiting.is_empty() && !stale {
                    return Ok(Placed { entries: 0, head: None });
                }
                let first = frontier.size();
                let order = sequence(waiting.iter().map(|(_, leaf)| leaf))
                    .map_err(|error| StoreError::Sequence(error.to_string()))?;
                let batch = in_order(&order, &waiting)?;
                let leaves: Vec<&Leaf> = batch.iter().map(|(_, leaf)| leaf).collect();
                chain::admit(conn, clinic, &leaves).await?;
                for (hash, _) in batch {
                    frontier.append(*hash);
                }
                put_positions(conn, clinic, first, &order).await?;
                let note = put_head(conn, (&frontier, at), key).await?;
                Ok::<_, StoreError>(Placed { entries: order.len(), head: Some(note) })
            })
            .await?;
        // Known only once it is committed.
        if let Some(head) = placed.head.as_deref().and_then(|note| Checkpoint::read_unverified(note).ok()) {
            self.know(&head);
        }
        Ok(placed)
    }

    /// The tree as the last head left it, and when that was signed. A tree that no signature of this clinic vouches for
    /// is not grown: whoever can write the database could have it signed otherwise.
    async fn newest(
        &self,
        conn: &mut AsyncPgConnection,
        key: &LogSigningKey,
    ) -> Result<(Frontier, Option<DateTime<Utc>>), StoreError> {
        let stored = stored_head(conn, key.clinic()).await?;
        let signed = stored.as_ref().map(|head| head.signed_by(key)).transpose()?;
        let known = self.known.lock().ok().and_then(|known| known.get(&key.clinic()).copied());
        let goes_on = |known: Checkpoint| {
            signed.as_ref().is_some_and(|signed| {
                signed.size() > known.size() || (signed.size(), signed.root()) == (known.size(), known.root())
            })
        };
        if !known.is_none_or(goes_on) {
            return Err(StoreError::Sequence(BEHIND.to_owned()));
        }
        Ok(stored.map_or_else(Default::default, |head| (head.frontier, Some(head.at))))
    }
}

const BEHIND: &str = "the database is behind a head that was signed before: entries or heads were taken away or \
    changed, or an older state was put in its place. If that was meant (a restore by other means), move `log.head` \
    beside the key away once it was looked at, and start every server again";
const NOT_THE_SIGNED_TREE: &str = "the tree in the database is not the one that its newest head signs: something was rewritten. Keep it as it \
    is for whoever looks, and restore from a backup";

/// The newest head as the database has it, which proves nothing yet.
struct StoredHead {
    frontier: Frontier,
    at: DateTime<Utc>,
    note: String,
}

impl StoredHead {
    /// What its signature vouches for, which is its tree.
    fn signed_by(&self, key: &LogSigningKey) -> Result<Checkpoint, StoreError> {
        let signed = Checkpoint::open(&self.note, &key.verifier_key())
            .map_err(|error| StoreError::Sequence(format!("the newest head in the database: {error}")))?;
        if (signed.size(), signed.root()) != (self.frontier.size(), self.frontier.root()) {
            return Err(StoreError::Sequence(NOT_THE_SIGNED_TREE.to_owned()));
        }
        Ok(signed)
    }
}

type Waiting = Vec<(TreeHash, Leaf)>;

/// All that wait, in one statement: its snapshot holds, with an entry, everything that was committed before it.
async fn waiting(conn: &mut AsyncPgConnection, clinic: ClinicId) -> Result<Waiting, StoreError> {
    let rows: Vec<Vec<u8>> = log_queue::table
        .inner_join(
            log_entries::table.on(log_entries::clinic_id
                .eq(log_queue::clinic_id)
                .and(log_entries::entry_id.eq(log_queue::entry_id))),
        )
        .filter(log_queue::clinic_id.eq(clinic.as_uuid()))
        .select(log_entries::leaf)
        .load(conn)
        .await?;
    rows.iter()
        .map(|bytes| {
            let leaf = Leaf::decode(bytes).map_err(|_| StoreError::Inconsistent { table: "log_entries" })?;
            Ok((audit_log::leaf_hash(bytes), leaf))
        })
        .collect()
}

/// What waits, in the order of its places.
fn in_order<'a>(order: &[EntryId], waiting: &'a Waiting) -> Result<Vec<&'a (TreeHash, Leaf)>, StoreError> {
    let by_id: HashMap<EntryId, &(TreeHash, Leaf)> =
        waiting.iter().map(|entry| (entry.1.parts().entry, entry)).collect();
    let missing = StoreError::Inconsistent { table: "log_entries" };
    order.iter().map(|entry| by_id.get(entry).copied()).collect::<Option<_>>().ok_or(missing)
}

async fn stored_head(
    conn: &mut AsyncPgConnection,
    clinic: ClinicId,
) -> Result<Option<StoredHead>, StoreError> {
    let broken = || StoreError::Inconsistent { table: "log_checkpoints" };
    let row: Option<(i64, Vec<u8>, DateTime<Utc>, String)> = log_checkpoints::table
        .filter(log_checkpoints::clinic_id.eq(clinic.as_uuid()))
        .order((log_checkpoints::tree_size.desc(), log_checkpoints::signed_at.desc()))
        .select((
            log_checkpoints::tree_size,
            log_checkpoints::frontier,
            log_checkpoints::signed_at,
            log_checkpoints::note,
        ))
        .first(conn)
        .await
        .optional()?;
    let Some((size, peaks, at, note)) = row else { return Ok(None) };
    let (chunks, rest) = peaks.as_chunks::<32>();
    if !rest.is_empty() {
        return Err(broken());
    }
    let peaks = chunks.iter().copied().map(TreeHash::from_bytes).collect();
    let size = u64::try_from(size).map_err(|_| broken())?;
    let frontier = Frontier::from_peaks(size, peaks).map_err(|_| broken())?;
    Ok(Some(StoredHead { frontier, at, note }))
}

async fn put_positions(
    conn: &mut AsyncPgConnection,
    clinic: ClinicId,
    first: u64,
    order: &[EntryId],
) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = order.iter().map(|entry| entry.as_uuid()).collect();
    let first = stored_index(first)?;
    diesel::sql_query(
        "INSERT INTO resguardo.log_positions (clinic_id, tree_index, entry_id) \
         SELECT $1, $2 + place - 1, entry FROM unnest($3) WITH ORDINALITY AS t (entry, place)",
    )
    .bind::<SqlUuid, _>(clinic.as_uuid())
    .bind::<BigInt, _>(first)
    .bind::<Array<SqlUuid>, _>(&ids)
    .execute(conn)
    .await?;
    diesel::sql_query("DELETE FROM resguardo.log_queue WHERE clinic_id = $1 AND entry_id = ANY ($2)")
        .bind::<SqlUuid, _>(clinic.as_uuid())
        .bind::<Array<SqlUuid>, _>(&ids)
        .execute(conn)
        .await?;
    Ok(())
}

async fn put_head(
    conn: &mut AsyncPgConnection,
    (frontier, at): (&Frontier, DateTime<Utc>),
    key: &LogSigningKey,
) -> Result<String, StoreError> {
    let note = Checkpoint::new(key.clinic(), frontier.size(), frontier.root(), at)
        .sign(key)
        .map_err(|error| StoreError::Sequence(error.to_string()))?;
    let peaks: Vec<u8> = frontier.peaks().iter().flat_map(|peak| *peak.as_bytes()).collect();
    diesel::insert_into(log_checkpoints::table)
        .values((
            log_checkpoints::clinic_id.eq(key.clinic().as_uuid()),
            log_checkpoints::signed_at.eq(at),
            log_checkpoints::tree_size.eq(stored_index(frontier.size())?),
            log_checkpoints::frontier.eq(peaks),
            log_checkpoints::note.eq(&note),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(note)
}

fn stored_index(index: u64) -> Result<i64, StoreError> {
    i64::try_from(index).map_err(|_| StoreError::Inconsistent { table: "log_positions" })
}
