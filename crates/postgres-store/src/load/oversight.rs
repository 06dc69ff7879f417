//! Suspensions of the accounting, and alerts.

use audit_log::{Closing, Recipient, RecipientId, Suspension};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::StoredAlert;
use records_model::{ActorId, AlertId, ProviderId, RecipientClass, SubjectId};
use uuid::Uuid;

use super::{number, word};
use crate::StoreError;
use crate::schema::{accounting_suspensions, alerts};

/// Every suspension of a person's accounting; whether it still hides anything is the rules' to say.
pub(super) async fn suspensions(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
) -> Result<Vec<Suspension>, StoreError> {
    use accounting_suspensions::dsl;
    let rows: Vec<(Option<Uuid>, DateTime<Utc>, DateTime<Utc>)> = dsl::accounting_suspensions
        .filter(dsl::subject_id.eq(subject.as_uuid()))
        .order((dsl::stated_at, dsl::suspension_id))
        .select((dsl::authority_id, dsl::stated_at, dsl::ends_at))
        .load(conn)
        .await?;
    rows.into_iter()
        .map(|(authority, from, until)| {
            let id = authority.map(|id| RecipientId::Provider(ProviderId::from_uuid(id)));
            let authority = Recipient { class: RecipientClass::Authority, id };
            Suspension::stored(subject, authority, from, until)
                .map_err(|_| StoreError::Inconsistent { table: "accounting_suspensions" })
        })
        .collect()
}

/// An alert with its verdict, if it has one.
#[derive(Queryable)]
pub(crate) struct AlertRow {
    subject_id: Uuid,
    alert_id: Uuid,
    rule: String,
    raised_at: DateTime<Utc>,
    sealed: Vec<u8>,
    dek_version: i32,
    verdict: Option<(String, Uuid, DateTime<Utc>)>,
}

/// Alerts with their verdicts, oldest first.
macro_rules! judged_alerts {
    () => {{
        use $crate::schema::{alert_verdicts, alerts};
        alerts::table
            .left_join(
                alert_verdicts::table.on(alert_verdicts::subject_id
                    .eq(alerts::subject_id)
                    .and(alert_verdicts::alert_id.eq(alerts::alert_id))),
            )
            .order((alerts::raised_at, alerts::alert_id))
            .select((
                alerts::subject_id,
                alerts::alert_id,
                alerts::rule,
                alerts::raised_at,
                alerts::sealed,
                alerts::dek_version,
                (alert_verdicts::verdict, alert_verdicts::judged_by, alert_verdicts::judged_at).nullable(),
            ))
    }};
}
pub(crate) use judged_alerts;

/// The alerts that are sealed with this person's key.
pub(super) async fn alerts(
    conn: &mut AsyncPgConnection,
    owner: SubjectId,
) -> Result<Vec<StoredAlert>, StoreError> {
    let rows: Vec<AlertRow> =
        judged_alerts!().filter(alerts::subject_id.eq(owner.as_uuid())).load(conn).await?;
    rows.into_iter().map(stored_alert).collect()
}

pub(crate) fn stored_alert(row: AlertRow) -> Result<StoredAlert, StoreError> {
    const TABLE: &str = "alerts";
    let closing = |(verdict, by, at): (String, Uuid, DateTime<Utc>)| {
        let verdict = word(&verdict, "alert_verdicts")?;
        Ok::<_, StoreError>(Closing { verdict, by: ActorId::from_uuid(by), at })
    };
    Ok(StoredAlert {
        owner: SubjectId::from_uuid(row.subject_id),
        id: AlertId::from_uuid(row.alert_id),
        rule: word(&row.rule, TABLE)?,
        raised_at: row.raised_at,
        dek_version: number(row.dek_version, TABLE)?,
        sealed: row.sealed,
        closing: row.verdict.map(closing).transpose()?,
    })
}
