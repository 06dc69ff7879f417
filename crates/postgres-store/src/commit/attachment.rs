//! Writes what is known of a file; its chunks are there already.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::StoredAttachment;
use records_model::Vocabulary;

use super::{Site, stored_number};
use crate::StoreError;
use crate::schema::attachments;

pub(super) async fn put(
    conn: &mut AsyncPgConnection,
    site: Site,
    attachment: StoredAttachment,
) -> Result<(), StoreError> {
    use attachments::dsl;
    let stream = attachment.stream;
    let sealed_bytes = i64::try_from(stream.sealed_bytes);
    diesel::insert_into(dsl::attachments)
        .values((
            dsl::subject_id.eq(attachment.subject.as_uuid()),
            dsl::record_id.eq(attachment.record.as_uuid()),
            dsl::version.eq(stored_number(attachment.version.number())?),
            dsl::dek_version.eq(stored_number(stream.dek_version)?),
            dsl::clinic_id.eq(site.clinic),
            dsl::class.eq(attachment.class.code()),
            dsl::header.eq(stream.header.as_slice()),
            dsl::sealed_bytes
                .eq(sealed_bytes.map_err(|_| StoreError::Inconsistent { table: "attachments" })?),
            dsl::content_hash.eq(stream.content_hash.as_slice()),
            dsl::stored_at.eq(attachment.stored_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
