//! Alerts, how often each rule was right, who has whose telephone, and under which names staff sign in.

use audit_log::{AlertRule, ContactToken, RulePrecision};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use privacy_operations::StoredAlert;
use records_model::{ActorId, AlertId, ClinicId, SubjectId, Vocabulary};
use uuid::Uuid;

use super::in_clinic;
use crate::load::AlertRow;
use crate::schema::{actor_logins, alert_verdicts, alerts};
use crate::{Store, StoreError, load};

#[derive(QueryableByName)]
struct PrecisionRow {
    #[diesel(sql_type = Text)]
    rule: String,
    #[diesel(sql_type = BigInt)]
    confirmed: i64,
    #[diesel(sql_type = BigInt)]
    explained: i64,
    #[diesel(sql_type = BigInt)]
    open: i64,
}

const PRECISION: &str = "SELECT a.rule, count(*) FILTER (WHERE v.verdict = 'confirmed') AS confirmed, \
    count(*) FILTER (WHERE v.verdict = 'explained') AS explained, count(*) FILTER (WHERE v.verdict IS NULL) AS open \
    FROM resguardo.alerts a LEFT JOIN resguardo.alert_verdicts v USING (subject_id, alert_id) \
    WHERE a.clinic_id = $1 GROUP BY a.rule";

#[derive(QueryableByName)]
struct ContactRow {
    #[diesel(sql_type = SqlUuid)]
    subject_id: Uuid,
    #[diesel(sql_type = Binary)]
    token: Vec<u8>,
}

/// The telephones and e-mail addresses of staff, with everybody else who has one of them.
const STAFF_CONTACTS: &str = "SELECT DISTINCT b.subject_id, b.token FROM resguardo.blind_tokens b \
    WHERE b.clinic_id = $1 AND b.field IN ('phone', 'email') AND (b.field, b.token) IN ( \
        SELECT s.field, s.token FROM resguardo.blind_tokens s JOIN resguardo.actors a ON a.subject_id = s.subject_id \
        WHERE s.clinic_id = $1 AND s.field IN ('phone', 'email') AND a.role NOT IN ('person', 'representative', 'visitor', 'system'))";

impl Store {
    /// The alerts without a verdict, oldest first; those that were raised at or after this instant, with a verdict
    /// or without, if one is given.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn alerts(
        &self,
        clinic: ClinicId,
        since: Option<DateTime<Utc>>,
    ) -> Result<Vec<StoredAlert>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let mut query =
                load::judged_alerts!().filter(alerts::clinic_id.eq(clinic.as_uuid())).into_boxed();
            query = match since {
                Some(since) => query.filter(alerts::raised_at.ge(since)),
                None => query.filter(alert_verdicts::alert_id.is_null()),
            };
            let rows: Vec<AlertRow> = query.load(conn).await?;
            rows.into_iter().map(load::stored_alert).collect()
        })
    }

    /// Whose accounting key seals an alert; nobody if there is no such alert.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn alert_owner(&self, clinic: ClinicId, id: AlertId) -> Result<Option<SubjectId>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let owner: Option<Uuid> = alerts::table
                .filter(alerts::clinic_id.eq(clinic.as_uuid()))
                .filter(alerts::alert_id.eq(id.as_uuid()))
                .select(alerts::subject_id)
                .first(conn)
                .await
                .optional()?;
            Ok(owner.map(SubjectId::from_uuid))
        })
    }

    /// How often each rule was right, in the order of the rules, also of those that never spoke.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn rule_precision(&self, clinic: ClinicId) -> Result<Vec<RulePrecision>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let query = diesel::sql_query(PRECISION).bind::<SqlUuid, _>(clinic.as_uuid());
            let rows: Vec<PrecisionRow> = query.load(conn).await?;
            AlertRule::ALL
                .iter()
                .map(|rule| {
                    let row = rows.iter().find(|row| row.rule == rule.code());
                    let count = |of: fn(&PrecisionRow) -> i64| load::counter(row.map_or(0, of), "alerts");
                    Ok(RulePrecision {
                        rule: *rule,
                        confirmed: count(|row| row.confirmed)?,
                        explained: count(|row| row.explained)?,
                        open: count(|row| row.open)?,
                    })
                })
                .collect()
        })
    }

    /// The keyed tokens of staff's telephones and e-mail addresses, with everybody who has one of them.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn staff_contacts(
        &self,
        clinic: ClinicId,
    ) -> Result<Vec<(SubjectId, ContactToken)>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let query = diesel::sql_query(STAFF_CONTACTS).bind::<SqlUuid, _>(clinic.as_uuid());
            let rows: Vec<ContactRow> = query.load(conn).await?;
            rows.into_iter()
                .map(|row| {
                    let token = load::bytes32(row.token, "blind_tokens")?;
                    Ok((SubjectId::from_uuid(row.subject_id), ContactToken::from_bytes(token)))
                })
                .collect()
        })
    }

    /// Under which name each of the staff signs in.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn sign_in_names(&self, clinic: ClinicId) -> Result<Vec<(ActorId, String)>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let rows: Vec<(Uuid, String)> = actor_logins::table
                .filter(actor_logins::clinic_id.eq(clinic.as_uuid()))
                .select((actor_logins::actor_id, actor_logins::login))
                .load(conn)
                .await?;
            Ok(rows.into_iter().map(|(id, login)| (ActorId::from_uuid(id), login)).collect())
        })
    }
}
