//! How somebody's records are kept: what is held, what was proposed for destruction, what is kept away.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types::{Array, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{BlockRow, HeldRow, KeptFacts};
use records_model::{BlockId, CaseId, ContentKind, SubjectId, Vocabulary};
use uuid::Uuid;

use super::{json, word};
use crate::StoreError;

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = Nullable<Text>)]
    category: Option<String>,
    #[diesel(sql_type = Text)]
    class: String,
    #[diesel(sql_type = Nullable<Text>)]
    anchor: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    anchor_at: Option<DateTime<Utc>>,
}

/// The latest of each anchor over records (of medical ones the acts only) and floors; and, without an anchor, the
/// classes whose destruction as a whole is proposed.
const HELD: &str = "SELECT r.category::text, r.class::text, r.anchor::text, \
        max(r.anchor_at) FILTER (WHERE r.anchor <> 'last-medical-act' OR r.kind = ANY ($2)) AS anchor_at \
    FROM resguardo.records r WHERE r.subject_id = $1 GROUP BY r.category, r.class, r.anchor \
    UNION ALL SELECT NULL, f.class::text, f.anchor::text, f.anchor_at FROM resguardo.retention_floors f \
    WHERE f.subject_id = $1 \
    UNION ALL SELECT NULL, d.class::text, NULL, d.proposed_at FROM resguardo.disposals d WHERE d.subject_id = $1 \
        AND d.extent = 'class' \
        AND NOT EXISTS (SELECT 1 FROM resguardo.disposal_outcomes o \
            WHERE (o.subject_id, o.disposal_id) = (d.subject_id, d.disposal_id)) \
        AND NOT EXISTS (SELECT 1 FROM resguardo.disposal_withdrawals w \
            WHERE (w.subject_id, w.disposal_id) = (d.subject_id, d.disposal_id))";

#[derive(QueryableByName)]
struct OrderRow {
    #[diesel(sql_type = SqlUuid)]
    subject_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    block_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    case_id: Uuid,
    #[diesel(sql_type = Jsonb)]
    classes: serde_json::Value,
    #[diesel(sql_type = Text)]
    extent: String,
    #[diesel(sql_type = Timestamptz)]
    starts_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    lifted_at: Option<DateTime<Utc>>,
}

const BLOCKS: &str = "SELECT b.subject_id, b.block_id, b.case_id, b.classes, b.extent, b.starts_at, l.lifted_at \
    FROM resguardo.record_blocks b LEFT JOIN resguardo.record_block_lifts l USING (subject_id, block_id) \
    WHERE b.subject_id = ANY ($1) ORDER BY b.starts_at, b.block_id";

/// Everything that decisions about this person's records rest on.
pub(super) async fn facts(conn: &mut AsyncPgConnection, subject: SubjectId) -> Result<KeptFacts, StoreError> {
    let acts = ContentKind::ALL.iter().filter(|kind| kind.is_medical_act()).map(|kind| kind.code());
    let rows: Vec<Held> = diesel::sql_query(HELD)
        .bind::<SqlUuid, _>(subject.as_uuid())
        .bind::<Array<Text>, _>(acts.collect::<Vec<_>>())
        .load(conn)
        .await?;
    let blocks = blocks_of_many(conn, &[subject.as_uuid()]).await?;
    let mut kept =
        KeptFacts { blocks: blocks.into_iter().map(|(_, block)| block).collect(), ..KeptFacts::default() };
    for row in rows {
        let class = word(&row.class, "records")?;
        let Some(anchor) = row.anchor else {
            kept.proposed = kept.proposed.with(class);
            continue;
        };
        kept.held.push(HeldRow {
            category: row.category.map(|category| word(&category, "records")).transpose()?,
            class,
            anchor: word(&anchor, "records")?,
            anchor_at: row.anchor_at,
        });
    }
    Ok(kept)
}

/// The orders to keep records of these people away, lifted ones included.
pub(crate) async fn blocks_of_many(
    conn: &mut AsyncPgConnection,
    people: &[Uuid],
) -> Result<Vec<(Uuid, BlockRow)>, StoreError> {
    const TABLE: &str = "record_blocks";
    let rows: Vec<OrderRow> = diesel::sql_query(BLOCKS).bind::<Array<SqlUuid>, _>(people).load(conn).await?;
    rows.into_iter()
        .map(|row| {
            let block = BlockRow {
                id: BlockId::from_uuid(row.block_id),
                case: CaseId::from_uuid(row.case_id),
                classes: json(row.classes, TABLE)?,
                extent: word(&row.extent, TABLE)?,
                starts_at: row.starts_at,
                lifted_at: row.lifted_at,
            };
            Ok((row.subject_id, block))
        })
        .collect()
}
