//! Appends log entries: leaf, queue and sealed side, one statement each however many.

use diesel::sql_types::{Array, Binary, Integer, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::EntryRow;
use records_model::Vocabulary;
use uuid::Uuid;

use super::{Site, stored_number};
use crate::StoreError;

pub(super) async fn append(
    conn: &mut AsyncPgConnection,
    site: Site,
    entries: Vec<EntryRow>,
) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = entries.iter().map(|entry| entry.id.as_uuid()).collect();
    let subjects: Vec<Uuid> = entries.iter().map(|entry| entry.side_subject.as_uuid()).collect();
    let classes: Vec<&str> = entries.iter().map(|entry| entry.side_class.code()).collect();
    let versions: Vec<i32> =
        entries.iter().map(|entry| stored_number(entry.side_dek_version)).collect::<Result<_, _>>()?;
    let (leaves, sides): (Vec<Vec<u8>>, Vec<Vec<u8>>) =
        entries.into_iter().map(|entry| (entry.leaf, entry.side)).unzip();
    diesel::sql_query(
        "INSERT INTO resguardo.log_entries (clinic_id, entry_id, leaf) SELECT $1, * FROM unnest($2, $3)",
    )
    .bind::<SqlUuid, _>(site.clinic)
    .bind::<Array<SqlUuid>, _>(&ids)
    .bind::<Array<Binary>, _>(leaves)
    .execute(conn)
    .await?;
    diesel::sql_query("INSERT INTO resguardo.log_queue (clinic_id, entry_id) SELECT $1, unnest($2)")
        .bind::<SqlUuid, _>(site.clinic)
        .bind::<Array<SqlUuid>, _>(&ids)
        .execute(conn)
        .await?;
    diesel::sql_query(
        "INSERT INTO resguardo.log_sides (clinic_id, subject_id, entry_id, class, dek_version, sealed) \
         SELECT $1, * FROM unnest($2, $3, $4, $5, $6)",
    )
    .bind::<SqlUuid, _>(site.clinic)
    .bind::<Array<SqlUuid>, _>(subjects)
    .bind::<Array<SqlUuid>, _>(&ids)
    .bind::<Array<Text>, _>(classes)
    .bind::<Array<Integer>, _>(versions)
    .bind::<Array<Binary>, _>(sides)
    .execute(conn)
    .await?;
    Ok(())
}
