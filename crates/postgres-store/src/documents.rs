//! The clinic's documents in force; a stored version never changes, so it is read once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::DocumentRow;
use records_model::ClinicId;

use crate::StoreError;
use crate::row::number;
use crate::schema::clinic_documents::dsl;

type Key = (ClinicId, String, i32);

/// Versions of documents that were read before.
#[derive(Clone, Default)]
pub(crate) struct DocumentCache(Arc<Mutex<HashMap<Key, DocumentRow>>>);

impl DocumentCache {
    /// The newest version of each document.
    pub(crate) async fn in_force(
        &self,
        conn: &mut AsyncPgConnection,
        clinic: ClinicId,
    ) -> Result<Vec<DocumentRow>, StoreError> {
        let newest: Vec<(String, Option<i32>)> = dsl::clinic_documents
            .filter(dsl::clinic_id.eq(clinic.as_uuid()))
            .group_by(dsl::path)
            .order(dsl::path)
            .select((dsl::path, diesel::dsl::max(dsl::version_no)))
            .load(conn)
            .await?;
        let mut rows = Vec::with_capacity(newest.len());
        for (path, version) in newest {
            let version = version.ok_or(StoreError::Inconsistent { table: "clinic_documents" })?;
            rows.push(self.one(conn, (clinic, path, version)).await?);
        }
        Ok(rows)
    }

    async fn one(&self, conn: &mut AsyncPgConnection, key: Key) -> Result<DocumentRow, StoreError> {
        if let Some(known) = self.0.lock().ok().and_then(|cache| cache.get(&key).cloned()) {
            return Ok(known);
        }
        let (content, hash): (String, Vec<u8>) = dsl::clinic_documents
            .find((key.0.as_uuid(), &key.1, key.2))
            .select((dsl::content, dsl::content_hash))
            .first(conn)
            .await?;
        let content_hash =
            hash.try_into().map_err(|_| StoreError::Inconsistent { table: "clinic_documents" })?;
        let version_no = number(key.2, "clinic_documents")?;
        let row = DocumentRow { path: key.1.clone(), version_no, content: content.into(), content_hash };
        if let Ok(mut cache) = self.0.lock() {
            cache.insert(key, row.clone());
        }
        Ok(row)
    }
}
