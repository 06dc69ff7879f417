//! Writes staff, their clearance, and who takes part in whose care.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_operations::{ClearanceEntry, PasswordHash};
use records_model::{Actor, ActorId, SubjectId, Vocabulary};

use super::Site;
use crate::StoreError;
use crate::schema::{actor_logins, actors, care_relations, clearance_entries, sessions};

pub(super) async fn put_actor(
    conn: &mut AsyncPgConnection,
    site: Site,
    actor: Actor,
    subject: SubjectId,
    pseudonym: Vec<u8>,
) -> Result<(), StoreError> {
    diesel::insert_into(actors::table)
        .values((
            actors::actor_id.eq(actor.id.as_uuid()),
            actors::clinic_id.eq(site.clinic),
            actors::subject_id.eq(subject.as_uuid()),
            actors::role.eq(actor.role.code()),
            actors::pseudonym.eq(pseudonym),
            actors::created_at.eq(site.now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

type EntryColumns = (&'static str, Option<String>, NaiveDate, Option<NaiveDate>);

fn entry_columns(entry: ClearanceEntry) -> EntryColumns {
    match entry {
        ClearanceEntry::Training(training) => {
            ("training", Some(training.module), training.completed_on, Some(training.expires_on))
        }
        ClearanceEntry::BackgroundClear { on, expires_on } => {
            ("background-clear", None, on, Some(expires_on))
        }
        ClearanceEntry::BackgroundNotClear { on } => ("background-not-clear", None, on, None),
        ClearanceEntry::Undertaking { on } => ("undertaking", None, on, None),
        ClearanceEntry::Left { on } => ("left", None, on, None),
    }
}

/// The exclusive lock on the actor is held, so the next number is nobody else's.
pub(super) async fn put_clearance(
    conn: &mut AsyncPgConnection,
    site: Site,
    actor: ActorId,
    entry: ClearanceEntry,
) -> Result<(), StoreError> {
    use clearance_entries::dsl;
    let last: Option<i32> = dsl::clearance_entries
        .filter(dsl::actor_id.eq(actor.as_uuid()))
        .select(diesel::dsl::max(dsl::entry_no))
        .first(conn)
        .await?;
    let (kind, module, done_on, expires_on) = entry_columns(entry);
    diesel::insert_into(dsl::clearance_entries)
        .values((
            dsl::actor_id.eq(actor.as_uuid()),
            dsl::entry_no.eq(last.unwrap_or_default().saturating_add(1)),
            dsl::clinic_id.eq(site.clinic),
            dsl::kind.eq(kind),
            dsl::module.eq(module),
            dsl::done_on.eq(done_on),
            dsl::expires_on.eq(expires_on),
            dsl::recorded_at.eq(site.now),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn put_care_relation(
    conn: &mut AsyncPgConnection,
    site: Site,
    (subject, actor): (SubjectId, ActorId),
    (starts_at, ends_at): (DateTime<Utc>, Option<DateTime<Utc>>),
) -> Result<(), StoreError> {
    diesel::insert_into(care_relations::table)
        .values((
            care_relations::subject_id.eq(subject.as_uuid()),
            care_relations::actor_id.eq(actor.as_uuid()),
            care_relations::starts_at.eq(starts_at),
            care_relations::clinic_id.eq(site.clinic),
            care_relations::ends_at.eq(ends_at),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn end_care_relation(
    conn: &mut AsyncPgConnection,
    site: Site,
    subject: SubjectId,
    actor: ActorId,
) -> Result<(), StoreError> {
    use care_relations::dsl;
    let open = dsl::care_relations
        .filter(dsl::subject_id.eq(subject.as_uuid()))
        .filter(dsl::actor_id.eq(actor.as_uuid()))
        .filter(dsl::starts_at.lt(site.now))
        .filter(dsl::ends_at.is_null().or(dsl::ends_at.gt(site.now)));
    diesel::update(open).set(dsl::ends_at.eq(site.now)).execute(conn).await?;
    Ok(())
}

/// Sets how an actor signs in, and ends every session they have.
pub(super) async fn put_login(
    conn: &mut AsyncPgConnection,
    site: Site,
    actor: ActorId,
    (login, hash): (String, PasswordHash),
) -> Result<(), StoreError> {
    use actor_logins::dsl;
    diesel::insert_into(dsl::actor_logins)
        .values((
            dsl::actor_id.eq(actor.as_uuid()),
            dsl::clinic_id.eq(site.clinic),
            dsl::login.eq(login),
            dsl::password_hash.eq(hash.as_str()),
            dsl::changed_at.eq(site.now),
        ))
        .on_conflict(dsl::actor_id)
        .do_update()
        .set((dsl::password_hash.eq(hash.as_str()), dsl::changed_at.eq(site.now)))
        .execute(conn)
        .await?;
    diesel::delete(sessions::table.filter(sessions::actor_id.eq(actor.as_uuid()))).execute(conn).await?;
    Ok(())
}
