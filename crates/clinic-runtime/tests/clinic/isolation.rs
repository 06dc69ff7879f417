//! Two clinics in one database: neither sees, changes or removes a row of the other.

use clinic_runtime::{ExampleClinic, RuntimeError};
use postgres_store::StoreError;
use postgres_store::embedded::Login;
use postgres_store::testing::TestDatabase;
use privacy_operations::OperationError;
use records_model::{ClinicId, Purpose};

use crate::sql::Sql;
use crate::steps::Cast;
use crate::support::{Clinic, at};

/// Every table that holds a clinic's rows.
pub(crate) const TABLES: &str = "SELECT n.nspname || '.' || c.relname FROM pg_class c \
    JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('resguardo', 'keystore') ORDER BY 1";

/// One row in each table that no operation of this test writes, as only the superuser could.
fn planted(clinic: ClinicId, cast: &Cast) -> String {
    let (clinic, subject, actor) = (clinic.as_uuid(), cast.patient.as_uuid(), cast.physician.as_uuid());
    let id = "00000000-0000-7000-8000-000000000001";
    format!(
        "SET session_replication_role = replica; SET search_path = resguardo; \
         INSERT INTO actor_logins VALUES ('{actor}', '{clinic}', 'dra.reyes', '$argon2id$x', now()); \
         INSERT INTO sessions VALUES ('{clinic}', sha256('x'), '{actor}', now(), now() + interval '1 hour'); \
         INSERT INTO consent_ends VALUES ('{subject}', '{id}', '{clinic}', now(), 'withdrawn'); \
         INSERT INTO restriction_lifts VALUES ('{subject}', '{id}', '{clinic}', now()); \
         INSERT INTO evidence_reviews VALUES ('{subject}', '{id}', '{clinic}', '{actor}', now(), 'justified'); \
         INSERT INTO case_steps VALUES ('{subject}', '{id}', 1, '{clinic}', now(), '{actor}', '{{}}'); \
         INSERT INTO record_blocks VALUES ('{subject}', '{id}', '{clinic}', '{id}', '[\"travel\"]', 'secondary-uses', '{actor}', now()); \
         INSERT INTO record_block_lifts VALUES ('{subject}', '{id}', '{clinic}', now()); \
         INSERT INTO legal_holds VALUES ('{subject}', '{id}', '{clinic}', '[]', 'A court', now()); \
         INSERT INTO legal_hold_releases VALUES ('{subject}', '{id}', '{clinic}', now()); \
         INSERT INTO disposals (subject_id, disposal_id, class, extent, clinic_id, proposed_by, proposed_at, not_before) \
             VALUES ('{subject}', '{id}', 'travel', 'items', '{clinic}', '{actor}', now(), now() + interval '168 hours'); \
         INSERT INTO disposal_approvals VALUES ('{subject}', '{id}', '{actor}', '{clinic}', now()); \
         INSERT INTO disposal_withdrawals VALUES ('{subject}', '{id}', '{clinic}', '{actor}', now()); \
         INSERT INTO disposal_outcomes VALUES ('{subject}', '{id}', '{clinic}', now(), 0, current_date); \
         INSERT INTO accounting_suspensions (subject_id, suspension_id, clinic_id, form, stated_at, ends_at, recorded_by, recorded_at, words, dek_version) \
             VALUES ('{subject}', '{id}', '{clinic}', 'oral', now(), now() + interval '1 day', '{actor}', now(), decode(repeat('00', 90), 'hex'), 1); \
         INSERT INTO alerts VALUES ('{subject}', '{id}', '{clinic}', 'volume', now(), decode(repeat('00', 90), 'hex'), 1); \
         INSERT INTO alert_verdicts VALUES ('{subject}', '{id}', '{clinic}', 'explained', '{actor}', now()); \
         INSERT INTO disposal_items VALUES ('{subject}', '{id}', '{id}', '{clinic}'); \
         INSERT INTO item_floors VALUES ('{subject}', '{id}', '{clinic}', 'travel', 'end-of-stay', now(), current_date + 1); \
         INSERT INTO keystore.erasures VALUES ('{subject}', 'travel', 9, '{clinic}', now(), 'whole-class', 0, 1, 1, NULL); \
         INSERT INTO keystore.key_minimums VALUES ('{subject}', 'travel', 2, '{clinic}', now()); \
         INSERT INTO resguardo.record_seals SELECT subject_id, record_id, version, 2, clinic_id, sealed, content_hash, now(), class \
             FROM resguardo.records WHERE subject_id = '{subject}' LIMIT 1; \
         INSERT INTO keystore.erased_items VALUES ('{subject}', '{id}', 'travel', '{id}', '{clinic}', now()); \
         INSERT INTO keystore.epoch_ends VALUES ('{clinic}', 9, now(), 'destroyed'); \
         INSERT INTO keystore.epoch_closings VALUES ('{clinic}', 9, now()); \
         INSERT INTO keystore.epoch_holds VALUES ('{clinic}', '{id}', 9, 'Juzgado', now()); \
         INSERT INTO keystore.epoch_hold_releases VALUES ('{clinic}', '{id}', now()); \
         INSERT INTO keystore.copies VALUES ('{clinic}', '{id}', 1, 1, sha256('x'), now(), 'safe'); \
         INSERT INTO keystore.recoveries VALUES ('{clinic}', '{id}', 'split', 1, 1, 2, 3, now()); \
         INSERT INTO keystore.data_backups VALUES ('{clinic}', '{id}', now(), now() + interval '1 day', 1); \
         INSERT INTO keystore.backup_ends VALUES ('{clinic}', '{id}', now());"
    )
}

/// A clinic with a row in every table.
async fn busy_clinic(database: &TestDatabase) -> (Clinic, Cast) {
    let clinic = Clinic::found_in(database, ExampleClinic::Elicells, "isolation-elicells").await;
    let cast = Cast::assemble(&clinic).await;
    let runtime = clinic.runtime();
    cast.consent_to_care(&clinic, 3).await;
    assert!(runtime.perform(&cast.result("Hemoglobina"), at(4)).await.unwrap().record.is_some());
    assert!(runtime.perform(&cast.restriction(), at(4)).await.unwrap().restriction.is_some());
    assert!(runtime.perform(&cast.broken_glass("inconsciente"), at(4)).await.unwrap().evidence.is_some());
    assert!(runtime.perform(&cast.request("quiero mis copias"), at(4)).await.unwrap().opened.is_some());
    crate::files::attach(&clinic, &cast.scan("placa.png"), b"una placa").await;
    runtime.sequence(at(5)).await.unwrap();
    // One more, so that an entry waits for its place.
    runtime.perform(&cast.reading(Purpose::Treatment), at(6)).await.unwrap();
    let superuser = Sql::open(&database.superuser()).await;
    superuser.run(&planted(runtime.clinic(), &cast)).await.unwrap();
    (clinic, cast)
}

async fn set_clinic(login: &Sql, clinic: &str) {
    login.run(&format!("SET resguardo.clinic_id = '{clinic}'")).await.unwrap();
}

#[tokio::test]
async fn no_row_of_a_clinic_is_visible_or_writable_to_another() {
    let database = TestDatabase::create("isolation").await.unwrap();
    let (elicells, cast) = busy_clinic(&database).await;
    let brisa = Clinic::found_in(&database, ExampleClinic::Brisa, "isolation-brisa").await;
    let (here, there) = (brisa.runtime().clinic().as_uuid(), elicells.runtime().clinic().as_uuid());
    let superuser = Sql::open(&database.superuser()).await;
    let logins = [Login::App, Login::Sequencer, Login::Reader];
    for login in logins {
        let connection = Sql::open(&database.target(login)).await;
        for table in superuser.column(TABLES).await {
            let all =
                superuser.number(&format!("SELECT count(*) FROM {table} WHERE clinic_id = '{there}'")).await;
            assert!(all > 0, "{table} holds no row that could be seen");
            let may_read = format!("SELECT has_table_privilege('{}', '{table}', 'SELECT')", login.role());
            if superuser.column(&may_read).await == ["f"] {
                continue;
            }
            let count = format!("SELECT count(*) FROM {table}");
            set_clinic(&connection, "").await;
            assert_eq!(connection.number(&count).await, 0, "{table} without a clinic as {login:?}");
            set_clinic(&connection, &here.to_string()).await;
            let foreign = format!("{count} WHERE clinic_id <> '{here}'");
            assert_eq!(connection.number(&foreign).await, 0, "{table} as {login:?}");
            set_clinic(&connection, &there.to_string()).await;
            assert_eq!(connection.number(&count).await, all, "{table} as {login:?} of its own clinic");
        }
    }
    refuse_to_write(&database, (&here.to_string(), &there.to_string())).await;
    // And through the front door: a patient of one clinic is nobody at the other.
    let stranger = cast.reading(Purpose::Treatment);
    let refused = brisa.runtime().perform(&stranger, at(7)).await.unwrap_err();
    let unknown = RuntimeError::Store(StoreError::Operation(OperationError::UnknownSubject(cast.patient)));
    assert_eq!(refused.to_string(), unknown.to_string());
}

/// As the application of one clinic, writes every row of the other once more, changes and removes what it may.
async fn refuse_to_write(database: &TestDatabase, (here, there): (&str, &str)) {
    let superuser = Sql::open(&database.superuser()).await;
    let app = Sql::open(&database.target(Login::App)).await;
    let theirs = format!(
        "SELECT (SELECT sum(facts_generation) FROM resguardo.subjects WHERE clinic_id = '{there}') \
         || ' ' || (SELECT count(*) FROM resguardo.care_relations WHERE clinic_id = '{there}' AND ends_at IS NULL) \
         || ' ' || (SELECT max(keep_through) FROM resguardo.retention_floors WHERE clinic_id = '{there}')"
    );
    let before = superuser.column(&theirs).await;
    for setting in ["", here] {
        set_clinic(&app, setting).await;
        for table in superuser.column(TABLES).await {
            let one = format!("SELECT to_jsonb(t) FROM {table} t WHERE clinic_id = '{there}' LIMIT 1");
            let row = superuser.column(&one).await.swap_remove(0).replace('\'', "''");
            let again =
                format!("INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, '{row}')).*");
            let refused = app.run(&again).await.unwrap_err();
            assert!(refused.starts_with("42501"), "{table} with `{setting}`: {refused}");
        }
        for change in [
            "UPDATE resguardo.subjects SET facts_generation = facts_generation + 1",
            "UPDATE resguardo.care_relations SET ends_at = now()",
            "UPDATE resguardo.retention_floors SET keep_through = '2999-01-01'",
            "DELETE FROM resguardo.sessions",
        ] {
            app.run(change).await.unwrap();
        }
    }
    assert_eq!(superuser.column(&theirs).await, before);
    let sessions = format!("SELECT count(*) FROM resguardo.sessions WHERE clinic_id = '{there}'");
    assert_eq!(superuser.number(&sessions).await, 1);
}

#[tokio::test]
async fn every_table_names_its_clinic_guards_its_rows_and_says_what_it_is() {
    let database = TestDatabase::create("guards").await.unwrap();
    let superuser = Sql::open(&database.superuser()).await;
    let tables = superuser.column(TABLES).await;
    assert!(tables.len() >= 30, "{tables:?}");
    let unguarded = "SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('resguardo', 'keystore') AND NOT (c.relrowsecurity \
        AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'clinic_id' AND a.attnotnull) \
        AND EXISTS (SELECT 1 FROM pg_policies p WHERE p.schemaname = n.nspname AND p.tablename = c.relname \
            AND p.permissive = 'PERMISSIVE' AND p.cmd = 'ALL' AND p.roles = '{public}' \
            AND p.qual = '(clinic_id = resguardo.current_clinic())' AND p.with_check = p.qual) \
        AND (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid) = 1)";
    assert_eq!(superuser.column(unguarded).await, Vec::<String>::new());
    let silent = "SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('resguardo', 'keystore') \
        AND coalesce(obj_description(c.oid, 'pg_class'), '') = ''";
    assert_eq!(superuser.column(silent).await, Vec::<String>::new());
    // An actor is known by their own id; every other row about a person is kept under that person's.
    let elsewhere = "SELECT i.indexrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
        JOIN pg_namespace n ON n.oid = c.relnamespace \
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'subject_id' \
        WHERE n.nspname IN ('resguardo', 'keystore') AND c.relname <> 'actors' AND i.indisunique \
        AND i.indkey[0] <> a.attnum";
    assert_eq!(superuser.column(elsewhere).await, Vec::<String>::new());
}
