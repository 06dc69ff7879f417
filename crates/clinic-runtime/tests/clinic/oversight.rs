//! What the log says about one person: to whom their data went, who looked, and what an authority had left out.

use audit_log::Statement;
use chrono::TimeDelta;
use clinic_runtime::{AccountingShown, ExampleClinic, OnPaper, RuntimeError};
use consent_policy::{ConsentAtom, ConsentPurpose, ConsentRecipient};
use privacy_notice::Language;
use privacy_operations::{
    AdmitPerson, DiscloseRecords, EvidenceKind, GiveConsent, HouseWords, LogAsking, OperationError,
    PasswordHash, Receiver, RecordEvidence, SetLogin, SuspendAccounting,
};
use records_model::{
    Action, ActorId, Category, CountryClass, Detail, Ground, ProviderId, Purpose, RecipientClass, Role, Set,
};

use crate::sql::Sql;
use crate::steps::{Cast, verified};
use crate::support::{Clinic, at, start};

/// A treating provider abroad, under a contract in force.
const PROVIDER: ProviderId =
    ProviderId::from_uuid(uuid::Uuid::from_u128(0x0194_1f29_7c00_7a01_8000_0000_0000_0004));

pub(crate) struct Scene {
    pub(crate) clinic: Clinic,
    pub(crate) cast: Cast,
    pub(crate) officer: ActorId,
}

impl Scene {
    /// A patient who agreed to treatment here and to results for a provider abroad, and has one result.
    pub(crate) async fn set(name: &str) -> Self {
        let clinic = Clinic::found(name, ExampleClinic::Elicells).await;
        let cast = Cast::assemble(&clinic).await;
        let officer = clinic.staff(Role::PrivacyOfficer).await;
        cast.consent_to_care(&clinic, 3).await;
        let abroad = ConsentAtom {
            actions: Set::one(Action::Disclose),
            purpose: ConsentPurpose::Described(Purpose::CareCoordination),
            categories: Set::one(Category::Laboratory),
            recipient: ConsentRecipient::Class(RecipientClass::TreatingProvider),
            countries: Set::one(CountryClass::Abroad),
        };
        let give = GiveConsent { atoms: vec![abroad], ..cast.written_consent() };
        assert!(clinic.runtime().perform(&give, at(3)).await.unwrap().receipt.is_some());
        let written = clinic.runtime().perform(&cast.result("Hemoglobina"), at(4)).await.unwrap();
        assert!(written.record.is_some(), "{:?}", written.answer);
        Self { clinic, cast, officer }
    }

    /// The physician sends results abroad.
    pub(crate) async fn send(&self, minute: i64) {
        let send = DiscloseRecords {
            actor: self.cast.physician,
            subject: self.cast.patient,
            receiver: Receiver::Provider(PROVIDER),
            purpose: Purpose::CareCoordination,
            undescribed: None,
            ground: Ground::Consent,
            detail: Detail::Full,
            categories: Set::one(Category::Laboratory),
        };
        let handed = self.clinic.runtime().perform(&send, at(minute)).await.unwrap();
        assert!(handed.page.is_some(), "{:?}", handed.answer);
    }

    async fn evidence(&self, (actor, kind): (ActorId, EvidenceKind), minute: i64) {
        let record = RecordEvidence {
            actor,
            subject: self.cast.patient,
            kind,
            reason: "Oficio 12/2026".to_owned(),
            lasts: TimeDelta::days(80),
        };
        let recorded = self.clinic.runtime().perform(&record, at(minute)).await.unwrap();
        assert!(recorded.evidence.is_some(), "{:?}", recorded.answer);
    }

    /// The officer gives results to an authority that demanded them.
    async fn hand_to_authority(&self, minute: i64) {
        let hand = DiscloseRecords {
            actor: self.officer,
            subject: self.cast.patient,
            receiver: Receiver::Class(RecipientClass::Authority, CountryClass::Domestic),
            purpose: Purpose::LegalCompliance,
            undescribed: None,
            ground: Ground::LegalDemand,
            detail: Detail::Minimum,
            categories: Set::one(Category::IdentityContact),
        };
        let handed = self.clinic.runtime().perform(&hand, at(minute)).await.unwrap();
        assert!(handed.page.is_some(), "{:?}", handed.answer);
    }

    pub(crate) async fn accounting(&self, asking: LogAsking, minute: i64) -> AccountingShown {
        let whose = (self.officer, self.cast.patient);
        self.clinic.runtime().accounting(whose, asking, at(minute)).await.unwrap()
    }

    /// To how many, and how much a suspension hides.
    pub(crate) async fn told(&self, minute: i64) -> (usize, u64) {
        let accounting = self.accounting(LogAsking::Oversight, minute).await.accounting.unwrap();
        (accounting.disclosures.len(), accounting.hidden)
    }

    pub(crate) async fn superuser(&self) -> Sql {
        Sql::open(&self.clinic.database.superuser()).await
    }
}

const DAY: i64 = 24 * 60;

#[tokio::test]
async fn the_accounting_groups_what_left_and_is_a_decision_of_its_own() {
    let scene = Scene::set("oversight_accounting").await;
    let runtime = scene.clinic.runtime();
    for minute in [5, 6, 2 * DAY] {
        scene.send(minute).await;
    }
    runtime.sequence(at(2 * DAY)).await.unwrap();
    let shown = scene.accounting(LogAsking::Oversight, 2 * DAY + 1).await;
    let accounting = shown.accounting.as_ref().unwrap();
    let [run] = accounting.disclosures.as_slice() else { panic!("{accounting:?}") };
    assert_eq!((run.count, run.first_at), (3, start() + TimeDelta::minutes(5)));
    assert_eq!(run.last_at, start() + TimeDelta::days(2));
    assert_eq!((run.categories, shown.unopened), (Set::one(Category::Laboratory), 0));

    let words = HouseWords::new(runtime.house().unwrap(), Language::Es);
    let csv = shown.on_paper(OnPaper::Csv, Language::Es, &words).unwrap();
    assert!(csv.contains("Pecan Bend") && csv.contains("2026-11-17,2026-11-19,3"), "{csv}");
    let head = runtime.store().heads(runtime.clinic()).await.unwrap().pop().unwrap().2;
    assert!(csv.contains(&head), "the newest signed head goes along: {csv}");
    let page = shown.on_paper(OnPaper::Html, Language::En, &words).unwrap();
    assert!(page.contains("Who was given your information") && page.contains(head.lines().next().unwrap()));

    // Whoever is not told to oversee gets nothing, and the refusal stands in the log like the permit.
    let before = runtime.store().tally(runtime.clinic(), start()).await.unwrap().log_entries;
    let whose = (scene.cast.nurse, scene.cast.patient);
    let refused = runtime.accounting(whose, LogAsking::Oversight, at(2 * DAY + 2)).await.unwrap();
    assert!(refused.accounting.is_none() && refused.checkpoint.is_none());
    assert!(refused.on_paper(OnPaper::Csv, Language::Es, &words).is_none());
    let after = runtime.store().tally(runtime.clinic(), start()).await.unwrap().log_entries;
    assert_eq!(after - before, 1);
}

#[tokio::test]
async fn a_person_gets_their_own_accounting_once_it_is_proved_who_asks() {
    let scene = Scene::set("oversight_own").await;
    let (runtime, patient) = (scene.clinic.runtime(), scene.cast.patient);
    scene.send(5).await;
    let id = ActorId::from_uuid(patient.as_uuid());
    let admit = AdmitPerson { actor: scene.cast.reception, id, subject: patient };
    assert!(runtime.perform(&admit, at(6)).await.unwrap().is_permit());
    for asker in [id, scene.officer] {
        let asked = runtime.accounting((asker, patient), LogAsking::OwnRequest, at(7)).await.unwrap();
        assert!(asked.accounting.is_none(), "nobody proved yet who asks");
    }
    scene.evidence((scene.cast.reception, EvidenceKind::IdentityProof), 8).await;
    for asker in [id, scene.officer] {
        let asked = runtime.accounting((asker, patient), LogAsking::OwnRequest, at(9)).await.unwrap();
        assert_eq!(asked.accounting.unwrap().disclosures.len(), 1, "{:?}", asked.answer);
    }
    // Their own proof opens nobody else's.
    let other = scene.clinic.patient(scene.cast.reception, "Otra", "Persona").await;
    let asked = runtime.accounting((id, other), LogAsking::OwnRequest, at(10)).await.unwrap();
    assert!(asked.accounting.is_none());
}

#[tokio::test]
async fn a_suspension_hides_for_its_time_and_releases_by_itself() {
    let scene = Scene::set("oversight_suspension").await;
    let (runtime, patient) = (scene.clinic.runtime(), scene.cast.patient);
    scene.send(5).await;
    scene.evidence((scene.officer, EvidenceKind::LegalDemand), 6).await;
    scene.hand_to_authority(7).await;
    assert_eq!(scene.told(8).await, (2, 0));
    let oral = SuspendAccounting {
        actor: scene.officer,
        subject: patient,
        authority: None,
        stated_at: start(),
        statement: Statement::Oral,
        words: "La agente del caso lo pidió por teléfono".to_owned(),
    };
    // Only those who answer for privacy take a statement down, and none that lies ahead.
    let nurse = SuspendAccounting { actor: scene.cast.nurse, ..oral.clone() };
    assert!(runtime.perform(&nurse, at(9)).await.unwrap().suspension.is_none());
    let ahead = SuspendAccounting { stated_at: start() + TimeDelta::days(1), ..oral.clone() };
    assert!(runtime.perform(&ahead, at(9)).await.is_err());
    assert_eq!(scene.told(9).await, (2, 0));

    let (_, until) = runtime.perform(&oral, at(10)).await.unwrap().suspension.unwrap();
    assert_eq!(
        until,
        start() + TimeDelta::days(30),
        "thirty days from the statement, not from when it was entered"
    );
    assert_eq!(scene.told(30 * DAY - 1).await, (1, 1));
    assert_eq!(scene.told(30 * DAY).await, (2, 0), "released by itself");
    let stated_at = start() + TimeDelta::days(29);
    let statement = Statement::Written { until: start() + TimeDelta::days(200) };
    let written = SuspendAccounting { stated_at, statement, ..oral };
    assert!(runtime.perform(&written, at(29 * DAY)).await.unwrap().suspension.is_some());
    assert_eq!(scene.told(199 * DAY).await, (1, 1));
    assert_eq!(scene.told(200 * DAY).await, (2, 0));

    // The person is not told that something is hidden.
    scene.evidence((scene.cast.reception, EvidenceKind::IdentityProof), 40 * DAY).await;
    let own = scene.accounting(LogAsking::OwnRequest, 41 * DAY).await.accounting.unwrap();
    assert_eq!((own.disclosures.len(), own.hidden), (1, 0));

    // The database holds an oral statement to its thirty days, and nothing is rewritten.
    let sql = scene.superuser().await;
    let longer = "INSERT INTO resguardo.accounting_suspensions SELECT subject_id, gen_random_uuid(), clinic_id, \
        authority_id, 'oral', stated_at, stated_at + interval '31 days', recorded_by, recorded_at, words, dek_version \
        FROM resguardo.accounting_suspensions LIMIT 1";
    assert!(sql.run(longer).await.unwrap_err().starts_with("23514"));
    let shorter = "UPDATE resguardo.accounting_suspensions SET ends_at = ends_at - interval '1 day'";
    assert!(sql.run(shorter).await.unwrap_err().starts_with("23000"));
    runtime.sequence(at(201 * DAY)).await.unwrap();
    assert!(verified(&scene.clinic).await.is_intact());
}

#[tokio::test]
async fn who_looked_says_role_and_unit_and_no_name() {
    let scene = Scene::set("oversight_looks").await;
    let (runtime, cast) = (scene.clinic.runtime(), scene.cast);
    let set = |actor| SetLogin {
        actor,
        staff: cast.nurse,
        login: "enf.canaria".to_owned(),
        hash: PasswordHash::new(HASH.to_owned()),
    };
    assert!(!runtime.perform(&set(cast.physician), at(19)).await.unwrap().is_permit());
    assert!(runtime.store().sign_in_names(runtime.clinic()).await.unwrap().is_empty());
    assert!(runtime.perform(&set(scene.officer), at(19)).await.unwrap().is_permit());
    runtime.perform(&cast.reading(Purpose::Treatment), at(20)).await.unwrap();
    runtime.perform(&cast.reading(Purpose::Marketing), at(21)).await.unwrap();
    runtime.perform(&cast.broken_glass("Choque"), at(22)).await.unwrap();
    let whose = (scene.officer, cast.patient);
    let asked = (LogAsking::Oversight, Language::Es);
    let shown = runtime.looks(whose, asked, at(23)).await.unwrap();
    let looks = shown.looks.as_ref().unwrap();
    let nurse =
        looks.iter().filter(|look| look.unit.as_deref() == Some("Atención médica")).collect::<Vec<_>>();
    let outcomes: Vec<(bool, bool)> =
        nurse.iter().map(|look| (look.outcome.is_refusal(), look.is_break_glass)).collect();
    assert_eq!(outcomes, [(false, false), (true, false), (false, true)], "{looks:?}");
    assert!(nurse.iter().all(|look| look.name.is_none()));
    let paper = shown.on_paper(OnPaper::Html, Language::Es).unwrap();
    assert!(paper.contains("acceso de emergencia") && !paper.contains("enf.canaria"), "{paper}");
    // Looking at who looked is a look: it stands there the next time.
    let again = runtime.looks(whose, asked, at(24)).await.unwrap().looks.unwrap();
    assert_eq!(again.len(), looks.len() + 1);
}

/// Of a password that nobody uses.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo";

#[tokio::test]
async fn an_emergency_access_waits_for_somebody_else_until_it_is_late() {
    let scene = Scene::set("oversight_reviews").await;
    let (runtime, cast) = (scene.clinic.runtime(), scene.cast);
    runtime.perform(&cast.broken_glass("Choque"), at(10)).await.unwrap();
    let state = async |minute| {
        let seen = runtime.reviews(scene.officer, at(minute)).await.unwrap();
        seen.waiting.iter().map(|review| (review.state, review.due_at)).collect::<Vec<_>>()
    };
    // It lasted an hour; the clinic gives 72 more.
    let due = start() + TimeDelta::minutes(70 + 72 * 60);
    assert_eq!(state(70 + 72 * 60 - 1).await, [(audit_log::ReviewState::Waiting, due)]);
    assert_eq!(state(70 + 72 * 60).await, [(audit_log::ReviewState::Overdue, due)]);
    let nurse = runtime.reviews(cast.nurse, at(20)).await.unwrap();
    assert!(nurse.waiting.is_empty() && !nurse.answer.is_permit());
    let unknown = runtime.judge_alert(
        (scene.officer, records_model::AlertId::from_uuid(uuid::Uuid::nil())),
        audit_log::Verdict::Explained,
        at(21),
    );
    let refused = unknown.await.unwrap_err();
    assert!(matches!(refused, RuntimeError::Operation(OperationError::UnknownAlert)), "{refused}");
}
