//! What each login may do, asked of Postgres: by its catalogue, and by trying.

use audit_log::LogSigningKey;
use clinic_runtime::ExampleClinic;
use postgres_store::embedded::{ConnectTarget, Login};
use postgres_store::testing::TestDatabase;
use postgres_store::{Sequencer, Store, StoreError};
use records_model::ClinicId;
use uuid::Uuid;

use crate::sql::Sql;
use crate::steps::Cast;
use crate::support::{Clinic, at};

/// What a login holds on the tables, one line each: a privilege on a column where the table's is not held.
async fn grants(superuser: &Sql, login: Login, privileges: &str) -> Vec<String> {
    let role = login.role();
    let query = format!(
        "SELECT n.nspname || '.' || c.relname || ' ' || g.privilege_type FROM pg_class c \
            JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) g \
            WHERE n.nspname IN ('resguardo', 'keystore') AND g.grantee::regrole::text = '{role}' \
            AND g.privilege_type IN ({privileges}) \
         UNION SELECT n.nspname || '.' || c.relname || '.' || a.attname || ' ' || g.privilege_type FROM pg_class c \
            JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid, \
            aclexplode(a.attacl) g \
            WHERE n.nspname IN ('resguardo', 'keystore') AND g.grantee::regrole::text = '{role}' \
            AND g.privilege_type IN ({privileges}) ORDER BY 1"
    );
    superuser.column(&query).await
}

#[tokio::test]
async fn the_application_changes_nothing_that_was_written() {
    let database = TestDatabase::create("roles_app").await.unwrap();
    let superuser = Sql::open(&database.superuser()).await;
    let changing = "'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES'";
    assert_eq!(
        grants(&superuser, Login::App, changing).await,
        [
            "resguardo.actor_logins.changed_at UPDATE",
            "resguardo.actor_logins.password_hash UPDATE",
            "resguardo.actors.facts_generation UPDATE",
            "resguardo.care_relations.ends_at UPDATE",
            "resguardo.clinics.facts_generation UPDATE",
            "resguardo.item_floors.anchor UPDATE",
            "resguardo.item_floors.anchor_at UPDATE",
            "resguardo.item_floors.keep_through UPDATE",
            "resguardo.retention_floors.anchor UPDATE",
            "resguardo.retention_floors.anchor_at UPDATE",
            "resguardo.retention_floors.keep_through UPDATE",
            "resguardo.sessions DELETE",
            "resguardo.subjects.facts_generation UPDATE",
        ]
    );
    assert_eq!(grants(&superuser, Login::Reader, changing).await, Vec::<String>::new());
    assert_eq!(grants(&superuser, Login::Reader, "'INSERT'").await, Vec::<String>::new());
    // Nobody becomes somebody else, and only the migrations' login may lay hands on what destroys.
    let members = "SELECT m.roleid::regrole || ' <- ' || m.member::regrole FROM pg_auth_members m \
        WHERE m.roleid::regrole::text LIKE 'resguardo%'";
    assert_eq!(superuser.column(members).await, ["resguardo_disposer <- resguardo_owner"]);
}

#[tokio::test]
async fn the_sequencer_holds_what_placing_needs_and_no_more() {
    let database = TestDatabase::create("roles_sequencer").await.unwrap();
    let superuser = Sql::open(&database.superuser()).await;
    let all = "'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES'";
    assert_eq!(
        grants(&superuser, Login::Sequencer, all).await,
        [
            "resguardo.log_chains INSERT",
            "resguardo.log_chains SELECT",
            "resguardo.log_chains.changes UPDATE",
            "resguardo.log_checkpoints INSERT",
            "resguardo.log_checkpoints SELECT",
            "resguardo.log_entries SELECT",
            "resguardo.log_positions INSERT",
            "resguardo.log_positions SELECT",
            "resguardo.log_queue DELETE",
            "resguardo.log_queue SELECT",
        ]
    );
}

/// What must stay as it was written.
const WRITTEN_ONCE: [&str; 32] = [
    "keystore.clinic_secrets",
    "keystore.copies",
    "keystore.data_backups",
    "keystore.deks",
    "keystore.epoch_closings",
    "keystore.epoch_ends",
    "keystore.epoch_hold_releases",
    "keystore.epoch_holds",
    "keystore.erasures",
    "keystore.key_minimums",
    "keystore.recoveries",
    "keystore.wrappings",
    "resguardo.attachment_chunks",
    "resguardo.attachments",
    "resguardo.blind_tokens",
    "resguardo.case_steps",
    "resguardo.cases",
    "resguardo.clearance_entries",
    "resguardo.clinic_documents",
    "resguardo.consent_ends",
    "resguardo.consents",
    "resguardo.evidence",
    "resguardo.evidence_reviews",
    "resguardo.legal_hold_releases",
    "resguardo.legal_holds",
    "resguardo.log_entries",
    "resguardo.log_positions",
    "resguardo.log_sides",
    "resguardo.record_seals",
    "resguardo.records",
    "resguardo.restrictions",
    "resguardo.subject_pseudonyms",
];

#[tokio::test]
async fn each_login_is_refused_when_it_tries_to_rewrite_history() {
    let clinic = Clinic::found("roles_history", ExampleClinic::Elicells).await;
    let cast = Cast::assemble(&clinic).await;
    cast.consent_to_care(&clinic, 3).await;
    clinic.runtime().sequence(at(4)).await.unwrap();
    let setting = format!("SET resguardo.clinic_id = '{}'", clinic.runtime().clinic().as_uuid());
    for login in [Login::App, Login::Sequencer, Login::Reader] {
        let connection = Sql::open(&clinic.database.target(login)).await;
        connection.run(&setting).await.unwrap();
        for table in WRITTEN_ONCE {
            for sql in [
                format!("UPDATE {table} SET clinic_id = clinic_id"),
                format!("DELETE FROM {table}"),
                format!("TRUNCATE {table}"),
            ] {
                let refused = connection.run(&sql).await.unwrap_err();
                assert!(refused.starts_with("42501"), "{login:?}: {sql}: {refused}");
            }
        }
        for sql in
            ["SET ROLE resguardo_disposer", "SET ROLE resguardo_owner", "CREATE TABLE resguardo.mine ()"]
        {
            assert!(connection.run(sql).await.unwrap_err().starts_with("42501"), "{login:?}: {sql}");
        }
    }
    // The owner's login meets the trigger, if it ever runs by mistake.
    let owner = Sql::open(&clinic.database.target(Login::Owner)).await;
    for table in
        ["resguardo.consents", "resguardo.records", "resguardo.log_entries", "resguardo.log_positions"]
    {
        for sql in [format!("DELETE FROM {table}"), format!("TRUNCATE {table} CASCADE")] {
            assert!(owner.run(&sql).await.unwrap_err().starts_with("23000"), "{sql}");
        }
    }
}

#[tokio::test]
async fn a_retention_floor_never_moves_earlier() {
    let clinic = Clinic::found("roles_floor", ExampleClinic::Elicells).await;
    let cast = Cast::assemble(&clinic).await;
    cast.consent_to_care(&clinic, 3).await;
    assert!(clinic.runtime().perform(&cast.result("Hemoglobina"), at(4)).await.unwrap().record.is_some());
    let app = Sql::open(&clinic.database.target(Login::App)).await;
    let set = format!("SET resguardo.clinic_id = '{}'", clinic.runtime().clinic().as_uuid());
    app.run(&set).await.unwrap();
    let moved = |change: &str| {
        format!(
            "UPDATE resguardo.retention_floors SET {change} WHERE subject_id = '{}'",
            cast.patient.as_uuid()
        )
    };
    for earlier in ["keep_through = keep_through - 1", "anchor_at = anchor_at - interval '1 second'"] {
        let refused = app.run(&moved(earlier)).await.unwrap_err();
        assert_eq!(refused, "23000 a retention floor never moves earlier");
    }
    app.run(&moved("keep_through = keep_through + 1")).await.unwrap();
    let refused = app.run("DELETE FROM resguardo.retention_floors").await.unwrap_err();
    assert!(refused.starts_with("42501"), "{refused}");
}

#[tokio::test]
async fn a_generation_goes_up_by_one_and_never_back() {
    let clinic = Clinic::found("roles_generation", ExampleClinic::Elicells).await;
    let app = Sql::open(&clinic.database.target(Login::App)).await;
    let set = format!("SET resguardo.clinic_id = '{}'", clinic.runtime().clinic().as_uuid());
    app.run(&set).await.unwrap();
    for table in ["clinics", "actors", "subjects"] {
        let update =
            |to: &str| format!("UPDATE resguardo.{table} SET facts_generation = facts_generation {to}");
        app.run(&update("+ 1")).await.unwrap();
        for to in ["- 1", "+ 0", "+ 2"] {
            assert_eq!(
                app.run(&update(to)).await.unwrap_err(),
                "23000 a generation goes up by one",
                "{table}"
            );
        }
    }
}

async fn refusal(target: &ConnectTarget) -> (String, &'static str) {
    match Store::connect(&target.to_keywords(), 1).await {
        Err(StoreError::UnfitLogin { login, why }) => (login, why),
        other => panic!("{:?}", other.err()),
    }
}

#[tokio::test]
async fn the_application_does_not_run_under_a_login_that_no_grant_binds() {
    let database = TestDatabase::create("roles_logins").await.unwrap();
    assert_eq!(refusal(&database.superuser()).await.1, "is a superuser");
    assert_eq!(refusal(&database.target(Login::Owner)).await.1, "owns the tables");
    let superuser = Sql::open(&database.superuser()).await;
    // Roles belong to the whole cluster, which other tests use too.
    for (name, how) in [("BYPASSRLS", "bypass"), ("IN ROLE resguardo_owner", "member")] {
        let login = format!("resguardo_test_{how}");
        let made = format!("CREATE ROLE {login} LOGIN {name} PASSWORD 'throwaway'");
        if let Err(refused) = superuser.run(&made).await {
            assert!(refused.starts_with("42710"), "{refused}");
        }
        let target = database.superuser().with_login(&login, "throwaway");
        let why = if how == "bypass" { "bypasses row-level security" } else { "owns the tables" };
        assert_eq!(refusal(&target).await, (login, why));
    }
    for target in [database.superuser(), database.target(Login::Owner)] {
        let sequencer = Sequencer::connect(&target.to_keywords()).unwrap();
        let key = LogSigningKey::from_bytes(ClinicId::from_uuid(Uuid::nil()), &[7; 32]);
        let refused = sequencer.place(at(0), &key).await.unwrap_err();
        assert!(matches!(refused, StoreError::UnfitLogin { .. }), "{refused}");
    }
    let message = StoreError::UnfitLogin { login: "resguardo_owner".to_owned(), why: "owns the tables" };
    assert!(message.to_string().contains("DATABASE_URL"), "{message}");
    assert!(Store::connect(&database.target(Login::App).to_keywords(), 1).await.is_ok());
}

#[tokio::test]
async fn a_database_on_another_machine_is_refused_before_a_password_goes_there() {
    let url = "postgres://resguardo_app:geheim@db.example:5432/resguardo";
    let refusals = [Store::connect(url, 1).await.err(), Sequencer::connect(url).err()];
    for refused in refusals.map(Option::unwrap) {
        assert!(matches!(&refused, StoreError::LinkInClear { host } if host == "db.example"), "{refused}");
        let said = refused.to_string();
        assert!(said.contains("127.0.0.1") && !said.contains("geheim"), "{said}");
    }
}
