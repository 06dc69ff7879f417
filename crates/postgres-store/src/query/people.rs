//! People and actors by id, and signing in.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use privacy_operations::TokenField;
use records_model::{Actor, ActorId, ClinicId, SubjectId, SubjectKind, Vocabulary};
use uuid::Uuid;

use super::in_clinic;
use crate::schema::{actor_logins, actors, sessions, subjects};
use crate::{Store, StoreError, load};

/// A person on file, without anything that names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectLine {
    /// Who.
    pub id: SubjectId,
    /// In what capacity.
    pub kind: SubjectKind,
    /// When they were registered.
    pub registered_at: DateTime<Utc>,
}

/// An actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActorLine {
    /// Who, in which role.
    pub actor: Actor,
    /// The person they are.
    pub subject: SubjectId,
}

/// What signing in needs.
#[derive(Debug, Clone)]
pub struct LoginRow {
    /// The actor.
    pub line: ActorLine,
    /// The hash of their password (argon2id).
    pub password_hash: String,
}

#[derive(QueryableByName)]
struct MatchRow {
    #[diesel(sql_type = SqlUuid)]
    subject_id: Uuid,
    #[diesel(sql_type = BigInt)]
    hits: i64,
}

fn actor_line((id, role, subject): (Uuid, String, Uuid)) -> Result<ActorLine, StoreError> {
    let actor = Actor { id: ActorId::from_uuid(id), role: load::word(&role, "actors")? };
    Ok(ActorLine { actor, subject: SubjectId::from_uuid(subject) })
}

impl Store {
    /// The people whose tokens match, best first, each with the number of tokens that matched.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn matches(
        &self,
        clinic: ClinicId,
        tokens: &[(TokenField, [u8; 32])],
        count: u32,
    ) -> Result<Vec<(SubjectId, u64)>, StoreError> {
        let fields: Vec<&str> = tokens.iter().map(|(field, _)| field.code()).collect();
        let values: Vec<&[u8]> = tokens.iter().map(|(_, token)| token.as_slice()).collect();
        in_clinic!(self, clinic, async |conn| {
            let rows: Vec<MatchRow> = diesel::sql_query(
                "SELECT b.subject_id, count(*) AS hits FROM resguardo.blind_tokens b \
                 JOIN unnest($2, $3) AS t (field, token) ON b.field = t.field AND b.token = t.token \
                 WHERE b.clinic_id = $1 GROUP BY b.subject_id ORDER BY hits DESC, b.subject_id LIMIT $4",
            )
            .bind::<SqlUuid, _>(clinic.as_uuid())
            .bind::<Array<Text>, _>(&fields)
            .bind::<Array<Binary>, _>(&values)
            .bind::<BigInt, _>(i64::from(count))
            .load(conn)
            .await?;
            rows.into_iter()
                .map(|row| {
                    Ok((SubjectId::from_uuid(row.subject_id), load::counter(row.hits, "blind_tokens")?))
                })
                .collect()
        })
    }

    /// The people of one kind, newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn people(
        &self,
        clinic: ClinicId,
        kind: SubjectKind,
        count: u32,
    ) -> Result<Vec<SubjectLine>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let rows: Vec<(Uuid, DateTime<Utc>)> = subjects::table
                .filter(subjects::clinic_id.eq(clinic.as_uuid()))
                .filter(subjects::kind.eq(kind.code()))
                .order((subjects::registered_at.desc(), subjects::subject_id))
                .limit(i64::from(count))
                .select((subjects::subject_id, subjects::registered_at))
                .load(conn)
                .await?;
            let line =
                |(id, registered_at)| SubjectLine { id: SubjectId::from_uuid(id), kind, registered_at };
            Ok(rows.into_iter().map(line).collect())
        })
    }

    /// Every actor.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn actors(&self, clinic: ClinicId) -> Result<Vec<ActorLine>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let rows: Vec<(Uuid, String, Uuid)> = actors::table
                .filter(actors::clinic_id.eq(clinic.as_uuid()))
                .order((actors::role, actors::actor_id))
                .select((actors::actor_id, actors::role, actors::subject_id))
                .load(conn)
                .await?;
            rows.into_iter().map(actor_line).collect()
        })
    }

    /// What signing in with this name needs.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn login(&self, clinic: ClinicId, login: &str) -> Result<Option<LoginRow>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let row: Option<(String, (Uuid, String, Uuid))> = actor_logins::table
                .inner_join(actors::table.on(actors::actor_id.eq(actor_logins::actor_id)))
                .filter(actor_logins::login.eq(login))
                .select((actor_logins::password_hash, (actors::actor_id, actors::role, actors::subject_id)))
                .first(conn)
                .await
                .optional()?;
            row.map(|(password_hash, line)| Ok(LoginRow { line: actor_line(line)?, password_hash }))
                .transpose()
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

    /// Sets how an actor signs in.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the name is taken or the database does not answer.
    pub async fn put_login(
        &self,
        clinic: ClinicId,
        actor: ActorId,
        (login, password_hash): (&str, &str),
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        use actor_logins::dsl;
        in_clinic!(self, clinic, async |conn| {
            diesel::insert_into(dsl::actor_logins)
                .values((
                    dsl::actor_id.eq(actor.as_uuid()),
                    dsl::clinic_id.eq(clinic.as_uuid()),
                    dsl::login.eq(login),
                    dsl::password_hash.eq(password_hash),
                    dsl::changed_at.eq(now),
                ))
                .on_conflict(dsl::actor_id)
                .do_update()
                .set((dsl::password_hash.eq(password_hash), dsl::changed_at.eq(now)))
                .execute(conn)
                .await?;
            Ok(())
        })
    }

    /// Opens a session under the hash of its token.
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

    /// Who is signed in under this token now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database does not answer.
    pub async fn session(
        &self,
        clinic: ClinicId,
        token_hash: [u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Option<ActorLine>, StoreError> {
        in_clinic!(self, clinic, async |conn| {
            let row: Option<(Uuid, String, Uuid)> = sessions::table
                .inner_join(actors::table.on(actors::actor_id.eq(sessions::actor_id)))
                .filter(sessions::session_hash.eq(token_hash.as_slice()))
                .filter(sessions::expires_at.gt(now))
                .select((actors::actor_id, actors::role, actors::subject_id))
                .first(conn)
                .await
                .optional()?;
            row.map(actor_line).transpose()
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
