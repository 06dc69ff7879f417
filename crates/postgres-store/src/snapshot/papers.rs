//! Documents, restrictions, requests and homes: what the log is compared with.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Jsonb, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use privacy_notice::Residence;
use records_model::{RecordId, Restriction, RetentionClass, SubjectId, Vocabulary};
use uuid::Uuid;

use super::Snapshot;
use crate::schema::{clinic_documents, subjects};
use crate::{StoreError, load};

/// One stored version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentEdition {
    /// When it was put in force.
    pub activated_at: DateTime<Utc>,
    /// Its text, as it is stored now.
    pub content: String,
    /// The hash that was stored with it.
    pub content_hash: [u8; 32],
}

/// A rights request as it stands.
#[derive(Debug, Clone)]
pub struct CaseState {
    /// Its document, as `rights-requests` writes it.
    pub document: serde_json::Value,
}

/// A record that the log says was written and that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingRecord {
    /// Whose it was.
    pub subject: SubjectId,
    /// With what it was kept.
    pub class: RetentionClass,
    /// Which.
    pub record: RecordId,
}

#[derive(QueryableByName)]
struct CaseRow {
    #[diesel(sql_type = Jsonb)]
    case_document: serde_json::Value,
}

#[derive(QueryableByName)]
struct MissingRow {
    #[diesel(sql_type = BigInt)]
    undocumented: i64,
    #[diesel(sql_type = BigInt)]
    early: i64,
}

const CASES: &str = "SELECT coalesce((SELECT s.step FROM resguardo.case_steps s WHERE s.subject_id = c.subject_id \
    AND s.case_id = c.case_id ORDER BY s.step_no DESC LIMIT 1), c.case_document) AS case_document \
    FROM resguardo.cases c WHERE c.clinic_id = $1";

const MISSING: &str = "SELECT count(*) AS undocumented, count(*) FILTER (WHERE coalesce( \
        (SELECT f.keep_through FROM resguardo.item_floors f WHERE (f.subject_id, f.record_id) = (m.subject, m.record)), \
        (SELECT f.keep_through FROM resguardo.retention_floors f WHERE (f.subject_id, f.class::text) = (m.subject, m.class)) \
        ) >= $4) AS early \
    FROM unnest($1, $2, $3) AS m (subject, class, record) WHERE NOT EXISTS ( \
        SELECT 1 FROM resguardo.disposal_outcomes o JOIN resguardo.disposals d USING (subject_id, disposal_id) \
        WHERE d.subject_id = m.subject AND d.class::text = m.class AND d.extent = 'class') \
    AND NOT EXISTS (SELECT 1 FROM keystore.erased_items i WHERE (i.subject_id, i.record_id) = (m.subject, m.record))";

impl Snapshot {
    /// Every stored version of one document, oldest first, read anew.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn editions(&mut self, path: &str) -> Result<Vec<DocumentEdition>, StoreError> {
        use clinic_documents::dsl;
        let rows: Vec<(DateTime<Utc>, String, Vec<u8>)> = dsl::clinic_documents
            .filter(dsl::clinic_id.eq(self.clinic.as_uuid()))
            .filter(dsl::path.eq(path))
            .order(dsl::version_no)
            .select((dsl::activated_at, dsl::content, dsl::content_hash))
            .load(&mut self.conn)
            .await?;
        rows.into_iter()
            .map(|(activated_at, content, hash)| {
                let content_hash = load::bytes32(hash, "clinic_documents")?;
                Ok(DocumentEdition { activated_at, content, content_hash })
            })
            .collect()
    }

    /// Every restriction of everybody, lifted ones included.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn restrictions(&mut self) -> Result<HashMap<SubjectId, Vec<Restriction>>, StoreError> {
        load::restrictions_of_all(&mut self.conn, self.clinic).await
    }

    /// Every rights request.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn case_states(&mut self) -> Result<Vec<CaseState>, StoreError> {
        let query = diesel::sql_query(CASES).bind::<SqlUuid, _>(self.clinic.as_uuid());
        let rows: Vec<CaseRow> = query.load(&mut self.conn).await?;
        rows.into_iter().map(|row| Ok(CaseState { document: row.case_document })).collect()
    }

    /// Where these people live, as far as they said so.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn residences(
        &mut self,
        people: &[SubjectId],
    ) -> Result<HashMap<SubjectId, Residence>, StoreError> {
        let ids: Vec<Uuid> = people.iter().map(|id| id.as_uuid()).collect();
        let rows: Vec<(Uuid, Option<String>)> = subjects::table
            .filter(subjects::subject_id.eq_any(ids))
            .select((subjects::subject_id, subjects::residence))
            .load(&mut self.conn)
            .await?;
        let home = |(id, residence): (Uuid, Option<String>)| {
            let residence = Residence::parse(&residence?).ok()?;
            Some((SubjectId::from_uuid(id), residence))
        };
        Ok(rows.into_iter().filter_map(home).collect())
    }

    /// Of records that are gone: how many without a disposal of their class or of them, and how many of those before
    /// the day through which they must be kept.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn gone_without_disposal(
        &mut self,
        missing: &[MissingRecord],
        today: NaiveDate,
    ) -> Result<(u64, u64), StoreError> {
        let people: Vec<Uuid> = missing.iter().map(|one| one.subject.as_uuid()).collect();
        let classes: Vec<&str> = missing.iter().map(|one| one.class.code()).collect();
        let records: Vec<Uuid> = missing.iter().map(|one| one.record.as_uuid()).collect();
        let row: MissingRow = diesel::sql_query(MISSING)
            .bind::<Array<SqlUuid>, _>(people)
            .bind::<Array<Text>, _>(classes)
            .bind::<Array<SqlUuid>, _>(records)
            .bind::<Date, _>(today)
            .get_result(&mut self.conn)
            .await?;
        Ok((load::counter(row.undocumented, "records")?, load::counter(row.early, "records")?))
    }
}
