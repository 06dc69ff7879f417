//! Writes records in bulk, and retention floors.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Binary, Bool, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{FloorRow, StoredOrigin, StoredRecord};
use records_model::{RecordId, SubjectId, Vocabulary};
use uuid::Uuid;

use super::{Site, stored_number};
use crate::StoreError;
use crate::schema::{item_floors, retention_floors};

/// One statement however many records: the columns travel as arrays.
const INSERT: &str = "INSERT INTO resguardo.records (clinic_id, recorded_at, subject_id, record_id, version, category, \
     kind, form, context, class, reveals_health, genetic, origin, author_id, external_author, source_system, \
     source_resource, source_token, source_fingerprint, anchor, anchor_at, dek_version, sealed, content_hash) \
     SELECT $1, $2, * FROM unnest($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, \
     $21, $22, $23, $24)";

#[derive(Default)]
struct Columns {
    subjects: Vec<Uuid>,
    records: Vec<Uuid>,
    versions: Vec<i32>,
    categories: Vec<&'static str>,
    kinds: Vec<&'static str>,
    forms: Vec<&'static str>,
    contexts: Vec<&'static str>,
    classes: Vec<&'static str>,
    reveals: Vec<bool>,
    genetic: Vec<bool>,
    origins: Vec<&'static str>,
    authors: Vec<Option<Uuid>>,
    external_authors: Vec<Option<&'static str>>,
    systems: Vec<Option<String>>,
    resources: Vec<Option<String>>,
    tokens: Vec<Option<Vec<u8>>>,
    fingerprints: Vec<Option<Vec<u8>>>,
    anchors: Vec<&'static str>,
    anchored: Vec<DateTime<Utc>>,
    dek_versions: Vec<i32>,
    sealed: Vec<Vec<u8>>,
    hashes: Vec<Vec<u8>>,
}

impl Columns {
    fn push(&mut self, record: StoredRecord) -> Result<(), StoreError> {
        self.subjects.push(record.subject.as_uuid());
        self.records.push(record.id.as_uuid());
        self.versions.push(stored_number(record.version.number())?);
        self.categories.push(record.category.code());
        self.kinds.push(record.kind.code());
        self.forms.push(record.form.code());
        self.contexts.push(record.context.code());
        self.classes.push(record.class.code());
        self.reveals.push(record.reveals_health);
        self.genetic.push(record.genetic);
        self.push_origin(record.origin);
        self.anchors.push(record.anchor.code());
        self.anchored.push(record.anchor_at);
        self.dek_versions.push(stored_number(record.dek_version)?);
        self.sealed.push(record.sealed);
        self.hashes.push(record.content_hash.to_vec());
        Ok(())
    }

    fn push_origin(&mut self, origin: StoredOrigin) {
        match origin {
            StoredOrigin::Authored { author, .. } => {
                self.origins.push("authored");
                self.authors.push(Some(author.as_uuid()));
                self.external_authors.push(None);
                self.systems.push(None);
                self.resources.push(None);
                self.tokens.push(None);
                self.fingerprints.push(None);
            }
            StoredOrigin::External { system, resource, token, fingerprint, author } => {
                self.origins.push("external");
                self.authors.push(None);
                self.external_authors.push(Some(author.code()));
                self.systems.push(Some(system));
                self.resources.push(Some(resource));
                self.tokens.push(Some(token.to_vec()));
                self.fingerprints.push(Some(fingerprint.to_vec()));
            }
        }
    }
}

pub(super) async fn put(
    conn: &mut AsyncPgConnection,
    site: Site,
    records: Vec<StoredRecord>,
) -> Result<(), StoreError> {
    let mut columns = Columns::default();
    records.into_iter().try_for_each(|record| columns.push(record))?;
    diesel::sql_query(INSERT)
        .bind::<SqlUuid, _>(site.clinic)
        .bind::<Timestamptz, _>(site.now)
        .bind::<Array<SqlUuid>, _>(columns.subjects)
        .bind::<Array<SqlUuid>, _>(columns.records)
        .bind::<Array<Integer>, _>(columns.versions)
        .bind::<Array<Text>, _>(columns.categories)
        .bind::<Array<Text>, _>(columns.kinds)
        .bind::<Array<Text>, _>(columns.forms)
        .bind::<Array<Text>, _>(columns.contexts)
        .bind::<Array<Text>, _>(columns.classes)
        .bind::<Array<Bool>, _>(columns.reveals)
        .bind::<Array<Bool>, _>(columns.genetic)
        .bind::<Array<Text>, _>(columns.origins)
        .bind::<Array<Nullable<SqlUuid>>, _>(columns.authors)
        .bind::<Array<Nullable<Text>>, _>(columns.external_authors)
        .bind::<Array<Nullable<Text>>, _>(columns.systems)
        .bind::<Array<Nullable<Text>>, _>(columns.resources)
        .bind::<Array<Nullable<Binary>>, _>(columns.tokens)
        .bind::<Array<Nullable<Binary>>, _>(columns.fingerprints)
        .bind::<Array<Text>, _>(columns.anchors)
        .bind::<Array<Timestamptz>, _>(columns.anchored)
        .bind::<Array<Integer>, _>(columns.dek_versions)
        .bind::<Array<Binary>, _>(columns.sealed)
        .bind::<Array<Binary>, _>(columns.hashes)
        .execute(conn)
        .await?;
    Ok(())
}

/// Sets a floor or moves it later; the table refuses to move one earlier.
pub(super) async fn put_floor(
    conn: &mut AsyncPgConnection,
    site: Site,
    subject: SubjectId,
    floor: FloorRow,
) -> Result<(), StoreError> {
    use retention_floors::dsl;
    diesel::insert_into(dsl::retention_floors)
        .values((
            dsl::subject_id.eq(subject.as_uuid()),
            dsl::class.eq(floor.class.code()),
            dsl::clinic_id.eq(site.clinic),
            dsl::anchor.eq(floor.anchor.code()),
            dsl::anchor_at.eq(floor.anchor_at),
            dsl::keep_through.eq(floor.keep_through),
        ))
        .on_conflict((dsl::subject_id, dsl::class))
        .do_update()
        .set((
            dsl::anchor.eq(excluded(dsl::anchor)),
            dsl::anchor_at.eq(excluded(dsl::anchor_at)),
            dsl::keep_through.eq(excluded(dsl::keep_through)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn put_item_floor(
    conn: &mut AsyncPgConnection,
    site: Site,
    (subject, record): (SubjectId, RecordId),
    floor: FloorRow,
) -> Result<(), StoreError> {
    use item_floors::dsl;
    diesel::insert_into(dsl::item_floors)
        .values((
            dsl::subject_id.eq(subject.as_uuid()),
            dsl::record_id.eq(record.as_uuid()),
            dsl::clinic_id.eq(site.clinic),
            dsl::class.eq(floor.class.code()),
            dsl::anchor.eq(floor.anchor.code()),
            dsl::anchor_at.eq(floor.anchor_at),
            dsl::keep_through.eq(floor.keep_through),
        ))
        .on_conflict((dsl::subject_id, dsl::record_id))
        .do_update()
        .set((
            dsl::anchor.eq(excluded(dsl::anchor)),
            dsl::anchor_at.eq(excluded(dsl::anchor_at)),
            dsl::keep_through.eq(excluded(dsl::keep_through)),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
