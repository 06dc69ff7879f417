//! Disposals: what was proposed, who approved it, what was carried out.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{ApprovalRow, DisposalExtent, DisposalRow};
use records_model::{ActorId, DisposalId, RecordId, SubjectId};
use uuid::Uuid;

use super::word;
use crate::StoreError;
use crate::row::{SINGLE_ITEMS, WHOLE_CLASS};
use crate::schema::{
    actors, disposal_approvals, disposal_items, disposal_outcomes, disposal_withdrawals, disposals,
};

type Row = (
    (Uuid, Uuid),
    (String, String),
    Uuid,
    DateTime<Utc>,
    DateTime<Utc>,
    Option<DateTime<Utc>>,
    Option<DateTime<Utc>>,
);
type Approval = (Uuid, Uuid, Uuid, String, DateTime<Utc>);

/// Every disposal of one person, oldest first.
pub(super) async fn of(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
) -> Result<Vec<DisposalRow>, StoreError> {
    Ok(of_many(conn, Some(subject)).await?.into_iter().map(|(_, row)| row).collect())
}

/// Every disposal of one person, or of everybody the transaction sees.
pub(crate) async fn of_many(
    conn: &mut AsyncPgConnection,
    subject: Option<SubjectId>,
) -> Result<Vec<(SubjectId, DisposalRow)>, StoreError> {
    let outcome = disposal_outcomes::subject_id
        .eq(disposals::subject_id)
        .and(disposal_outcomes::disposal_id.eq(disposals::disposal_id));
    let withdrawal = disposal_withdrawals::subject_id
        .eq(disposals::subject_id)
        .and(disposal_withdrawals::disposal_id.eq(disposals::disposal_id));
    let mut query = disposals::table
        .left_join(disposal_outcomes::table.on(outcome))
        .left_join(disposal_withdrawals::table.on(withdrawal))
        .order((disposals::proposed_at, disposals::disposal_id))
        .select((
            (disposals::subject_id, disposals::disposal_id),
            (disposals::class, disposals::extent),
            disposals::proposed_by,
            disposals::proposed_at,
            disposals::not_before,
            disposal_outcomes::destroyed_at.nullable(),
            disposal_withdrawals::withdrawn_at.nullable(),
        ))
        .into_boxed();
    let mut approved = disposal_approvals::table
        .inner_join(actors::table.on(actors::actor_id.eq(disposal_approvals::officer_id)))
        .order((disposal_approvals::approved_at, disposal_approvals::officer_id))
        .select((
            disposal_approvals::disposal_id,
            disposal_approvals::officer_id,
            actors::subject_id,
            actors::role,
            disposal_approvals::approved_at,
        ))
        .into_boxed();
    let mut items =
        disposal_items::table.select((disposal_items::disposal_id, disposal_items::record_id)).into_boxed();
    if let Some(subject) = subject {
        items = items.filter(disposal_items::subject_id.eq(subject.as_uuid()));
        query = query.filter(disposals::subject_id.eq(subject.as_uuid()));
        approved = approved.filter(disposal_approvals::subject_id.eq(subject.as_uuid()));
    }
    let rows: Vec<Row> = query.load(conn).await?;
    let approvals: Vec<Approval> = approved.load(conn).await?;
    let mut extents: BTreeMap<Uuid, BTreeSet<RecordId>> = BTreeMap::new();
    for (disposal, record) in items.load::<(Uuid, Uuid)>(conn).await? {
        extents.entry(disposal).or_default().insert(RecordId::from_uuid(record));
    }
    rows.into_iter().map(|row| disposal(row, &approvals, &mut extents)).collect()
}

fn disposal(
    row: Row,
    approvals: &[Approval],
    items: &mut BTreeMap<Uuid, BTreeSet<RecordId>>,
) -> Result<(SubjectId, DisposalRow), StoreError> {
    let ((subject, id), (class, extent), proposed_by, proposed_at, not_before, done_at, withdrawn_at) = row;
    let extent = match extent.as_str() {
        WHOLE_CLASS => DisposalExtent::Class,
        SINGLE_ITEMS => DisposalExtent::Items(items.remove(&id).unwrap_or_default()),
        _ => return Err(StoreError::Inconsistent { table: "disposals" }),
    };
    let of_this = approvals.iter().filter(|(disposal, ..)| *disposal == id);
    let approval = |(_, officer, person, role, at): &Approval| {
        Ok(ApprovalRow {
            officer: ActorId::from_uuid(*officer),
            person: SubjectId::from_uuid(*person),
            role: word(role, "actors")?,
            at: *at,
        })
    };
    let row = DisposalRow {
        id: DisposalId::from_uuid(id),
        class: word(&class, "disposals")?,
        extent,
        proposed_by: ActorId::from_uuid(proposed_by),
        proposed_at,
        not_before,
        approvals: of_this.map(approval).collect::<Result<_, StoreError>>()?,
        done_at,
        withdrawn_at,
    };
    Ok((SubjectId::from_uuid(subject), row))
}
