//! A log that can forget: what becomes of a person in it as their classes of records are destroyed.

use audit_log::Verdict;
use postgres_store::embedded::Login;
use privacy_operations::LogAsking;
use records_model::{Purpose, Role};

use crate::oversight::Scene;
use crate::sql::Sql;
use crate::steps::{leaves, verified};
use crate::support::at;

/// Destroys one class of the patient's records through the one door, with all its papers.
async fn destroy(scene: &Scene, (superuser, app): (&Sql, &Sql), (number, class): (usize, &str)) {
    let (patient, clinic) = (scene.cast.patient.as_uuid(), scene.clinic.runtime().clinic().as_uuid());
    let id = format!("00000000-0000-7000-8000-0000000d15{number:02}");
    let papers = format!(
        "SET session_replication_role = replica; \
         INSERT INTO resguardo.retention_floors VALUES ('{patient}', '{class}', '{clinic}', 'event', '2001-01-01', '2010-01-01') \
             ON CONFLICT (subject_id, class) DO UPDATE SET anchor_at = '2001-01-01', keep_through = '2010-01-01'; \
         UPDATE resguardo.records SET anchor_at = '2001-01-01' WHERE subject_id = '{patient}' AND class = '{class}'; \
         INSERT INTO resguardo.disposals VALUES ('{patient}', '{id}', '{class}', 'class', '{clinic}', '{}', \
             now() - interval '8 days', now() - interval '1 day'); \
         INSERT INTO resguardo.disposal_approvals SELECT '{patient}', '{id}', actor_id, clinic_id FROM resguardo.actors \
             WHERE clinic_id = '{clinic}' AND role IN ('privacy-officer', 'director'); \
         SET session_replication_role = origin",
        scene.officer.as_uuid()
    );
    superuser.run(&papers).await.unwrap();
    app.run(&format!("SELECT resguardo.dispose('{patient}', '{id}')")).await.unwrap();
}

#[tokio::test]
async fn the_accounting_outlives_the_record_and_then_goes_for_good() {
    let scene = Scene::set("forgetting").await;
    let (runtime, patient) = (scene.clinic.runtime(), scene.cast.patient);
    scene.clinic.staff(Role::Director).await;
    scene.send(5).await;
    scene.send(6).await;
    // Somebody is caught at the patient's record, so that an alert about it is on file.
    runtime.perform(&scene.cast.broken_glass("Choque"), at(7)).await.unwrap();
    let month = 30 * 24 * 60;
    let seen = runtime.look_for_alerts(scene.officer, 60, at(month)).await.unwrap();
    assert!(seen.raised > 0 && seen.waiting.iter().all(|line| line.alert.subject() == Some(patient)));

    let (superuser, app) =
        (scene.superuser().await, Sql::open(&scene.clinic.database.target(Login::App)).await);
    let setting = format!("SET resguardo.clinic_id = '{}'", runtime.clinic().as_uuid());
    app.run(&setting).await.unwrap();
    let whose = patient.as_uuid();
    destroy(&scene, (&superuser, &app), (0, "clinical")).await;
    let shown = scene.accounting(LogAsking::Oversight, month + 1).await;
    let told = shown.accounting.unwrap().disclosures;
    assert_eq!((told.len(), told[0].count, shown.unopened), (1, 2, 0), "without the clinical key");

    let classes = format!(
        "SELECT DISTINCT class FROM keystore.deks WHERE subject_id = '{whose}' AND state <> 'destroyed' \
         AND class <> 'accounting' ORDER BY class"
    );
    let rest = superuser.column(&classes).await;
    assert!(rest.contains(&"identity".to_owned()), "{rest:?}");
    for (number, class) in rest.iter().enumerate() {
        destroy(&scene, (&superuser, &app), (number + 1, class)).await;
    }
    assert_eq!(scene.told(month + 2).await, (1, 0), "the accounting goes last");
    let pseudonyms: Vec<_> = leaves_of(&scene).await;
    destroy(&scene, (&superuser, &app), (99, "accounting")).await;

    // Nothing opens what the log knows of them: no side, no name, no alert; and nothing more can be entered.
    let whose_accounting = (scene.officer, patient);
    let asked = runtime.accounting(whose_accounting, LogAsking::Oversight, at(month + 3)).await;
    assert!(asked.unwrap_err().to_string().contains("key of this person is missing or was destroyed"));
    let open =
        format!("SELECT count(*) FROM keystore.deks WHERE subject_id = '{whose}' AND state <> 'destroyed'");
    assert_eq!(superuser.number(&open).await, 0);
    for table in ["records", "blind_tokens"] {
        let left = format!("SELECT count(*) FROM resguardo.{table} WHERE subject_id = '{whose}'");
        assert_eq!(superuser.number(&left).await, 0, "{table}");
    }
    let after = runtime.look_for_alerts(scene.officer, 60, at(month + 4)).await.unwrap();
    assert!(after.waiting.is_empty() && after.unread > 0);
    assert_eq!(after.unopened, seen.raised, "that something was suspected stays, of whom does not");
    let alert =
        runtime.judge_alert((scene.officer, seen.waiting[0].id), Verdict::Confirmed, at(month + 5)).await;
    assert!(alert.is_err());

    // In clear, the names under which the log knew them stand in the log alone.
    let tables = "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables \
        WHERE table_schema IN ('resguardo', 'keystore') AND table_name NOT IN ('log_entries', 'log_chains')";
    for table in superuser.column(tables).await {
        for name in &pseudonyms {
            let sql = format!("SELECT count(*) FROM {table} t WHERE t::text LIKE '%{name}%'");
            assert_eq!(superuser.number(&sql).await, 0, "{table}");
        }
    }
    runtime.sequence(at(month + 6)).await.unwrap();
    assert!(verified(&scene.clinic).await.is_intact());
    let used = runtime.perform(&scene.cast.reading(Purpose::Treatment), at(month + 7)).await;
    assert!(used.is_err(), "nobody reads about somebody of whom nothing can be entered");
}

/// The names, in hexadecimal, under which the log knows people.
async fn leaves_of(scene: &Scene) -> Vec<String> {
    scene.clinic.runtime().sequence(at(30 * 24 * 60 + 2)).await.unwrap();
    let about = leaves(&scene.clinic).await.into_iter().filter_map(|leaf| leaf.parts().subject);
    let mut names: Vec<String> =
        about.map(|name| format!("{:032x}", u128::from_be_bytes(*name.as_bytes()))).collect();
    names.sort_unstable();
    names.dedup();
    names
}
