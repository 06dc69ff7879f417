//! Why every transaction is READ COMMITTED with its locks first: the same race by hand, and how it is lost otherwise.
//!
//! Each control shows a reader who finds the consent in force although its end is committed.

use std::sync::atomic::{AtomicUsize, Ordering};

use clinic_runtime::ExampleClinic;
use postgres_store::embedded::Login;
use postgres_store::lock_key;
use records_model::ConsentId;

use crate::sql::Sql;
use crate::steps::Cast;
use crate::support::{Clinic, at};

/// One reader and one withdrawal, written by hand and driven step by step.
struct Duel {
    clinic: Clinic,
    cast: Cast,
    consent: ConsentId,
    reader: Sql,
    withdrawer: Sql,
    watcher: Sql,
}

impl Duel {
    async fn begin(name: &str) -> Self {
        let clinic = Clinic::found(name, ExampleClinic::Elicells).await;
        let cast = Cast::assemble(&clinic).await;
        let consent = cast.consent_to_care(&clinic, 10).await;
        let reader = Sql::open(&clinic.database.target(Login::App)).await;
        let withdrawer = Sql::open(&clinic.database.target(Login::App)).await;
        let watcher = Sql::open(&clinic.database.superuser()).await;
        for connection in [&reader, &withdrawer] {
            let setting = format!("SET resguardo.clinic_id = '{}'", clinic.runtime().clinic().as_uuid());
            connection.run(&setting).await.unwrap();
        }
        Self { clinic, cast, consent, reader, withdrawer, watcher }
    }

    fn lock(&self, function: &str) -> String {
        let key = lock_key(self.clinic.runtime().clinic(), self.cast.patient.as_uuid());
        format!("{function}(3, {key})")
    }

    /// Whether the consent is in force, as a reader of the tables sees it.
    fn in_force(&self) -> String {
        format!(
            "(SELECT count(*) FROM resguardo.consents c WHERE c.consent_id = '{}' AND NOT EXISTS (SELECT 1 \
             FROM resguardo.consent_ends e WHERE e.subject_id = c.subject_id AND e.consent_id = c.consent_id))",
            self.consent.as_uuid()
        )
    }

    fn end(&self) -> String {
        format!(
            "INSERT INTO resguardo.consent_ends VALUES ('{}', '{}', '{}', now(), 'withdrawn')",
            self.cast.patient.as_uuid(),
            self.consent.as_uuid(),
            self.clinic.runtime().clinic().as_uuid()
        )
    }

    /// The withdrawal holds the lock and has written its end; it commits while the reader waits in `waiting`.
    async fn commit_withdrawal_during(&self, waiting: impl Future<Output = ()>) {
        let lock = self.lock("pg_advisory_xact_lock");
        self.withdrawer.run(&format!("BEGIN; SELECT {lock}; {}", self.end())).await.unwrap();
        tokio::join!(waiting, async {
            self.watcher.until_somebody_waits().await;
            self.withdrawer.run("COMMIT").await.unwrap();
        });
    }

    /// Locks, and reads in a later statement, under an isolation level. What it would decide after the withdrawal
    /// is committed: the number of consents in force that it sees.
    async fn lock_then_read(&self, level: &str) -> i64 {
        self.reader.run(&format!("BEGIN ISOLATION LEVEL {level}")).await.unwrap();
        let lock = format!("SELECT {}", self.lock("pg_advisory_xact_lock_shared"));
        self.commit_withdrawal_during(async { self.reader.run(&lock).await.unwrap() }).await;
        let seen = self.reader.number(&format!("SELECT {}", self.in_force())).await;
        self.reader.run("COMMIT").await.unwrap();
        seen
    }
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
    let lock = duel.lock("pg_advisory_xact_lock_shared");
    let both = format!("SELECT {}, {lock}", duel.in_force());
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
    assert_eq!(duel.reader.number(&format!("SELECT {}", duel.in_force())).await, 1);
    let withdrawal = format!("BEGIN ISOLATION LEVEL SERIALIZABLE; {}; COMMIT", duel.end());
    duel.withdrawer.run(&withdrawal).await.unwrap();
    // The permit is written and committed after the withdrawal, and Postgres finds nothing wrong with it.
    let id = "00000000-0000-7000-8000-00000000beef";
    let permit = format!(
        "INSERT INTO resguardo.log_entries VALUES ('{}', '{id}', decode(repeat('00', 32), 'hex')); COMMIT",
        duel.clinic.runtime().clinic().as_uuid()
    );
    duel.reader.run(&permit).await.unwrap();
    let stands = format!("SELECT count(*) FROM resguardo.log_entries WHERE entry_id = '{id}'");
    assert_eq!(duel.watcher.number(&stands).await, 1);
}
