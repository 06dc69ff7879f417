//! The one door through which anything is destroyed, and everything that keeps it shut.

use clinic_runtime::{ExampleClinic, RuntimeError};
use postgres_store::embedded::Login;
use postgres_store::lock_key;
use privacy_operations::{Used, WriteRecord};
use records_model::{ActorId, AnchorEvent, Purpose, Role};

use crate::sql::Sql;
use crate::steps::Cast;
use crate::support::{Clinic, at};

/// A clinic whose patient has one result from 2001, seven years and more past its floor.
pub(crate) struct Scene {
    pub(crate) clinic: Clinic,
    pub(crate) cast: Cast,
    pub(crate) officer: ActorId,
    pub(crate) director: ActorId,
    pub(crate) app: Sql,
    pub(crate) superuser: Sql,
}

const DISPOSAL: &str = "00000000-0000-7000-8000-00000000d15b";

impl Scene {
    pub(crate) async fn set(name: &str) -> Self {
        let clinic = Clinic::found(name, ExampleClinic::Elicells).await;
        let cast = Cast::assemble(&clinic).await;
        let officer = clinic.staff(Role::PrivacyOfficer).await;
        let director = clinic.staff(Role::Director).await;
        cast.consent_to_care(&clinic, 3).await;
        let written = clinic.runtime().perform(&old_result(&cast), at(4)).await.unwrap();
        assert!(written.record.is_some(), "{:?}", written.answer);
        let app = Sql::open(&clinic.database.target(Login::App)).await;
        let setting = format!("SET resguardo.clinic_id = '{}'", clinic.runtime().clinic().as_uuid());
        app.run(&setting).await.unwrap();
        let superuser = Sql::open(&clinic.database.superuser()).await;
        Self { clinic, cast, officer, director, app, superuser }
    }

    /// Proposes to destroy the clinical records, so many days ago.
    pub(crate) async fn propose(&self, days_ago: u32) {
        let sql = format!(
            "INSERT INTO resguardo.disposals VALUES ('{}', '{DISPOSAL}', 'clinical', 'class', '{}', '{}', \
             now() - interval '{days_ago} days', now() - interval '{days_ago} days' + interval '168 hours')",
            self.cast.patient.as_uuid(),
            self.clinic.runtime().clinic().as_uuid(),
            self.officer.as_uuid(),
        );
        self.superuser.run(&sql).await.unwrap();
    }

    pub(crate) async fn approve(&self, officer: ActorId) -> Result<(), String> {
        let sql = format!(
            "INSERT INTO resguardo.disposal_approvals (subject_id, disposal_id, officer_id, clinic_id) \
             VALUES ('{}', '{DISPOSAL}', '{}', '{}')",
            self.cast.patient.as_uuid(),
            officer.as_uuid(),
            self.clinic.runtime().clinic().as_uuid(),
        );
        self.app.run(&sql).await
    }

    pub(crate) async fn dispose(&self) -> Result<(), String> {
        self.app.run(&self.disposal()).await
    }

    pub(crate) fn disposal(&self) -> String {
        format!("SELECT resguardo.dispose('{}', '{DISPOSAL}')", self.cast.patient.as_uuid())
    }

    async fn clinical_records(&self) -> i64 {
        let whose = self.cast.patient.as_uuid();
        let sql = format!(
            "SELECT count(*) FROM resguardo.records WHERE subject_id = '{whose}' AND class = 'clinical'"
        );
        self.superuser.number(&sql).await
    }

    /// Expects a refusal that says so, and that everything is still there.
    async fn refused(&self, why: &str) {
        let refused = self.dispose().await.unwrap_err();
        assert!(refused.contains(why), "{refused}");
        assert_eq!(self.clinical_records().await, 1);
    }

    pub(crate) async fn read(&self, minute: i64) -> Used {
        self.clinic.runtime().perform(&self.cast.reading(Purpose::Treatment), at(minute)).await.unwrap()
    }
}

pub(crate) fn old_result(cast: &Cast) -> WriteRecord {
    let anchor = (AnchorEvent::LastMedicalAct, "2001-05-04T12:00:00Z".parse().unwrap());
    WriteRecord { anchor, ..cast.result("Hemoglobina de antes") }
}

#[tokio::test]
async fn two_different_officers_approve_and_nobody_else_counts() {
    let scene = Scene::set("disposal_officers").await;
    let unknown = scene.dispose().await.unwrap_err();
    assert!(unknown.contains("no such disposal"), "{unknown}");
    scene.propose(8).await;
    scene.refused("two different officers").await;
    scene.approve(scene.officer).await.unwrap();
    scene.refused("two different officers").await;
    // Once more the same officer, a nurse, and somebody who is nobody here.
    assert!(scene.approve(scene.officer).await.unwrap_err().starts_with("23505"));
    scene.approve(scene.cast.nurse).await.unwrap();
    scene.refused("two different officers").await;
    assert!(
        scene
            .approve(ActorId::from_uuid(scene.cast.patient.as_uuid()))
            .await
            .unwrap_err()
            .starts_with("23503")
    );
    // The same person in a second role.
    let second_role = format!(
        "INSERT INTO resguardo.actors SELECT '00000000-0000-7000-8000-0000000000aa', clinic_id, subject_id, \
         'director', 0, pseudonym, created_at FROM resguardo.actors WHERE actor_id = '{}'",
        scene.officer.as_uuid()
    );
    scene.app.run(&second_role).await.unwrap();
    let twin = ActorId::from_uuid("00000000-0000-7000-8000-0000000000aa".parse().unwrap());
    scene.approve(twin).await.unwrap();
    scene.refused("two different officers").await;
    scene.approve(scene.director).await.unwrap();
    scene.dispose().await.unwrap();
}

#[tokio::test]
async fn the_application_cannot_say_when_it_proposed_or_approved() {
    let scene = Scene::set("disposal_dates").await;
    let (patient, clinic) = (scene.cast.patient.as_uuid(), scene.clinic.runtime().clinic().as_uuid());
    let officer = scene.officer.as_uuid();
    let key = "(subject_id, disposal_id, class, extent, clinic_id, proposed_by";
    let values = format!("('{patient}', '{DISPOSAL}', 'clinical', 'class', '{clinic}', '{officer}'");
    for (column, value) in [("proposed_at", "now()"), ("not_before", "now()")] {
        let sql = format!("INSERT INTO resguardo.disposals {key}, {column}) VALUES {values}, {value})");
        assert!(scene.app.run(&sql).await.unwrap_err().starts_with("42501"), "{column}");
    }
    scene.app.run(&format!("INSERT INTO resguardo.disposals {key}) VALUES {values})")).await.unwrap();
    scene.approve(scene.officer).await.unwrap();
    scene.approve(scene.director).await.unwrap();
    scene.refused("waiting period").await;
    let outcome = format!(
        "INSERT INTO resguardo.disposal_outcomes VALUES ('{patient}', '{DISPOSAL}', '{clinic}', now(), 0, current_date)"
    );
    assert!(scene.app.run(&outcome).await.unwrap_err().starts_with("42501"));
}

#[tokio::test]
async fn the_waiting_period_the_floor_and_a_hold_each_keep_what_there_is() {
    let scene = Scene::set("disposal_keeps").await;
    scene.propose(8).await;
    scene.approve(scene.officer).await.unwrap();
    scene.approve(scene.director).await.unwrap();
    let floor = |day: &str| {
        format!(
            "SET session_replication_role = replica; UPDATE resguardo.retention_floors SET keep_through = {day} \
             WHERE class = 'clinical'; SET session_replication_role = origin"
        )
    };
    // The day is over in every time zone before anything goes.
    for day in ["current_date + 1", "current_date", "current_date - 1"] {
        scene.superuser.run(&floor(day)).await.unwrap();
        scene.refused("retention floor").await;
    }
    scene.superuser.run(&floor("current_date - 2")).await.unwrap();
    let (patient, clinic) = (scene.cast.patient.as_uuid(), scene.clinic.runtime().clinic().as_uuid());
    for (number, classes) in ["[\"travel\"]", "[\"clinical\", \"identity\"]", "[]"].into_iter().enumerate() {
        let hold = format!("00000000-0000-7000-8000-00000000000{number}");
        let sql = format!(
            "INSERT INTO resguardo.legal_holds VALUES ('{patient}', '{hold}', '{clinic}', '{classes}', 'Juzgado', now())"
        );
        scene.app.run(&sql).await.unwrap();
        if classes != "[\"travel\"]" {
            scene.refused("legal hold").await;
            let release = format!(
                "INSERT INTO resguardo.legal_hold_releases VALUES ('{patient}', '{hold}', '{clinic}', now())"
            );
            scene.app.run(&release).await.unwrap();
        }
    }
    // The hold on travel records is none on these.
    scene.dispose().await.unwrap();
    assert_eq!(scene.clinical_records().await, 0);
    // Without a floor nobody has said until when it must be kept.
    let again = scene.dispose().await.unwrap_err();
    assert!(again.contains("already carried out"), "{again}");
}

#[tokio::test]
async fn what_was_destroyed_opens_no_more_and_the_person_can_come_back() {
    let scene = Scene::set("disposal_done").await;
    let kept = scene.read(5).await;
    let opened = scene.clinic.runtime().open_used(scene.cast.patient, scene.read(5).await).unwrap();
    assert_eq!(opened.records.len(), 1);
    scene.propose(8).await;
    scene.approve(scene.officer).await.unwrap();
    scene.approve(scene.director).await.unwrap();
    scene.dispose().await.unwrap();
    assert_eq!(scene.clinical_records().await, 0);
    let whose = scene.cast.patient.as_uuid();
    let keys = format!(
        "SELECT count(*) FROM keystore.deks LEFT JOIN keystore.wrappings USING (subject_id, class, version) \
         WHERE deks.subject_id = '{whose}' AND class = 'clinical' AND (state <> 'destroyed' OR wrapped IS NOT NULL)"
    );
    assert_eq!(scene.superuser.number(&keys).await, 0);
    let ledger = format!("SELECT class || ' ' || ground FROM keystore.erasures WHERE subject_id = '{whose}'");
    assert_eq!(scene.superuser.column(&ledger).await, ["clinical whole-class"]);
    // Whoever still holds a copy of the sealed bytes asks for a key that is gone.
    let now = scene.read(6).await;
    let copy = Used { keys: now.keys.clone(), ..kept };
    let refused = scene.clinic.runtime().open_used(scene.cast.patient, copy).unwrap_err();
    assert!(matches!(refused, RuntimeError::Operation(_)), "{refused}");
    assert!(refused.to_string().contains("destroyed"), "{refused}");
    assert!(scene.clinic.runtime().open_used(scene.cast.patient, now).unwrap().records.is_empty());
    // A new act is sealed under the key after the destroyed one.
    let runtime = scene.clinic.runtime();
    let again = runtime.perform(&scene.cast.result("Hemoglobina de hoy"), at(7)).await.unwrap();
    assert!(again.record.is_some(), "{:?}", again.answer);
    let opened = runtime.open_used(scene.cast.patient, scene.read(8).await).unwrap();
    assert_eq!(opened.records.len(), 1);
    assert_eq!(opened.records[0].head.dek_version, 2);
}

#[tokio::test]
async fn a_destroyed_key_is_never_wrapped_again() {
    let scene = Scene::set("disposal_wrapping").await;
    let whose = format!("subject_id = '{}' AND class = 'clinical'", scene.cast.patient.as_uuid());
    let wrapped = format!("SELECT encode(wrapped, 'hex') FROM keystore.wrappings WHERE {whose}");
    let bytes = scene.superuser.column(&wrapped).await.swap_remove(0);
    scene.propose(8).await;
    scene.approve(scene.officer).await.unwrap();
    scene.approve(scene.director).await.unwrap();
    scene.dispose().await.unwrap();
    // The bytes as an older copy holds them, and as a rotation that came late would write them.
    for epoch in [1, 2] {
        let again = format!(
            "INSERT INTO keystore.wrappings VALUES ('{}', 'clinical', 1, {epoch}, '{}', '\\x{bytes}')",
            scene.cast.patient.as_uuid(),
            scene.clinic.runtime().clinic().as_uuid()
        );
        let refused = scene.app.run(&again).await.unwrap_err();
        assert!(refused.contains("destroyed is not wrapped again"), "{refused}");
    }
    assert_eq!(scene.superuser.column(&wrapped).await, Vec::<String>::new());
}

#[tokio::test]
async fn with_the_identity_go_the_tokens_by_which_a_person_is_found() {
    let scene = Scene::set("disposal_identity").await;
    let whose = scene.cast.patient.as_uuid();
    let tokens = format!("SELECT count(*) FROM resguardo.blind_tokens WHERE subject_id = '{whose}'");
    assert!(scene.superuser.number(&tokens).await > 0);
    scene.propose(8).await;
    scene.approve(scene.officer).await.unwrap();
    scene.approve(scene.director).await.unwrap();
    let identity = format!(
        "SET session_replication_role = replica; UPDATE resguardo.disposals SET class = 'identity'; \
         INSERT INTO resguardo.retention_floors SELECT subject_id, 'identity', clinic_id, anchor, '2026-11-18', '2026-11-18' \
             FROM resguardo.retention_floors WHERE subject_id = '{whose}' AND class = 'clinical'"
    );
    scene.superuser.run(&identity).await.unwrap();
    scene.dispose().await.unwrap();
    assert_eq!(scene.superuser.number(&tokens).await, 0);
    assert_eq!(scene.clinical_records().await, 1);
}

#[tokio::test]
async fn a_disposal_waits_for_whoever_is_placing_a_hold() {
    let scene = Scene::set("disposal_lock").await;
    let (patient, clinic) = (scene.cast.patient, scene.clinic.runtime().clinic());
    let key = lock_key(clinic, patient.as_uuid());
    let sql = format!("SELECT resguardo.lock_key('{}', '{}')", clinic.as_uuid(), patient.as_uuid());
    assert_eq!(scene.superuser.number(&sql).await, i64::from(key));
    scene.propose(8).await;
    scene.approve(scene.officer).await.unwrap();
    scene.approve(scene.director).await.unwrap();
    let placing = Sql::open(&scene.clinic.database.superuser()).await;
    let hold = format!(
        "BEGIN; SELECT pg_advisory_xact_lock(3, {key}); INSERT INTO resguardo.legal_holds VALUES \
         ('{}', '{DISPOSAL}', '{}', '[]', 'Juzgado', now())",
        patient.as_uuid(),
        clinic.as_uuid()
    );
    placing.run(&hold).await.unwrap();
    let (refused, ()) = tokio::join!(scene.dispose(), async {
        // Only once the disposal stands in the queue for the lock is the hold committed.
        scene.superuser.until_somebody_waits().await;
        placing.run("COMMIT").await.unwrap();
    });
    assert!(refused.unwrap_err().contains("legal hold"));
    assert_eq!(scene.clinical_records().await, 1);
    let snapshot = format!("BEGIN ISOLATION LEVEL REPEATABLE READ; {}", scene.disposal());
    assert!(scene.app.run(&snapshot).await.unwrap_err().contains("READ COMMITTED"));
}
