//! Why every transaction is READ COMMITTED with its locks first: the same race by hand, and how it is lost otherwise.
//!
//! Each control shows a reader who finds the consent in force although its end is committed.

use std::sync::atomic::{AtomicUsize, Ordering};

use postgres_store::embedded::Login;
use postgres_store::lock_key;
use postgres_store::testing::TestDatabase;
use records_model::ClinicId;
use uuid::Uuid;

use crate::sql::Sql;

const CLINIC: Uuid = Uuid::from_u128(0xc1);
const SUBJECT: Uuid = Uuid::from_u128(0x5b);
const CONSENT: Uuid = Uuid::from_u128(0xc0);

/// One reader and one withdrawal, written by hand and driven step by step.
struct Duel {
    reader: Sql,
    withdrawer: Sql,
    watcher: Sql,
}

impl Duel {
    /// A person with one consent in force.
    async fn begin(name: &str) -> Self {
        let database = TestDatabase::create(name).await.unwrap();
        let watcher = Sql::open(&database.superuser()).await;
        let scene = format!(
            "INSERT INTO resguardo.clinics VALUES ('{CLINIC}', 0, now()); \
             INSERT INTO resguardo.subjects VALUES ('{SUBJECT}', '{CLINIC}', 'patient', NULL, 'unknown', NULL, 0, now()); \
             INSERT INTO resguardo.consents VALUES ('{SUBJECT}', '{CONSENT}', '{CLINIC}', 'n-1', 'express', '[{{}}]', \
             '[]', 'click', 'person', '{CLINIC}', now(), now(), NULL, NULL)"
        );
        watcher.run(&scene).await.unwrap();
        let reader = Sql::open(&database.target(Login::App)).await;
        let withdrawer = Sql::open(&database.target(Login::App)).await;
        for connection in [&reader, &withdrawer] {
            connection.run(&format!("SET resguardo.clinic_id = '{CLINIC}'")).await.unwrap();
        }
        Self { reader, withdrawer, watcher }
    }

    /// The withdrawal holds the lock and has written its end; it commits while the reader waits in `waiting`.
    async fn commit_withdrawal_during(&self, waiting: impl Future<Output = ()>) {
        let lock = lock("pg_advisory_xact_lock");
        self.withdrawer.run(&format!("BEGIN; SELECT {lock}; {}", end())).await.unwrap();
        tokio::join!(waiting, async {
            self.watcher.until_somebody_waits().await;
            self.withdrawer.run("COMMIT").await.unwrap();
        });
    }

    /// Locks, and reads in a later statement, under an isolation level. What it would decide after the withdrawal
    /// is committed: the number of consents in force that it sees.
    async fn lock_then_read(&self, level: &str) -> i64 {
        self.reader.run(&format!("BEGIN ISOLATION LEVEL {level}")).await.unwrap();
        let lock = format!("SELECT {}", lock("pg_advisory_xact_lock_shared"));
        self.commit_withdrawal_during(async { self.reader.run(&lock).await.unwrap() }).await;
        let seen = self.reader.number(&format!("SELECT {}", in_force())).await;
        self.reader.run("COMMIT").await.unwrap();
        seen
    }
}

fn lock(function: &str) -> String {
    format!("{function}(3, {})", lock_key(ClinicId::from_uuid(CLINIC), SUBJECT))
}

/// How many consents are in force, as a reader of the tables sees it.
fn in_force() -> String {
    format!(
        "(SELECT count(*) FROM resguardo.consents c WHERE c.consent_id = '{CONSENT}' AND NOT EXISTS (SELECT 1 \
         FROM resguardo.consent_ends e WHERE e.subject_id = c.subject_id AND e.consent_id = c.consent_id))"
    )
}

fn end() -> String {
    format!(
        "INSERT INTO resguardo.consent_ends VALUES ('{SUBJECT}', '{CONSENT}', '{CLINIC}', now(), 'withdrawn')"
    )
}

#[tokio::test]
async fn read_committed_with_the_lock_first_sees_the_withdrawal() {
    assert_eq!(Duel::begin("race_right").await.lock_then_read("READ COMMITTED").await, 0);
}

#[tokio::test]
async fn control_repeatable_read_permits_after_the_withdrawal() {
    assert_eq!(Duel::begin("race_repeatable").await.lock_then_read("REPEATABLE READ").await, 1);
}

#[tokio::test]
async fn control_serializable_behind_the_lock_permits_after_the_withdrawal() {
    assert_eq!(Duel::begin("race_behind").await.lock_then_read("SERIALIZABLE").await, 1);
}

#[tokio::test]
async fn control_lock_and_read_in_one_statement_permits_after_the_withdrawal() {
    let duel = Duel::begin("race_one").await;
    let lock = lock("pg_advisory_xact_lock_shared");
    let both = format!("SELECT {}, {lock}", in_force());
    let seen = AtomicUsize::new(usize::MAX);
    duel.reader.run("BEGIN ISOLATION LEVEL READ COMMITTED").await.unwrap();
    duel.commit_withdrawal_during(async {
        seen.store(usize::try_from(duel.reader.number(&both).await).unwrap(), Ordering::SeqCst);
    })
    .await;
    duel.reader.run("COMMIT").await.unwrap();
    assert_eq!(seen.into_inner(), 1);
}

#[tokio::test]
async fn control_plain_serializable_permits_after_the_withdrawal_without_an_error() {
    let duel = Duel::begin("race_serializable").await;
    duel.reader.run("BEGIN ISOLATION LEVEL SERIALIZABLE").await.unwrap();
    assert_eq!(duel.reader.number(&format!("SELECT {}", in_force())).await, 1);
    let withdrawal = format!("BEGIN ISOLATION LEVEL SERIALIZABLE; {}; COMMIT", end());
    duel.withdrawer.run(&withdrawal).await.unwrap();
    // The permit is written and committed after the withdrawal, and Postgres finds nothing wrong with it.
    let id = "00000000-0000-7000-8000-00000000beef";
    let permit = format!(
        "INSERT INTO resguardo.log_entries VALUES ('{CLINIC}', '{id}', decode(repeat('00', 32), 'hex')); COMMIT"
    );
    duel.reader.run(&permit).await.unwrap();
    let stands = format!("SELECT count(*) FROM resguardo.log_entries WHERE entry_id = '{id}'");
    assert_eq!(duel.watcher.number(&stands).await, 1);
}
