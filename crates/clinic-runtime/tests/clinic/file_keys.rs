//! Files and the life of the keys that seal them: a new version, a disposal, and both at once.

use privacy_operations::{AskToReseal, ResealRecords, RotateKey};
use records_model::{AnchorEvent, RecordId, RetentionClass};

use crate::disposal::Scene;
use crate::files::{attach, content, read};
use crate::steps::leaves;
use crate::support::at;

const CLASS: RetentionClass = RetentionClass::Clinical;

/// Seventeen chunks and a little.
const LENGTH: usize = 17 * crypto_vault::CHUNK_BYTES + 3;

impl Scene {
    async fn attach_old_scan(&self, name: &str) -> RecordId {
        let anchor = (AnchorEvent::LastMedicalAct, "2001-05-04T12:00:00Z".parse().unwrap());
        let scan = privacy_operations::FileToAttach { anchor, ..self.cast.scan(name) };
        attach(&self.clinic, &scan, &content(LENGTH)).await
    }

    async fn next_key(&self, minute: i64) {
        let rotate = RotateKey { actor: self.officer, subject: self.cast.patient, class: CLASS };
        assert_eq!(self.clinic.runtime().perform(&rotate, at(minute)).await.unwrap().changed, 1);
    }

    async fn reseal_records(&self, minute: i64) -> usize {
        let (actor, subject) = (self.officer, self.cast.patient);
        let reseal = ResealRecords { actor, subject, class: CLASS, at_most: 50 };
        let tended = self.clinic.runtime().perform(&reseal, at(minute)).await.unwrap();
        assert!(tended.answer.is_permit(), "{:?}", tended.answer);
        tended.changed
    }

    async fn reseal_files(&self, minute: i64) -> u64 {
        let whose = (self.cast.patient, CLASS);
        let done = self.clinic.runtime().reseal_files(self.officer, whose, at(minute)).await.unwrap();
        assert!(done.answer.is_permit(), "{:?}", done.answer);
        done.files
    }

    async fn minimums(&self) -> Vec<String> {
        self.superuser.column("SELECT class || ' ' || minimum FROM keystore.key_minimums").await
    }

    async fn findings(&self, minute: i64) -> Vec<clinic_runtime::VaultFinding> {
        let home = &self.clinic.home;
        let looked = home.runtime.vault_findings(self.officer, &home.keys, at(minute)).await.unwrap();
        let is_row = |finding: &clinic_runtime::VaultFinding| {
            !matches!(finding, clinic_runtime::VaultFinding::Warning(_))
        };
        looked.findings.into_iter().filter(is_row).collect()
    }
}

/// No living file is lost to a rotation: while one lies under the earlier version, that version is read.
#[tokio::test]
async fn the_earlier_version_of_a_key_is_read_until_every_file_is_sealed_anew() {
    let scene = Scene::set("file_reseal").await;
    let first = scene.attach_old_scan("uno.png").await;
    let second = scene.attach_old_scan("dos.png").await;
    scene.next_key(7).await;
    let runtime = scene.clinic.runtime();
    let waiting = runtime.store().to_reseal(runtime.clinic()).await.unwrap();
    assert_eq!(waiting.iter().map(|one| (one.records, one.files)).collect::<Vec<_>>(), [(3, 2)]);
    assert_eq!(read(runtime, &scene.cast.file(first)).await.unwrap(), content(LENGTH));

    // Every record is sealed anew, and still the earlier version is not given up.
    assert_eq!(scene.reseal_records(8).await, 3);
    assert_eq!(scene.minimums().await, Vec::<String>::new());
    assert_eq!(read(runtime, &scene.cast.file(first)).await.unwrap(), content(LENGTH));
    let waiting = runtime.store().to_reseal(runtime.clinic()).await.unwrap();
    assert_eq!(waiting.iter().map(|one| (one.records, one.files)).collect::<Vec<_>>(), [(0, 2)]);

    assert_eq!((scene.reseal_files(9).await, scene.reseal_files(10).await), (2, 0));
    let (actor, subject) = (scene.officer, scene.cast.patient);
    let ask = AskToReseal { actor, subject, class: CLASS };
    let nothing = runtime.perform(&ask, at(10)).await.unwrap();
    assert!(nothing.answer.is_permit() && nothing.files.is_empty() && nothing.keys.is_empty());
    assert_eq!(scene.reseal_records(11).await, 0);
    assert_eq!(scene.minimums().await, ["clinical 2"]);
    for file in [first, second] {
        assert_eq!(read(runtime, &scene.cast.file(file)).await.unwrap(), content(LENGTH));
    }
    let under = "SELECT dek_version || ' ' || count(*) FROM resguardo.attachment_chunks GROUP BY dek_version ORDER BY 1";
    assert_eq!(scene.superuser.column(under).await, ["1 36", "2 36"]);
    assert_eq!(scene.findings(12).await, []);
    assert_eq!(runtime.store().to_reseal(runtime.clinic()).await.unwrap(), []);

    // Whoever takes the newer form away, as an older copy would, is found, and the older one opens no more.
    let gone = "SET session_replication_role = replica; DELETE FROM resguardo.attachment_chunks WHERE dek_version = 2; \
        DELETE FROM resguardo.attachments WHERE dek_version = 2; SET session_replication_role = origin";
    scene.superuser.run(gone).await.unwrap();
    let refused = read(runtime, &scene.cast.file(first)).await.unwrap_err();
    assert!(refused.to_string().contains("clinical key of this person is missing"), "{refused}");
    let found = scene.findings(13).await;
    assert!(found.len() == 4, "two that do not open and two that were put back: {found:?}");
}

/// A file that does not open is not sealed anew, and the earlier version stays in use.
#[tokio::test]
async fn a_damaged_file_stops_its_own_resealing_and_keeps_the_key() {
    let scene = Scene::set("file_damaged").await;
    scene.attach_old_scan("uno.png").await;
    scene.next_key(7).await;
    let damaged = "SET session_replication_role = replica; UPDATE resguardo.attachment_chunks \
        SET sealed = set_byte(sealed, 3, get_byte(sealed, 3) # 1) WHERE chunk_no = 16; SET session_replication_role = origin";
    scene.superuser.run(damaged).await.unwrap();
    let whose = (scene.cast.patient, CLASS);
    let refused = scene.clinic.runtime().reseal_files(scene.officer, whose, at(8)).await.unwrap_err();
    assert!(refused.to_string().contains("could not be sealed anew"), "{refused}");
    scene.reseal_records(9).await;
    assert_eq!(scene.minimums().await, Vec::<String>::new());
    let new = "SELECT count(*) FROM resguardo.attachment_chunks WHERE dek_version = 2";
    assert_eq!(scene.superuser.number(new).await, 0);
}

#[tokio::test]
async fn a_disposed_class_takes_its_files_with_it() {
    let scene = Scene::set("file_disposal").await;
    let file = scene.attach_old_scan("uno.png").await;
    scene.next_key(7).await;
    assert_eq!(scene.reseal_files(8).await, 1);
    scene.propose(8).await;
    scene.approve(scene.officer).await.unwrap();
    scene.approve(scene.director).await.unwrap();
    scene.dispose().await.unwrap();
    for table in ["attachments", "attachment_chunks"] {
        let left = format!("SELECT count(*) FROM resguardo.{table}");
        assert_eq!(scene.superuser.number(&left).await, 0, "{table}");
    }
    let refused = read(scene.clinic.runtime(), &scene.cast.file(file)).await.unwrap_err();
    assert_eq!(refused.to_string(), "no such record of this person");
    scene.clinic.runtime().sequence(at(9)).await.unwrap();
    assert!(leaves(&scene.clinic).await.len() > 5);
}

#[tokio::test]
async fn who_keeps_no_keys_seals_no_file_anew() {
    let scene = Scene::set("file_reseal_refused").await;
    scene.attach_old_scan("uno.png").await;
    scene.next_key(7).await;
    let whose = (scene.cast.patient, CLASS);
    let asked = scene.clinic.runtime().reseal_files(scene.cast.physician, whose, at(8)).await.unwrap();
    assert!(!asked.answer.is_permit() && asked.files == 0, "{:?}", asked.answer);
}
