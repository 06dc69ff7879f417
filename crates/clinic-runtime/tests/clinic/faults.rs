//! No decision without its log row: whatever fails inside a transaction, nothing of it stays.

use clinic_runtime::{ExampleClinic, Runtime, RuntimeError};
use postgres_store::StoreError;
use privacy_operations::{
    ActivateDocument, AdmitPerson, ClearanceEntry, DiscloseRecords, EnrolStaff, LiftRestriction, Operation,
    Receiver, RecordCareRelation, RecordClearance, RegisterPerson, ReviewEvidence, ReviewVerdict,
    WithdrawConsent,
};
use records_model::{
    ActorId, Category, CountryClass, Detail, Ground, Purpose, RecipientClass, Role, Set, SubjectId,
    SubjectKind,
};
use uuid::Uuid;

use crate::isolation::TABLES;
use crate::sql::Sql;
use crate::steps::{Cast, import};
use crate::support::{Clinic, at, person, start};

/// The n-th row that is written fails, or the commit does, as the one row of `fault` says. A sequence counts,
/// because it does not roll back.
const FAULTS: &str = "CREATE TABLE public.fault (at_row bigint NOT NULL, at_commit boolean NOT NULL); \
    INSERT INTO public.fault VALUES (0, false); CREATE SEQUENCE public.rows_written; \
    CREATE FUNCTION public.fail_at_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN \
        IF nextval('public.rows_written') = (SELECT at_row FROM public.fault) THEN RAISE EXCEPTION 'planted fault'; END IF; \
        RETURN coalesce(NEW, OLD); END $$; \
    CREATE FUNCTION public.fail_at_commit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN \
        IF (SELECT at_commit FROM public.fault) THEN RAISE EXCEPTION 'planted fault'; END IF; RETURN NULL; END $$; \
    CREATE CONSTRAINT TRIGGER planted_commit AFTER INSERT ON resguardo.log_entries \
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.fail_at_commit();";

pub(crate) struct Scene {
    pub(crate) clinic: Clinic,
    pub(crate) cast: Cast,
    pub(crate) superuser: Sql,
    /// Asks for everything there is: one line a table, with a digest of its rows.
    census: String,
}

impl Scene {
    pub(crate) async fn set(name: &str) -> Self {
        let clinic = Clinic::found(name, ExampleClinic::Elicells).await;
        let cast = Cast::assemble(&clinic).await;
        let superuser = Sql::open(&clinic.database.superuser()).await;
        superuser.run(FAULTS).await.unwrap();
        let tables = superuser.column(TABLES).await;
        for table in &tables {
            let trigger = format!(
                "CREATE TRIGGER planted_row BEFORE INSERT OR UPDATE OR DELETE ON {table} \
                 FOR EACH ROW EXECUTE FUNCTION public.fail_at_row()"
            );
            superuser.run(&trigger).await.unwrap();
        }
        let line = |table: &String| {
            format!(
                "SELECT '{table} ' || count(*) || ' ' || \
                 coalesce(md5(string_agg(t::text, ' ' ORDER BY t::text)), '') FROM {table} t"
            )
        };
        let lines: Vec<String> = tables.iter().map(line).collect();
        Self { clinic, cast, superuser, census: lines.join(" UNION ALL ") }
    }

    pub(crate) async fn census(&self) -> Vec<String> {
        self.superuser.column(&self.census).await
    }

    pub(crate) async fn plant(&self, at_row: usize, at_commit: bool) {
        let sql = format!(
            "UPDATE public.fault SET at_row = {at_row}, at_commit = {at_commit}; \
             ALTER SEQUENCE public.rows_written RESTART"
        );
        self.superuser.run(&sql).await.unwrap();
    }

    /// Runs an operation until it succeeds: first its commit fails, then its first row, its second, ... and at last
    /// nothing. The number of rows it writes, and its outcome.
    pub(crate) async fn through_every_fault<O: Operation + Sync>(
        &self,
        operation: &O,
        minute: i64,
    ) -> (usize, O::Outcome)
    where
        O::Outcome: Send,
    {
        self.through_every_fault_on(self.clinic.runtime(), operation, minute).await
    }

    /// The same on another server.
    pub(crate) async fn through_every_fault_on<O: Operation + Sync>(
        &self,
        server: &Runtime,
        operation: &O,
        minute: i64,
    ) -> (usize, O::Outcome)
    where
        O::Outcome: Send,
    {
        let before = self.census().await;
        self.plant(0, true).await;
        match server.perform(operation, at(minute)).await {
            Ok(_) => panic!("committed without its log row"),
            Err(error) => self.nothing_stayed(&error, &before).await,
        }
        for row in 1.. {
            self.plant(row, false).await;
            match server.perform(operation, at(minute)).await {
                Ok(outcome) => {
                    self.plant(0, false).await;
                    self.everything_logged().await;
                    return (row - 1, outcome);
                }
                Err(error) => self.nothing_stayed(&error, &before).await,
            }
        }
        unreachable!("an operation writes a number of rows")
    }

    pub(crate) async fn nothing_stayed(&self, error: &RuntimeError, before: &[String]) {
        assert!(error.to_string().contains("planted fault"), "{error}");
        assert_eq!(self.census().await, before);
    }

    /// Each entry waits for its place and has its sealed side.
    pub(crate) async fn everything_logged(&self) {
        let runtime = self.clinic.runtime();
        assert_eq!(runtime.store().tally(runtime.clinic(), start()).await.unwrap().log_lost, 0);
        let without = "SELECT count(*) FROM resguardo.log_entries e WHERE NOT EXISTS \
            (SELECT 1 FROM resguardo.log_sides s WHERE s.clinic_id = e.clinic_id AND s.entry_id = e.entry_id)";
        assert_eq!(self.superuser.number(without).await, 0);
    }
}

/// The connection ends while the transaction commits, and the database comes to no answer.
const ENDS_AT_COMMIT: &str = "CREATE FUNCTION public.end_at_commit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ \
        BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$; \
    CREATE CONSTRAINT TRIGGER ended_commit AFTER INSERT ON resguardo.log_entries \
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.end_at_commit();";

#[tokio::test]
async fn where_the_answer_to_a_commit_is_missing_nobody_is_told_that_nothing_was_written() {
    let scene = Scene::set("faults_answer").await;
    let runtime = scene.clinic.runtime();
    let register = RegisterPerson {
        actor: scene.cast.reception,
        kind: SubjectKind::Patient,
        id: subject(2),
        person: person("Eva", "Paz Sol"),
    };
    // What the server refuses is told as refused.
    scene.plant(0, true).await;
    let refused = runtime.perform(&register, at(3)).await.unwrap_err();
    assert!(matches!(refused, RuntimeError::Store(StoreError::Database(_))), "{refused}");
    scene.plant(0, false).await;
    scene.superuser.run(ENDS_AT_COMMIT).await.unwrap();
    let unanswered = runtime.perform(&register, at(3)).await.unwrap_err();
    assert!(matches!(unanswered, RuntimeError::Store(StoreError::Unanswered)), "{unanswered}");
    assert!(unanswered.to_string().contains("look whether it was"), "{unanswered}");
    // An end before that is told as what it is.
    scene.superuser.run("DROP TRIGGER ended_commit ON resguardo.log_entries").await.unwrap();
    let early = ENDS_AT_COMMIT
        .replace("CREATE FUNCTION public.end_at_commit", "CREATE OR REPLACE FUNCTION public.end_at_commit")
        .replace("CONSTRAINT TRIGGER", "TRIGGER")
        .replace("DEFERRABLE INITIALLY DEFERRED", "");
    scene.superuser.run(&early).await.unwrap();
    let ended = runtime.perform(&register, at(3)).await.unwrap_err();
    assert!(!matches!(ended, RuntimeError::Store(StoreError::Unanswered)), "{ended}");
    scene.superuser.run("DROP TRIGGER ended_commit ON resguardo.log_entries").await.unwrap();
    assert!(runtime.perform(&register, at(3)).await.unwrap().subject.is_some());
}

fn actor(number: u128) -> ActorId {
    ActorId::from_uuid(Uuid::from_u128(0xfa_0000 + number))
}

fn subject(number: u128) -> SubjectId {
    SubjectId::from_uuid(Uuid::from_u128(0xfb_0000 + number))
}

#[tokio::test]
async fn nothing_stays_of_what_is_done_for_people_when_any_row_of_it_fails() {
    let scene = Scene::set("faults_people").await;
    let (system, cast) = (scene.clinic.system(), scene.cast);
    let enrol = EnrolStaff {
        actor: system,
        id: actor(1),
        subject: subject(1),
        role: Role::Nurse,
        person: person("Ana", "Luz"),
    };
    let (rows, answer) = scene.through_every_fault(&enrol, 3).await;
    assert!(answer.is_permit() && rows > 15, "{rows}");
    let entry = ClearanceEntry::Undertaking { on: start().date_naive() };
    let (rows, answer) =
        scene.through_every_fault(&RecordClearance { actor: system, staff: actor(1), entry }, 3).await;
    assert!(answer.is_permit() && rows == 5, "{rows}");
    let register = RegisterPerson {
        actor: cast.reception,
        kind: SubjectKind::Patient,
        id: subject(2),
        person: person("Eva", "Paz Sol"),
    };
    let (rows, registered) = scene.through_every_fault(&register, 3).await;
    assert!(registered.subject.is_some() && rows > 15, "{rows}");
    let relation =
        RecordCareRelation { actor: cast.reception, subject: subject(2), staff: cast.nurse, ends_at: None };
    let (rows, answer) = scene.through_every_fault(&relation, 3).await;
    assert!(answer.is_permit() && rows == 5, "{rows}");
    let admit = AdmitPerson { actor: cast.reception, id: actor(2), subject: subject(2) };
    let (rows, answer) = scene.through_every_fault(&admit, 3).await;
    assert!(answer.is_permit() && rows == 6, "{rows}");
    let bundle = import(&scene.clinic, subject(3), ("Iris", "px-1", "Glucosa"));
    let (rows, imported) = scene.through_every_fault(&bundle, 3).await;
    assert!(imported.counts.new == 1 && rows > 10, "{rows}");
}

#[tokio::test]
async fn nothing_stays_of_what_a_person_wants_when_any_row_of_it_fails() {
    let scene = Scene::set("faults_will").await;
    let cast = scene.cast;
    let (rows, given) = scene.through_every_fault(&cast.written_consent(), 3).await;
    let consent = given.receipt.unwrap().consent;
    assert!(rows >= 6, "{rows}");
    let (rows, added) = scene.through_every_fault(&cast.restriction(), 4).await;
    assert!(rows == 5, "{rows}");
    let lift = LiftRestriction {
        actor: cast.reception,
        subject: cast.patient,
        restriction: added.restriction.unwrap(),
    };
    let (rows, lifted) = scene.through_every_fault(&lift, 5).await;
    assert!(lifted.restriction.is_some() && rows == 5, "{rows}");
    let (rows, opened) = scene.through_every_fault(&cast.request("quiero mis copias"), 6).await;
    assert!(opened.opened.is_some() && rows >= 4, "{rows}");
    let withdraw = WithdrawConsent { actor: cast.reception, subject: cast.patient, consents: vec![consent] };
    let (rows, withdrawn) = scene.through_every_fault(&withdraw, 7).await;
    assert!(withdrawn.ended.len() == 1 && rows == 5, "{rows}");
}

#[tokio::test]
async fn nothing_is_read_written_or_given_away_when_any_row_of_its_log_fails() {
    let scene = Scene::set("faults_care").await;
    let cast = scene.cast;
    let (rows, refused) = scene.through_every_fault(&cast.reading(Purpose::Treatment), 3).await;
    assert!(refused.cells[0].permit.is_none() && rows == 3, "a refusal is logged too: {rows}");
    let (rows, evidence) = scene.through_every_fault(&cast.broken_glass("inconsciente"), 4).await;
    assert!(rows == 5, "{rows}");
    let officer = scene.clinic.staff(Role::PrivacyOfficer).await;
    let review = ReviewEvidence {
        actor: officer,
        subject: cast.patient,
        evidence: evidence.evidence.unwrap().0,
        verdict: ReviewVerdict::Justified,
    };
    let (rows, answer) = scene.through_every_fault(&review, 5).await;
    assert!(answer.is_permit() && rows == 5, "{answer:?} {rows}");
    cast.consent_to_care(&scene.clinic, 6).await;
    let (rows, written) = scene.through_every_fault(&cast.result("Glucosa"), 7).await;
    assert!(written.record.is_some() && rows >= 6, "{rows}");
    let (rows, used) = scene.through_every_fault(&cast.reading(Purpose::Treatment), 8).await;
    assert!(used.cells[0].permit.is_some() && rows == 3, "{rows}");
    let hotel = DiscloseRecords {
        actor: cast.reception,
        subject: cast.patient,
        receiver: Receiver::Class(RecipientClass::Hotel, CountryClass::Domestic),
        purpose: Purpose::Travel,
        undescribed: None,
        ground: Ground::Processor,
        detail: Detail::Full,
        categories: Set::one(Category::Laboratory),
    };
    let (rows, refused) = scene.through_every_fault(&hotel, 9).await;
    assert!(refused.page.is_none() && rows == 3, "{rows}");
    let settings = clinic_runtime::example_clinic(ExampleClinic::Elicells);
    let (path, text) = settings.into_iter().find(|(path, _)| path == "texts.es.toml").unwrap();
    let activate = ActivateDocument { actor: officer, path, text };
    let (rows, answer) = scene.through_every_fault(&activate, 10).await;
    assert!(answer.is_permit() && rows == 5, "{answer:?} {rows}");
}
