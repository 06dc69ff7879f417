//! What is held of each person, as far as retention depends on it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryableByName;
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use privacy_operations::{AgeMark, Keeping, KeptAnchor, KeptFacts};
use records_model::{AnchorEvent, ContentKind, RetentionClass, SubjectId, Vocabulary};
use uuid::Uuid;

use super::Snapshot;
use crate::schema::subjects;
use crate::{StoreError, load};

/// People a page.
const PAGE: i64 = 500;

#[derive(QueryableByName)]
struct AnchorRow {
    #[diesel(sql_type = SqlUuid)]
    subject_id: Uuid,
    #[diesel(sql_type = Text)]
    class: String,
    #[diesel(sql_type = Text)]
    anchor: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    first_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_at: Option<DateTime<Utc>>,
}

/// The first and the last of each anchor over records (of each its latest; of medical ones the acts only), and floors; a class of which no
/// record is left is not held any more.
const ANCHORS: &str = "SELECT r.subject_id, r.class::text, r.anchor::text, min(r.at) AS first_at, max(r.at) AS last_at \
    FROM (SELECT subject_id, class, anchor, max(anchor_at) FILTER (WHERE anchor <> 'last-medical-act' OR kind = ANY ($2)) AS at \
        FROM resguardo.records WHERE subject_id = ANY ($1) GROUP BY subject_id, record_id, class, anchor) r \
    GROUP BY r.subject_id, r.class, r.anchor \
    UNION ALL SELECT f.subject_id, f.class::text, f.anchor::text, f.anchor_at, f.anchor_at FROM resguardo.retention_floors f \
    WHERE f.subject_id = ANY ($1) AND EXISTS ( \
        SELECT 1 FROM resguardo.records r WHERE r.subject_id = f.subject_id AND r.class = f.class)";

impl Snapshot {
    /// What is held of the next people after this one, by id; empty at the end.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer or a row breaks its own rules.
    pub async fn keepings_after(
        &mut self,
        last: Option<SubjectId>,
    ) -> Result<Vec<(SubjectId, Keeping)>, StoreError> {
        use subjects::dsl;
        let after = last.map_or(Uuid::nil(), SubjectId::as_uuid);
        let rows: Vec<(Uuid, String, Option<NaiveDate>)> = dsl::subjects
            .filter(dsl::clinic_id.eq(self.clinic.as_uuid()))
            .filter(dsl::subject_id.gt(after))
            .order(dsl::subject_id)
            .limit(PAGE)
            .select((dsl::subject_id, dsl::age_mark, dsl::born_by))
            .load(&mut self.conn)
            .await?;
        let mut keepings: BTreeMap<Uuid, Keeping> = BTreeMap::new();
        for (id, mark, born_by) in rows {
            let age: AgeMark = load::age_mark(&mark, born_by)?;
            let (anchors, classes, holds) = (Vec::new(), BTreeSet::new(), Vec::new());
            let kept = KeptFacts::default();
            keepings.insert(id, Keeping { age, anchors, classes, holds, kept });
        }
        self.add_anchors(&mut keepings).await?;
        let ids: Vec<Uuid> = keepings.keys().copied().collect();
        for (subject, hold) in load::holds_of_many(&mut self.conn, &ids).await? {
            if let Some(keeping) = keepings.get_mut(&subject) {
                keeping.holds.push(hold);
            }
        }
        for (subject, block) in load::blocks_of_many(&mut self.conn, &ids).await? {
            if let Some(keeping) = keepings.get_mut(&subject) {
                keeping.kept.blocks.push(block);
            }
        }
        Ok(keepings.into_iter().map(|(id, keeping)| (SubjectId::from_uuid(id), keeping)).collect())
    }

    async fn add_anchors(&mut self, keepings: &mut BTreeMap<Uuid, Keeping>) -> Result<(), StoreError> {
        const TABLE: &str = "records";
        let ids: Vec<Uuid> = keepings.keys().copied().collect();
        let acts = ContentKind::ALL.iter().filter(|kind| kind.is_medical_act()).map(|kind| kind.code());
        let rows: Vec<AnchorRow> = diesel::sql_query(ANCHORS)
            .bind::<Array<SqlUuid>, _>(ids)
            .bind::<Array<Text>, _>(acts.collect::<Vec<_>>())
            .load(&mut self.conn)
            .await?;
        for row in rows {
            let Some(keeping) = keepings.get_mut(&row.subject_id) else { continue };
            let class: RetentionClass = load::word(&row.class, TABLE)?;
            keeping.classes.insert(class);
            let event: AnchorEvent = load::word(&row.anchor, TABLE)?;
            let dates = row.first_at.zip(row.last_at);
            keeping.anchors.extend(dates.map(|(first_at, last_at)| KeptAnchor {
                class,
                event,
                first_at,
                last_at,
            }));
        }
        Ok(())
    }
}
