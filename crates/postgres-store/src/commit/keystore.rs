//! Writes what becomes of epochs: more wrappings, an epoch closed, an epoch ended.

use crypto_vault::{DekId, EpochEnd, EpochId, WrappedKey};
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Integer, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::SealRow;
use records_model::{RetentionClass, SubjectId, Vocabulary as _};
use uuid::Uuid;

use super::{Site, stored_number};
use crate::StoreError;
use crate::schema::{epoch_closings, epoch_ends};

/// One statement for a whole chunk. What another rotation wrapped meanwhile stays.
pub(super) async fn put_wrappings(
    conn: &mut AsyncPgConnection,
    site: Site,
    wrapped: Vec<(DekId, WrappedKey)>,
) -> Result<(), StoreError> {
    let subjects: Vec<Uuid> = wrapped.iter().map(|(id, _)| id.subject().as_uuid()).collect();
    let classes: Vec<&str> = wrapped.iter().map(|(id, _)| id.class().code()).collect();
    let number = |(id, _): &(DekId, WrappedKey)| stored_number(id.version().number());
    let versions = wrapped.iter().map(number).collect::<Result<Vec<i32>, _>>()?;
    let epoch = |(_, bytes): &(DekId, WrappedKey)| stored_number(bytes.epoch().number());
    let epochs = wrapped.iter().map(epoch).collect::<Result<Vec<i32>, _>>()?;
    let bytes: Vec<&[u8]> = wrapped.iter().map(|(_, bytes)| bytes.as_bytes().as_slice()).collect();
    diesel::sql_query(
        "INSERT INTO keystore.wrappings (subject_id, class, version, epoch, clinic_id, wrapped) \
         SELECT t.subject_id, t.class, t.version, t.epoch, $1, t.wrapped \
         FROM unnest($2, $3, $4, $5, $6) AS t (subject_id, class, version, epoch, wrapped) \
         ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(site.clinic)
    .bind::<Array<SqlUuid>, _>(subjects)
    .bind::<Array<Text>, _>(classes)
    .bind::<Array<Integer>, _>(versions)
    .bind::<Array<Integer>, _>(epochs)
    .bind::<Array<Binary>, _>(bytes)
    .execute(conn)
    .await?;
    Ok(())
}

/// The one change that the schema lets anybody make to a key.
pub(super) async fn retire(conn: &mut AsyncPgConnection, key: DekId) -> Result<(), StoreError> {
    diesel::sql_query("SELECT keystore.retire($1, $2, $3)")
        .bind::<SqlUuid, _>(key.subject().as_uuid())
        .bind::<Text, _>(key.class().code())
        .bind::<Integer, _>(stored_number(key.version().number())?)
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn put_seals(
    conn: &mut AsyncPgConnection,
    site: Site,
    seals: Vec<SealRow>,
) -> Result<(), StoreError> {
    use crate::schema::record_seals::dsl;
    for seal in seals {
        diesel::insert_into(dsl::record_seals)
            .values((
                dsl::subject_id.eq(seal.subject.as_uuid()),
                dsl::record_id.eq(seal.record.as_uuid()),
                dsl::version.eq(stored_number(seal.version.number())?),
                dsl::dek_version.eq(stored_number(seal.dek_version)?),
                dsl::clinic_id.eq(site.clinic),
                dsl::sealed.eq(seal.sealed),
                dsl::content_hash.eq(seal.content_hash.as_slice()),
                dsl::sealed_at.eq(site.now),
                dsl::class.eq(seal.class.code()),
            ))
            .execute(conn)
            .await?;
    }
    Ok(())
}

pub(super) async fn raise_minimum(
    conn: &mut AsyncPgConnection,
    site: Site,
    (subject, class): (SubjectId, RetentionClass),
    minimum: u32,
) -> Result<(), StoreError> {
    use crate::schema::key_minimums::dsl;
    diesel::insert_into(dsl::key_minimums)
        .values((
            dsl::subject_id.eq(subject.as_uuid()),
            dsl::class.eq(class.code()),
            dsl::minimum.eq(stored_number(minimum)?),
            dsl::clinic_id.eq(site.clinic),
            dsl::raised_at.eq(site.now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn close_epoch(
    conn: &mut AsyncPgConnection,
    site: Site,
    epoch: EpochId,
) -> Result<(), StoreError> {
    diesel::insert_into(epoch_closings::table)
        .values((
            epoch_closings::clinic_id.eq(site.clinic),
            epoch_closings::epoch.eq(stored_number(epoch.number())?),
            epoch_closings::closed_at.eq(site.now),
        ))
        .on_conflict_do_nothing()
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn end_epoch(
    conn: &mut AsyncPgConnection,
    site: Site,
    end: EpochEnd,
) -> Result<(), StoreError> {
    let (epoch, at, outcome) = match end {
        EpochEnd::Destroyed(ended) => (ended.epoch(), ended.at(), "destroyed"),
        EpochEnd::Unproved { epoch, at } => (epoch, at, "unproved"),
    };
    diesel::insert_into(epoch_ends::table)
        .values((
            epoch_ends::clinic_id.eq(site.clinic),
            epoch_ends::epoch.eq(stored_number(epoch.number())?),
            epoch_ends::ended_at.eq(at),
            epoch_ends::outcome.eq(outcome),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
