//! The next epoch beside running servers, and the end of the one before.

use std::fmt::Write as _;

use clinic_runtime::{Begun, Ending, ExampleClinic, Home, RotationDone, RotationStep, RuntimeError, Unready};
use crypto_vault::{EpochEnd, NotYet};
use postgres_store::StoreError;
use privacy_operations::CloseEpoch;
use records_model::{ActorId, Purpose, Role};

use crate::sql::Sql;
use crate::steps::Cast;
use crate::support::{Clinic, at};

/// A clinic with a chart, and somebody who keeps its keys.
struct Scene {
    clinic: Clinic,
    cast: Cast,
    keeper: ActorId,
    superuser: Sql,
}

impl Scene {
    async fn set(name: &str) -> Self {
        let clinic = Clinic::found(name, ExampleClinic::Elicells).await;
        let cast = Cast::assemble(&clinic).await;
        cast.consent_to_care(&clinic, 3).await;
        let keeper = clinic.staff(Role::SystemsAdministrator).await;
        clinic.runtime().perform(&cast.result("Hemoglobina 14"), at(4)).await.unwrap();
        let superuser = Sql::open(&clinic.database.superuser()).await;
        Self { clinic, cast, keeper, superuser }
    }

    async fn reads(&self, home: &Home) -> usize {
        let used = home.runtime.perform(&self.cast.reading(Purpose::Treatment), at(5)).await.unwrap();
        home.runtime.open_used(self.cast.patient, used).unwrap().records.len()
    }

    async fn census(&self) -> Vec<String> {
        let counts = "SELECT (SELECT count(*) FROM keystore.wrappings) || ' ' || (SELECT count(*) FROM \
            keystore.clinic_secrets) || ' ' || (SELECT count(*) FROM resguardo.log_entries)";
        self.superuser.column(counts).await
    }

    /// What an operator enters of a copy that was read back, and of shares that were tried.
    async fn note_copy(&self, number: u32, done: &RotationDone) {
        self.note_copy_at(&format!("safe {number}"), number, done).await;
    }

    async fn note_copy_at(&self, place: &str, number: u32, done: &RotationDone) {
        let digest = done.survey.digest().iter().fold(String::new(), |mut digits, byte| {
            let _ = write!(digits, "{byte:02x}");
            digits
        });
        let sql = format!(
            "INSERT INTO keystore.copies VALUES ('{}', '00000000-0000-7000-8000-0000000000c{number}', {}, {}, \
             decode('{digest}', 'hex'), '2026-11-17T16:05:00Z', '{place}')",
            self.clinic.runtime().clinic().as_uuid(),
            done.in_force,
            done.survey.live(),
        );
        self.superuser.run(&sql).await.unwrap();
    }

    async fn note_recovery(&self, number: u32, epoch: u32, day: &str) {
        let sql = format!(
            "INSERT INTO keystore.recoveries VALUES ('{}', '00000000-0000-7000-8000-0000000000e{number}', \
             'verified', {epoch}, 1, 2, 3, '{day}T16:00:00Z')",
            self.clinic.runtime().clinic().as_uuid(),
        );
        self.superuser.run(&sql).await.unwrap();
    }
}

/// Runs a rotation to its end; how many keys it wrapped.
pub(crate) async fn rotate(home: &Home, keeper: ActorId, minute: i64) -> (usize, RotationDone) {
    let begun = home.runtime.begin_rotation(&home.keys, keeper, at(minute)).await.unwrap();
    let Begun::Rotation(mut rotation) = begun else {
        panic!("it may not begin");
    };
    let mut wrapped = 0;
    loop {
        match rotation.step().await.unwrap() {
            RotationStep::Wrapped(count) => wrapped += count,
            RotationStep::Whole => break,
            RotationStep::Refused(answer) => panic!("{answer:?}"),
        }
    }
    (wrapped, rotation.finish().await.unwrap().unwrap())
}

#[tokio::test]
async fn a_rotation_is_stopped_anywhere_and_run_again_beside_a_running_server() {
    let scene = Scene::set("epoch_rotates").await;
    let old = &scene.clinic.home;
    let before = std::fs::read(old.keys.path()).unwrap();
    // Stopped after every number of steps, it begins again and the old key stays in force.
    let mut total = 0;
    for steps in [0, 1, 1, 2, 5] {
        let Begun::Rotation(rotation) =
            old.runtime.begin_rotation(&old.keys, scene.keeper, at(6)).await.unwrap()
        else {
            panic!("it may not begin");
        };
        let mut rotation = rotation.in_chunks_of(1);
        assert_eq!((rotation.from().number(), rotation.to().number()), (1, 2));
        for _ in 0..steps {
            if let RotationStep::Wrapped(count) = rotation.step().await.unwrap() {
                total += count;
            }
        }
        drop(rotation);
        assert_eq!(std::fs::read(old.keys.path()).unwrap(), before);
        assert_eq!(scene.reads(old).await, 1);
        // A key that the server made meanwhile is found.
        let given = format!("Persona {steps}");
        scene.clinic.patient(scene.cast.reception, &given, "Nueva").await;
    }
    let (wrapped, done) = rotate(old, scene.keeper, 6).await;
    let living = "SELECT count(*) FROM keystore.deks WHERE state <> 'destroyed'";
    let living = scene.superuser.number(living).await;
    // The secrets, two of them, were wrapped too.
    assert_eq!(i64::try_from(total + wrapped).unwrap(), living + 2);
    assert_eq!(done.survey.live(), u64::try_from(living + 2).unwrap());
    // Both keys read, and the new one is in force.
    let new = scene.clinic.opened_again().await.unwrap();
    assert_eq!((scene.reads(old).await, scene.reads(&new).await), (1, 1));
    assert_eq!(std::fs::read(new.keys.beside(crypto_vault::EpochId::FIRST).path()).unwrap(), before);
    let names = |home: &Home| home.runtime.verifier_key().to_string();
    assert_eq!(names(old), names(&new));
    // Run again, it changes nothing.
    let census = scene.census().await;
    assert_eq!(rotate(&new, scene.keeper, 6).await.0, 0);
    assert_eq!(scene.census().await, census);
}

#[tokio::test]
async fn what_a_server_with_the_older_key_makes_afterwards_is_brought_over() {
    let scene = Scene::set("epoch_stragglers").await;
    let old = &scene.clinic.home;
    rotate(old, scene.keeper, 6).await;
    let new = scene.clinic.opened_again().await.unwrap();
    let late = scene.clinic.patient(scene.cast.reception, "Tarde", "Llegada").await;
    let ask = |purpose| {
        let mut reading = scene.cast.reading(purpose);
        reading.subject = late;
        reading
    };
    let refused = new.runtime.perform(&ask(Purpose::Treatment), at(7)).await.unwrap_err();
    assert!(matches!(refused, RuntimeError::Store(StoreError::OtherEpoch { held: 2 })), "{refused}");
    assert!(refused.to_string().contains("rotate-epoch"), "{refused}");
    // The server with the older key is told to start again if it runs a rotation of its own.
    let own = old.runtime.begin_rotation(&old.keys, scene.keeper, at(7)).await;
    assert!(matches!(own.err().unwrap(), RuntimeError::AnotherEpochInForce { .. }));
    let (wrapped, _) = rotate(&new, scene.keeper, 6).await;
    assert!(wrapped > 0);
    new.runtime.perform(&ask(Purpose::Treatment), at(8)).await.unwrap();
}

#[tokio::test]
async fn a_nurse_rotates_no_key_and_makes_no_file() {
    let scene = Scene::set("epoch_refused").await;
    let old = &scene.clinic.home;
    let begun = old.runtime.begin_rotation(&old.keys, scene.cast.nurse, at(6)).await.unwrap();
    let Begun::Refused(answer) = begun else { panic!("a nurse may") };
    assert!(!answer.is_permit());
    let next = crypto_vault::EpochId::FIRST.next().unwrap();
    assert!(!old.keys.beside(next).path().exists());
}

#[tokio::test]
async fn an_epoch_ends_once_nothing_is_missing_and_its_server_is_told() {
    let scene = Scene::set("epoch_ends").await;
    let old = &scene.clinic.home;
    let nothing = old.runtime.end_epoch(&old.keys, scene.keeper, at(6)).await.unwrap();
    assert!(matches!(nothing, Ending::Nothing), "{nothing:?}");
    let (_, done) = rotate(old, scene.keeper, 6).await;
    let new = scene.clinic.opened_again().await.unwrap();
    let missing = async |expected: &[Unready]| {
        let ending = new.runtime.end_epoch(&new.keys, scene.keeper, at(10)).await.unwrap();
        let Ending::NotYet(epoch, found) = ending else { panic!("{ending:?}") };
        assert_eq!((epoch.number(), found.as_slice()), (1, expected));
    };
    let copies = |found| Unready::Vault(NotYet::Copies { found });
    let recovery = Unready::Vault(NotYet::Recovery);
    missing(&[copies(0), recovery]).await;
    scene.note_copy(1, &done).await;
    missing(&[copies(1), recovery]).await;
    // The next copy in the same place took the place of the first.
    scene.note_copy_at("safe 1", 9, &done).await;
    missing(&[copies(1), recovery]).await;
    scene.note_copy(2, &done).await;
    // A trial that is too old, and one of the epoch before, count for nothing.
    scene.note_recovery(1, 2, "2026-08-01").await;
    scene.note_recovery(2, 1, "2026-11-17").await;
    missing(&[recovery]).await;
    scene.note_recovery(3, 2, "2026-11-17").await;
    let clinic = scene.clinic.runtime().clinic().as_uuid();
    let hold = "00000000-0000-7000-8000-0000000000f1";
    let placed =
        format!("INSERT INTO keystore.epoch_holds VALUES ('{clinic}', '{hold}', 1, 'Juzgado', now())");
    scene.superuser.run(&placed).await.unwrap();
    missing(&[Unready::Vault(NotYet::Held { hold: hold.parse().unwrap() })]).await;
    let released = format!(
        "INSERT INTO keystore.epoch_hold_releases VALUES ('{clinic}', '{hold}', '2026-11-17T16:06:00Z')"
    );
    scene.superuser.run(&released).await.unwrap();
    // A key that a server with the older key made since.
    scene.clinic.patient(scene.cast.reception, "Tarde", "Llegada").await;
    let keys = "SELECT count(*) FROM keystore.wrappings w WHERE epoch = 1 AND NOT EXISTS (SELECT 1 FROM \
        keystore.wrappings n WHERE (n.subject_id, n.class, n.version, n.epoch) = (w.subject_id, w.class, w.version, 2))";
    missing(&[Unready::KeysLeft(u64::try_from(scene.superuser.number(keys).await).unwrap())]).await;
    let (_, done) = rotate(&new, scene.keeper, 6).await;
    missing(&[copies(0)]).await;
    scene.note_copy(3, &done).await;
    scene.note_copy(4, &done).await;
    let earlier = new.keys.beside(crypto_vault::EpochId::FIRST);
    assert!(earlier.path().exists());
    let ended = new.runtime.end_epoch(&new.keys, scene.keeper, at(11)).await.unwrap();
    let Ending::Ended(ended) = ended else { panic!("{ended:?}") };
    assert!(matches!(ended.end, EpochEnd::Destroyed(_)) && ended.unproved.is_none(), "{ended:?}");
    // These copies were entered by hand: there is no such place, and that is said.
    assert_eq!(ended.not_copied.len(), 2, "{ended:?}");
    assert!(
        !std::path::Path::new("resguardo-keystore.copy").exists(),
        "nothing is written where we happen to be"
    );
    assert!(!earlier.path().exists());
    let outcome = "SELECT epoch || ' ' || outcome FROM keystore.epoch_ends";
    assert_eq!(scene.superuser.column(outcome).await, ["1 destroyed"]);
    assert_eq!(scene.reads(&new).await, 1);
    // The server with the older key neither reads nor makes a key any more, and is told what to do.
    let refused = old.runtime.perform(&scene.cast.reading(Purpose::Treatment), at(12)).await.unwrap_err();
    assert!(matches!(refused, RuntimeError::Store(StoreError::EpochClosed { epoch: 1 })), "{refused}");
    assert!(refused.to_string().contains("start it again"), "{refused}");
    let again = new.runtime.end_epoch(&new.keys, scene.keeper, at(12)).await.unwrap();
    assert!(matches!(again, Ending::Nothing), "{again:?}");
}

/// A clinic whose first epoch may end.
async fn ready_to_end(name: &str) -> (Scene, Home) {
    let scene = Scene::set(name).await;
    rotate(&scene.clinic.home, scene.keeper, 6).await;
    let new = scene.clinic.opened_again().await.unwrap();
    let (_, done) = rotate(&new, scene.keeper, 6).await;
    scene.note_copy(1, &done).await;
    scene.note_copy(2, &done).await;
    scene.note_recovery(1, 2, "2026-11-17").await;
    (scene, new)
}

/// The database goes away after an epoch was closed and before its end is entered.
async fn stopped_before_the_end(scene: &Scene, home: &Home) {
    let fail = "CREATE FUNCTION pg_temp_fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
        RAISE EXCEPTION 'gone'; END $$; CREATE TRIGGER fail BEFORE INSERT ON keystore.epoch_ends \
        FOR EACH ROW EXECUTE FUNCTION pg_temp_fail()";
    scene.superuser.run(fail).await.unwrap();
    home.runtime.end_epoch(&home.keys, scene.keeper, at(10)).await.unwrap_err();
    let mend = "DROP TRIGGER fail ON keystore.epoch_ends";
    scene.superuser.run(mend).await.unwrap();
}

#[tokio::test]
async fn an_end_that_was_stopped_after_the_key_went_is_proved_when_it_goes_on() {
    let (scene, home) = ready_to_end("epoch_end_stopped").await;
    let earlier = home.keys.beside(crypto_vault::EpochId::FIRST);
    stopped_before_the_end(&scene, &home).await;
    let left = std::fs::read(earlier.path()).unwrap();
    assert!(left.iter().all(|byte| *byte == 0), "no key is left in it");
    // Whoever begins a rotation meanwhile is told to end first.
    let begun = home.runtime.begin_rotation(&home.keys, scene.keeper, at(10)).await.unwrap();
    assert!(matches!(begun, Begun::EndFirst(_)));
    let Ending::Ended(ended) = home.runtime.end_epoch(&home.keys, scene.keeper, at(11)).await.unwrap() else {
        panic!("it goes on");
    };
    assert!(matches!(ended.end, EpochEnd::Destroyed(_)), "{ended:?}");
    assert!(!earlier.path().exists());
}

#[tokio::test]
async fn a_key_file_that_was_taken_away_proves_nothing_however_often_the_end_is_tried() {
    let (scene, home) = ready_to_end("epoch_end_gone").await;
    let earlier = home.keys.beside(crypto_vault::EpochId::FIRST);
    std::fs::rename(earlier.path(), earlier.path().with_extension("on-a-stick")).unwrap();
    stopped_before_the_end(&scene, &home).await;
    let Ending::Ended(ended) = home.runtime.end_epoch(&home.keys, scene.keeper, at(11)).await.unwrap() else {
        panic!("it goes on");
    };
    assert!(matches!(ended.end, EpochEnd::Unproved { .. }) && ended.unproved.is_some(), "{ended:?}");
}

#[tokio::test]
async fn a_stopped_rotation_goes_on_with_its_own_key_or_not_at_all() {
    let scene = Scene::set("epoch_key_missing").await;
    let home = &scene.clinic.home;
    let begin = async || home.runtime.begin_rotation(&home.keys, scene.keeper, at(6)).await;
    let Begun::Rotation(rotation) = begin().await.unwrap() else { panic!("it may not begin") };
    let mut rotation = rotation.in_chunks_of(1);
    assert!(matches!(rotation.step().await.unwrap(), RotationStep::Wrapped(_)));
    drop(rotation);
    let next = home.keys.beside(crypto_vault::EpochId::FIRST.next().unwrap());
    let aside = next.path().with_extension("aside");
    std::fs::rename(next.path(), &aside).unwrap();
    let refused = begin().await.err().unwrap();
    assert!(
        matches!(&refused, RuntimeError::NextKeyMissing { path, .. } if path == next.path()),
        "{refused}"
    );
    assert!(!next.path().exists(), "no second key of the same number is made");
    std::fs::rename(&aside, next.path()).unwrap();
    rotate(home, scene.keeper, 7).await;
    assert_eq!(scene.reads(&scene.clinic.opened_again().await.unwrap()).await, 1);
}

#[tokio::test]
async fn only_shares_of_an_earlier_epoch_are_said_to_be_destroyed() {
    let scene = Scene::set("epoch_shares").await;
    let (runtime, first) = (scene.clinic.runtime(), crypto_vault::EpochId::FIRST);
    let refused = async || runtime.shares_destroyed(scene.keeper, first, at(6)).await.unwrap_err();
    assert!(matches!(refused().await, RuntimeError::NoShares { .. }), "none are out");
    runtime.share_out(scene.keeper, crypto_vault::Quorum::TWO_OF_THREE, at(6)).await.unwrap();
    assert!(matches!(refused().await, RuntimeError::NoShares { .. }), "those in force are needed");
}

#[tokio::test]
async fn a_hold_comes_before_the_closing_of_its_epoch_or_not_at_all() {
    let (scene, home) = ready_to_end("epoch_holds").await;
    let (runtime, first) = (&home.runtime, crypto_vault::EpochId::FIRST);
    let nurse = scene.cast.nurse;
    let (refused, _) = runtime.hold_epoch(nurse, (first, "Juzgado".to_owned()), at(10)).await.unwrap();
    assert!(!refused.is_permit());
    // Somebody held it while the conditions of its end were being looked at.
    let officer = scene.keeper;
    let (placed, hold) = runtime.hold_epoch(officer, (first, "Juzgado".to_owned()), at(10)).await.unwrap();
    assert!(placed.is_permit());
    let close = CloseEpoch { actor: scene.keeper, epoch: first, next: first.next().unwrap() };
    let said = runtime.perform(&close, at(10)).await.unwrap_err().to_string();
    assert!(said.contains("legal hold"), "{said}");
    assert!(runtime.release_epoch(officer, hold, at(10)).await.unwrap().is_permit());
    assert!(runtime.perform(&close, at(11)).await.unwrap().answer.is_permit());
    let late = runtime.hold_epoch(officer, (first, "Juzgado".to_owned()), at(11)).await.unwrap_err();
    assert!(matches!(late, RuntimeError::NoSuchEpoch { .. }), "{late}");
    let clinic = runtime.clinic().as_uuid();
    let sql = format!(
        "INSERT INTO keystore.epoch_holds VALUES ('{clinic}', '00000000-0000-7000-8000-0000000000f9', 1, 'x', now())"
    );
    assert!(scene.superuser.run(&sql).await.unwrap_err().contains("comes too late"));
}
