//! The doctor of the keys: it finds each planted fault, names rows by their ids, and nothing where nothing is wrong.

use std::os::unix::fs::PermissionsExt as _;

use clinic_runtime::{ExampleClinic, VaultFinding, VaultWarning};
use privacy_operations::WriteRecord;
use records_model::{ActorId, RecordId, RetentionClass, Role};

use crate::sql::Sql;
use crate::steps::Cast;
use crate::support::{Clinic, at};

struct Scene {
    clinic: Clinic,
    cast: Cast,
    record: RecordId,
    keeper: ActorId,
    superuser: Sql,
}

impl Scene {
    /// A clinic with a record of two versions.
    async fn set(name: &str) -> Self {
        let clinic = Clinic::found(name, ExampleClinic::Elicells).await;
        let cast = Cast::assemble(&clinic).await;
        cast.consent_to_care(&clinic, 3).await;
        let written = clinic.runtime().perform(&cast.result("Hemoglobina 14"), at(4)).await.unwrap();
        let (record, _) = written.record.unwrap();
        let addendum = WriteRecord { addendum_to: Some(record), ..cast.result("Hemoglobina 15") };
        assert!(clinic.runtime().perform(&addendum, at(5)).await.unwrap().record.is_some());
        let superuser = Sql::open(&clinic.database.superuser()).await;
        let keeper = clinic.staff(Role::SystemsAdministrator).await;
        Self { clinic, cast, record, keeper, superuser }
    }

    /// What the doctor finds beside the recovery that nobody tried.
    async fn found(&self) -> Vec<VaultFinding> {
        let home = &self.clinic.home;
        let looked = home.runtime.vault_findings(self.keeper, &home.keys, at(9)).await.unwrap();
        assert!(looked.answer.is_permit(), "{:?}", looked.answer);
        let mut found = looked.findings;
        let untried = VaultFinding::Warning(VaultWarning::RecoveryNeverVerified);
        assert_eq!(found.pop(), Some(untried));
        found
    }

    /// Changes what no login may change.
    async fn plant(&self, sql: &str) {
        let planted =
            format!("SET session_replication_role = replica; {sql}; SET session_replication_role = origin");
        self.superuser.run(&planted).await.unwrap();
    }
}

#[tokio::test]
async fn faults_of_the_key_file_are_found() {
    let scene = Scene::set("doctor_file").await;
    assert_eq!(scene.found().await, []);
    let path = scene.clinic.home.keys.path().to_owned();
    let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o640);
    assert_eq!(scene.found().await, [VaultFinding::KeyFileOpenToOthers { path: path.clone() }]);
    mode(0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(scene.found().await, [VaultFinding::KeyFileMissing]);
    // The key of another clinic, of the same epoch.
    let other = Clinic::found("doctor_other", ExampleClinic::Brisa).await;
    std::fs::copy(other.home.keys.path(), &path).unwrap();
    assert_eq!(scene.found().await, [VaultFinding::AnotherKey]);
    std::fs::write(&path, text.replace("key: ", "key: 00")).unwrap();
    assert!(matches!(scene.found().await.as_slice(), [VaultFinding::KeyFileUnusable { .. }]));
}

#[tokio::test]
async fn faults_of_keys_are_found() {
    let scene = Scene::set("doctor_keys").await;
    let subject = scene.cast.patient;
    let whose = format!("subject_id = '{}' AND class = 'travel'", subject.as_uuid());
    let missing = format!(
        "INSERT INTO keystore.deks SELECT subject_id, 'travel', 1, clinic_id, NULL, 'active', 1, created_at \
         FROM keystore.deks WHERE subject_id = '{}' AND class = 'clinical'",
        subject.as_uuid()
    );
    scene.plant(&missing).await;
    assert_eq!(scene.found().await, [VaultFinding::NotWrapped { count: 1 }]);
    // The bytes of another key of the same person.
    let moved = format!(
        "INSERT INTO keystore.wrappings SELECT subject_id, 'travel', 1, epoch, clinic_id, wrapped \
         FROM keystore.wrappings WHERE subject_id = '{}' AND class = 'clinical'",
        subject.as_uuid()
    );
    scene.plant(&moved).await;
    let found = scene.found().await;
    let (class, version) = (RetentionClass::Travel, crypto_vault::KeyVersion::FIRST);
    assert_eq!(found, [VaultFinding::KeyDoesNotOpen { subject, class, version }]);
    scene
        .plant(&format!(
            "DELETE FROM keystore.wrappings WHERE {whose}; DELETE FROM keystore.deks WHERE {whose}"
        ))
        .await;
    scene.plant("UPDATE keystore.clinic_secrets SET check_value = '\\x00112233445566778899aabbccddeeff' WHERE kind = 'index-root'").await;
    assert_eq!(scene.found().await, [VaultFinding::IndexKey { version: 1 }]);
}

#[tokio::test]
async fn a_record_that_does_not_open_and_one_that_was_rolled_back_are_found() {
    let scene = Scene::set("doctor_records").await;
    let (subject, record) = (scene.cast.patient, scene.record);
    let row = format!("record_id = '{}' AND version = 2", record.as_uuid());
    let altered = "sealed = set_byte(sealed, length(sealed) - 1, get_byte(sealed, length(sealed) - 1) # 1)";
    scene.plant(&format!("UPDATE resguardo.records SET {altered} WHERE {row}")).await;
    let found = scene.found().await;
    let [broken, back] = found.as_slice() else { panic!("{found:?}") };
    assert!(matches!(broken, VaultFinding::RecordDoesNotOpen { version, .. } if version.number() == 2));
    assert_eq!(*back, VaultFinding::RolledBack { subject, record });
    // As it was, and then only the first version of it, which opens.
    scene.plant(&format!("UPDATE resguardo.records SET {altered} WHERE {row}")).await;
    assert_eq!(scene.found().await, []);
    scene.plant(&format!("DELETE FROM resguardo.records WHERE {row}")).await;
    assert_eq!(scene.found().await, [VaultFinding::RolledBack { subject, record }]);
}

/// The doctor opens every record: whoever may not keep keys does not have it done, and the log tells of both.
#[tokio::test]
async fn only_whoever_keeps_keys_has_them_looked_over_and_the_log_says_so() {
    let scene = Scene::set("doctor_decided").await;
    let home = &scene.clinic.home;
    let entries = async || scene.superuser.number("SELECT count(*) FROM resguardo.log_entries").await;
    let before = entries().await;
    let looked = home.runtime.vault_findings(scene.cast.nurse, &home.keys, at(9)).await.unwrap();
    assert!(!looked.answer.is_permit() && looked.findings.is_empty(), "{looked:?}");
    assert_eq!(entries().await, before + 1);
    scene.found().await;
    assert_eq!(entries().await, before + 2);
}

#[tokio::test]
async fn a_record_that_somebody_took_away_whole_is_found_and_one_that_was_destroyed_is_not() {
    let scene = Scene::set("doctor_missing").await;
    let (subject, record) = (scene.cast.patient, scene.record);
    let erased = format!(
        "INSERT INTO keystore.erasures VALUES ('{}', 'clinical', 1, '{}', now(), 'whole-class', 2, 1, 1, NULL)",
        subject.as_uuid(),
        scene.clinic.runtime().clinic().as_uuid()
    );
    scene.plant(&format!("DELETE FROM resguardo.records WHERE record_id = '{}'", record.as_uuid())).await;
    assert_eq!(scene.found().await, [VaultFinding::RecordMissing { subject, record }]);
    scene.plant(&erased).await;
    assert_eq!(scene.found().await, []);
}
