//! The log, page by page.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use records_model::{ClinicId, EntryId, RetentionClass, SubjectId};
use uuid::Uuid;

use super::in_clinic;
use crate::schema::{log_entries, log_positions, log_queue, log_sides};
use crate::{Store, StoreError, load};

/// One entry as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Where it stands in the tree; none if it waits.
    pub index: Option<u64>,
    /// Which.
    pub id: EntryId,
    /// Its canonical bytes.
    pub leaf: Vec<u8>,
}

/// The sealed side of an entry, with its leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSide {
    /// The entry.
    pub entry: LogEntry,
    /// Whose key seals it.
    pub subject: SubjectId,
    /// Of which class.
    pub class: RetentionClass,
    /// In which version.
    pub dek_version: u32,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
}

type SideRow = (Uuid, Vec<u8>, Option<i64>, String, i32, Vec<u8>);

const TABLE: &str = "log_positions";

impl Store {
    /// A page of the log in tree order, from an index on.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn log_page(
        &self,
        clinic: ClinicId,
        from: u64,
        count: u32,
    ) -> Result<Vec<LogEntry>, StoreError> {
        let from = i64::try_from(from).map_err(|_| StoreError::Inconsistent { table: TABLE })?;
        in_clinic!(self, clinic, async |conn| {
            let rows: Vec<(i64, Uuid, Vec<u8>)> = log_positions::table
                .inner_join(
                    log_entries::table.on(log_entries::clinic_id
                        .eq(log_positions::clinic_id)
                        .and(log_entries::entry_id.eq(log_positions::entry_id))),
                )
                .filter(log_positions::clinic_id.eq(clinic.as_uuid()))
                .filter(log_positions::tree_index.ge(from))
                .order(log_positions::tree_index)
                .limit(i64::from(count))
                .select((log_positions::tree_index, log_positions::entry_id, log_entries::leaf))
                .load(conn)
                .await?;
            rows.into_iter()
                .map(|(index, id, leaf)| {
                    let index = Some(load::counter(index, TABLE)?);
                    Ok(LogEntry { index, id: EntryId::from_uuid(id), leaf })
                })
                .collect()
        })
    }

    /// The entries that wait for a place.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn log_waiting(&self, clinic: ClinicId) -> Result<Vec<LogEntry>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let rows: Vec<(Uuid, Vec<u8>)> = log_queue::table
                .inner_join(
                    log_entries::table.on(log_entries::clinic_id
                        .eq(log_queue::clinic_id)
                        .and(log_entries::entry_id.eq(log_queue::entry_id))),
                )
                .filter(log_queue::clinic_id.eq(clinic.as_uuid()))
                .select((log_queue::entry_id, log_entries::leaf))
                .load(conn)
                .await?;
            let waiting = |(id, leaf)| LogEntry { index: None, id: EntryId::from_uuid(id), leaf };
            Ok(rows.into_iter().map(waiting).collect())
        })
    }

    /// A page of the sealed sides of the entries about a person: those whose id comes after `after`, in the order of
    /// their ids, which is nearly that of time.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn log_about(
        &self,
        clinic: ClinicId,
        subject: SubjectId,
        (after, count): (Option<EntryId>, u32),
    ) -> Result<Vec<SealedSide>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let rows: Vec<SideRow> = log_sides::table
                .inner_join(
                    log_entries::table.on(log_entries::clinic_id
                        .eq(log_sides::clinic_id)
                        .and(log_entries::entry_id.eq(log_sides::entry_id))),
                )
                .left_join(
                    log_positions::table.on(log_positions::clinic_id
                        .eq(log_sides::clinic_id)
                        .and(log_positions::entry_id.eq(log_sides::entry_id))),
                )
                .filter(log_sides::subject_id.eq(subject.as_uuid()))
                .filter(log_sides::entry_id.gt(after.map_or(Uuid::nil(), EntryId::as_uuid)))
                .order(log_sides::entry_id)
                .limit(i64::from(count))
                .select((
                    log_sides::entry_id,
                    log_entries::leaf,
                    log_positions::tree_index.nullable(),
                    log_sides::class,
                    log_sides::dek_version,
                    log_sides::sealed,
                ))
                .load(conn)
                .await?;
            rows.into_iter()
                .map(|(id, leaf, index, class, version, sealed)| {
                    let index = index.map(|index| load::counter(index, TABLE)).transpose()?;
                    Ok(SealedSide {
                        entry: LogEntry { index, id: EntryId::from_uuid(id), leaf },
                        subject,
                        class: load::word(&class, "log_sides")?,
                        dek_version: load::number(version, "log_sides")?,
                        sealed,
                    })
                })
                .collect()
        })
    }
}
