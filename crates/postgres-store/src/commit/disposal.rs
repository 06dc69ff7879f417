//! Writes proposals and approvals, and calls the one function that destroys.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::result::Error::DatabaseError;
use diesel::sql_types::{Array, BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{DisposalBlock, DisposalExtent, OperationError};
use records_model::{ActorId, DisposalId, RecordId, RetentionClass, SubjectId, Vocabulary};
use uuid::Uuid;

use super::Site;
use crate::StoreError;
use crate::row::{SINGLE_ITEMS, WHOLE_CLASS};
use crate::schema::{disposal_approvals, disposal_withdrawals, disposals};

pub(super) async fn propose(
    conn: &mut AsyncPgConnection,
    site: Site,
    (subject, id): (SubjectId, DisposalId),
    (class, extent): (RetentionClass, DisposalExtent),
    proposed_by: ActorId,
) -> Result<(), StoreError> {
    let (word, items) = match extent {
        DisposalExtent::Class => (WHOLE_CLASS, BTreeSet::new()),
        DisposalExtent::Items(items) => (SINGLE_ITEMS, items),
    };
    diesel::insert_into(disposals::table)
        .values((
            disposals::subject_id.eq(subject.as_uuid()),
            disposals::disposal_id.eq(id.as_uuid()),
            disposals::class.eq(class.code()),
            disposals::extent.eq(word),
            disposals::clinic_id.eq(site.clinic),
            disposals::proposed_by.eq(proposed_by.as_uuid()),
        ))
        .execute(conn)
        .await?;
    let items: Vec<Uuid> = items.into_iter().map(RecordId::as_uuid).collect();
    diesel::sql_query(
        "INSERT INTO resguardo.disposal_items (subject_id, disposal_id, record_id, clinic_id) \
         SELECT $1, $2, item, $3 FROM unnest($4) AS item",
    )
    .bind::<SqlUuid, _>(subject.as_uuid())
    .bind::<SqlUuid, _>(id.as_uuid())
    .bind::<SqlUuid, _>(site.clinic)
    .bind::<Array<SqlUuid>, _>(items)
    .execute(conn)
    .await?;
    Ok(())
}

pub(super) async fn approve(
    conn: &mut AsyncPgConnection,
    site: Site,
    (subject, id): (SubjectId, DisposalId),
    officer: ActorId,
) -> Result<(), StoreError> {
    diesel::insert_into(disposal_approvals::table)
        .values((
            disposal_approvals::subject_id.eq(subject.as_uuid()),
            disposal_approvals::disposal_id.eq(id.as_uuid()),
            disposal_approvals::officer_id.eq(officer.as_uuid()),
            disposal_approvals::clinic_id.eq(site.clinic),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn withdraw(
    conn: &mut AsyncPgConnection,
    site: Site,
    (subject, id): (SubjectId, DisposalId),
    officer: ActorId,
) -> Result<(), StoreError> {
    diesel::insert_into(disposal_withdrawals::table)
        .values((
            disposal_withdrawals::subject_id.eq(subject.as_uuid()),
            disposal_withdrawals::disposal_id.eq(id.as_uuid()),
            disposal_withdrawals::officer_id.eq(officer.as_uuid()),
            disposal_withdrawals::clinic_id.eq(site.clinic),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Gone {
    #[diesel(sql_type = BigInt)]
    #[expect(dead_code, reason = "the outcome row holds the count")]
    gone: i64,
}

pub(crate) async fn carry_out(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
    id: DisposalId,
) -> Result<(), StoreError> {
    let carried: Result<Gone, _> = diesel::sql_query("SELECT resguardo.dispose($1, $2) AS gone")
        .bind::<SqlUuid, _>(subject.as_uuid())
        .bind::<SqlUuid, _>(id.as_uuid())
        .get_result(conn)
        .await;
    match carried {
        Ok(_) => Ok(()),
        Err(refused) => {
            Err(block_of(&refused).map_or_else(|| refused.into(), |block| OperationError::from(block).into()))
        }
    }
}

/// What the function refused by, from the word in its detail. The dates are those of the plan, which refused with
/// them before: whoever is refused here was overtaken between two looks at the clock, or by another hand.
fn block_of(refused: &diesel::result::Error) -> Option<DisposalBlock> {
    let DatabaseError(_, about) = refused else { return None };
    match about.details()? {
        "unknown" => Some(DisposalBlock::Unknown),
        "approvals" => Some(DisposalBlock::Approvals { missing: 1 }),
        "waiting" => Some(DisposalBlock::StillWaiting),
        "floor" => Some(DisposalBlock::Floor),
        "newer" => Some(DisposalBlock::Newer),
        "hold" => Some(DisposalBlock::HeldNow),
        "key-held" => Some(DisposalBlock::KeyHeld),
        "added" => Some(DisposalBlock::Added),
        "survivors" => Some(DisposalBlock::SurvivorsWait),
        "backup" => Some(DisposalBlock::BackupFirst),
        "accounting-last" => Some(DisposalBlock::AccountingLast),
        "withdrawn" => Some(DisposalBlock::WithdrawnNow),
        "done" => Some(DisposalBlock::AlreadyDone),
        _ => None,
    }
}
