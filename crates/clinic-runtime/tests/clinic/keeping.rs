//! What a granted cancellation, an objection or a proposal to destroy does to the next decision.

use audit_log::Event;
use chrono::TimeDelta;
use clinic_runtime::ExampleClinic;
use privacy_operations::{
    Answer, ApproveDisposal, BlockExtent, DueClasses, EvidenceKind, GrantBlock, Granting, LiftBlock,
    OpenRequest, ProposeDisposal, RecordEvidence, ReviewRetention, UseRecords, ViewFile, WithdrawDisposal,
};
use records_model::{
    ActorId, AnchorEvent, BlockId, CaseId, Detail, Ground, Purpose, RetentionClass, Role, Set,
};
use retention::RetentionState;
use rights_requests::{Case, Explanation, Right};

use crate::steps::{Cast, leaves, verified};
use crate::support::{Clinic, at};

struct Scene {
    clinic: Clinic,
    cast: Cast,
    officer: ActorId,
}

impl Scene {
    /// A patient who agreed to care and has one result; the last medical act was on this day.
    async fn set(name: &str, which: ExampleClinic, last_act: &str) -> Self {
        let clinic = Clinic::found(name, which).await;
        let cast = Cast::assemble(&clinic).await;
        let officer = clinic.staff(Role::PrivacyOfficer).await;
        cast.consent_to_care(&clinic, 3).await;
        let anchor = (AnchorEvent::LastMedicalAct, format!("{last_act}T12:00:00Z").parse().unwrap());
        let (purpose, ground) = match which {
            ExampleClinic::Brisa => (Purpose::Treatment, Ground::Contract),
            ExampleClinic::Elicells => (Purpose::Treatment, Ground::Consent),
        };
        let result =
            privacy_operations::WriteRecord { anchor, purpose, ground, ..cast.result("Hemoglobina") };
        assert!(clinic.runtime().perform(&result, at(4)).await.unwrap().record.is_some());
        Self { clinic, cast, officer }
    }

    async fn read(&self, reading: &UseRecords, minute: i64) -> Answer {
        self.clinic.runtime().perform(reading, at(minute)).await.unwrap().cells[0].answer.clone()
    }

    async fn care(&self, minute: i64) -> Answer {
        self.read(&self.cast.reading(Purpose::Treatment), minute).await
    }

    fn research(&self, researcher: ActorId) -> UseRecords {
        UseRecords { actor: researcher, detail: Detail::Coded, ..self.cast.reading(Purpose::Research) }
    }

    /// A request about one right, with the person's identity proved.
    async fn request(&self, right: Right, minute: i64) -> CaseId {
        let open = OpenRequest { rights: Set::one(right), ..self.cast.request("Borren mis datos") };
        let opened = self.clinic.runtime().perform(&open, at(minute)).await.unwrap();
        let proof = RecordEvidence {
            actor: self.cast.reception,
            subject: self.cast.patient,
            kind: EvidenceKind::IdentityProof,
            reason: "Credencial vista en recepción".to_owned(),
            lasts: TimeDelta::days(5),
        };
        assert!(self.clinic.runtime().perform(&proof, at(minute)).await.unwrap().answer.is_permit());
        opened.opened.unwrap().0.id()
    }

    fn grant(&self, case: CaseId, granting: Granting) -> GrantBlock {
        let classes = Set::one(RetentionClass::Clinical);
        GrantBlock { actor: self.officer, subject: self.cast.patient, case, classes, granting }
    }

    async fn granted(&self, right: Right, granting: Granting, minute: i64) -> BlockId {
        let case = self.request(right, minute).await;
        let changed = self.clinic.runtime().perform(&self.grant(case, granting), at(minute)).await.unwrap();
        assert!(changed.answer.is_permit(), "{:?}", changed.answer);
        changed.block.unwrap()
    }

    async fn lifted(&self, block: BlockId, minute: i64) {
        let lift = LiftBlock { actor: self.cast.reception, subject: self.cast.patient, block };
        let lifted = self.clinic.runtime().perform(&lift, at(minute)).await.unwrap();
        assert!(lifted.answer.is_permit(), "{:?}", lifted.answer);
    }
}

/// The rules and clauses by which something was refused.
fn refused_by(answer: &Answer) -> Vec<(String, String)> {
    assert!(!answer.is_permit(), "{answer:?}");
    let reasons = answer.reasons.iter();
    let cited =
        reasons.filter_map(|reason| Some((reason.rule.as_ref()?.to_string(), reason.clauses[0].to_string())));
    cited.collect()
}

fn said(answer: &Answer, rule: &str) {
    assert!(refused_by(answer).contains(&(rule.to_owned(), "P-71".to_owned())), "{answer:?}");
}

#[tokio::test]
async fn a_granted_cancellation_blocks_the_next_decision_and_its_lift_opens_the_one_after() {
    let scene = Scene::set("cancelled", ExampleClinic::Elicells, "2026-11-10").await;
    let runtime = scene.clinic.runtime();
    assert!(scene.care(5).await.is_permit());
    let case = scene.request(Right::Cancellation, 6).await;
    assert!(scene.care(7).await.is_permit(), "asked for and not granted");
    let grant = scene.grant(case, Granting::Cancellation);
    let by_nobody = GrantBlock { actor: scene.clinic.staff(Role::Researcher).await, ..grant.clone() };
    assert!(!runtime.perform(&by_nobody, at(8)).await.unwrap().answer.is_permit());
    assert!(scene.care(8).await.is_permit());
    let block = runtime.perform(&grant, at(9)).await.unwrap().block.unwrap();

    said(&scene.care(10).await, "blocked");
    let written = runtime.perform(&scene.cast.result("Otra"), at(10)).await.unwrap();
    said(&written.answer, "blocked");
    // The law may still ask, the schedule still counts, and the request stands as answered and carried out.
    let review = ReviewRetention { actor: scene.clinic.system(), subject: scene.cast.patient };
    let found = runtime.perform(&review, at(11)).await.unwrap();
    let clinical = found.classes.iter().find(|one| one.class() == RetentionClass::Clinical).unwrap();
    assert_eq!(clinical.state(), RetentionState::Blocked);
    let look = ViewFile {
        actor: scene.officer,
        subject: scene.cast.patient,
        purpose: Purpose::Oversight,
        ground: Ground::LegalDuty,
    };
    let file = runtime.perform(&look, at(11)).await.unwrap().file.unwrap();
    assert_eq!(file.blocks[0].extent, BlockExtent::Blocked);
    let case: Case = serde_json::from_value(file.cases[0].document.clone()).unwrap();
    let item = &case.items()[&Right::Cancellation];
    assert!(item.state().outcome().unwrap().grants() && file.cases[0].steps == 1, "{item:?}");
    let twice = runtime.perform(&grant, at(11)).await.unwrap_err().to_string();
    assert!(twice.contains("carried out"), "{twice}");

    // Whoever would use the records does not open them again; the person does, at the front desk.
    let by_nurse = LiftBlock { actor: scene.cast.nurse, subject: scene.cast.patient, block };
    assert!(!runtime.perform(&by_nurse, at(12)).await.unwrap().answer.is_permit());
    // Nor does she learn which orders there are: the answer to a made-up one is the same.
    let unknown = LiftBlock { block: BlockId::from_uuid(uuid::Uuid::nil()), ..by_nurse };
    assert!(!runtime.perform(&unknown, at(12)).await.unwrap().answer.is_permit());
    scene.lifted(block, 13).await;
    assert!(scene.care(14).await.is_permit());
    runtime.sequence(at(15)).await.unwrap();
    let entries = leaves(&scene.clinic).await;
    let count = |event| entries.iter().filter(|leaf| leaf.parts().event == event).count();
    assert_eq!((count(Event::RequestStep), count(Event::RecordsBlocked)), (1, 1));
    assert_eq!(count(Event::RecordsUnblocked), 1);
    let report = verified(&scene.clinic).await;
    assert!(report.is_intact(), "{report:?}");
}

#[tokio::test]
async fn a_cancellation_needs_proof_of_who_asks_and_a_class() {
    let scene = Scene::set("unproved", ExampleClinic::Elicells, "2026-11-10").await;
    let open =
        OpenRequest { rights: Set::one(Right::Cancellation), ..scene.cast.request("Borren mis datos") };
    let opened = scene.clinic.runtime().perform(&open, at(5)).await.unwrap();
    let case = opened.opened.unwrap().0.id();
    let grant = scene.grant(case, Granting::Cancellation);
    let unproved = scene.clinic.runtime().perform(&grant, at(6)).await.unwrap_err().to_string();
    assert!(unproved.contains("proof") || unproved.contains("prove"), "{unproved}");
    let nothing = GrantBlock { classes: Set::EMPTY, ..grant };
    assert!(scene.clinic.runtime().perform(&nothing, at(6)).await.unwrap_err().to_string().contains("class"));
    assert!(scene.care(7).await.is_permit());
}

/// M-5: a law keeps the chart in use; research on it ends at once, care does not.
#[tokio::test]
async fn what_a_law_keeps_in_use_serves_care_and_no_secondary_use() {
    let scene = Scene::set("in_part", ExampleClinic::Elicells, "2026-11-10").await;
    let researcher = scene.clinic.staff(Role::Researcher).await;
    let research = scene.research(researcher);
    let held = |answer: &Answer| {
        answer
            .reasons
            .iter()
            .filter_map(|one| one.rule.as_ref())
            .any(|rule| rule.as_str() == "secondary-uses-held")
    };
    assert!(!held(&scene.read(&research, 5).await));
    let explanation = Explanation::parse("La NOM-004 obliga a conservar el expediente cinco años.").unwrap();
    let in_part = Granting::CancellationInPart { explanation };
    let block = scene.granted(Right::Cancellation, in_part, 6).await;
    said(&scene.read(&research, 7).await, "secondary-uses-held");
    assert!(scene.care(7).await.is_permit());
    scene.lifted(block, 8).await;
    assert!(!held(&scene.read(&research, 9).await));
    scene.granted(Right::Opposition, Granting::Objection, 10).await;
    said(&scene.read(&research, 11).await, "secondary-uses-held");
    assert!(scene.care(11).await.is_permit());
}

/// Somebody who comes back after their floor has passed finds their chart; a proposal to destroy it blocks it, until
/// one officer takes the proposal back.
#[tokio::test]
async fn only_a_proposal_blocks_what_a_floor_no_longer_keeps() {
    for (name, which, rule) in
        [("floor", ExampleClinic::Elicells, "blocked"), ("suelo", ExampleClinic::Brisa, "bloqueado")]
    {
        let scene = Scene::set(name, which, "2001-05-04").await;
        let runtime = scene.clinic.runtime();
        let director = scene.clinic.staff(Role::Director).await;
        assert!(scene.care(5).await.is_permit(), "{name}: overdue, and nobody proposed anything");
        let propose = ProposeDisposal {
            actor: scene.clinic.system(),
            subject: scene.cast.patient,
            classes: DueClasses::One(RetentionClass::Clinical),
        };
        let disposal = runtime.perform(&propose, at(6)).await.unwrap().proposals[0].id;
        said(&scene.care(7).await, rule);
        // The disposal itself goes on, also where what is to go is who the person is.
        for (class, minute) in [(RetentionClass::Clinical, 8), (RetentionClass::Identity, 9)] {
            let all = ProposeDisposal { classes: DueClasses::One(class), ..propose.clone() };
            let id = match runtime.perform(&all, at(minute)).await {
                Ok(proposed) => proposed.proposals[0].id,
                Err(_) => disposal,
            };
            let approve = ApproveDisposal { actor: scene.officer, subject: scene.cast.patient, disposal: id };
            let approved = runtime.perform(&approve, at(minute)).await;
            assert!(approved.is_err() || approved.unwrap().answer.is_permit(), "{name}");
        }
        let withdraw = WithdrawDisposal { actor: scene.cast.nurse, subject: scene.cast.patient, disposal };
        let by_nurse = runtime.perform(&withdraw, at(10)).await;
        assert!(by_nurse.is_err() || !by_nurse.unwrap().is_permit());
        let withdraw = WithdrawDisposal { actor: scene.officer, ..withdraw };
        assert!(runtime.perform(&withdraw, at(11)).await.unwrap().is_permit());
        assert!(scene.care(12).await.is_permit(), "{name}: taken back");
        let approve = ApproveDisposal { actor: director, subject: scene.cast.patient, disposal };
        let gone = runtime.perform(&approve, at(13)).await.unwrap_err().to_string();
        assert!(gone.contains("taken back"), "{gone}");
        runtime.sequence(at(15)).await.unwrap();
        assert!(verified(&scene.clinic).await.is_intact());
    }
}
