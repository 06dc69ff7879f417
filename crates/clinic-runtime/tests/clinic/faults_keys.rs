//! What destroys, and what is done to keys and files: whatever fails inside its transaction, nothing of it stays, and
//! run again it succeeds.

use chrono::TimeDelta;
use clinic_runtime::{Begun, FileSent, Home, RotationStep, Runtime, RuntimeError};
use crypto_vault::{CHUNK_BYTES, DestroyedEpoch, EpochEnd, EpochId, EpochKey};
use privacy_operations::{
    ApproveDisposal, CarryOutDisposal, CloseEpoch, DueClasses, EndEpoch, EnterKeystoreFact, FileToAttach,
    KeystoreFact, ProposeDisposal, RecoveryStep, ResealRecords, ResealSurvivors, RewrapKeys, RewrapSecrets,
    RotateKey, WithdrawDisposal,
};
use records_model::{ActorId, AnchorEvent, BackupId, Category, DisposalId, RecoveryId, RetentionClass, Role};
use tokio::io::AsyncWriteExt as _;
use uuid::Uuid;

use crate::disposal::old_result;
use crate::epochs::rotate;
use crate::faults::Scene;
use crate::files::{attach, content, read};
use crate::items::kept;
use crate::support::{at, start};

const CLASS: RetentionClass = RetentionClass::Clinical;

impl Scene {
    /// The tables beside the log: what stays if only an entry of having asked does.
    async fn beside_the_log(&self) -> Vec<String> {
        let mut census = self.census().await;
        census.retain(|line| !line.starts_with("resguardo.log_"));
        census
    }

    fn old_scan(&self) -> FileToAttach {
        let anchor = (AnchorEvent::LastMedicalAct, "2001-05-04T12:00:00Z".parse().unwrap());
        FileToAttach { anchor, ..self.cast.scan("placa.png") }
    }

    /// Two records from 2001, one with a file, everything sealed under both versions of the key.
    async fn old_chart(&self, keeper: ActorId) {
        let runtime = self.clinic.runtime();
        self.cast.consent_to_care(&self.clinic, 3).await;
        assert!(runtime.perform(&old_result(&self.cast), at(4)).await.unwrap().record.is_some());
        attach(&self.clinic, &self.old_scan(), &content(CHUNK_BYTES + 5)).await;
        let rotate = RotateKey { actor: keeper, subject: self.cast.patient, class: CLASS };
        let (rows, tended) = self.through_every_fault(&rotate, 5).await;
        assert!(tended.changed == 1 && rows == 6, "{rows}");
        self.reseal_files_through_every_fault(keeper).await;
        let reseal =
            ResealRecords { actor: keeper, subject: self.cast.patient, class: CLASS, at_most: usize::MAX };
        let (rows, tended) = self.through_every_fault(&reseal, 7).await;
        assert!(tended.changed == 2 && rows == 12, "{rows}");
    }

    /// A file is sealed anew in a transaction of its own, after one that only asks.
    async fn reseal_files_through_every_fault(&self, keeper: ActorId) {
        let (runtime, before) = (self.clinic.runtime(), self.beside_the_log().await);
        let whose = (self.cast.patient, CLASS);
        let mut row = 0;
        self.plant(0, true).await;
        while let Err(error) = runtime.reseal_files(keeper, whose, at(6)).await {
            assert!(error.to_string().contains("planted fault"), "{error}");
            assert_eq!(self.beside_the_log().await, before);
            row += 1;
            self.plant(row, false).await;
        }
        assert!(row > 9, "{row}");
        self.plant(0, false).await;
        self.everything_logged().await;
    }

    async fn let_the_wait_be_over(&self) {
        let sql = "SET session_replication_role = replica; UPDATE resguardo.disposals SET \
            proposed_at = '2026-11-01', not_before = '2026-11-09'; SET session_replication_role = origin";
        self.superuser.run(sql).await.unwrap();
    }

    /// Proposed by one officer and approved by another.
    async fn approved(&self, officer: ActorId, director: ActorId) -> DisposalId {
        let subject = self.cast.patient;
        let propose = ProposeDisposal { actor: officer, subject, classes: DueClasses::One(CLASS) };
        let (rows, proposed) = self.through_every_fault(&propose, 8).await;
        assert!(proposed.approvals_missing == 1 && rows == 6, "{rows}");
        let disposal = proposed.proposals[0].id;
        let approve = ApproveDisposal { actor: director, subject, disposal };
        let (rows, approved) = self.through_every_fault(&approve, 9).await;
        assert!(approved.approvals_missing == 0 && rows == 4, "{rows}");
        disposal
    }

    /// Attaches a file while a row of its transaction fails, or its commit. The fault is planted once the first bytes
    /// were read: whether it may be attached has been asked then, and only that stays.
    async fn attach_with_a_fault(
        &self,
        (at_row, at_commit): (usize, bool),
        bytes: &[u8],
    ) -> Result<FileSent, RuntimeError> {
        let (mut reader, mut writer) = tokio::io::duplex(CHUNK_BYTES);
        let (sent, asked) = tokio::join!(
            async move { self.clinic.runtime().attach_file(self.old_scan(), &mut reader, at(4)).await },
            async move {
                let (first, rest) = bytes.split_at(CHUNK_BYTES + 1);
                // More than fits: it goes through once somebody reads.
                writer.write_all(first).await.unwrap();
                let asked = self.census().await;
                self.plant(at_row, at_commit).await;
                // Nobody reads on after a fault.
                let _ = writer.write_all(rest).await;
                asked
            }
        );
        if let Err(error) = &sent {
            self.nothing_stayed(error, &asked).await;
        }
        self.plant(0, false).await;
        sent
    }
}

#[tokio::test]
async fn a_disposal_takes_everything_or_nothing_whichever_row_of_it_fails() {
    let scene = Scene::set("faults_disposal").await;
    let officer = scene.clinic.staff(Role::PrivacyOfficer).await;
    let director = scene.clinic.staff(Role::Director).await;
    scene.old_chart(officer).await;
    let subject = scene.cast.patient;
    let disposal = scene.approved(officer, director).await;
    let (rows, answer) =
        scene.through_every_fault(&WithdrawDisposal { actor: officer, subject, disposal }, 10).await;
    assert!(answer.is_permit() && rows == 5, "{rows}");
    let disposal = scene.approved(officer, director).await;
    scene.let_the_wait_be_over().await;
    let everything = "SELECT concat_ws(' ', (SELECT count(*) FROM resguardo.records WHERE class = 'clinical'), \
        (SELECT count(*) FROM resguardo.record_seals), (SELECT count(*) FROM resguardo.attachments), \
        (SELECT count(*) FROM resguardo.attachment_chunks), \
        (SELECT count(*) FROM keystore.wrappings WHERE class = 'clinical'), \
        (SELECT count(*) FROM keystore.deks WHERE class = 'clinical' AND state <> 'destroyed'), \
        (SELECT count(*) FROM keystore.deks WHERE state = 'destroyed'), \
        (SELECT count(*) FROM keystore.erasures), (SELECT count(*) FROM resguardo.disposal_outcomes))";
    assert_eq!(scene.superuser.column(everything).await, ["2 2 2 4 2 2 0 0 0"]);
    let carry_out = CarryOutDisposal { actor: officer, subject, disposal };
    let (rows, done) = scene.through_every_fault(&carry_out, 11).await;
    // Ten of content, two keys, their places in the ledger and their wrappings, the outcome, and the entry.
    assert!(done.records == 2 && rows >= 17 + 4, "{rows}");
    assert_eq!(scene.superuser.column(everything).await, ["0 0 0 0 0 0 2 2 1"]);
}

#[tokio::test]
async fn items_go_wholly_or_not_at_all_and_so_does_each_step_that_spares_the_rest() {
    const TRAVEL: RetentionClass = RetentionClass::Travel;
    let scene = Scene::set("faults_items").await;
    let officer = scene.clinic.staff(Role::PrivacyOfficer).await;
    let director = scene.clinic.staff(Role::Director).await;
    let subject = scene.cast.patient;
    for day in ["2024-02-03", "2026-11-10"] {
        let stay = kept(&scene.clinic, &scene.cast, Category::Travel, (AnchorEvent::EndOfStay, day));
        assert!(scene.clinic.runtime().perform(&stay, at(4)).await.unwrap().record.is_some());
    }
    let propose = ProposeDisposal { actor: officer, subject, classes: DueClasses::One(TRAVEL) };
    let (rows, proposed) = scene.through_every_fault(&propose, 8).await;
    // The floor of the record, the disposal and its one item, the approval, the generation, and the entry.
    assert_eq!(rows, 5 + 3, "{rows}");
    let disposal = proposed.proposals[0].id;
    let approve = ApproveDisposal { actor: director, subject, disposal };
    scene.through_every_fault(&approve, 9).await;
    scene.let_the_wait_be_over().await;
    let spare = ResealSurvivors { actor: officer, subject, class: TRAVEL, disposal, at_most: 5 };
    let (rows, made) = scene.through_every_fault(&spare, 10).await;
    // A key and its bytes, the key before it, and the entry.
    assert_eq!((rows, made.changed, made.waiting), (3 + 3, 0, 1));
    let (rows, sealed) = scene.through_every_fault(&spare, 10).await;
    assert_eq!((rows, sealed.changed, sealed.waiting), (1 + 3, 1, 0));
    let carry_out = CarryOutDisposal { actor: officer, subject, disposal };
    let (rows, done) = scene.through_every_fault(&carry_out, 11).await;
    // The record and its place among what was destroyed, its key, that key's place in the ledger and its bytes, the
    // outcome, the generation, and the entry.
    assert_eq!((rows, done.records), (7 + 3, 1));
    let left = "SELECT concat_ws(' ', (SELECT count(*) FROM resguardo.records WHERE class = 'travel'), \
        (SELECT string_agg(version || state, ' ' ORDER BY version) FROM keystore.deks WHERE class = 'travel'))";
    assert_eq!(scene.superuser.column(left).await, ["1 1destroyed 2active"]);
}

#[tokio::test]
async fn a_file_is_stored_whole_or_not_at_all_whichever_row_of_it_fails() {
    let scene = Scene::set("faults_file").await;
    scene.cast.consent_to_care(&scene.clinic, 3).await;
    // The key of its class is there, so that asking makes none.
    assert!(scene.clinic.runtime().perform(&old_result(&scene.cast), at(4)).await.unwrap().record.is_some());
    let bytes = content(17 * CHUNK_BYTES + 3);
    scene.attach_with_a_fault((0, true), &bytes).await.unwrap_err();
    let mut rows = 0;
    let sent = loop {
        match scene.attach_with_a_fault((rows + 1, false), &bytes).await {
            Ok(sent) => break sent,
            Err(_) => rows += 1,
        }
    };
    // Eighteen chunks, the record, the file, and two entries.
    assert!(rows >= 20 + 2 * 3, "{rows}");
    scene.everything_logged().await;
    let record = sent.stored.unwrap().record;
    assert_eq!(read(scene.clinic.runtime(), &scene.cast.file(record)).await.unwrap(), bytes);
    let stored = "SELECT count(*) FROM resguardo.attachment_chunks";
    assert_eq!(scene.superuser.number(stored).await, 18);
}

/// The key in force and the next, which is made.
async fn two_keys(home: &Home, keeper: ActorId) -> (EpochKey, EpochKey) {
    let begun = home.runtime.begin_rotation(&home.keys, keeper, at(6)).await.unwrap();
    assert!(matches!(begun, Begun::Rotation(_)));
    let next = home.keys.beside(EpochId::FIRST.next().unwrap());
    (home.keys.load().unwrap().unwrap(), next.load().unwrap().unwrap())
}

/// Nothing is left to wrap.
async fn is_whole(home: &Home, keeper: ActorId) -> bool {
    let begun = home.runtime.begin_rotation(&home.keys, keeper, at(8)).await.unwrap();
    let Begun::Rotation(mut rotation) = begun else { panic!("it may not begin") };
    matches!(rotation.step().await.unwrap(), RotationStep::Whole)
}

async fn epochs_on_file(runtime: &Runtime) -> Vec<(bool, bool)> {
    let state = runtime.store().keystore_state(runtime.clinic()).await.unwrap();
    state.epochs.iter().map(|line| (line.closed_at.is_some(), line.ended.is_some())).collect()
}

#[tokio::test]
async fn an_epoch_is_rotated_closed_and_ended_as_if_no_row_had_failed() {
    let scene = Scene::set("faults_epoch").await;
    let keeper = scene.clinic.staff(Role::SystemsAdministrator).await;
    let home = &scene.clinic.home;
    let (from, to) = two_keys(home, keeper).await;
    let store = scene.clinic.runtime().store();
    let people = store.people_to_rewrap(scene.clinic.runtime().clinic(), to.id(), None, 64).await.unwrap();
    let count = people.len();
    let keys = RewrapKeys { actor: keeper, people, from: &from, to: &to };
    let (rows, tended) = scene.through_every_fault(&keys, 7).await;
    assert!(tended.changed >= count && rows >= tended.changed + 3, "{rows}");
    let secrets = RewrapSecrets { actor: keeper, from: &from, to: &to };
    let (rows, tended) = scene.through_every_fault(&secrets, 7).await;
    assert!(tended.changed == 2 && rows >= 2 + 3, "{rows}");
    assert!(is_whole(home, keeper).await);
    rotate(home, keeper, 8).await;
    let new = scene.clinic.opened_again().await.unwrap().runtime;
    assert_eq!(epochs_on_file(&new).await, [(false, false), (false, false)]);
    let close = CloseEpoch { actor: keeper, epoch: from.id(), next: to.id() };
    let (rows, tended) = scene.through_every_fault_on(&new, &close, 9).await;
    assert!(tended.changed == 1 && rows > 3, "{rows}");
    let end = EpochEnd::Destroyed(DestroyedEpoch::on_file(from.id(), start()));
    let (rows, tended) = scene.through_every_fault_on(&new, &EndEpoch { actor: keeper, end }, 10).await;
    assert!(tended.changed == 1 && rows > 3, "{rows}");
    let mut on_file = epochs_on_file(&new).await;
    on_file.sort_unstable();
    assert_eq!(on_file, [(false, false), (true, true)]);
}

#[tokio::test]
async fn no_fact_about_the_keystore_stays_without_its_log_row() {
    let scene = Scene::set("faults_facts").await;
    let keeper = scene.clinic.staff(Role::PrivacyOfficer).await;
    let id = |number: u128| Uuid::from_u128(0xfc_0000 + number);
    let recovery = |number, step| KeystoreFact::Recovery {
        id: RecoveryId::from_uuid(id(number)),
        step,
        epoch: 1,
        index_version: 1,
        needed: 2,
        holders: 3,
    };
    let facts = [
        recovery(1, RecoveryStep::Split),
        recovery(2, RecoveryStep::Verified),
        recovery(3, RecoveryStep::Destroyed),
        KeystoreFact::Backup {
            id: BackupId::from_uuid(id(4)),
            expires_at: start() + TimeDelta::days(30),
            index_version: 1,
        },
        KeystoreFact::Copy { id: id(5), epoch: 1, live: 7, digest: [9; 32], place: "safe".to_owned() },
    ];
    for fact in facts {
        let before = scene.census().await;
        let enter = EnterKeystoreFact { actor: keeper, fact };
        let (rows, answer) = scene.through_every_fault(&enter, 5).await;
        assert!(answer.is_permit() && rows == 4, "{:?} {rows}", enter.fact);
        let after = scene.census().await;
        let kept = |line: &&String| line.starts_with("keystore.") && !before.contains(line);
        assert_eq!(after.iter().filter(kept).count(), 1, "{:?}", enter.fact);
    }
}
