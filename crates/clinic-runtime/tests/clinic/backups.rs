//! What a backup of the data holds, and what it leaves behind.

use std::fs::{self, File};
use std::path::PathBuf;

use clinic_runtime::{
    BackupOrder, BackupTaken, ExampleClinic, RestoreOrder, Runtime, RuntimeError, read_epoch_key_file,
    restore,
};
use crypto_vault::{EpochId, EpochKey};
use postgres_store::embedded::Login;
use postgres_store::testing::TestDatabase;
use privacy_operations::RotateKey;
use records_model::RetentionClass;
use sha2::{Digest as _, Sha256};

use crate::disposal::{Scene, old_result};
use crate::support::{Clinic, at};

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("resguardo-{name}-work-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("data")).unwrap();
    fs::create_dir_all(folder.join("keys")).unwrap();
    folder
}

async fn back_up(
    clinic: &Clinic,
    runtime: &Runtime,
    to: &std::path::Path,
) -> Result<BackupTaken, RuntimeError> {
    let order = BackupOrder {
        actor: clinic.system(),
        data_to: to.join("data"),
        keystore_to: to.join("keys"),
        keep_days: 30,
        owner: clinic.database.target(Login::Owner),
    };
    runtime.back_up(&order, at(5)).await
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_database_with_two_clinics_is_not_backed_up_for_one_of_them() {
    let database = TestDatabase::create("backup_two").await.unwrap();
    let one = Clinic::found_in(&database, ExampleClinic::Elicells, "backup_two_one").await;
    let to = folder("backup_two");
    back_up(&one, one.runtime(), &to).await.unwrap();
    let _other = Clinic::found_in(&database, ExampleClinic::Brisa, "backup_two_other").await;
    let before = names(&to.join("data"));
    let refused = back_up(&one, one.runtime(), &to).await.unwrap_err();
    assert!(matches!(refused, RuntimeError::SeveralClinics { clinics: 2 }), "{refused}");
    assert_eq!(names(&to.join("data")), before);
    fs::remove_dir_all(to).unwrap();
}

#[tokio::test]
async fn what_an_interrupted_backup_left_goes_with_the_next_and_two_at_once_do_not_mix() {
    let clinic = Clinic::found("backup_left", ExampleClinic::Elicells).await;
    let to = folder("backup_left");
    for left in ["resguardo-data-1.part", "resguardo-data-1.json", "notes.json"] {
        fs::write(to.join("data").join(left), "left").unwrap();
    }
    let lock = File::create(to.join("data").join("resguardo-backup.lock")).unwrap();
    lock.lock().unwrap();
    let refused = back_up(&clinic, clinic.runtime(), &to).await.unwrap_err().to_string();
    assert!(refused.contains("another backup is being written"), "{refused}");
    assert_eq!(names(&to.join("data")).len(), 4, "nothing was touched");
    drop(lock);
    back_up(&clinic, clinic.runtime(), &to).await.unwrap();
    let names = names(&to.join("data"));
    let of = |end: &str| names.iter().filter(|name| name.ends_with(end)).count();
    assert_eq!((names.len(), of(".dump"), of(".json"), of(".part")), (4, 1, 2, 0), "{names:?}");
    assert!(names.contains(&"notes.json".to_owned()), "what is not ours stays");
    fs::remove_dir_all(to).unwrap();
}

#[tokio::test]
async fn the_ledger_counts_each_row_once_and_the_tokens_of_what_came_from_elsewhere() {
    let scene = Scene::set("backup_ledger").await;
    let rotate =
        RotateKey { actor: scene.officer, subject: scene.cast.patient, class: RetentionClass::Clinical };
    let runtime = scene.clinic.runtime();
    assert!(runtime.perform(&rotate, at(5)).await.unwrap().answer.is_permit());
    for minute in [6, 7] {
        assert!(runtime.perform(&old_result(&scene.cast), at(minute)).await.unwrap().record.is_some());
    }
    let imported = "SET session_replication_role = replica; UPDATE resguardo.records SET origin = 'external', \
        author_id = NULL, source_system = 'otro', source_resource = 'Observation/1', external_author = 'not-stated', \
        source_token = sha256('x'), source_fingerprint = sha256('y') WHERE dek_version = 1 AND class = 'clinical'; \
        SET session_replication_role = origin";
    scene.superuser.run(imported).await.unwrap();
    scene.propose(8).await;
    scene.approve(scene.officer).await.unwrap();
    scene.approve(scene.director).await.unwrap();
    scene.dispose().await.unwrap();
    let ledger =
        "SELECT version || ' ' || rows_count || ' ' || index_version FROM keystore.erasures ORDER BY version";
    assert_eq!(scene.superuser.column(ledger).await, ["1 1 1", "2 2 1"]);
}

type Change = Box<dyn FnOnce(&mut Vec<String>)>;

/// A copy with other lines, and with everything about it recomputed that needs no key.
fn forged(copy: &str, change: impl FnOnce(&mut Vec<String>)) -> String {
    let mut lines: Vec<String> = copy.lines().map(str::to_owned).collect();
    let last = lines.pop().unwrap();
    change(&mut lines);
    let rows = lines.len() - 1;
    let counted = lines[0].rsplit_once("\"rows\":").unwrap().0.to_owned();
    lines[0] = format!("{counted}\"rows\":{rows}}}");
    let above = lines.iter().fold(String::new(), |text, line| text + line + "\n");
    let digest =
        Sha256::digest(&above).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    let tag = last.split_once("\"tag\":").unwrap().1;
    format!("{above}{{\"sha256\":\"{digest}\",\"tag\":{tag}\n")
}

#[tokio::test]
async fn a_copy_of_the_keystore_that_somebody_without_the_key_changed_is_refused() {
    let clinic = Clinic::found("backup_forged", ExampleClinic::Elicells).await;
    let to = folder("backup_forged");
    let taken = back_up(&clinic, clinic.runtime(), &to).await.unwrap();
    let (data, path) = (taken.data.unwrap(), taken.keystore.unwrap());
    let copy = fs::read_to_string(&path).unwrap();
    let restored = async |text: &str, key: EpochKey| {
        fs::write(&path, text).unwrap();
        let (data, copy) = (data.clone(), path.clone());
        restore(RestoreOrder { folder: to.join("back"), data, copy, epoch: key, clock: at(9) }).await
    };
    let key = || read_epoch_key_file(clinic.home.keys.path()).unwrap();
    let id = clinic.runtime().clinic().as_uuid().to_string();
    let changes: [(&str, Change); 5] = [
        ("a line less", Box::new(|lines| drop(lines.pop()))),
        ("a line twice", Box::new(|lines| lines.push(lines[1].clone()))),
        ("two lines swapped", Box::new(|lines| lines.swap(1, 2))),
        ("an earlier date", Box::new(|lines| lines[0] = lines[0].replace("2026-11-17", "2026-11-16"))),
        (
            "another clinic",
            Box::new(move |lines| lines[0] = lines[0].replace(&id, "01940000-0000-7000-8000-00000000ffff")),
        ),
    ];
    for (what, change) in changes {
        let refused = restored(&forged(&copy, change), key()).await.unwrap_err().to_string();
        assert!(refused.contains("somebody changed the copy; use another copy"), "{what}: {refused}");
    }
    assert_eq!(forged(&copy, |_| ()), copy, "nothing else is recomputed");
    let other = EpochKey::from_bytes(EpochId::FIRST, &mut [7; 32]);
    assert!(restored(&copy, other).await.unwrap_err().to_string().contains("the key is another one"));
    let cut = restored(&copy[..copy.len() - 20], key()).await.unwrap_err().to_string();
    assert!(cut.contains("the copy is cut off"), "{cut}");
    let damaged = restored(&copy.replacen("active", "Active", 1), key()).await.unwrap_err().to_string();
    assert!(damaged.contains("is damaged"), "{damaged}");
    assert!(!to.join("back").exists());
    restored(&copy, key()).await.unwrap();
    fs::remove_dir_all(to).unwrap();
}
