//! The log, page by page, each entry with its sealed side.

use chrono::{DateTime, Utc};
use crypto_vault::KeystoreRow;
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use records_model::{EntryId, RetentionClass, SubjectId};
use uuid::Uuid;

use super::Snapshot;
use crate::schema::log_checkpoints::dsl as heads;
use crate::{LogEntry, StoreError, load};

/// The sealed side of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntrySide {
    /// Whose key seals it.
    pub subject: SubjectId,
    /// Of which class.
    pub class: RetentionClass,
    /// In which version.
    pub dek_version: u32,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
}

/// An entry with its side; none if the side is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedEntry {
    /// The entry.
    pub entry: LogEntry,
    /// Its side.
    pub side: Option<EntrySide>,
}

#[derive(QueryableByName)]
struct TracedRow {
    #[diesel(sql_type = Nullable<BigInt>)]
    tree_index: Option<i64>,
    #[diesel(sql_type = SqlUuid)]
    entry_id: Uuid,
    #[diesel(sql_type = Binary)]
    leaf: Vec<u8>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    subject_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    class: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    dek_version: Option<i32>,
    #[diesel(sql_type = Nullable<Binary>)]
    sealed: Option<Vec<u8>>,
}

/// Placed entries in tree order, then those that wait; what has neither place nor queue is not in the log.
const ENTRIES: &str = "DECLARE log_walk NO SCROLL CURSOR FOR \
    SELECT p.tree_index, e.entry_id, e.leaf, s.subject_id, s.class, s.dek_version, s.sealed \
    FROM resguardo.log_entries e \
    LEFT JOIN resguardo.log_positions p ON p.clinic_id = e.clinic_id AND p.entry_id = e.entry_id \
    LEFT JOIN resguardo.log_queue q ON q.clinic_id = e.clinic_id AND q.entry_id = e.entry_id \
    LEFT JOIN resguardo.log_sides s ON s.clinic_id = e.clinic_id AND s.entry_id = e.entry_id \
    WHERE e.clinic_id = resguardo.current_clinic() AND (p.entry_id IS NOT NULL OR q.entry_id IS NOT NULL) \
    ORDER BY p.tree_index NULLS LAST, e.entry_id";

const ENTRIES_PAGE: &str = "FETCH FORWARD 1000 FROM log_walk";

impl Snapshot {
    /// Begins to read the log; [`Snapshot::next_entries`] goes on.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn begin_log(&mut self) -> Result<(), StoreError> {
        Ok(self.conn.batch_execute(ENTRIES).await?)
    }

    /// The next page: placed entries in tree order, then those that wait; empty at the end.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn next_entries(&mut self) -> Result<Vec<TracedEntry>, StoreError> {
        let rows: Vec<TracedRow> = diesel::sql_query(ENTRIES_PAGE).load(&mut self.conn).await?;
        rows.into_iter().map(traced).collect()
    }

    /// Every signed head of the log, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn signed_heads(&mut self) -> Result<Vec<(DateTime<Utc>, String)>, StoreError> {
        let rows = heads::log_checkpoints
            .filter(heads::clinic_id.eq(self.clinic.as_uuid()))
            .order((heads::tree_size, heads::signed_at))
            .select((heads::signed_at, heads::note))
            .load(&mut self.conn)
            .await?;
        Ok(rows)
    }

    /// The keys of these people under which sides of the log are sealed; a destroyed key keeps its row.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn side_keys(
        &mut self,
        people: &[SubjectId],
    ) -> Result<Vec<(SubjectId, KeystoreRow)>, StoreError> {
        let classes = [RetentionClass::Accounting, RetentionClass::Staff];
        load::keys_of_many(&mut self.conn, self.clinic, people, &classes).await
    }
}

fn traced(row: TracedRow) -> Result<TracedEntry, StoreError> {
    const SIDES: &str = "log_sides";
    let index = row.tree_index.map(|index| load::counter(index, "log_positions")).transpose()?;
    let entry = LogEntry { index, id: EntryId::from_uuid(row.entry_id), leaf: row.leaf };
    let side = match (row.subject_id, row.class, row.dek_version, row.sealed) {
        (Some(subject), Some(class), Some(version), Some(sealed)) => Some(EntrySide {
            subject: SubjectId::from_uuid(subject),
            class: load::word(&class, SIDES)?,
            dek_version: load::number(version, SIDES)?,
            sealed,
        }),
        _ => None,
    };
    Ok(TracedEntry { entry, side })
}
