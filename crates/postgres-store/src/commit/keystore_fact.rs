//! Writes what is known of the keystore as a whole.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::KeystoreFact;
use records_model::BackupId;

use super::{Site, stored_number};
use crate::StoreError;
use crate::schema::{backup_ends, copies, data_backups, epoch_hold_releases, epoch_holds, recoveries};

pub(super) async fn put(
    conn: &mut AsyncPgConnection,
    site: Site,
    fact: KeystoreFact,
) -> Result<(), StoreError> {
    match fact {
        KeystoreFact::Recovery { id, step, epoch, index_version, needed, holders } => {
            diesel::insert_into(recoveries::table)
                .values((
                    recoveries::clinic_id.eq(site.clinic),
                    recoveries::recovery_id.eq(id.as_uuid()),
                    recoveries::step.eq(step.code()),
                    recoveries::epoch.eq(stored_number(epoch)?),
                    recoveries::index_version.eq(stored_number(index_version)?),
                    recoveries::needed.eq(i32::from(needed)),
                    recoveries::holders.eq(i32::from(holders)),
                    recoveries::taken_at.eq(site.now),
                ))
                .execute(conn)
                .await?;
        }
        KeystoreFact::Backup { id, expires_at, index_version } => {
            put_backup(conn, site, id, (expires_at, index_version)).await?;
        }
        KeystoreFact::BackupWritten { id } => {
            put_backup_end(conn, site, id).await?;
        }
        KeystoreFact::Copy { id, epoch, live, digest, place } => {
            let live =
                i64::try_from(live).map_err(|_| StoreError::Inconsistent { table: "keystore.copies" })?;
            diesel::insert_into(copies::table)
                .values((
                    copies::clinic_id.eq(site.clinic),
                    copies::copy_id.eq(id),
                    copies::epoch.eq(stored_number(epoch)?),
                    copies::live_count.eq(live),
                    copies::digest.eq(digest.as_slice()),
                    copies::verified_at.eq(site.now),
                    copies::place.eq(place),
                ))
                .execute(conn)
                .await?;
        }
        KeystoreFact::EpochHold { id, epoch, authority } => {
            diesel::insert_into(epoch_holds::table)
                .values((
                    epoch_holds::clinic_id.eq(site.clinic),
                    epoch_holds::hold_id.eq(id.as_uuid()),
                    epoch_holds::epoch.eq(stored_number(epoch)?),
                    epoch_holds::authority.eq(authority),
                    epoch_holds::placed_at.eq(site.now),
                ))
                .execute(conn)
                .await?;
        }
        KeystoreFact::EpochHoldReleased { id } => {
            diesel::insert_into(epoch_hold_releases::table)
                .values((
                    epoch_hold_releases::clinic_id.eq(site.clinic),
                    epoch_hold_releases::hold_id.eq(id.as_uuid()),
                    epoch_hold_releases::released_at.eq(site.now),
                ))
                .execute(conn)
                .await?;
        }
    }
    Ok(())
}

async fn put_backup(
    conn: &mut AsyncPgConnection,
    site: Site,
    id: BackupId,
    (expires_at, index_version): (DateTime<Utc>, u32),
) -> Result<(), StoreError> {
    diesel::insert_into(data_backups::table)
        .values((
            data_backups::clinic_id.eq(site.clinic),
            data_backups::backup_id.eq(id.as_uuid()),
            data_backups::taken_at.eq(site.now),
            data_backups::expires_at.eq(expires_at),
            data_backups::index_version.eq(stored_number(index_version)?),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

async fn put_backup_end(conn: &mut AsyncPgConnection, site: Site, id: BackupId) -> Result<(), StoreError> {
    diesel::insert_into(backup_ends::table)
        .values((
            backup_ends::clinic_id.eq(site.clinic),
            backup_ends::backup_id.eq(id.as_uuid()),
            backup_ends::written_at.eq(site.now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
