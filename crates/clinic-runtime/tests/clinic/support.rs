//! A clinic on a throwaway database, with a few people in it.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use clinic_runtime::{
    Database, ExampleClinic, Home, HomeOptions, KeyAccess, Runtime, RuntimeError, example_clinic, open_home,
};
use postgres_store::Clock;
use postgres_store::embedded::Login;
use postgres_store::testing::TestDatabase;
use privacy_notice::Residence;
use privacy_operations::{
    ClearanceEntry, EnrolStaff, PersonDetails, RecordClearance, RegisterPerson, system_actor,
};
use records_model::{
    ActorId, BirthDate, EmailAddress, PersonName, PhoneNumber, Role, SubjectId, SubjectKind, TrainingRecord,
};
use uuid::Uuid;

/// The instant at which everything in these tests begins: a Tuesday.
pub(crate) fn start() -> DateTime<Utc> {
    "2026-11-17T16:00:00Z".parse().unwrap()
}

/// Minutes after the start.
pub(crate) fn at(minutes: i64) -> Clock {
    Clock::At(start() + TimeDelta::minutes(minutes))
}

pub(crate) struct Clinic {
    pub(crate) home: Home,
    /// Where it lives, also for connections that no operation makes.
    pub(crate) database: TestDatabase,
    next: AtomicU64,
}

impl Clinic {
    /// Founds a clinic on a database of its own.
    pub(crate) async fn found(name: &str, which: ExampleClinic) -> Self {
        let database = TestDatabase::create(name).await.unwrap();
        Self::found_in(&database, which, name).await
    }

    /// Founds a clinic on a database that may hold others; `keys` names the folder of its key file.
    pub(crate) async fn found_in(database: &TestDatabase, which: ExampleClinic, keys: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("resguardo-{keys}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let options = HomeOptions {
            database: Database::Urls {
                app: database.target(Login::App).to_keywords(),
                sequencer: database.target(Login::Sequencer).to_keywords(),
                keys: folder.clone(),
            },
            documents: example_clinic(which),
            keys: KeyAccess::default(),
            clock: Clock::At(start() - TimeDelta::days(1)),
            connections: 8,
        };
        let home = open_home(options).await.unwrap();
        Self { home, database: database.clone(), next: AtomicU64::new(1) }
    }

    /// Another server on the same clinic, which reads the key in force now.
    pub(crate) async fn opened_again(&self) -> Result<Home, RuntimeError> {
        let database = Database::Urls {
            app: self.database.target(Login::App).to_keywords(),
            sequencer: self.database.target(Login::Sequencer).to_keywords(),
            keys: self.home.keys.path().parent().unwrap().to_owned(),
        };
        let documents = example_clinic(ExampleClinic::Elicells);
        let clock = Clock::At(start());
        open_home(HomeOptions { database, documents, keys: KeyAccess::default(), clock, connections: 4 })
            .await
    }

    pub(crate) fn runtime(&self) -> &Runtime {
        &self.home.runtime
    }

    pub(crate) fn system(&self) -> ActorId {
        system_actor(self.runtime().clinic())
    }

    fn next_id(&self) -> Uuid {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        Uuid::from_u128(0x0194_0000_0000_7000_8000_0000_0000_0000 + u128::from(number))
    }

    /// Enrols a staff member who is cleared from the day before.
    pub(crate) async fn staff(&self, role: Role) -> ActorId {
        self.staff_named(role, person("Personal", role.to_string().as_str())).await.0
    }

    /// The same with details of their own; who they are, and the person.
    pub(crate) async fn staff_named(&self, role: Role, person: PersonDetails) -> (ActorId, SubjectId) {
        let id = ActorId::from_uuid(self.next_id());
        let subject = SubjectId::from_uuid(self.next_id());
        let enrol = EnrolStaff { actor: self.system(), id, subject, role, person };
        let answer = self.runtime().perform(&enrol, at(0)).await.unwrap();
        assert!(answer.is_permit(), "{answer:?}");
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let modules = self.runtime().house().unwrap().settings.staff.required_modules.clone();
        let trainings = modules.into_iter().map(|module| {
            ClearanceEntry::Training(TrainingRecord {
                module,
                completed_on: day("2026-11-02"),
                expires_on: day("2027-11-02"),
            })
        });
        let rest = [
            ClearanceEntry::BackgroundClear { on: day("2026-11-02"), expires_on: day("2028-11-02") },
            ClearanceEntry::Undertaking { on: day("2026-11-02") },
        ];
        for entry in trainings.chain(rest) {
            let record = RecordClearance { actor: self.system(), staff: id, entry };
            assert!(self.runtime().perform(&record, at(0)).await.unwrap().is_permit());
        }
        (id, subject)
    }

    /// Registers a patient.
    pub(crate) async fn patient(&self, reception: ActorId, given: &str, surnames: &str) -> SubjectId {
        self.patient_named(reception, person(given, surnames)).await
    }

    /// The same with details of their own.
    pub(crate) async fn patient_named(&self, reception: ActorId, person: PersonDetails) -> SubjectId {
        let id = SubjectId::from_uuid(self.next_id());
        let register = RegisterPerson { actor: reception, kind: SubjectKind::Patient, id, person };
        let registered = self.runtime().perform(&register, at(1)).await.unwrap();
        assert!(registered.answer.is_permit(), "{:?}", registered.answer);
        registered.subject.unwrap()
    }
}

pub(crate) fn person(given: &str, surnames: &str) -> PersonDetails {
    let today = start().date_naive();
    PersonDetails {
        name: PersonName::parse(given, surnames).unwrap(),
        birth_date: Some(BirthDate::parse("1961-04-23", today).unwrap()),
        phone: Some(PhoneNumber::parse("+52 81 1234 5678").unwrap()),
        email: Some(EmailAddress::parse("canary.correo@correo-inventado.mx").unwrap()),
        residence: Some(Residence::parse("MX").unwrap()),
        language: Some("es".to_owned()),
    }
}
