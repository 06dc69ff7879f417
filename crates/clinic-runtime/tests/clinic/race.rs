//! In log order, no permit stands after the entry that ended its consent, whatever runs at once on however many
//! servers.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

use audit_log::{Event, Leaf, Outcome, check_order};
use clinic_runtime::ExampleClinic;
use postgres_store::testing::TestDatabase;
use privacy_operations::{LoadedFacts, Needs, Operation, OperationError, Plan, Tools, Used, WithdrawConsent};
use records_model::{Action, ConsentId, Purpose};
use tokio::sync::Notify;

use crate::sql::Sql;
use crate::steps::{Cast, leaves, verified};
use crate::support::{Clinic, at};

const ROUNDS: i64 = 5;
const READERS: usize = 3;

/// Two servers on one database: each with its own pool, its own sequencer and its own held documents.
async fn two_servers(name: &str) -> [Arc<Clinic>; 2] {
    let database = TestDatabase::create(name).await.unwrap();
    let first = Clinic::found_in(&database, ExampleClinic::Elicells, name).await;
    let second = Clinic::found_in(&database, ExampleClinic::Elicells, name).await;
    [Arc::new(first), Arc::new(second)]
}

/// Reads until the answer is no; the number of permits.
async fn read_until_refused(clinic: Arc<Clinic>, cast: Cast, minute: i64, permits: Arc<AtomicUsize>) {
    loop {
        let used = clinic.runtime().perform(&cast.reading(Purpose::Treatment), at(minute)).await.unwrap();
        if used.cells.iter().any(|cell| cell.permit.is_none()) {
            return;
        }
        permits.fetch_add(1, Ordering::SeqCst);
    }
}

/// Withdraws once some of the readers have read, so that every round has permits before and refusals after.
async fn withdraw(
    clinic: Arc<Clinic>,
    cast: Cast,
    consent: ConsentId,
    minute: i64,
    permits: Arc<AtomicUsize>,
) {
    let before = permits.load(Ordering::SeqCst);
    while permits.load(Ordering::SeqCst) < before + READERS {
        tokio::task::yield_now().await;
    }
    let withdraw = WithdrawConsent { actor: cast.reception, subject: cast.patient, consents: vec![consent] };
    let ended = clinic.runtime().perform(&withdraw, at(minute)).await.unwrap().ended;
    assert_eq!(ended.len(), 1);
}

/// Permits to read in tree order; none may stand where no consent does.
fn permits_in_order(leaves: &[Leaf]) -> usize {
    let (mut consented, mut permits) = (false, 0);
    for (index, leaf) in leaves.iter().enumerate() {
        let parts = leaf.parts();
        match parts.event {
            Event::ConsentGiven => consented = true,
            Event::ConsentEnded => consented = false,
            _ if parts.outcome == Outcome::Permit
                && parts.action == Some(Action::Read)
                && parts.purpose == Some(Purpose::Treatment) =>
            {
                assert!(consented, "entry {index} permits a reading after the consent ended");
                permits += 1;
            }
            _ => {}
        }
    }
    permits
}

/// Places the log over and over until told to stop, so that nothing waits long enough to be put in order later.
async fn place_on_and_on(clinic: Arc<Clinic>, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::SeqCst) {
        clinic.runtime().sequence(at(1)).await.unwrap();
    }
}

/// The log obeys the order law, holds so many permits, and satisfies a stranger.
async fn assert_in_order(clinic: &Clinic, permits: usize) {
    clinic.runtime().sequence(at(100)).await.unwrap();
    let leaves = leaves(clinic).await;
    assert_eq!(check_order(&leaves), Ok(()));
    assert_eq!(permits_in_order(&leaves), permits);
    let report = verified(clinic).await;
    assert!(report.is_intact(), "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_permit_stands_after_the_withdrawal_whatever_runs_at_once() {
    let servers = two_servers("race").await;
    let cast = Cast::assemble(&servers[0]).await;
    let permits = Arc::new(AtomicUsize::new(0));
    for round in 1..=ROUNDS {
        let minute = 10 * round;
        let consent = cast.consent_to_care(&servers[0], minute).await;
        let stop = Arc::new(AtomicBool::new(false));
        let mut placing = tokio::task::JoinSet::new();
        for server in servers.clone() {
            placing.spawn(place_on_and_on(server, Arc::clone(&stop)));
        }
        let mut tasks = tokio::task::JoinSet::new();
        for reader in 0..READERS {
            let server = Arc::clone(&servers[reader % 2]);
            tasks.spawn(read_until_refused(server, cast, minute + 1, Arc::clone(&permits)));
        }
        tasks.spawn(withdraw(Arc::clone(&servers[1]), cast, consent, minute + 1, Arc::clone(&permits)));
        tasks.join_all().await;
        stop.store(true, Ordering::SeqCst);
        placing.join_all().await;
    }
    assert_in_order(&servers[0], permits.load(Ordering::SeqCst)).await;
}

/// An operation that has decided, and goes on when it is told to: its locks are held and nothing is committed.
struct Paused<O> {
    operation: O,
    decided: Arc<Notify>,
    go_on: Mutex<mpsc::Receiver<()>>,
}

impl<O> Paused<O> {
    fn new(operation: O) -> (Self, Arc<Notify>, mpsc::Sender<()>) {
        let decided = Arc::new(Notify::new());
        let (go, go_on) = mpsc::channel();
        (Self { operation, decided: Arc::clone(&decided), go_on: Mutex::new(go_on) }, decided, go)
    }
}

impl<O: Operation> Operation for Paused<O> {
    type Outcome = O::Outcome;

    fn needs(&self) -> Needs {
        self.operation.needs()
    }

    fn plan(&self, facts: &LoadedFacts, tools: &mut Tools<'_>) -> Result<Plan<O::Outcome>, OperationError> {
        let plan = self.operation.plan(facts, tools);
        self.decided.notify_one();
        self.go_on.lock().unwrap().recv().unwrap();
        plan
    }
}

fn is_permit(used: &Used) -> bool {
    used.cells.iter().all(|cell| cell.permit.is_some())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_withdrawal_waits_for_the_reading_that_was_decided_before_it() {
    let [first, second] = two_servers("race_before").await;
    let cast = Cast::assemble(&first).await;
    let consents = vec![cast.consent_to_care(&first, 10).await];
    let (reading, decided, go) = Paused::new(cast.reading(Purpose::Treatment));
    let server = Arc::clone(&first);
    let reading = tokio::spawn(async move { server.runtime().perform(&reading, at(11)).await.unwrap() });
    decided.notified().await;
    let server = Arc::clone(&second);
    let mut withdrawal = tokio::spawn(async move {
        let withdraw = WithdrawConsent { actor: cast.reception, subject: cast.patient, consents };
        server.runtime().perform(&withdraw, at(12)).await.unwrap().ended.len()
    });
    let watcher = Sql::open(&first.database.superuser()).await;
    tokio::select! {
        () = watcher.until_somebody_waits() => {}
        _ = &mut withdrawal => panic!("the withdrawal did not wait for the reading"),
    }
    go.send(()).unwrap();
    assert!(is_permit(&reading.await.unwrap()));
    assert_eq!(withdrawal.await.unwrap(), 1);
    assert_in_order(&first, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reading_that_waited_for_a_withdrawal_sees_it() {
    let [first, second] = two_servers("race_after").await;
    let cast = Cast::assemble(&first).await;
    let consents = vec![cast.consent_to_care(&first, 10).await];
    let withdraw = WithdrawConsent { actor: cast.reception, subject: cast.patient, consents };
    let (withdraw, decided, go) = Paused::new(withdraw);
    let server = Arc::clone(&first);
    let withdrawal = tokio::spawn(async move { server.runtime().perform(&withdraw, at(11)).await.unwrap() });
    decided.notified().await;
    let server = Arc::clone(&second);
    let mut reading = tokio::spawn(async move {
        let reading = cast.reading(Purpose::Treatment);
        is_permit(&server.runtime().perform(&reading, at(12)).await.unwrap())
    });
    let watcher = Sql::open(&first.database.superuser()).await;
    tokio::select! {
        () = watcher.until_somebody_waits() => {}
        _ = &mut reading => panic!("the reading did not wait for the withdrawal"),
    }
    go.send(()).unwrap();
    assert_eq!(withdrawal.await.unwrap().ended.len(), 1);
    assert!(!reading.await.unwrap(), "a reading that began behind the withdrawal is permitted");
    assert_in_order(&first, 0).await;
}
