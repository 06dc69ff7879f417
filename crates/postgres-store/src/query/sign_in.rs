//! Signing in: names, hashes of passwords, and sessions. Whoever left gets no answer from either.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use records_model::{ActorId, ClinicId};
use uuid::Uuid;

use super::in_clinic;
use super::people::{ActorLine, actor_line};
use crate::schema::{actor_logins, actors, clearance_entries, sessions};
use crate::{Store, StoreError, load};

/// What signing in needs.
#[derive(Clone)]
pub struct LoginRow {
    /// The actor.
    pub line: ActorLine,
    /// The hash of their password (argon2id).
    pub password_hash: String,
}

/// Shows the actor, and no hash: it can be guessed against.
impl fmt::Debug for LoginRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginRow").field("line", &self.line).finish_non_exhaustive()
    }
}

impl Store {
    /// What signing in with this name needs; nothing for an actor whose last day is before `today`, the date at
    /// the clinic.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn login(
        &self,
        clinic: ClinicId,
        login: &str,
        today: NaiveDate,
    ) -> Result<Option<LoginRow>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let row: Option<(String, (Uuid, String, Uuid))> = actor_logins::table
                .inner_join(actors::table.on(actors::actor_id.eq(actor_logins::actor_id)))
                .filter(actor_logins::login.eq(login))
                .select((actor_logins::password_hash, (actors::actor_id, actors::role, actors::subject_id)))
                .first(conn)
                .await
                .optional()?;
            let Some((password_hash, line)) = row else { return Ok(None) };
            let line = actor_line(line)?;
            Ok(works_on(conn, line, today).await?.map(|line| LoginRow { line, password_hash }))
        })
    }

    /// How many actors can sign in.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn login_count(&self, clinic: ClinicId) -> Result<u64, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let count: i64 = actor_logins::table
                .filter(actor_logins::clinic_id.eq(clinic.as_uuid()))
                .count()
                .get_result(conn)
                .await?;
            load::counter(count, "actor_logins")
        })
    }

    /// Opens a session under the hash of its token. `from` is an instant before the password was looked up: a
    /// password that was changed since ends the session.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn open_session(
        &self,
        clinic: ClinicId,
        actor: ActorId,
        token_hash: [u8; 32],
        (from, until): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<(), StoreError> {
        use sessions::dsl;
        in_clinic!(self, clinic, async |conn| {
            diesel::insert_into(dsl::sessions)
                .values((
                    dsl::clinic_id.eq(clinic.as_uuid()),
                    dsl::session_hash.eq(token_hash.as_slice()),
                    dsl::actor_id.eq(actor.as_uuid()),
                    dsl::started_at.eq(from),
                    dsl::expires_at.eq(until),
                ))
                .execute(conn)
                .await?;
            Ok(())
        })
    }

    /// Who is signed in under this token now; nobody whose last day is before `today`, the date at the clinic,
    /// and nobody whose password was changed since.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn session(
        &self,
        clinic: ClinicId,
        token_hash: [u8; 32],
        (now, today): (DateTime<Utc>, NaiveDate),
    ) -> Result<Option<ActorLine>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let row: Option<(Uuid, String, Uuid)> = sessions::table
                .inner_join(actors::table.on(actors::actor_id.eq(sessions::actor_id)))
                .inner_join(actor_logins::table.on(actor_logins::actor_id.eq(sessions::actor_id)))
                .filter(sessions::session_hash.eq(token_hash.as_slice()))
                .filter(sessions::expires_at.gt(now))
                .filter(sessions::started_at.ge(actor_logins::changed_at))
                .select((actors::actor_id, actors::role, actors::subject_id))
                .first(conn)
                .await
                .optional()?;
            match row {
                Some(line) => works_on(conn, actor_line(line)?, today).await,
                None => Ok(None),
            }
        })
    }

    /// Ends a session.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn close_session(&self, clinic: ClinicId, token_hash: [u8; 32]) -> Result<(), StoreError> {
        in_clinic!(self, clinic, async |conn| {
            diesel::delete(sessions::table.filter(sessions::session_hash.eq(token_hash.as_slice())))
                .execute(conn)
                .await?;
            Ok(())
        })
    }
}

/// The same actor, if their last day is not before `today`. The newest entry counts, as it does for clearance.
async fn works_on(
    conn: &mut AsyncPgConnection,
    line: ActorLine,
    today: NaiveDate,
) -> Result<Option<ActorLine>, StoreError> {
    let last_day: Option<NaiveDate> = clearance_entries::table
        .filter(clearance_entries::actor_id.eq(line.actor.id.as_uuid()))
        .filter(clearance_entries::kind.eq("left"))
        .order(clearance_entries::entry_no.desc())
        .select(clearance_entries::done_on)
        .first(conn)
        .await
        .optional()?;
    Ok(last_day.is_none_or(|day| day >= today).then_some(line))
}

#[cfg(test)]
mod tests {
    use records_model::{Actor, Role, SubjectId};

    use super::*;

    #[test]
    fn debug_shows_no_hash() {
        let actor = Actor { id: ActorId::from_uuid(Uuid::from_u128(1)), role: Role::Nurse };
        let line = ActorLine { actor, subject: SubjectId::from_uuid(Uuid::from_u128(2)) };
        let shown = format!("{:?}", LoginRow { line, password_hash: "$argon2id$".to_owned() });
        assert!(shown.contains("line") && !shown.contains("argon2id"), "{shown}");
    }
}
