//! People and actors by id.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use privacy_operations::TokenField;
use records_model::{Actor, ActorId, ClinicId, SubjectId, SubjectKind, Vocabulary};
use uuid::Uuid;

use super::in_clinic;
use crate::schema::{actors, subjects};
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

#[derive(QueryableByName)]
struct MatchRow {
    #[diesel(sql_type = SqlUuid)]
    subject_id: Uuid,
    #[diesel(sql_type = BigInt)]
    hits: i64,
}

pub(super) fn actor_line((id, role, subject): (Uuid, String, Uuid)) -> Result<ActorLine, StoreError> {
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
}
