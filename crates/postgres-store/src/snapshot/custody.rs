//! Records and sealed values, page by page, without opening any.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use records_model::{
    ActorId, AnchorEvent, Category, ContentForm, ContentKind, Context, RecordId, RetentionClass, SubjectId,
    Vocabulary,
};
use uuid::Uuid;

use super::Snapshot;
use crate::StoreError;

/// Whether the words of a row stand in the closed lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WordCheck {
    /// Each of them does.
    InLists,
    /// One of them does not.
    Outside,
}

/// One version of one record as it is stored, whatever it says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVersion {
    /// Whose it is.
    pub subject: SubjectId,
    /// The record.
    pub record: RecordId,
    /// Its category, if that is a word of the list.
    pub category: Option<Category>,
    /// Whether all its words are.
    pub words: WordCheck,
    /// Who wrote it here, if it was written here.
    pub author: Option<ActorId>,
    /// Whether that author is an actor of this clinic.
    pub author_known: bool,
    /// When it was stored.
    pub recorded_at: DateTime<Utc>,
    /// Its sealed fields, framed.
    pub sealed: Vec<u8>,
    /// SHA-256 of the sealed fields, as stored beside them.
    pub content_hash: Vec<u8>,
}

#[derive(QueryableByName)]
struct VersionRow {
    #[diesel(sql_type = SqlUuid)]
    subject_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    record_id: Uuid,
    #[diesel(sql_type = Text)]
    category: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    form: String,
    #[diesel(sql_type = Text)]
    context: String,
    #[diesel(sql_type = Text)]
    class: String,
    #[diesel(sql_type = Text)]
    anchor: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    author_id: Option<Uuid>,
    #[diesel(sql_type = Bool)]
    author_known: bool,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
    #[diesel(sql_type = Binary)]
    content_hash: Vec<u8>,
}

const VERSIONS: &str = "DECLARE record_walk NO SCROLL CURSOR FOR \
    SELECT r.subject_id, r.record_id, r.category::text, r.kind::text, r.form::text, r.context::text, \
        r.class::text, r.anchor::text, r.author_id, a.actor_id IS NOT NULL AS author_known, r.recorded_at, \
        r.sealed, r.content_hash \
    FROM resguardo.records r \
    LEFT JOIN resguardo.actors a ON a.actor_id = r.author_id AND a.clinic_id = r.clinic_id \
    WHERE r.clinic_id = resguardo.current_clinic()";

const VERSIONS_PAGE: &str = "FETCH FORWARD 500 FROM record_walk";

/// The head of every other sealed value: 64 bytes of header and the length of a tag, which is the shortest that
/// an envelope can be.
const HEADS: &str = "DECLARE seal_walk NO SCROLL CURSOR FOR SELECT substring(sealed FROM 1 FOR 80) AS head FROM ( \
    SELECT clinic_id, pseudonym AS sealed FROM resguardo.actors \
    UNION ALL SELECT clinic_id, sealed FROM resguardo.subject_pseudonyms \
    UNION ALL SELECT clinic_id, sealed FROM resguardo.log_sides \
    UNION ALL SELECT clinic_id, receipt FROM resguardo.consents WHERE receipt IS NOT NULL \
    UNION ALL SELECT clinic_id, reason FROM resguardo.evidence \
    UNION ALL SELECT clinic_id, words FROM resguardo.cases WHERE words IS NOT NULL) AS every \
    WHERE clinic_id = resguardo.current_clinic()";

const HEADS_PAGE: &str = "FETCH FORWARD 5000 FROM seal_walk";

#[derive(QueryableByName)]
struct HeadRow {
    #[diesel(sql_type = Binary)]
    head: Vec<u8>,
}

impl Snapshot {
    /// Begins to read every version of every record; [`Snapshot::next_versions`] goes on.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn begin_records(&mut self) -> Result<(), StoreError> {
        Ok(self.conn.batch_execute(VERSIONS).await?)
    }

    /// The next page of records; empty at the end.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn next_versions(&mut self) -> Result<Vec<StoredVersion>, StoreError> {
        let rows: Vec<VersionRow> = diesel::sql_query(VERSIONS_PAGE).load(&mut self.conn).await?;
        Ok(rows.into_iter().map(stored_version).collect())
    }

    /// Begins to read the heads of all sealed values outside the records; [`Snapshot::next_heads`] goes on.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn begin_heads(&mut self) -> Result<(), StoreError> {
        Ok(self.conn.batch_execute(HEADS).await?)
    }

    /// The next page of heads, at most 80 bytes each; empty at the end.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn next_heads(&mut self) -> Result<Vec<Vec<u8>>, StoreError> {
        let rows: Vec<HeadRow> = diesel::sql_query(HEADS_PAGE).load(&mut self.conn).await?;
        Ok(rows.into_iter().map(|row| row.head).collect())
    }
}

fn stored_version(row: VersionRow) -> StoredVersion {
    let category = Category::parse(&row.category).ok();
    let is_in_lists = category.is_some()
        && ContentKind::parse(&row.kind).is_ok()
        && ContentForm::parse(&row.form).is_ok()
        && Context::parse(&row.context).is_ok()
        && RetentionClass::parse(&row.class).is_ok()
        && AnchorEvent::parse(&row.anchor).is_ok();
    StoredVersion {
        subject: SubjectId::from_uuid(row.subject_id),
        record: RecordId::from_uuid(row.record_id),
        category,
        words: if is_in_lists { WordCheck::InLists } else { WordCheck::Outside },
        author: row.author_id.map(ActorId::from_uuid),
        author_known: row.author_known,
        recorded_at: row.recorded_at,
        sealed: row.sealed,
        content_hash: row.content_hash,
    }
}
