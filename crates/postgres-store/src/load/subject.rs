//! One person: generation, keys, and what decisions about them rest on.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use crypto_vault::{DekId, KeyVersion, KeystoreRow, StoredKeyState, WrappedKey, YearMonth};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use privacy_notice::Residence;
use privacy_operations::{AgeMark, CareRelationRow, Load, SubjectFacts, SubjectNeed, TokenField};
use records_model::{ActorId, ClinicId, RetentionClass, SubjectId, Vocabulary};
use uuid::Uuid;

use super::{
    attachment, consent, counter, disposal, evidence, keeping, number, oversight, record, retention, word,
};
use crate::StoreError;
use crate::schema::{blind_tokens, care_relations, keys, subject_pseudonyms, subjects};

const TABLE: &str = "subjects";

/// The person, if on file.
pub(super) async fn facts(
    conn: &mut AsyncPgConnection,
    clinic: ClinicId,
    need: &SubjectNeed,
    actor: ActorId,
    now: DateTime<Utc>,
) -> Result<Option<SubjectFacts>, StoreError> {
    let id = need.id;
    let row: Option<SubjectRow> = subjects::table
        .find(id.as_uuid())
        .select((
            subjects::kind,
            subjects::residence,
            subjects::age_mark,
            subjects::born_by,
            subjects::facts_generation,
        ))
        .first(conn)
        .await
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let residence = row
        .residence
        .map(|place| Residence::parse(&place))
        .transpose()
        .map_err(|_| StoreError::Inconsistent { table: TABLE })?;
    let records = record::selected(conn, id, &need.records).await?;
    let kept_for = if need.also.contains(&Load::Retention) {
        retention::kept_for(conn, id, &records).await?
    } else {
        retention::KeptFor::default()
    };
    let attachments = attachment::asked_for(conn, need, &records).await?;
    Ok(Some(SubjectFacts {
        id,
        kind: word(&row.kind, TABLE)?,
        residence,
        age: age_mark(&row.age_mark, row.born_by)?,
        generation: counter(row.facts_generation, TABLE)?,
        pseudonym: pseudonym(conn, id).await?,
        keys: keys_of(conn, clinic, id, None).await?,
        consents: consent::consents(conn, id).await?,
        consent_evidence: if need.also.contains(&Load::ConsentEvidence) {
            consent::evidence(conn, id).await?
        } else {
            Vec::new()
        },
        restrictions: consent::restrictions(conn, id).await?,
        evidence: evidence::rows(conn, id).await?,
        care_relation: care_relation(conn, id, actor, now).await?,
        kept: keeping::facts(conn, id).await?,
        records,
        attachments,
        held_back: Vec::new(),
        floors: kept_for.floors,
        item_floors: kept_for.item_floors,
        item_anchors: kept_for.item_anchors,
        holds: kept_for.holds,
        cases: if need.also.contains(&Load::Cases) { evidence::cases(conn, id).await? } else { Vec::new() },
        suspensions: if need.also.contains(&Load::Suspensions) {
            oversight::suspensions(conn, id).await?
        } else {
            Vec::new()
        },
        alerts: if need.also.contains(&Load::Alerts) {
            oversight::alerts(conn, id).await?
        } else {
            Vec::new()
        },
        disposals: if need.also.contains(&Load::Disposals) {
            disposal::of(conn, id).await?
        } else {
            Vec::new()
        },
    }))
}

/// Who bears this source identity.
pub(super) async fn bearer(
    conn: &mut AsyncPgConnection,
    clinic: ClinicId,
    token: [u8; 32],
) -> Result<Option<SubjectId>, StoreError> {
    let row: Option<Uuid> = blind_tokens::table
        .filter(blind_tokens::clinic_id.eq(clinic.as_uuid()))
        .filter(blind_tokens::field.eq(TokenField::SourceIdentity.code()))
        .filter(blind_tokens::token.eq(token.as_slice()))
        .order(blind_tokens::subject_id)
        .select(blind_tokens::subject_id)
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(SubjectId::from_uuid))
}

#[derive(Queryable)]
struct SubjectRow {
    kind: String,
    residence: Option<String>,
    age_mark: String,
    born_by: Option<NaiveDate>,
    facts_generation: i64,
}

/// What retention needs of a date of birth, from its two columns.
pub(crate) fn age_mark(mark: &str, born_by: Option<NaiveDate>) -> Result<AgeMark, StoreError> {
    match (mark, born_by) {
        ("unknown", None) => Ok(AgeMark::Unknown),
        ("long-of-age", None) => Ok(AgeMark::LongOfAge),
        ("born-by", Some(day)) => Ok(AgeMark::BornBy(day)),
        _ => Err(StoreError::Inconsistent { table: TABLE }),
    }
}

async fn pseudonym(
    conn: &mut AsyncPgConnection,
    id: SubjectId,
) -> Result<Option<(u32, Vec<u8>)>, StoreError> {
    let row: Option<(i32, Vec<u8>)> = subject_pseudonyms::table
        .find(id.as_uuid())
        .select((subject_pseudonyms::dek_version, subject_pseudonyms::sealed))
        .first(conn)
        .await
        .optional()?;
    row.map(|(version, sealed)| Ok((number(version, "subject_pseudonyms")?, sealed))).transpose()
}

#[derive(Queryable)]
pub(super) struct KeyRow {
    pub(super) class: String,
    pub(super) version: i32,
    pub(super) month: Option<NaiveDate>,
    pub(super) state: String,
    pub(super) wrapped: Option<Vec<u8>>,
}

/// The keys of a person, of one class or of all; destroyed ones too, because their numbers are taken.
pub(crate) async fn keys_of(
    conn: &mut AsyncPgConnection,
    clinic: ClinicId,
    subject: SubjectId,
    class: Option<RetentionClass>,
) -> Result<Vec<KeystoreRow>, StoreError> {
    let mut query = keys::table
        .filter(keys::subject_id.eq(subject.as_uuid()))
        .order((keys::class, keys::version))
        .select((keys::class, keys::version, keys::month, keys::state, keys::wrapped))
        .into_boxed();
    if let Some(class) = class {
        query = query.filter(keys::class.eq(class.code()));
    }
    let rows: Vec<KeyRow> = query.load(conn).await?;
    refuse_other_epoch(conn, rows.iter()).await?;
    rows.into_iter().map(|row| keystore_row((clinic, subject), row)).collect()
}

/// The keys of these people and classes; a destroyed key keeps its row.
pub(crate) async fn keys_of_many(
    conn: &mut AsyncPgConnection,
    clinic: ClinicId,
    people: &[SubjectId],
    classes: &[RetentionClass],
) -> Result<Vec<(SubjectId, KeystoreRow)>, StoreError> {
    let ids: Vec<Uuid> = people.iter().map(|id| id.as_uuid()).collect();
    let classes: Vec<&str> = classes.iter().map(|class| class.code()).collect();
    let rows: Vec<(Uuid, KeyRow)> = keys::table
        .filter(keys::subject_id.eq_any(ids))
        .filter(keys::class.eq_any(classes))
        .select((keys::subject_id, (keys::class, keys::version, keys::month, keys::state, keys::wrapped)))
        .load(conn)
        .await?;
    refuse_other_epoch(conn, rows.iter().map(|(_, row)| row)).await?;
    rows.into_iter()
        .map(|(subject, row)| {
            let subject = SubjectId::from_uuid(subject);
            Ok((subject, keystore_row((clinic, subject), row)?))
        })
        .collect()
}

/// Says what to do where a key has no bytes under the epoch whose key this process holds, and has some elsewhere.
async fn refuse_other_epoch(
    conn: &mut AsyncPgConnection,
    mut rows: impl Iterator<Item = &KeyRow>,
) -> Result<(), StoreError> {
    let bare = rows.any(|row| row.wrapped.is_none() && row.state != StoredKeyState::Destroyed.code());
    if !bare {
        return Ok(());
    }
    let held: Option<i32> =
        diesel::select(diesel::dsl::sql::<Nullable<Integer>>("resguardo.current_epoch()"))
            .get_result(conn)
            .await?;
    Err(StoreError::OtherEpoch { held: held.and_then(|epoch| u32::try_from(epoch).ok()).unwrap_or_default() })
}

pub(super) fn keystore_row(
    (clinic, subject): (ClinicId, SubjectId),
    row: KeyRow,
) -> Result<KeystoreRow, StoreError> {
    const TABLE: &str = "keystore.deks";
    let broken = || StoreError::Inconsistent { table: TABLE };
    let id = key_id((clinic, subject), word(&row.class, TABLE)?, row.version, row.month)?;
    let state = StoredKeyState::parse(&row.state).map_err(|_| broken())?;
    let wrapped = row.wrapped.map(|bytes| WrappedKey::parse(&bytes)).transpose().map_err(|_| broken())?;
    KeystoreRow::new(id, state, wrapped).map_err(|_| broken())
}

/// The id of a stored key, from its columns.
pub(crate) fn key_id(
    (clinic, subject): (ClinicId, SubjectId),
    class: RetentionClass,
    version: i32,
    month: Option<NaiveDate>,
) -> Result<DekId, StoreError> {
    const TABLE: &str = "keystore.deks";
    let broken = || StoreError::Inconsistent { table: TABLE };
    let version = KeyVersion::new(number(version, TABLE)?).ok_or_else(broken)?;
    let month = month.map(|day| year_month(day).ok_or_else(broken)).transpose()?;
    DekId::new(clinic, subject, class, version, month).map_err(|_| broken())
}

fn year_month(day: NaiveDate) -> Option<YearMonth> {
    YearMonth::new(u16::try_from(day.year()).ok()?, u8::try_from(day.month()).ok()?)
}

async fn care_relation(
    conn: &mut AsyncPgConnection,
    subject: SubjectId,
    actor: ActorId,
    now: DateTime<Utc>,
) -> Result<Option<CareRelationRow>, StoreError> {
    let row: Option<(DateTime<Utc>, Option<DateTime<Utc>>)> = care_relations::table
        .filter(care_relations::subject_id.eq(subject.as_uuid()))
        .filter(care_relations::actor_id.eq(actor.as_uuid()))
        .filter(care_relations::starts_at.le(now))
        .filter(care_relations::ends_at.is_null().or(care_relations::ends_at.gt(now)))
        .order(care_relations::starts_at.desc())
        .select((care_relations::starts_at, care_relations::ends_at))
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(|(starts_at, ends_at)| CareRelationRow { starts_at, ends_at }))
}
