//! A list is narrowed before it is loaded, and the narrowed list is the one that deciding row by row would give.

use std::collections::{BTreeMap, BTreeSet};

use clinic_runtime::ExampleClinic;
use consent_policy::testing::seeded_requests_near;
use consent_policy::{Engine, Facts, PartialRequest, Request, RowMark};
use privacy_operations::{LockMode, Needs, Plan, RecordSelection, SubjectNeed};
use records_model::{Category, Fact, Purpose, RecordId, Set, Vocabulary};
use uuid::Uuid;

use crate::sql::Sql;
use crate::steps::Cast;
use crate::support::{Clinic, at, start};

/// A stored version: its category and its marks.
type Sort = (Category, Set<Fact>);

/// Rows of every category with every combination of marks, two of each; every third was moved there by a newer
/// version from a category and marks of its own. What counts is the newest version.
fn newest() -> BTreeMap<RecordId, (Sort, Option<Sort>)> {
    let ways = [Set::EMPTY, Set::one(Fact::RevealsHealth), Set::one(Fact::Genetic), RowMark::facts()];
    let sorts: Vec<Sort> =
        Category::ALL.iter().flat_map(|category| ways.map(|marks| (*category, marks))).collect();
    let older = sorts.iter().copied().cycle().skip(sorts.len() / 2 + 1);
    let twice = sorts.iter().chain(&sorts).copied().zip(older).enumerate();
    twice
        .map(|(number, (newest, older))| {
            let id = Uuid::from_u128(0x0194_0000_0000_7000_9000_0000_0000_0000 + number as u128);
            (RecordId::from_uuid(id), (newest, (number % 3 == 0).then_some(older)))
        })
        .collect()
}

async fn plant(clinic: &Clinic, cast: &Cast, rows: &BTreeMap<RecordId, (Sort, Option<Sort>)>) {
    let mut values = Vec::new();
    for (id, (newest, older)) in rows {
        for (number, (category, marks)) in older.iter().chain([newest]).enumerate() {
            values.push(format!(
                "('{}', '{}', {}, '{}', '{category}', 'result', 'coded', 'treatment', 'clinical', {}, {}, 'authored', \
                 '{}', 'last-medical-act', '{start}', '{start}', 1, sha512('a') || sha512('b'), sha256('c'))",
                cast.patient.as_uuid(),
                id.as_uuid(),
                number + 1,
                clinic.runtime().clinic().as_uuid(),
                marks.contains(Fact::RevealsHealth),
                marks.contains(Fact::Genetic),
                cast.physician.as_uuid(),
                start = start(),
            ));
        }
    }
    let insert = format!(
        "INSERT INTO records (subject_id, record_id, version, clinic_id, category, kind, form, context, class, \
         reveals_health, genetic, origin, author_id, anchor, anchor_at, recorded_at, dek_version, sealed, \
         content_hash) VALUES {}",
        values.join(", ")
    );
    clinic.database.tamper(&insert).await.unwrap();
}

/// Whether deciding about this row alone permits it.
fn permits(engine: &Engine, request: &Request, facts: &Facts, (category, marks): Sort) -> bool {
    let alone = Request { categories: Set::one(category), ..request.clone() };
    let of_row = Facts { present: (facts.present - RowMark::facts()) | marks, ..*facts };
    engine.decide(&alone, &of_row, start()).is_permit()
}

#[tokio::test]
async fn the_rows_that_the_predicate_chooses_are_those_that_deciding_one_by_one_permits() {
    let clinic = Clinic::found("rows", ExampleClinic::Elicells).await;
    let cast = Cast::assemble(&clinic).await;
    let rows = newest();
    plant(&clinic, &cast, &rows).await;
    let registered: BTreeSet<RecordId> = {
        let sql = Sql::open(&clinic.database.superuser()).await;
        let ids = sql.column("SELECT record_id FROM resguardo.records").await;
        ids.iter()
            .map(|id| RecordId::from_uuid(id.parse().unwrap()))
            .filter(|id| !rows.contains_key(id))
            .collect()
    };

    let house = clinic.runtime().house().unwrap();
    let engine = &house.engine;
    let (mut chosen_rows, mut narrowed) = (0, 0);
    for (number, (request, facts)) in
        seeded_requests_near(engine.policy().rules(), 200, 7).into_iter().enumerate()
    {
        let more = if number % 2 == 0 { Set::full() } else { request.categories };
        let request = Request { categories: more, ..request };
        let subject = SubjectNeed::new(cast.patient, LockMode::Shared)
            .with_records(RecordSelection::Permitted(request.categories));
        let open = PartialRequest::over_rows(&request, &facts, start());
        let store = clinic.runtime().store();
        let (loaded, held_back) = store
            .transact(
                clinic.runtime().clinic(),
                &Needs::decision(cast.nurse, subject),
                at(9),
                |_, _| Ok(engine.policy().permitted_rows(&open)?),
                |facts, _| {
                    let subject = facts.subject.as_ref().unwrap();
                    let outcome = (subject.records.clone(), subject.held_back.clone());
                    Ok(Plan { changes: Vec::new(), outcome })
                },
            )
            .await
            .unwrap();

        let loaded: BTreeSet<RecordId> =
            loaded.iter().map(|record| record.id).filter(|id| !registered.contains(id)).collect();
        let asked = rows.iter().filter(|(_, ((category, _), _))| request.categories.contains(*category));
        let (permitted, refused): (Vec<_>, Vec<_>) =
            asked.partition(|(_, (sort, _))| permits(engine, &request, &facts, *sort));
        assert_eq!(loaded, permitted.iter().map(|(id, _)| **id).collect(), "{request:?} {facts:?}");

        let mut counted: BTreeMap<Sort, u64> = BTreeMap::new();
        for (_, (sort, _)) in &refused {
            *counted.entry(*sort).or_default() += 1;
        }
        for held in &held_back {
            // What registration wrote is no planted row; it is held back beside those of its sort.
            let planted = counted.remove(&(held.category, held.about)).unwrap_or_default();
            assert!(planted <= held.count && held.count <= planted + registered.len() as u64, "{held:?}");
        }
        assert!(counted.is_empty(), "not counted: {counted:?}");
        chosen_rows += loaded.len();
        narrowed += usize::from(!loaded.is_empty() && !held_back.is_empty());
    }
    assert!(chosen_rows > 100 && narrowed > 20, "{chosen_rows} rows chosen, {narrowed} lists narrowed");
}

/// What may not be read is not fetched, and whoever cares for the person is still told that there is something.
#[tokio::test]
async fn what_is_held_back_is_still_known_to_be_there() {
    let clinic = Clinic::found("held_back", ExampleClinic::Elicells).await;
    let cast = Cast::assemble(&clinic).await;
    let reading = cast.reading(Purpose::Treatment);
    let nothing_there = clinic.runtime().perform(&reading, at(10)).await.unwrap();
    assert!(!nothing_there.is_something_withheld());

    let id = RecordId::from_uuid(Uuid::from_u128(0x0194_0000_0000_7000_9000_0000_0000_0000));
    plant(&clinic, &cast, &BTreeMap::from([(id, ((Category::Laboratory, Set::EMPTY), None))])).await;
    let held = clinic.runtime().perform(&reading, at(11)).await.unwrap();
    assert!(held.is_something_withheld() && held.cells[0].permit.is_none());

    cast.consent_to_care(&clinic, 12).await;
    let shown = clinic.runtime().perform(&reading, at(13)).await.unwrap();
    assert!(!shown.is_something_withheld());
    let records = shown.cells[0].permit.as_ref().unwrap().records();
    assert_eq!(records.iter().map(|record| record.id).collect::<Vec<_>>(), [id]);
}
