//! Writes people, their keys, pseudonyms and search tokens.

use chrono::NaiveDate;
use crypto_vault::{DekId, KeystoreRow, WrappedKey, YearMonth};
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Integer, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_notice::Residence;
use privacy_operations::{AgeMark, TokenField};
use records_model::{SubjectId, SubjectKind, Vocabulary};

use super::{Site, stored_number};
use crate::StoreError;
use crate::schema::{deks, subject_pseudonyms, subjects, wrappings};

pub(super) async fn put(
    conn: &mut AsyncPgConnection,
    site: Site,
    (id, kind): (SubjectId, SubjectKind),
    residence: Option<Residence>,
    age: AgeMark,
) -> Result<(), StoreError> {
    let (mark, born_by) = match age {
        AgeMark::Unknown => ("unknown", None),
        AgeMark::LongOfAge => ("long-of-age", None),
        AgeMark::BornBy(day) => ("born-by", Some(day)),
    };
    diesel::insert_into(subjects::table)
        .values((
            subjects::subject_id.eq(id.as_uuid()),
            subjects::clinic_id.eq(site.clinic),
            subjects::kind.eq(kind.code()),
            subjects::residence.eq(residence.map(String::from)),
            subjects::age_mark.eq(mark),
            subjects::born_by.eq(born_by),
            subjects::registered_at.eq(site.now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn put_key(
    conn: &mut AsyncPgConnection,
    site: Site,
    key: KeystoreRow,
) -> Result<(), StoreError> {
    // A key without bytes was destroyed, and none such is made.
    let wrapped = key.wrapped().ok_or(StoreError::Inconsistent { table: "keystore.wrappings" })?;
    diesel::insert_into(deks::table)
        .values((
            deks::subject_id.eq(key.id().subject().as_uuid()),
            deks::class.eq(key.id().class().code()),
            deks::version.eq(stored_number(key.id().version().number())?),
            deks::clinic_id.eq(site.clinic),
            deks::month.eq(key.id().month().and_then(first_day)),
            deks::state.eq(key.state().code()),
            deks::first_epoch.eq(stored_number(wrapped.epoch().number())?),
            deks::created_at.eq(site.now),
        ))
        .execute(conn)
        .await?;
    put_wrapping(conn, site, key.id(), wrapped).await
}

/// Adds the bytes of a key under one epoch; those of other epochs stay.
pub(super) async fn put_wrapping(
    conn: &mut AsyncPgConnection,
    site: Site,
    key: &DekId,
    wrapped: &WrappedKey,
) -> Result<(), StoreError> {
    diesel::insert_into(wrappings::table)
        .values((
            wrappings::subject_id.eq(key.subject().as_uuid()),
            wrappings::class.eq(key.class().code()),
            wrappings::version.eq(stored_number(key.version().number())?),
            wrappings::epoch.eq(stored_number(wrapped.epoch().number())?),
            wrappings::clinic_id.eq(site.clinic),
            wrappings::wrapped.eq(wrapped.as_bytes()),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

fn first_day(month: YearMonth) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::from(month.year()), u32::from(month.month()), 1)
}

pub(super) async fn put_pseudonym(
    conn: &mut AsyncPgConnection,
    site: Site,
    subject: SubjectId,
    dek_version: u32,
    sealed: Vec<u8>,
) -> Result<(), StoreError> {
    diesel::insert_into(subject_pseudonyms::table)
        .values((
            subject_pseudonyms::subject_id.eq(subject.as_uuid()),
            subject_pseudonyms::clinic_id.eq(site.clinic),
            subject_pseudonyms::dek_version.eq(stored_number(dek_version)?),
            subject_pseudonyms::sealed.eq(sealed),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Tokens are a set: one that is there already stays.
pub(super) async fn put_tokens(
    conn: &mut AsyncPgConnection,
    site: Site,
    subject: SubjectId,
    index_version: u32,
    tokens: Vec<(TokenField, [u8; 32])>,
) -> Result<(), StoreError> {
    let fields: Vec<&str> = tokens.iter().map(|(field, _)| field.code()).collect();
    let values: Vec<&[u8]> = tokens.iter().map(|(_, token)| token.as_slice()).collect();
    diesel::sql_query(
        "INSERT INTO resguardo.blind_tokens (subject_id, index_version, field, token, clinic_id) \
         SELECT $1, $2, t.field, t.token, $3 FROM unnest($4, $5) AS t (field, token) ON CONFLICT DO NOTHING",
    )
    .bind::<SqlUuid, _>(subject.as_uuid())
    .bind::<Integer, _>(stored_number(index_version)?)
    .bind::<SqlUuid, _>(site.clinic)
    .bind::<Array<Text>, _>(fields)
    .bind::<Array<Binary>, _>(values)
    .execute(conn)
    .await?;
    Ok(())
}
