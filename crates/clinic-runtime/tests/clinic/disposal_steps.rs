//! Disposal through its operations: proposed, approved by two people, carried out, and what the log says of it.

use audit_log::Event;
use clinic_runtime::{ExampleClinic, RuntimeError};
use postgres_store::StoreError;
use postgres_store::embedded::Login;
use privacy_operations::{
    ApproveDisposal, CarryOutDisposal, DisposalBlock, DueClasses, OperationError, PreviewDisposal,
    ProposeDisposal, WriteRecord,
};
use records_model::{
    ActorId, AnchorEvent, Category, ContentForm, ContentKind, DisposalId, Field, Ground, Purpose,
    RecordContent, RecordId, RetentionClass, Role,
};

use crate::sql::Sql;
use crate::steps::{Cast, leaves, verified};
use crate::support::{Clinic, at};

struct Scene {
    clinic: Clinic,
    cast: Cast,
    officer: ActorId,
    director: ActorId,
    superuser: Sql,
}

impl Scene {
    /// A patient with one result from 2001 and a stay that ended in 2024.
    async fn set(name: &str) -> Self {
        let clinic = Clinic::found(name, ExampleClinic::Elicells).await;
        let cast = Cast::assemble(&clinic).await;
        let officer = clinic.staff(Role::PrivacyOfficer).await;
        let director = clinic.staff(Role::Director).await;
        cast.consent_to_care(&clinic, 3).await;
        let anchor = (AnchorEvent::LastMedicalAct, "2001-05-04T12:00:00Z".parse().unwrap());
        let old = WriteRecord { anchor, ..cast.result("Hemoglobina de antes") };
        assert!(clinic.runtime().perform(&old, at(4)).await.unwrap().record.is_some());
        let written = clinic.runtime().perform(&stay(&cast, "2024-02-03T12:00:00Z"), at(4)).await.unwrap();
        assert!(written.record.is_some(), "{:?}", written.answer);
        let superuser = Sql::open(&clinic.database.superuser()).await;
        Self { clinic, cast, officer, director, superuser }
    }

    fn propose(&self, actor: ActorId, class: RetentionClass) -> ProposeDisposal {
        ProposeDisposal { actor, subject: self.cast.patient, classes: DueClasses::One(class) }
    }

    async fn proposed(&self, class: RetentionClass) -> DisposalId {
        let operation = self.propose(self.officer, class);
        let proposed = self.clinic.runtime().perform(&operation, at(5)).await.unwrap();
        assert_eq!(proposed.approvals_missing, 1);
        proposed.proposals[0].id
    }

    fn approve(&self, actor: ActorId, disposal: DisposalId) -> ApproveDisposal {
        ApproveDisposal { actor, subject: self.cast.patient, disposal }
    }

    async fn approved(&self, disposal: DisposalId) {
        let approve = self.approve(self.director, disposal);
        let approved = self.clinic.runtime().perform(&approve, at(6)).await.unwrap();
        assert!(approved.answer.is_permit() && approved.approvals_missing == 0, "{:?}", approved.answer);
    }

    fn carry_out(&self, disposal: DisposalId) -> CarryOutDisposal {
        CarryOutDisposal { actor: self.officer, subject: self.cast.patient, disposal }
    }

    /// Why it was not carried out.
    async fn block(&self, disposal: DisposalId) -> DisposalBlock {
        let refused = self.clinic.runtime().perform(&self.carry_out(disposal), at(7)).await.unwrap_err();
        match refused {
            RuntimeError::Store(StoreError::Operation(OperationError::Disposal(block))) => block,
            other => panic!("{other:?}"),
        }
    }

    /// What only the superuser can do: the waiting period is over.
    async fn let_the_wait_be_over(&self) {
        let sql = "SET session_replication_role = replica; UPDATE resguardo.disposals SET \
            proposed_at = '2026-11-01', not_before = '2026-11-09'; SET session_replication_role = origin";
        self.superuser.run(sql).await.unwrap();
    }

    async fn count(&self, what: &str) -> i64 {
        self.superuser.number(&format!("SELECT count(*) FROM {what}")).await
    }
}

fn stay(cast: &Cast, until: &str) -> WriteRecord {
    let mut content = RecordContent::new();
    content.insert(Field::Departure, "2024-02-03".into());
    WriteRecord {
        actor: cast.reception,
        purpose: Purpose::Travel,
        ground: Ground::Contract,
        category: Category::Travel,
        kind: ContentKind::Stay,
        form: ContentForm::Coded,
        anchor: (AnchorEvent::EndOfStay, until.parse().unwrap()),
        content,
        ..cast.result("")
    }
}

#[tokio::test]
async fn a_disposal_is_proposed_approved_by_another_person_waited_for_and_logged() {
    let scene = Scene::set("disposal_steps").await;
    let runtime = scene.clinic.runtime();
    let by_nurse = scene.propose(scene.cast.nurse, RetentionClass::Clinical);
    assert!(!runtime.perform(&by_nurse, at(5)).await.unwrap().answer.is_permit());
    let disposal = scene.proposed(RetentionClass::Clinical).await;
    let again = runtime.perform(&scene.propose(scene.officer, RetentionClass::Clinical), at(5)).await;
    assert!(again.unwrap_err().to_string().contains("proposed before"));
    assert_eq!(scene.block(disposal).await, DisposalBlock::Approvals { missing: 1 });

    // The officer's proposal is an approval; a second one of the same person is refused, and that is logged.
    let twice = runtime.perform(&scene.approve(scene.officer, disposal), at(6)).await.unwrap();
    assert!(!twice.answer.is_permit() && twice.approvals_missing == 1);
    assert_eq!(twice.answer.reasons[0].clauses[0].to_string(), "P-57");
    let nurse = runtime.perform(&scene.approve(scene.cast.nurse, disposal), at(6)).await.unwrap();
    assert!(!nurse.answer.is_permit());
    scene.approved(disposal).await;
    assert!(matches!(scene.block(disposal).await, DisposalBlock::Waiting { .. }));
    let preview = PreviewDisposal { actor: scene.officer, subject: scene.cast.patient, disposal };
    let preview = runtime.preview_disposal(&preview, at(7)).await.unwrap();
    assert_eq!((preview.previewed.records, preview.keys.len(), preview.previewed.blocks.len()), (1, 1, 1));
    let clinical = "resguardo.records WHERE class = 'clinical'";
    assert_eq!(scene.count(clinical).await, 1);

    scene.let_the_wait_be_over().await;
    let done = runtime.perform(&scene.carry_out(disposal), at(8)).await.unwrap();
    assert_eq!((done.class, done.records), (RetentionClass::Clinical, 1));
    assert_eq!(scene.count(clinical).await, 0);
    assert!(matches!(scene.block(disposal).await, DisposalBlock::Done { .. }));
    runtime.sequence(at(9)).await.unwrap();
    let entries = leaves(&scene.clinic).await;
    let count = |event| entries.iter().filter(|leaf| leaf.parts().event == event).count();
    assert_eq!((count(Event::DisposalApproved), count(Event::DisposalDone)), (2, 1));
    let report = verified(&scene.clinic).await;
    assert!(report.is_intact(), "{report:?}");
}

#[tokio::test]
async fn a_class_that_only_has_an_end_goes_after_it_and_never_with_something_newer() {
    let scene = Scene::set("disposal_ceiling").await;
    let floor = "SELECT keep_through::text FROM resguardo.item_floors WHERE class = 'travel'";
    assert_eq!(scene.superuser.column(floor).await, Vec::<String>::new());
    let disposal = scene.proposed(RetentionClass::Travel).await;
    // Twelve months after the stay it may go: the day before is its floor, on file since the proposal.
    assert_eq!(scene.superuser.column(floor).await, ["2025-02-02"]);
    scene.approved(disposal).await;
    scene.let_the_wait_be_over().await;

    // A stay of today has an end of its own: it is written as ever, and stays.
    let newer = stay(&scene.cast, "2026-11-10T12:00:00Z");
    assert!(scene.clinic.runtime().perform(&newer, at(7)).await.unwrap().record.is_some());
    let travel = "resguardo.records WHERE class = 'travel'";
    assert_eq!(scene.count(travel).await, 2);

    // Something newer is added to the stay that was to go: it is kept from then on.
    let old =
        "SELECT record_id::text FROM resguardo.records WHERE anchor_at < '2025-01-01' AND class = 'travel'";
    let record = RecordId::from_uuid(scene.superuser.column(old).await[0].parse().unwrap());
    let addendum = WriteRecord { addendum_to: Some(record), ..stay(&scene.cast, "2026-11-11T12:00:00Z") };
    assert!(scene.clinic.runtime().perform(&addendum, at(7)).await.unwrap().record.is_some());
    assert!(matches!(scene.block(disposal).await, DisposalBlock::Kept { .. }));
    // Past the operation, over the application's own login, the schema keeps it too.
    let app = Sql::open(&scene.clinic.database.target(Login::App)).await;
    let clinic = scene.clinic.runtime().clinic().as_uuid();
    app.run(&format!("SET resguardo.clinic_id = '{clinic}'")).await.unwrap();
    let (whose, which) = (scene.cast.patient.as_uuid(), disposal.as_uuid());
    let dispose = format!("SELECT resguardo.dispose('{whose}', '{which}')");
    let refused = app.run(&dispose).await.unwrap_err();
    assert!(refused.contains("something newer"), "{refused}");

    // Without a floor on file nothing goes, whoever asks.
    let bare = "SET session_replication_role = replica; DELETE FROM resguardo.item_floors; \
        DELETE FROM resguardo.records WHERE class = 'travel' AND anchor_at > '2026-01-01'; \
        SET session_replication_role = origin";
    scene.superuser.run(bare).await.unwrap();
    assert_eq!(scene.block(disposal).await, DisposalBlock::Floor);
    assert_eq!(scene.count(travel).await, 1);
}

#[tokio::test]
async fn what_is_kept_or_held_is_not_proposed_and_the_error_says_until_when() {
    let scene = Scene::set("disposal_kept").await;
    let runtime = scene.clinic.runtime();
    let newer = scene.cast.result("Hemoglobina de hoy");
    assert!(runtime.perform(&newer, at(5)).await.unwrap().record.is_some());
    let propose = scene.propose(scene.officer, RetentionClass::Clinical);
    let kept = runtime.perform(&propose, at(5)).await.unwrap_err().to_string();
    assert!(kept.contains("clinical is kept through 2033-11-17"), "{kept}");
    let nothing = scene.propose(scene.officer, RetentionClass::Payment);
    assert!(
        runtime
            .perform(&nothing, at(5))
            .await
            .unwrap_err()
            .to_string()
            .contains("nothing of the class payment")
    );

    let (patient, clinic) = (scene.cast.patient.as_uuid(), runtime.clinic().as_uuid());
    let hold = format!(
        "INSERT INTO resguardo.legal_holds VALUES ('{patient}', '00000000-0000-7000-8000-00000000401d', '{clinic}', \
         '[\"travel\"]', 'Juzgado', '2026-11-01')"
    );
    scene.superuser.run(&hold).await.unwrap();
    let travel = scene.propose(scene.officer, RetentionClass::Travel);
    let refused = runtime.perform(&travel, at(5)).await.unwrap_err().to_string();
    assert!(refused.contains("legal hold 00000000-0000-7000-8000-00000000401d"), "{refused}");
    let all = ProposeDisposal { classes: DueClasses::All, ..travel };
    assert_eq!(runtime.perform(&all, at(5)).await.unwrap().proposals.len(), 0);
    assert_eq!(scene.count("resguardo.disposals").await, 0);
}
