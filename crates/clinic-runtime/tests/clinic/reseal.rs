//! The next version of a data key, content sealed anew under it, and both beside a disposal.

use clinic_runtime::{Begun, RotationStep, RuntimeError, VaultFinding};
use privacy_operations::{ResealRecords, RotateKey, WriteRecord};
use records_model::{Field, RetentionClass, Role};

use crate::disposal::Scene;
use crate::support::at;

impl Scene {
    /// A new version of the patient's key of a class.
    async fn rotate_key(&self, class: RetentionClass, minute: i64) {
        let rotate = RotateKey { actor: self.officer, subject: self.cast.patient, class };
        let tended = self.clinic.runtime().perform(&rotate, at(minute)).await.unwrap();
        assert_eq!((tended.answer.is_permit(), tended.changed), (true, 1), "{:?}", tended.answer);
    }

    /// Seals anew, so many versions of records at most; how many were.
    async fn reseal(&self, at_most: usize, minute: i64) -> usize {
        let class = RetentionClass::Clinical;
        let reseal = ResealRecords { actor: self.officer, subject: self.cast.patient, class, at_most };
        let tended = self.clinic.runtime().perform(&reseal, at(minute)).await.unwrap();
        assert!(tended.answer.is_permit(), "{:?}", tended.answer);
        tended.changed
    }

    /// What the nurse reads, each with the version of the key that sealed it.
    async fn results(&self, minute: i64) -> Vec<(String, u32)> {
        let opened = self.clinic.runtime().open_used(self.cast.patient, self.read(minute).await).unwrap();
        let shown = |record: &clinic_runtime::OpenedRecord| {
            let text = record.content.get(&Field::Display).map(|value| value.as_str().to_owned());
            (text.unwrap_or_default(), record.head.dek_version)
        };
        opened.records.iter().map(shown).collect()
    }

    async fn plant(&self, sql: &str) {
        let planted =
            format!("SET session_replication_role = replica; {sql}; SET session_replication_role = origin");
        self.superuser.run(&planted).await.unwrap();
    }

    async fn rolled_back(&self) -> bool {
        let home = &self.clinic.home;
        let looked = home.runtime.vault_findings(self.officer, &home.keys, at(30)).await.unwrap();
        assert!(looked.answer.is_permit(), "{:?}", looked.answer);
        looked.findings.iter().any(|finding| matches!(finding, VaultFinding::RolledBack { .. }))
    }
}

#[tokio::test]
async fn resealed_content_is_the_same_and_opens_through_the_newest_key_only() {
    let scene = Scene::set("reseal_content").await;
    let runtime = scene.clinic.runtime();
    let written = runtime.perform(&scene.cast.result("Glucosa 90"), at(5)).await.unwrap();
    let addendum = WriteRecord {
        addendum_to: written.record.map(|(record, _)| record),
        ..scene.cast.result("Glucosa 91")
    };
    assert!(runtime.perform(&addendum, at(6)).await.unwrap().record.is_some());
    scene.rotate_key(RetentionClass::Clinical, 7).await;
    assert!(runtime.perform(&scene.cast.result("Sodio 140"), at(8)).await.unwrap().record.is_some());
    let texts = |results: Vec<(String, u32)>| results.into_iter().map(|(text, _)| text).collect::<Vec<_>>();
    let before = scene.results(9).await;
    let mut versions: Vec<u32> = before.iter().map(|(_, version)| *version).collect();
    versions.sort_unstable();
    assert_eq!(versions, [1, 1, 2]);
    // Three versions of records are old; in chunks of two, and nothing is left for a third run.
    assert_eq!((scene.reseal(2, 10).await, scene.reseal(2, 11).await, scene.reseal(2, 12).await), (2, 1, 0));
    let after = scene.results(13).await;
    assert!(after.iter().all(|(_, version)| *version == 2), "{after:?}");
    assert_eq!(texts(before), texts(after));
    let waiting = runtime.store().to_reseal(runtime.clinic()).await.unwrap();
    assert_eq!(waiting, []);
    let minimum = "SELECT class || ' ' || minimum FROM keystore.key_minimums";
    assert_eq!(scene.superuser.column(minimum).await, ["clinical 2"]);
    assert!(!scene.rolled_back().await);
    // Whoever takes the newer seals away, as an older copy would, is found, and nothing older opens.
    scene.plant("DELETE FROM resguardo.record_seals").await;
    let refused = scene.clinic.runtime().open_used(scene.cast.patient, scene.read(14).await).unwrap_err();
    assert!(matches!(refused, RuntimeError::Operation(_)), "{refused}");
    assert!(scene.rolled_back().await);
}

#[tokio::test]
async fn with_a_disposal_go_the_new_seals_too() {
    let scene = Scene::set("reseal_disposal").await;
    scene.rotate_key(RetentionClass::Clinical, 7).await;
    assert_eq!(scene.reseal(50, 8).await, 1);
    scene.propose(8).await;
    scene.approve(scene.officer).await.unwrap();
    scene.approve(scene.director).await.unwrap();
    scene.dispose().await.unwrap();
    for table in ["resguardo.record_seals", "resguardo.records"] {
        let left = format!(
            "SELECT count(*) FROM {table} WHERE subject_id = '{}' AND record_id IN (SELECT record_id FROM \
             resguardo.records WHERE class = 'clinical' UNION SELECT record_id FROM resguardo.record_seals)",
            scene.cast.patient.as_uuid()
        );
        assert_eq!(scene.superuser.number(&left).await, 0, "{table}");
    }
    let kept = "SELECT count(*) FROM keystore.wrappings JOIN keystore.deks USING (subject_id, class, version) \
        WHERE state = 'destroyed'";
    assert_eq!(scene.superuser.number(kept).await, 0);
}

#[tokio::test]
async fn staff_act_on_after_their_own_key_was_rotated() {
    let scene = Scene::set("reseal_staff").await;
    let nurse =
        format!("SELECT subject_id FROM resguardo.actors WHERE actor_id = '{}'", scene.cast.nurse.as_uuid());
    let subject = scene.superuser.column(&nurse).await[0].parse().unwrap();
    let rotate = RotateKey { actor: scene.officer, subject, class: RetentionClass::Staff };
    assert!(scene.clinic.runtime().perform(&rotate, at(7)).await.unwrap().answer.is_permit());
    assert_eq!(scene.results(8).await.len(), 1);
}

#[tokio::test]
async fn a_physician_rotates_no_key() {
    let scene = Scene::set("reseal_refused").await;
    let class = RetentionClass::Clinical;
    let rotate = RotateKey { actor: scene.cast.physician, subject: scene.cast.patient, class };
    let tended = scene.clinic.runtime().perform(&rotate, at(7)).await.unwrap();
    assert!(!tended.answer.is_permit());
    let made = "SELECT count(*) FROM keystore.deks WHERE version > 1";
    assert_eq!(scene.superuser.number(made).await, 0);
}

#[tokio::test]
async fn a_rotation_waits_for_a_disposal_and_wraps_nothing_that_it_destroyed() {
    let scene = Scene::set("epoch_disposal").await;
    let home = &scene.clinic.home;
    let keeper = scene.clinic.staff(Role::SystemsAdministrator).await;
    scene.propose(8).await;
    scene.approve(scene.officer).await.unwrap();
    scene.approve(scene.director).await.unwrap();
    let begun = home.runtime.begin_rotation(&home.keys, keeper, at(6)).await.unwrap();
    let Begun::Rotation(mut rotation) = begun else { panic!("it may not begin") };
    scene.app.run(&format!("BEGIN; {}", scene.disposal())).await.unwrap();
    let (stepped, ()) = tokio::join!(rotation.step(), async {
        // The chunk stands in the queue for the person's lock until the disposal is committed.
        scene.superuser.until_somebody_waits().await;
        scene.app.run("COMMIT").await.unwrap();
    });
    assert!(matches!(stepped.unwrap(), RotationStep::Wrapped(_)));
    while !matches!(rotation.step().await.unwrap(), RotationStep::Whole) {}
    rotation.finish().await.unwrap().unwrap();
    let kept = "SELECT count(*) FROM keystore.wrappings JOIN keystore.deks USING (subject_id, class, version) \
        WHERE state = 'destroyed'";
    assert_eq!(scene.superuser.number(kept).await, 0);
    let destroyed = "SELECT count(*) FROM keystore.deks WHERE state = 'destroyed'";
    assert_eq!(scene.superuser.number(destroyed).await, 1);
}
