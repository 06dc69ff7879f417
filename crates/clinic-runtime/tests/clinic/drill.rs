//! The drill: backups, a shredded patient, the next epoch, and then a clinic brought back from the old data, the
//! newest copy of the keystore and shares alone.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clinic_runtime::{
    BackupOrder, BackupTaken, CopyAge, Database, Ending, ExampleClinic, Home, HomeOptions, KeyAccess,
    RestoreOrder, Runtime, Unready, example_clinic, open_home, read_epoch_key_file, restore,
};
use crypto_vault::{
    CHUNK_BYTES, CertificateState, EpochEnd, EpochId, NotYet, Quorum, RecoveryShare, recover,
};
use postgres_store::embedded::{DataFolder, FolderKind, Login, Occupant};
use privacy_operations::{
    ApproveDisposal, CarryOutDisposal, DueClasses, FileToAttach, ProposeDisposal, RecordCareRelation,
    ResealRecords, RotateKey, WriteRecord,
};
use records_model::{ActorId, AnchorEvent, Purpose, RecordId, RetentionClass, Role};

use crate::epochs::rotate;
use crate::files::{attach, content, read};
use crate::sql::Sql;
use crate::steps::Cast;
use crate::support::{Clinic, at};

pub(crate) struct Drill {
    pub(crate) clinic: Clinic,
    living: Cast,
    shredded: Cast,
    pub(crate) officer: ActorId,
    director: ActorId,
    superuser: Sql,
    pub(crate) folder: PathBuf,
    /// The file of the living patient, and that of the one who is shredded.
    scans: [RecordId; 2],
}

/// Three chunks of a scan and a little, and nothing of it like the other's.
fn scan(of: u8) -> Vec<u8> {
    content(3 * CHUNK_BYTES + 100).into_iter().map(|byte| byte ^ of).collect()
}

impl Drill {
    /// Two patients with one result and one file each; those of one are from 2001.
    pub(crate) async fn set(name: &str) -> Self {
        let clinic = Clinic::found(name, ExampleClinic::Elicells).await;
        let living = Cast::assemble(&clinic).await;
        let patient = clinic.patient(living.reception, "Rosalía", "Cantú Elizondo").await;
        let shredded = Cast { patient, ..living };
        for staff in [living.nurse, living.physician] {
            let relate =
                RecordCareRelation { actor: living.reception, subject: patient, staff, ends_at: None };
            assert!(clinic.runtime().perform(&relate, at(2)).await.unwrap().is_permit());
        }
        let officer = clinic.staff(Role::PrivacyOfficer).await;
        let director = clinic.staff(Role::Director).await;
        living.consent_to_care(&clinic, 3).await;
        shredded.consent_to_care(&clinic, 3).await;
        let anchor = (AnchorEvent::LastMedicalAct, "2001-05-04T12:00:00Z".parse().unwrap());
        let old = WriteRecord { anchor, ..shredded.result("Hemoglobina de antes") };
        let old_scan = FileToAttach { anchor, ..shredded.scan("antes.png") };
        for write in [living.result("Hemoglobina de hoy"), old] {
            assert!(clinic.runtime().perform(&write, at(4)).await.unwrap().record.is_some());
        }
        let scans = [
            attach(&clinic, &living.scan("hoy.png"), &scan(1)).await,
            attach(&clinic, &old_scan, &scan(2)).await,
        ];
        clinic.runtime().sequence(at(4)).await.unwrap();
        let folder = std::env::temp_dir().join(format!("resguardo-{name}-work-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let superuser = Sql::open(&clinic.database.superuser()).await;
        Self { clinic, living, shredded, officer, director, superuser, folder, scans }
    }

    pub(crate) async fn back_up(&self, runtime: &Runtime, place: &str, minute: i64) -> BackupTaken {
        let order = BackupOrder {
            actor: self.clinic.system(),
            data_to: self.folder.join("data"),
            keystore_to: self.folder.join(place),
            keep_days: 30,
            owner: self.clinic.database.target(Login::Owner),
        };
        let taken = runtime.back_up(&order, at(minute)).await.unwrap();
        assert!(taken.answer.is_permit(), "{:?}", taken.answer);
        taken
    }

    /// Destroys one patient's clinical records; only the superuser can shorten the wait.
    pub(crate) async fn shred(&self) {
        let (runtime, subject) = (self.clinic.runtime(), self.shredded.patient);
        let classes = DueClasses::One(RetentionClass::Clinical);
        let propose = ProposeDisposal { actor: self.officer, subject, classes };
        let disposal = runtime.perform(&propose, at(6)).await.unwrap().proposals[0].id;
        let approve = ApproveDisposal { actor: self.director, subject, disposal };
        assert!(runtime.perform(&approve, at(6)).await.unwrap().answer.is_permit());
        let wait = "SET session_replication_role = replica; UPDATE resguardo.disposals SET \
            proposed_at = '2026-11-01', not_before = '2026-11-09'; SET session_replication_role = origin";
        self.superuser.run(wait).await.unwrap();
        let carry_out = CarryOutDisposal { actor: self.officer, subject, disposal };
        assert_eq!(runtime.perform(&carry_out, at(7)).await.unwrap().records, 2);
        // The ledger goes by the database's clock; the test goes by its own.
        let when = "SET session_replication_role = replica; UPDATE keystore.erasures SET \
            erased_at = '2026-11-17T16:07:00Z'; SET session_replication_role = origin";
        self.superuser.run(when).await.unwrap();
    }

    /// The living patient's key is renewed, and what the earlier one sealed is sealed anew: the file, then the records.
    pub(crate) async fn renew_the_living_key(&self, minute: i64) {
        const CLASS: RetentionClass = RetentionClass::Clinical;
        let (runtime, actor, subject) = (self.clinic.runtime(), self.officer, self.living.patient);
        let rotated = runtime.perform(&RotateKey { actor, subject, class: CLASS }, at(minute)).await.unwrap();
        assert_eq!((rotated.answer.is_permit(), rotated.changed), (true, 1));
        let files = runtime.reseal_files(actor, (subject, CLASS), at(minute)).await.unwrap();
        let reseal = ResealRecords { actor, subject, class: CLASS, at_most: 50 };
        let records = runtime.perform(&reseal, at(minute)).await.unwrap();
        assert_eq!((files.files, records.changed), (1, 2));
        assert_eq!(self.superuser.column(MINIMUMS).await, ["2"]);
    }

    /// What the one certificate says.
    async fn certificate(&self, runtime: &Runtime, minute: i64) -> (CertificateState, String) {
        let found = runtime.certificates(self.officer, at(minute)).await.unwrap();
        assert!(found.answer.is_permit(), "{:?}", found.answer);
        let [one] = found.certificates.as_slice() else { panic!("{:?}", found.certificates) };
        assert_eq!((one.subject(), one.class()), (self.shredded.patient, RetentionClass::Clinical));
        (one.state, runtime.signed_certificate(one).await.unwrap())
    }

    /// Two verified copies, a verified recovery, and the old key destroyed: the certificate is final then. The shares,
    /// and the last backup.
    async fn end_of_the_first_epoch(&self, home: &Home) -> (Vec<RecoveryShare>, BackupTaken) {
        let runtime = &home.runtime;
        let end = async |minute| runtime.end_epoch(&home.keys, self.officer, at(minute)).await.unwrap();
        let shared = runtime.share_out(self.officer, Quorum::TWO_OF_THREE, at(9)).await.unwrap();
        assert!(shared.answer.is_permit() && shared.shares.len() == 3);
        let too_few = runtime.try_shares(self.officer, &shared.shares[..1], at(9)).await.unwrap_err();
        assert!(too_few.to_string().contains("2 are needed"), "{too_few}");
        runtime.try_shares(self.officer, &shared.shares[1..], at(9)).await.unwrap();
        // Enough of the shares of the first epoch are its key.
        let missing = end(9).await;
        assert!(
            matches!(&missing, Ending::NotYet(_, missing) if *missing == [Unready::SharesOut]),
            "{missing:?}"
        );
        let gone = runtime.shares_destroyed(self.officer, EpochId::FIRST, at(9)).await.unwrap();
        assert!(gone.is_permit());
        // Twice into one place is one copy.
        for minute in [10, 10] {
            self.back_up(runtime, "keys-one", minute).await;
        }
        let ending = end(10).await;
        let Ending::NotYet(_, missing) = &ending else { panic!("{ending:?}") };
        assert_eq!(*missing, [Unready::Vault(NotYet::Copies { found: 1 })]);
        let newest = self.back_up(runtime, "keys-two", 11).await;
        let steps = self.superuser.column("SELECT step FROM keystore.recoveries ORDER BY step").await;
        assert_eq!(steps, ["destroyed", "split", "split", "verified"]);
        let ended = end(12).await;
        let Ending::Ended(ended) = ended else { panic!("{ended:?}") };
        assert!(matches!(ended.end, EpochEnd::Destroyed(_)) && ended.unproved.is_none(), "{ended:?}");
        assert_eq!(ended.not_copied, [], "each copy of the keystore knows of the end");
        let (state, signed) = self.certificate(runtime, 13).await;
        assert!(matches!(state, CertificateState::Irrecoverable { .. }), "{state:?}");
        audit_log::verify_certificate(&signed, &runtime.verifier_key()).unwrap();
        (shared.shares, newest)
    }
}

const MINIMUMS: &str = "SELECT minimum FROM keystore.key_minimums";

/// The lowest versions of keys in a clinic that came back.
async fn minimums_of(home: &Home) -> Vec<String> {
    let app = Sql::open(&home.cluster.as_ref().unwrap().target(Login::App)).await;
    let clinic = home.runtime.clinic().as_uuid();
    app.run(&format!("SET resguardo.clinic_id = '{clinic}'")).await.unwrap();
    app.column(MINIMUMS).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_sealed_anew_before_the_backup_opens_through_the_new_key_only_after_it_too() {
    let drill = Drill::set("drill_renewed").await;
    drill.renew_the_living_key(5).await;
    let taken = drill.back_up(drill.clinic.runtime(), "keys-one", 6).await;
    let target = drill.folder.join("restored");
    let restored = restore(RestoreOrder {
        folder: target.clone(),
        data: taken.data.unwrap(),
        copy: taken.keystore.unwrap(),
        epoch: read_epoch_key_file(drill.clinic.home.keys.path()).unwrap(),
        clock: at(19),
    });
    assert_eq!(restored.await.unwrap().copy_age, CopyAge::Current);
    let folder = DataFolder::open(&target, FolderKind::Production).unwrap();
    let back = open_home(options(Database::Folder(folder, Occupant::Tool))).await.unwrap();
    assert_eq!(minimums_of(&back).await, ["2"]);
    assert_eq!(opened(&back.runtime, &drill.living, 20).await.len(), 2);
    assert_eq!(read(&back.runtime, &drill.living.file(drill.scans[0])).await.unwrap(), scan(1));
    let _ = std::fs::remove_dir_all(&drill.folder);
}

fn options(database: Database) -> HomeOptions {
    let documents = example_clinic(ExampleClinic::Elicells);
    HomeOptions { database, documents, keys: KeyAccess::default(), clock: at(0), connections: 4 }
}

async fn opened(runtime: &Runtime, cast: &Cast, minute: i64) -> Vec<String> {
    let used = runtime.perform(&cast.reading(Purpose::Treatment), at(minute)).await.unwrap();
    assert!(used.cells[0].permit.is_some(), "the consent came back");
    let opened = runtime.open_used(cast.patient, used).unwrap();
    let display =
        |record: &clinic_runtime::OpenedRecord| format!("{:?}", record.content.keys().collect::<Vec<_>>());
    opened.records.iter().map(display).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clinic_comes_back_from_old_data_and_new_keys_without_whom_was_shredded() {
    let drill = Drill::set("drill").await;
    let first = drill.clinic.runtime();
    let old = drill.back_up(first, "keys-one", 5).await;
    drill.shred().await;
    let (state, signed) = drill.certificate(first, 8).await;
    assert!(matches!(state, CertificateState::Pending { epoch: Some(_), .. }), "{state:?}");
    let body = audit_log::verify_certificate(&signed, &first.verifier_key()).unwrap().body;
    assert_eq!((body["state"].as_str(), body["covers"].as_str()), (Some("pending"), Some("whole-key")));

    drill.renew_the_living_key(8).await;
    let early = first.share_out(drill.officer, Quorum::TWO_OF_THREE, at(8)).await.unwrap();
    assert_eq!(early.shares.len(), 3);
    let old_key = read_epoch_key_file(drill.clinic.home.keys.path()).unwrap();
    let (wrapped, _) = rotate(&drill.clinic.home, drill.officer, 8).await;
    assert!(wrapped > 0);
    let home = drill.clinic.opened_again().await.unwrap();
    let runtime = &home.runtime;
    let (shares, newest) = drill.end_of_the_first_epoch(&home).await;
    assert!(!home.keys.beside(old_key.id()).path().exists(), "nobody here holds the old key any more");
    let clinic = runtime.clinic();

    // The old key does not fit the newest copy, and nothing is written for it.
    let target = drill.folder.join("restored");
    let order = |epoch| RestoreOrder {
        folder: target.clone(),
        data: old.data.clone().unwrap(),
        copy: newest.keystore.clone().unwrap(),
        epoch,
        clock: at(19),
    };
    let refused = restore(order(old_key)).await.unwrap_err();
    assert!(refused.to_string().contains("of one epoch"), "{refused}");
    assert!(!target.exists());

    // On an empty folder, from the OLD data, the NEWEST keystore and two shares alone.
    let texts: Vec<_> = shares[..2].iter().map(RecoveryShare::format).collect();
    let shares: Vec<_> = texts.iter().map(|text| RecoveryShare::parse(text).unwrap()).collect();
    let restored = restore(order(recover(&shares).unwrap().epoch)).await.unwrap();
    assert_eq!((restored.clinic, restored.erased_again, restored.copy_age), (clinic, 2, CopyAge::Current));
    let folder = DataFolder::open(&target, FolderKind::Production).unwrap();
    let back = open_home(options(Database::Folder(folder, Occupant::Tool))).await.unwrap();
    assert_eq!(opened(&back.runtime, &drill.living, 20).await.len(), 2);
    assert_eq!(opened(&back.runtime, &drill.shredded, 20).await.len(), 0);
    // What was entered since the old backup is lost, and that it came back stands in the log.
    let heads = back.runtime.store().heads(clinic).await.unwrap();
    let newest = heads.last().unwrap();
    assert!(restored.log.entries > 10 && newest.0 > restored.log.entries, "{:?}", restored.log);
    assert!(restored.log.signed_at <= "2026-11-17T16:05:00Z".parse::<DateTime<Utc>>().unwrap());
    let [living, shredded] = drill.scans;
    assert_eq!(read(&back.runtime, &drill.living.file(living)).await.unwrap(), scan(1));
    let gone = read(&back.runtime, &drill.shredded.file(shredded)).await.unwrap_err();
    assert_eq!(gone.to_string(), "no such record of this person");
    let minimums = minimums_of(&back).await;
    assert_eq!(minimums, [] as [&str; 0], "the old data are sealed under the earlier key, and are read");
    let of_shredded = back.runtime.store().sealed_files(clinic, drill.shredded.patient).await.unwrap();
    assert_eq!(of_shredded, [], "the old data held them, and the ledger was replayed over it");
    let (state, _) = drill.certificate(&back.runtime, 20).await;
    assert!(
        matches!(state, CertificateState::Irrecoverable { .. }),
        "the end came back with the keys: {state:?}"
    );
    let file = back.runtime.store().erasure_file(clinic).await.unwrap();
    assert_eq!(file.erasures.len(), 1);
    assert!(back.runtime.verify_log().await.unwrap().is_intact());

    // A folder in which something is is left alone.
    let new_key = read_epoch_key_file(home.keys.path()).unwrap();
    let again = restore(order(new_key)).await.unwrap_err();
    assert!(again.to_string().contains("something is in this folder"), "{again}");
    let _ = std::fs::remove_dir_all(&drill.folder);
}
