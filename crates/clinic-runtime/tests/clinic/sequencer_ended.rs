//! Servers whose connections end at any moment: what was committed has its one place in the log, and nothing else has.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use audit_log::{Event, check_order};
use chacha20::ChaCha20Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};
use clinic_runtime::{ExampleClinic, RuntimeError};
use postgres_store::testing::TestDatabase;
use privacy_operations::Operation;
use records_model::Purpose;

use crate::sql::Sql;
use crate::steps::{Cast, leaves, verified};
use crate::support::{Clinic, at, start};

const WRITERS: u64 = 4;
const STEPS: u64 = 12;
/// Whoever ends connections asks fewer questions than this before the next one.
const PAUSE_QUESTIONS_END: u64 = 100;
/// Afterwards everybody gets on with it, however slow the machine is.
const ENDED_MAX: usize = 80;

/// `RESGUARDO_SEED` runs the same choices again; when they meet which statement is up to the machine.
fn seed() -> u64 {
    let named = std::env::var("RESGUARDO_SEED").ok().map(|text| text.parse().unwrap());
    named.unwrap_or_else(|| {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).unwrap();
        u64::from_le_bytes(bytes)
    })
}

fn below(rng: &mut ChaCha20Rng, end: u64) -> u64 {
    rng.next_u64() % end
}

/// Nothing but the connection may be what is wrong: an alarm of the sequencer would be a false one, and a row that is
/// there already would be a place given twice.
fn lost_connection(error: &RuntimeError) {
    let said = error.to_string();
    let lost = [
        "terminating connection due to administrator command",
        "connection closed",
        "error communicating with the server",
        "the connection to the database ended before it said",
    ];
    let is_lost = lost.iter().any(|lost| said.contains(lost));
    assert!(is_lost && matches!(error, RuntimeError::Store(_)), "{error:?}");
}

#[derive(Default)]
struct Counts {
    ended: AtomicUsize,
    writes_lost: AtomicUsize,
    placings_lost: AtomicUsize,
}

/// Runs an operation until it reports that it is done. One whose answer was lost may be done twice.
async fn insist<O: Operation + Sync>(
    clinic: &Clinic,
    operation: &O,
    minute: i64,
    counts: &Counts,
) -> O::Outcome
where
    O::Outcome: Send,
{
    loop {
        match clinic.runtime().perform(operation, at(minute)).await {
            Ok(outcome) => return outcome,
            Err(error) => {
                lost_connection(&error);
                counts.writes_lost.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

/// Reads, writes and consents in any order; the records and consents that were reported.
async fn write(clinic: Arc<Clinic>, cast: Cast, mut rng: ChaCha20Rng, counts: Arc<Counts>) -> Vec<String> {
    let mut reported = Vec::new();
    for step in 0..STEPS {
        match below(&mut rng, 3) {
            0 => {
                let reading = cast.reading(Purpose::Treatment);
                insist(&clinic, &reading, 5, &counts).await;
            }
            1 => {
                let result = cast.result(&format!("Glucosa {step}"));
                let written = insist(&clinic, &result, 5, &counts).await;
                reported.push(written.record.unwrap().0.as_uuid().to_string());
            }
            _ => {
                let given = insist(&clinic, &cast.written_consent(), 5, &counts).await;
                reported.push(given.receipt.unwrap().consent.as_uuid().to_string());
            }
        }
    }
    reported
}

async fn place(clinic: Arc<Clinic>, stop: Arc<AtomicBool>, counts: Arc<Counts>) {
    while !stop.load(Ordering::SeqCst) {
        if let Err(error) = clinic.runtime().sequence(at(50)).await {
            lost_connection(&error);
            counts.placings_lost.fetch_add(1, Ordering::SeqCst);
        }
    }
}

/// Between the first thing that it wrote and the answer to its commit.
const WRITING: &str = "state <> 'idle' AND query ~* '^(INSERT|UPDATE|DELETE|COMMIT)'";
/// The sequencer, with a signed head that is not committed.
const SIGNED: &str =
    "state <> 'idle' AND usename = 'resguardo_sequencer' AND query ~* '(log_checkpoints|^COMMIT)'";

/// Ends one connection of a server after the other, at moments of all kinds.
async fn end_connections(superuser: Sql, mut rng: ChaCha20Rng, stop: Arc<AtomicBool>, counts: Arc<Counts>) {
    while !stop.load(Ordering::SeqCst) && counts.ended.load(Ordering::SeqCst) < ENDED_MAX {
        let moment = ["true", WRITING, SIGNED, SIGNED][usize::try_from(below(&mut rng, 4)).unwrap()];
        for _ in 0..below(&mut rng, PAUSE_QUESTIONS_END) {
            superuser.number("SELECT 1").await;
        }
        // In one statement, so that it meets what it found; and again, because a moment passes quickly.
        let end_one = format!(
            "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity \
             WHERE datname = current_database() AND usename IN ('resguardo_app', 'resguardo_sequencer') \
             AND {moment} ORDER BY md5(pid || '{}') LIMIT 1) one",
            rng.next_u64()
        );
        for _ in 0..PAUSE_QUESTIONS_END {
            let ended = superuser.number(&end_one).await;
            counts.ended.fetch_add(usize::try_from(ended).unwrap(), Ordering::SeqCst);
            if ended > 0 {
                break;
            }
        }
    }
}

/// Every committed change has one entry, and every entry one place.
async fn nothing_lost_doubled_or_misplaced(clinic: &Clinic, superuser: &Sql, reported: &BTreeSet<String>) {
    let tally = clinic.runtime().store().tally(clinic.runtime().clinic(), start()).await.unwrap();
    assert_eq!((tally.log_waiting, tally.log_lost), (0, 0));
    let gaps = "SELECT count(DISTINCT tree_index) - max(tree_index) - 1 + count(DISTINCT entry_id) - count(*) \
        FROM resguardo.log_positions";
    assert_eq!(superuser.number(gaps).await, 0);
    let placed = superuser.number("SELECT count(*) FROM resguardo.log_positions").await;
    assert_eq!(placed, tally.log_entries);
    let leaves = leaves(clinic).await;
    assert_eq!(check_order(&leaves), Ok(()));
    let report = verified(clinic).await;
    assert!(report.is_intact(), "{report:?}");
    assert!(clinic.runtime().verify_log().await.unwrap().is_intact());
    let entries = |event| leaves.iter().filter(|leaf| leaf.parts().event == event).count();
    let results = "records WHERE class = 'clinical'";
    for (table, event) in [(results, Event::RecordWritten), ("consents", Event::ConsentGiven)] {
        let rows = superuser.number(&format!("SELECT count(*) FROM resguardo.{table}")).await;
        assert_eq!(i64::try_from(entries(event)).unwrap(), rows, "{table}");
    }
    let ids = "SELECT record_id FROM resguardo.records UNION ALL SELECT consent_id FROM resguardo.consents";
    let there: BTreeSet<String> = superuser.column(ids).await.into_iter().collect();
    assert!(reported.is_subset(&there), "what was reported as done is there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_that_end_at_any_moment_lose_double_and_misplace_nothing() {
    let seed = seed();
    println!("RESGUARDO_SEED={seed}");
    let database = TestDatabase::create("sequencer_ended").await.unwrap();
    let found =
        async || Arc::new(Clinic::found_in(&database, ExampleClinic::Elicells, "sequencer-ended").await);
    let servers = [found().await, found().await];
    let cast = Cast::assemble(&servers[0]).await;
    cast.consent_to_care(&servers[0], 3).await;
    let (counts, stop) = (Arc::new(Counts::default()), Arc::new(AtomicBool::new(false)));
    let rng = |number| ChaCha20Rng::seed_from_u64(seed.wrapping_add(number));
    let superuser = Sql::open(&database.superuser()).await;
    let mut beside = tokio::task::JoinSet::new();
    for server in [&servers[0], &servers[1], &servers[0], &servers[1]].map(Arc::clone) {
        beside.spawn(place(server, Arc::clone(&stop), Arc::clone(&counts)));
    }
    beside.spawn(end_connections(superuser, rng(WRITERS), Arc::clone(&stop), Arc::clone(&counts)));
    let mut writing = tokio::task::JoinSet::new();
    for (number, server) in (0..WRITERS).zip(servers.iter().cycle().map(Arc::clone)) {
        writing.spawn(write(server, cast, rng(number), Arc::clone(&counts)));
    }
    let reported: Vec<String> = writing.join_all().await.into_iter().flatten().collect();
    stop.store(true, Ordering::SeqCst);
    beside.join_all().await;
    // Connections that were ended while nobody used them are found only now.
    while let Err(error) = servers[0].runtime().sequence(at(60)).await {
        lost_connection(&error);
    }
    let [ended, writes, placings] =
        [&counts.ended, &counts.writes_lost, &counts.placings_lost].map(|count| count.load(Ordering::SeqCst));
    println!("{ended} connections ended, which took {writes} writes and {placings} placings with them");
    assert!(ended > 10 && writes > 0 && placings > 0, "{ended} {writes} {placings}");
    let count = reported.len();
    let reported: BTreeSet<String> = reported.into_iter().collect();
    assert_eq!(reported.len(), count, "nothing is reported twice");
    let superuser = Sql::open(&database.superuser()).await;
    let fresh = Clinic::found_in(&database, ExampleClinic::Elicells, "sequencer-ended").await;
    nothing_lost_doubled_or_misplaced(&fresh, &superuser, &reported).await;
}
