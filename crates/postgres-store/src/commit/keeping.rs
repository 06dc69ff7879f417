//! Writes steps of requests and what their answers keep away.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{BlockRow, NewCaseStep};
use records_model::{ActorId, BlockId, SubjectId, Vocabulary};

use super::{Site, stored_number};
use crate::StoreError;
use crate::schema::{case_steps, record_block_lifts, record_blocks};

pub(super) async fn put_step(
    conn: &mut AsyncPgConnection,
    site: Site,
    new: NewCaseStep,
) -> Result<(), StoreError> {
    diesel::insert_into(case_steps::table)
        .values((
            case_steps::subject_id.eq(new.subject.as_uuid()),
            case_steps::case_id.eq(new.case.as_uuid()),
            case_steps::step_no.eq(stored_number(new.step_no)?),
            case_steps::clinic_id.eq(site.clinic),
            case_steps::taken_at.eq(site.now),
            case_steps::taken_by.eq(new.taken_by.as_uuid()),
            case_steps::step.eq(new.document),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn put_block(
    conn: &mut AsyncPgConnection,
    site: Site,
    subject: SubjectId,
    (block, recorded_by): (BlockRow, ActorId),
) -> Result<(), StoreError> {
    let classes = serde_json::to_value(block.classes)
        .map_err(|_| StoreError::Inconsistent { table: "a JSON column" })?;
    diesel::insert_into(record_blocks::table)
        .values((
            record_blocks::subject_id.eq(subject.as_uuid()),
            record_blocks::block_id.eq(block.id.as_uuid()),
            record_blocks::clinic_id.eq(site.clinic),
            record_blocks::case_id.eq(block.case.as_uuid()),
            record_blocks::classes.eq(classes),
            record_blocks::extent.eq(block.extent.code()),
            record_blocks::recorded_by.eq(recorded_by.as_uuid()),
            record_blocks::starts_at.eq(block.starts_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn lift_block(
    conn: &mut AsyncPgConnection,
    site: Site,
    subject: SubjectId,
    block: BlockId,
) -> Result<(), StoreError> {
    diesel::insert_into(record_block_lifts::table)
        .values((
            record_block_lifts::subject_id.eq(subject.as_uuid()),
            record_block_lifts::block_id.eq(block.as_uuid()),
            record_block_lifts::clinic_id.eq(site.clinic),
            record_block_lifts::lifted_at.eq(site.now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
