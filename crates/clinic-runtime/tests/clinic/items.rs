//! Classes whose items end one by one: what has ended goes, what has not stays and opens, and no key is left over.

use std::path::PathBuf;

use clinic_runtime::{
    BackupOrder, BackupTaken, Database, DisposalPreview, ExampleClinic, HomeOptions, KeyAccess,
    OutsideEvidence, RestoreOrder, RuntimeError, VaultFinding, VaultWarning, example_clinic, open_home,
    read_epoch_key_file, restore,
};
use crypto_vault::{Coverage, Survivor};
use postgres_store::StoreError;
use postgres_store::embedded::{DataFolder, FolderKind, Login, Occupant};
use privacy_operations::{
    ApproveDisposal, CarryOutDisposal, DisposalBlock, DisposalDone, DisposalExtent, DueClasses,
    OperationError, PreviewDisposal, ProposeDisposal, ResealRecords, ResealSurvivors, RotateKey, WriteRecord,
};
use records_model::{
    ActorId, AnchorEvent, Category, ContentForm, ContentKind, DisposalId, Field, Ground, Purpose,
    RecordContent, RecordId, RetentionClass, Role,
};

use crate::sql::Sql;
use crate::steps::{Cast, verified};
use crate::support::{Clinic, at};

const TRAVEL: RetentionClass = RetentionClass::Travel;
const WEBSITE: RetentionClass = RetentionClass::Website;

struct Scene {
    clinic: Clinic,
    cast: Cast,
    officer: ActorId,
    director: ActorId,
    keeper: ActorId,
    superuser: Sql,
    folder: PathBuf,
}

impl Scene {
    async fn set(name: &str) -> Self {
        let clinic = Clinic::found(name, ExampleClinic::Elicells).await;
        let cast = Cast::assemble(&clinic).await;
        let officer = clinic.staff(Role::PrivacyOfficer).await;
        let director = clinic.staff(Role::Director).await;
        let keeper = clinic.staff(Role::SystemsAdministrator).await;
        let superuser = Sql::open(&clinic.database.superuser()).await;
        let folder = std::env::temp_dir().join(format!("resguardo-{name}-work-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self { clinic, cast, officer, director, keeper, superuser, folder }
    }

    /// Whoever keeps records enters one.
    async fn write(&self, category: Category, event: AnchorEvent, on: &str) -> RecordId {
        let write = kept(&self.clinic, &self.cast, category, (event, on));
        let written = self.clinic.runtime().perform(&write, at(4)).await.unwrap();
        written.record.unwrap_or_else(|| panic!("{:?}", written.answer)).0
    }

    async fn stay(&self, until: &str) -> RecordId {
        self.write(Category::Travel, AnchorEvent::EndOfStay, until).await
    }

    async fn visit(&self, on: &str) -> RecordId {
        self.write(Category::WebPages, AnchorEvent::Event, on).await
    }

    /// What was proposed, approved by two people and waited for.
    async fn ready(&self, class: RetentionClass) -> (DisposalId, DisposalExtent) {
        let (runtime, subject) = (self.clinic.runtime(), self.cast.patient);
        let propose = ProposeDisposal { actor: self.officer, subject, classes: DueClasses::One(class) };
        let proposed = runtime.perform(&propose, at(5)).await.unwrap();
        let proposal = proposed.proposals[0].clone();
        let approve = ApproveDisposal { actor: self.director, subject, disposal: proposal.id };
        assert!(runtime.perform(&approve, at(5)).await.unwrap().answer.is_permit());
        self.plant("UPDATE resguardo.disposals SET proposed_at = '2026-11-01', not_before = '2026-11-09'")
            .await;
        (proposal.id, proposal.extent)
    }

    async fn carry_out(&self, disposal: DisposalId) -> Result<(DisposalDone, usize), RuntimeError> {
        let mut sealed = 0;
        let asked = self.carrying(disposal);
        let done = self.clinic.runtime().carry_out(&asked, at(7), |done, _| sealed = done).await?;
        Ok((done, sealed))
    }

    const fn carrying(&self, disposal: DisposalId) -> CarryOutDisposal {
        CarryOutDisposal { actor: self.officer, subject: self.cast.patient, disposal }
    }

    /// Changes what no login may change.
    async fn plant(&self, sql: &str) {
        let planted =
            format!("SET session_replication_role = replica; {sql}; SET session_replication_role = origin");
        self.superuser.run(&planted).await.unwrap();
    }

    /// Versions, months and states of the keys of a class.
    async fn keys(&self, class: RetentionClass) -> Vec<String> {
        let sql = format!(
            "SELECT concat_ws(' ', d.version, to_char(d.month, 'YYYY-MM'), d.state, count(w.epoch)) FROM keystore.deks d \
             LEFT JOIN keystore.wrappings w USING (subject_id, class, version) WHERE d.class = '{class}' \
             GROUP BY d.version, d.month, d.state ORDER BY d.version"
        );
        self.superuser.column(&sql).await
    }

    async fn records(&self, class: RetentionClass) -> Vec<String> {
        let sql = format!(
            "SELECT DISTINCT to_char(anchor_at, 'YYYY-MM-DD') AS on_day FROM resguardo.records WHERE class = '{class}' ORDER BY 1"
        );
        self.superuser.column(&sql).await
    }

    async fn ledger(&self) -> Vec<String> {
        let sql = "SELECT concat_ws(' ', class, version, ground, rows_count) FROM keystore.erasures ORDER BY class, version";
        self.superuser.column(sql).await
    }

    /// What the doctor finds beside the recovery that nobody tried.
    async fn found(&self) -> Vec<VaultFinding> {
        let home = &self.clinic.home;
        let looked = home.runtime.vault_findings(self.keeper, &home.keys, at(9)).await.unwrap();
        let untried = VaultFinding::Warning(VaultWarning::RecoveryNeverVerified);
        looked.findings.into_iter().filter(|one| *one != untried).collect()
    }

    /// The application's own login.
    async fn app(&self) -> Sql {
        let app = Sql::open(&self.clinic.database.target(Login::App)).await;
        app.run(&format!("SET resguardo.clinic_id = '{}'", self.clinic.runtime().clinic().as_uuid()))
            .await
            .unwrap();
        app
    }

    /// How a clause stands.
    async fn clause(&self, number: u16) -> String {
        let report = self.clinic.runtime().promise_report(at(9), &OutsideEvidence::default()).await.unwrap();
        report.iter().find(|line| line.id.number() == number).unwrap().state.code().to_owned()
    }

    async fn preview(&self, disposal: DisposalId, minute: i64) -> DisposalPreview {
        let asked = PreviewDisposal { actor: self.officer, subject: self.cast.patient, disposal };
        self.clinic.runtime().preview_disposal(&asked, at(minute)).await.unwrap()
    }

    async fn back_up(&self, minute: i64) -> BackupTaken {
        self.try_back_up(minute).await.unwrap()
    }

    async fn try_back_up(&self, minute: i64) -> Result<BackupTaken, RuntimeError> {
        let order = BackupOrder {
            actor: self.clinic.system(),
            data_to: self.folder.join("data"),
            keystore_to: self.folder.join("keys"),
            keep_days: 30,
            owner: self.clinic.database.target(Login::Owner),
        };
        self.clinic.runtime().back_up(&order, at(minute)).await
    }

    /// The clinic from a data backup and a copy of the keys; what is left of the class there, and what does not open.
    async fn brought_back(
        &self,
        name: &str,
        (data, copy): (&BackupTaken, &BackupTaken),
        class: RetentionClass,
    ) -> (i64, usize) {
        let folder = self.folder.join(name);
        let order = RestoreOrder {
            folder: folder.clone(),
            data: data.data.clone().unwrap(),
            copy: copy.keystore.clone().unwrap(),
            epoch: read_epoch_key_file(self.clinic.home.keys.path()).unwrap(),
            clock: at(19),
        };
        restore(order).await.unwrap();
        let folder = DataFolder::open(&folder, FolderKind::Production).unwrap();
        let documents = example_clinic(ExampleClinic::Elicells);
        let database = Database::Folder(folder, Occupant::Tool);
        let options =
            HomeOptions { database, documents, keys: KeyAccess::default(), clock: at(20), connections: 4 };
        let back = open_home(options).await.unwrap();
        let looked = back.runtime.vault_findings(self.keeper, &back.keys, at(21)).await.unwrap();
        let lost = |one: &&VaultFinding| {
            matches!(one, VaultFinding::RecordDoesNotOpen { .. } | VaultFinding::RecordMissing { .. })
        };
        let lost = looked.findings.iter().filter(lost).count();
        let app = Sql::open(&back.cluster.as_ref().unwrap().target(Login::App)).await;
        app.run(&format!("SET resguardo.clinic_id = '{}'", back.runtime.clinic().as_uuid())).await.unwrap();
        (app.number(&format!("SELECT count(*) FROM resguardo.records WHERE class = '{class}'")).await, lost)
    }
}

/// A record that whoever keeps records enters.
pub(crate) fn kept(
    clinic: &Clinic,
    cast: &Cast,
    category: Category,
    (event, on): (AnchorEvent, &str),
) -> WriteRecord {
    let field = Field::of_category(category).iter().next().unwrap();
    let kind = if category == Category::Travel { ContentKind::Stay } else { ContentKind::WebEvent };
    WriteRecord {
        actor: clinic.system(),
        purpose: Purpose::RecordKeeping,
        ground: Ground::CustodyWithoutContent,
        category,
        kind,
        form: ContentForm::Coded,
        anchor: (event, format!("{on}T18:00:00Z").parse().unwrap()),
        content: RecordContent::from([(field, format!("visto {on}").into())]),
        ..cast.result("")
    }
}

fn block_of(refused: RuntimeError) -> DisposalBlock {
    match refused {
        RuntimeError::Store(StoreError::Operation(OperationError::Disposal(block))) => block,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_month_of_website_events_has_a_key_of_its_own_and_goes_with_it() {
    let scene = Scene::set("items_months").await;
    for day in ["2024-09-10", "2024-10-05", "2024-09-20", "2026-11-10"] {
        scene.visit(day).await;
    }
    let keys = scene.keys(WEBSITE).await;
    assert_eq!(keys, ["1 2024-09 active 1", "2 2024-10 active 1", "3 2026-11 active 1"]);
    // Each is counted from its own day: three have ended, the class has not.
    let (disposal, extent) = scene.ready(WEBSITE).await;
    assert!(matches!(&extent, DisposalExtent::Items(items) if items.len() == 3), "{extent:?}");
    let (done, sealed) = scene.carry_out(disposal).await.unwrap();
    assert_eq!((done.records, sealed), (3, 0), "whole months went, so nothing was sealed anew");
    assert_eq!(scene.records(WEBSITE).await, ["2026-11-10"]);
    let keys = scene.keys(WEBSITE).await;
    assert_eq!(keys, ["1 2024-09 destroyed 0", "2 2024-10 destroyed 0", "3 2026-11 active 1"]);
    assert_eq!(scene.ledger().await, ["website 1 whole-class 2", "website 2 whole-class 1"]);
    // A number is never used again, in whichever month.
    scene.visit("2024-10-06").await;
    assert_eq!(scene.keys(WEBSITE).await[3], "4 2024-10 active 1");
    assert_eq!(scene.found().await, []);
    scene.clinic.runtime().sequence(at(9)).await.unwrap();
    assert!(verified(&scene.clinic).await.is_intact());
}

#[tokio::test]
async fn keys_of_months_are_renewed_each_in_its_month() {
    let scene = Scene::set("items_renewed").await;
    let (runtime, clinic) = (scene.clinic.runtime(), scene.clinic.runtime().clinic());
    for day in ["2026-09-10", "2026-10-05"] {
        scene.visit(day).await;
    }
    let (actor, subject) = (scene.keeper, scene.cast.patient);
    let rotated = runtime.perform(&RotateKey { actor, subject, class: WEBSITE }, at(5)).await.unwrap();
    assert_eq!(rotated.changed, 2);
    let keys = scene.keys(WEBSITE).await;
    let months =
        ["1 2026-09 decrypt-only 1", "2 2026-10 decrypt-only 1", "3 2026-09 active 1", "4 2026-10 active 1"];
    assert_eq!(keys, months);
    scene.visit("2026-09-11").await;
    let waiting = async || {
        let stale = runtime.store().to_reseal(clinic).await.unwrap();
        stale.iter().map(|one| (one.class, one.records)).collect::<Vec<_>>()
    };
    assert_eq!(waiting().await, [(WEBSITE, 2)]);
    let reseal = ResealRecords { actor, subject, class: WEBSITE, at_most: 50 };
    assert_eq!(runtime.perform(&reseal, at(6)).await.unwrap().changed, 2);
    assert_eq!(waiting().await, []);
    let seals = "SELECT dek_version::text FROM resguardo.record_seals ORDER BY 1";
    assert_eq!(scene.superuser.column(seals).await, ["3", "4"], "each under the key of its own month");
    assert_eq!(scene.superuser.number("SELECT count(*) FROM keystore.key_minimums").await, 0);
    assert_eq!(scene.found().await, []);
}

#[tokio::test]
async fn a_key_that_what_stays_needs_goes_only_after_a_backup_without_it() {
    let scene = Scene::set("items_survivors").await;
    let runtime = scene.clinic.runtime();
    let days = ["2024-02-03", "2025-06-01", "2026-10-01", "2026-11-10"];
    for day in days {
        scene.stay(day).await;
    }
    let before = scene.back_up(4).await;
    let (disposal, extent) = scene.ready(TRAVEL).await;
    assert!(matches!(&extent, DisposalExtent::Items(items) if items.len() == 2), "{extent:?}");
    let refused = runtime.perform(&scene.carrying(disposal), at(6)).await.unwrap_err();
    assert_eq!(block_of(refused), DisposalBlock::SurvivorsWait);

    let preview = scene.preview(disposal, 6).await;
    assert_eq!((preview.previewed.records, preview.previewed.staying), (2, 2));
    assert_eq!(preview.previewed.blocks, [DisposalBlock::BackupFirst]);
    let [(key, left)] = preview.keys.as_slice() else { panic!("{:?}", preview.keys) };
    assert_eq!((key.version().number(), left.len()), (1, 1));
    assert!(matches!(left[0].what, Survivor::WrappedKey { epoch } if epoch.number() == 1));
    assert_eq!(scene.records(TRAVEL).await.len(), 4, "it was only looked at");

    // The only backup holds what stays under the key that goes.
    assert_eq!(block_of(scene.carry_out(disposal).await.unwrap_err()), DisposalBlock::BackupFirst);
    assert_eq!(scene.keys(TRAVEL).await, ["1 decrypt-only 1", "2 active 1"]);
    assert_eq!((scene.records(TRAVEL).await.len(), scene.found().await), (4, Vec::new()));
    // A backup that fails is none, and neither is a copy of the keys: each leaves what it was asked for undone.
    for folder in ["data", "keys"] {
        let lock = std::fs::File::create(scene.folder.join(folder).join("resguardo-backup.lock")).unwrap();
        lock.lock().unwrap();
        assert!(scene.try_back_up(8).await.is_err());
        drop(lock);
        assert_eq!(block_of(scene.carry_out(disposal).await.unwrap_err()), DisposalBlock::BackupFirst);
    }
    let after = scene.back_up(9).await;
    // One that is to be destroyed by now is none either.
    scene.plant("UPDATE keystore.data_backups SET expires_at = taken_at + interval '1 minute'").await;
    assert_eq!(block_of(scene.carry_out(disposal).await.unwrap_err()), DisposalBlock::BackupFirst);
    scene.plant("UPDATE keystore.data_backups SET expires_at = '2099-01-01'").await;
    assert_eq!(scene.preview(disposal, 9).await.previewed.blocks, []);
    let (done, sealed) = scene.carry_out(disposal).await.unwrap();
    assert_eq!((done.records, sealed), (2, 0), "it went on where it stood");
    assert_eq!(scene.records(TRAVEL).await, days[2..]);
    assert_eq!(scene.keys(TRAVEL).await, ["1 destroyed 0", "2 active 1"]);
    assert_eq!(scene.ledger().await, ["travel 1 survivors-resealed 2"]);
    let found = runtime.certificates(scene.officer, at(9)).await.unwrap();
    assert_eq!(found.certificates[0].certificate.coverage(), Coverage::Rows { count: 2 });

    assert_eq!(scene.clause(57).await, "kept");
    // What stays opens, also after the ledger was replayed over it, and nothing is missing that did not go.
    scene.clinic.opened_again().await.unwrap();
    assert_eq!(scene.found().await, []);
    let newest = scene.back_up(11).await;
    assert_eq!(scene.brought_back("newest", (&newest, &newest), TRAVEL).await, (2, 0));
    assert_eq!(scene.brought_back("after", (&after, &newest), TRAVEL).await, (2, 0));
    // That is why: from the backup of before nobody opens what stayed, and the doctor says that it is lost. What was
    // destroyed is not, and is known for that although this backup says nothing of it.
    assert_eq!(scene.brought_back("before", (&before, &newest), TRAVEL).await, (0, 2));
    scene.plant("DELETE FROM resguardo.record_seals; DELETE FROM resguardo.records WHERE anchor_at > '2026-11-01'").await;
    let missing = |one: &VaultFinding| matches!(one, VaultFinding::RecordMissing { .. });
    assert_eq!(scene.found().await.iter().filter(|one| missing(one)).count(), 1);
    assert_eq!(scene.clause(57).await, "broken");
    // The application cannot enter afterwards that it was meant to go.
    let app = scene.app().await;
    app.run("INSERT INTO resguardo.disposal_items (subject_id, disposal_id, record_id, clinic_id) \
        SELECT e.subject_id, d.disposal_id, gen_random_uuid(), e.clinic_id FROM keystore.erasures e, resguardo.disposals d").await.unwrap();
    let ledger = "INSERT INTO keystore.erased_items SELECT subject_id, gen_random_uuid(), class, disposal_id, clinic_id, now() FROM resguardo.disposals";
    assert!(app.run(ledger).await.unwrap_err().starts_with("42501"));
    assert_eq!(scene.clause(57).await, "broken");
    let _ = std::fs::remove_dir_all(&scene.folder);
}

#[tokio::test]
async fn what_was_sealed_under_several_versions_goes_with_all_of_them() {
    let scene = Scene::set("items_versions").await;
    let runtime = scene.clinic.runtime();
    for day in ["2024-02-03", "2026-10-01", "2026-10-02"] {
        scene.stay(day).await;
    }
    let (actor, subject) = (scene.keeper, scene.cast.patient);
    let rotated = runtime.perform(&RotateKey { actor, subject, class: TRAVEL }, at(4)).await.unwrap();
    assert_eq!(rotated.changed, 1, "{:?}", rotated.answer);
    // What is to go and one that stays are sealed anew, and one waits: the same class lies under two versions.
    let reseal = ResealRecords { actor, subject, class: TRAVEL, at_most: 2 };
    assert_eq!(runtime.perform(&reseal, at(4)).await.unwrap().changed, 2);
    let (disposal, _) = scene.ready(TRAVEL).await;
    let step = |at_most| {
        let class = TRAVEL;
        ResealSurvivors { actor: scene.officer, subject, class, disposal, at_most }
    };
    // Stopped after each step, it goes on.
    let counts = async |at_most| {
        let resealed = runtime.perform(&step(at_most), at(6)).await.unwrap();
        (resealed.changed, resealed.waiting)
    };
    assert_eq!(counts(1).await, (0, 2), "a key is made first");
    assert_eq!(counts(1).await, (1, 1));
    let refused = runtime.perform(&scene.carrying(disposal), at(6)).await.unwrap_err();
    assert_eq!(block_of(refused), DisposalBlock::SurvivorsWait);
    let going: Vec<u32> =
        scene.preview(disposal, 6).await.keys.iter().map(|(key, _)| key.version().number()).collect();
    let (done, sealed) = scene.carry_out(disposal).await.unwrap();
    assert_eq!((done.records, sealed), (1, 1));
    assert_eq!(scene.keys(TRAVEL).await, ["1 destroyed 0", "2 destroyed 0", "3 active 1"]);
    assert_eq!(going, [1, 2], "the preview names what goes");
    assert_eq!(scene.ledger().await, ["travel 1 survivors-resealed 0", "travel 2 survivors-resealed 1"]);
    assert_eq!(scene.found().await, []);
}

#[tokio::test]
async fn only_approved_items_past_their_own_floors_go_and_whoever_may_not_seals_nothing() {
    let scene = Scene::set("items_door").await;
    let runtime = scene.clinic.runtime();
    let (patient, clinic) = (scene.cast.patient.as_uuid(), runtime.clinic().as_uuid());
    let old = scene.stay("2024-02-03").await;
    let newer = scene.stay("2026-10-01").await;
    let (disposal, _) = scene.ready(TRAVEL).await;
    let by_nurse = CarryOutDisposal { actor: scene.cast.nurse, ..scene.carrying(disposal) };
    let refused = runtime.carry_out(&by_nurse, at(6), |_, _| ()).await.unwrap();
    assert!(!refused.answer.is_permit() && scene.keys(TRAVEL).await == ["1 active 1"]);

    let app = Sql::open(&scene.clinic.database.target(Login::App)).await;
    app.run(&format!("SET resguardo.clinic_id = '{clinic}'")).await.unwrap();
    let (which, newest) = (disposal.as_uuid(), newer.as_uuid());
    let item = format!(
        "INSERT INTO resguardo.disposal_items (subject_id, disposal_id, record_id, clinic_id) \
         VALUES ('{patient}', '{which}', '{newest}', '{clinic}')"
    );
    let dated = item
        .replace("clinic_id)", "clinic_id, added_at)")
        .replace(&format!("'{clinic}')"), &format!("'{clinic}', '2001-01-01')"));
    assert!(app.run(&dated).await.unwrap_err().starts_with("42501"), "the database says when");
    let earlier = format!(
        "UPDATE resguardo.item_floors SET keep_through = '2001-01-01' WHERE record_id = '{}'",
        old.as_uuid()
    );
    assert!(app.run(&earlier).await.unwrap_err().contains("never moves earlier"));
    let other = "INSERT INTO resguardo.disposals (subject_id, disposal_id, class, extent, clinic_id, proposed_by) VALUES";
    let clinical = format!(
        "{other} ('{patient}', gen_random_uuid(), 'clinical', 'items', '{clinic}', '{}')",
        scene.officer.as_uuid()
    );
    assert!(app.run(&clinical).await.unwrap_err().starts_with("23514"));

    // Past the rules, in the database: something else than was approved, what is not due, and what has no floor.
    app.run(&item).await.unwrap();
    let dispose = format!("SELECT resguardo.dispose('{patient}', '{which}')");
    assert_eq!(
        block_of(scene.carry_out(disposal).await.unwrap_err()),
        DisposalBlock::Kept { class: TRAVEL, through: "2027-09-30".parse().ok() }
    );
    assert!(app.run(&dispose).await.unwrap_err().contains("added to this disposal after it was approved"));
    scene.plant("UPDATE resguardo.disposal_items SET added_at = '2026-11-01'").await;
    assert!(app.run(&dispose).await.unwrap_err().contains("floor of a record is not reached"));
    scene.plant(&format!("DELETE FROM resguardo.disposal_items WHERE record_id = '{newest}'")).await;
    let floors = "SELECT count(*) FROM resguardo.item_floors";
    assert_eq!(
        scene.superuser.number(floors).await,
        1,
        "a class that only has an end has its floor by the proposal"
    );
    scene.plant("DELETE FROM resguardo.item_floors").await;
    assert!(app.run(&dispose).await.unwrap_err().contains("floor of a record is not reached"));
    assert_eq!(scene.records(TRAVEL).await.len(), 2);
}

#[tokio::test]
async fn a_record_ends_with_its_latest_version_whichever_came_first() {
    let scene = Scene::set("items_addenda").await;
    let runtime = scene.clinic.runtime();
    let add = async |record, on: &str| {
        let stay = kept(&scene.clinic, &scene.cast, Category::Travel, (AnchorEvent::EndOfStay, on));
        let written =
            runtime.perform(&WriteRecord { addendum_to: Some(record), ..stay }, at(5)).await.unwrap();
        assert!(written.record.is_some(), "{:?}", written.answer);
    };
    // One is corrected to a later day, one to an earlier: both end with the later.
    let (later, earlier) = (scene.stay("2024-02-03").await, scene.stay("2026-10-01").await);
    add(later, "2026-10-01").await;
    add(earlier, "2024-02-03").await;
    let subject = scene.cast.patient;
    let propose = ProposeDisposal { actor: scene.officer, subject, classes: DueClasses::One(TRAVEL) };
    let refused = block_of(runtime.perform(&propose, at(6)).await.unwrap_err());
    assert_eq!(refused, DisposalBlock::Kept { class: TRAVEL, through: "2027-09-30".parse().ok() });
    assert_eq!(scene.clause(71).await, "kept");
    let old = scene.visit("2024-02-03").await;
    assert_eq!((scene.clause(71).await, scene.clause(74).await), ("broken".to_owned(), "broken".to_owned()));
    let visit = kept(&scene.clinic, &scene.cast, Category::WebPages, (AnchorEvent::Event, "2026-11-01"));
    assert!(
        runtime
            .perform(&WriteRecord { addendum_to: Some(old), ..visit }, at(5))
            .await
            .unwrap()
            .record
            .is_some()
    );
    assert_eq!((scene.clause(71).await, scene.clause(74).await), ("kept".to_owned(), "kept".to_owned()));
}

#[tokio::test]
async fn what_was_added_to_a_record_after_the_approval_does_not_go_with_it() {
    let scene = Scene::set("items_added").await;
    let runtime = scene.clinic.runtime();
    let (old, other) = (scene.stay("2024-02-03").await, scene.stay("2024-03-03").await);
    let (disposal, extent) = scene.ready(TRAVEL).await;
    assert_eq!(extent, DisposalExtent::Items([old, other].into()));
    scene
        .plant(
            "UPDATE resguardo.disposal_approvals SET approved_at = '2026-11-17T16:05:00Z'; \
        UPDATE resguardo.disposal_items SET added_at = '2026-11-17T16:05:00Z'",
        )
        .await;
    let stay = kept(&scene.clinic, &scene.cast, Category::Travel, (AnchorEvent::EndOfStay, "2024-02-03"));
    let addendum = WriteRecord { addendum_to: Some(old), ..stay };
    assert!(runtime.perform(&addendum, at(6)).await.unwrap().record.is_some());
    assert_eq!(block_of(scene.carry_out(disposal).await.unwrap_err()), DisposalBlock::Added);
    assert_eq!(scene.preview(disposal, 7).await.previewed.blocks, [DisposalBlock::Added]);
    assert_eq!(scene.records(TRAVEL).await.len(), 2);
}

#[tokio::test]
async fn each_destroyed_row_is_in_the_ledger_once_and_a_held_key_keeps_what_it_seals() {
    let scene = Scene::set("items_counts").await;
    let runtime = scene.clinic.runtime();
    scene.stay("2024-02-03").await;
    scene.stay("2026-10-01").await;
    let (disposal, _) = scene.ready(TRAVEL).await;
    // Two more that have ended come before the first goes: they are sealed anew, and go with the second.
    for day in ["2024-03-01", "2024-03-02"] {
        scene.stay(day).await;
    }
    assert_eq!(scene.carry_out(disposal).await.unwrap().0.records, 1);
    let (second, extent) = scene.ready(TRAVEL).await;
    assert!(matches!(&extent, DisposalExtent::Items(items) if items.len() == 2), "{extent:?}");
    scene.plant("UPDATE keystore.deks SET state = 'held' WHERE class = 'travel' AND version = 2").await;
    assert_eq!(block_of(scene.carry_out(second).await.unwrap_err()), DisposalBlock::KeyHeld);
    scene.plant("UPDATE keystore.deks SET state = 'active' WHERE class = 'travel' AND version = 2").await;
    assert_eq!(scene.carry_out(second).await.unwrap().0.records, 2);
    assert_eq!(scene.ledger().await, ["travel 1 survivors-resealed 1", "travel 2 survivors-resealed 2"]);
    let sums = "SELECT concat_ws(' ', (SELECT sum(rows_count) FROM keystore.erasures), \
        (SELECT sum(records_count) FROM resguardo.disposal_outcomes), (SELECT count(*) FROM keystore.erased_items))";
    assert_eq!(scene.superuser.column(sums).await, ["3 3 3"]);
    // Whoever comes back moves no floor of what went before.
    scene.stay("2026-11-12").await;
    assert_eq!((scene.clause(57).await, scene.clause(72).await), ("kept".to_owned(), "kept".to_owned()));
    let _ = runtime.sequence(at(9)).await.unwrap();
    assert!(verified(&scene.clinic).await.is_intact());
}
