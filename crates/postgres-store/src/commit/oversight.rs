//! Writes suspensions of the accounting, alerts and their verdicts.

use audit_log::{Closing, RecipientId, Statement};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{NewSuspension, StoredAlert};
use records_model::{AlertId, SubjectId, Vocabulary};

use super::{Site, stored_number};
use crate::StoreError;
use crate::schema::{accounting_suspensions, alert_verdicts, alerts};

pub(super) async fn put_suspension(
    conn: &mut AsyncPgConnection,
    site: Site,
    new: NewSuspension,
) -> Result<(), StoreError> {
    use accounting_suspensions::dsl;
    let authority = match new.suspension.authority().id {
        Some(RecipientId::Provider(id)) => Some(id.as_uuid()),
        Some(RecipientId::Person(_) | RecipientId::Actor(_)) | None => None,
    };
    let form = match new.statement {
        Statement::Written { .. } => "written",
        Statement::Oral => "oral",
    };
    diesel::insert_into(dsl::accounting_suspensions)
        .values((
            dsl::subject_id.eq(new.subject.as_uuid()),
            dsl::suspension_id.eq(new.id.as_uuid()),
            dsl::clinic_id.eq(site.clinic),
            dsl::authority_id.eq(authority),
            dsl::form.eq(form),
            dsl::stated_at.eq(new.suspension.from()),
            dsl::ends_at.eq(new.suspension.until()),
            dsl::recorded_by.eq(new.recorded_by.as_uuid()),
            dsl::recorded_at.eq(site.now),
            dsl::words.eq(new.words),
            dsl::dek_version.eq(stored_number(new.dek_version)?),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn put_alert(
    conn: &mut AsyncPgConnection,
    site: Site,
    alert: StoredAlert,
) -> Result<(), StoreError> {
    diesel::insert_into(alerts::table)
        .values((
            alerts::subject_id.eq(alert.owner.as_uuid()),
            alerts::alert_id.eq(alert.id.as_uuid()),
            alerts::clinic_id.eq(site.clinic),
            alerts::rule.eq(alert.rule.code()),
            alerts::raised_at.eq(alert.raised_at),
            alerts::sealed.eq(alert.sealed),
            alerts::dek_version.eq(stored_number(alert.dek_version)?),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn put_verdict(
    conn: &mut AsyncPgConnection,
    site: Site,
    (owner, id): (SubjectId, AlertId),
    closing: Closing,
) -> Result<(), StoreError> {
    use alert_verdicts::dsl;
    diesel::insert_into(dsl::alert_verdicts)
        .values((
            dsl::subject_id.eq(owner.as_uuid()),
            dsl::alert_id.eq(id.as_uuid()),
            dsl::clinic_id.eq(site.clinic),
            dsl::verdict.eq(closing.verdict.code()),
            dsl::judged_by.eq(closing.by.as_uuid()),
            dsl::judged_at.eq(closing.at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}
