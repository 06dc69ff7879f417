//! Placing the log: nothing is lost, doubled or misplaced, however many place and write at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use audit_log::{Generations, Leaf, LeafParts, check_order};
use clinic_runtime::{ExampleClinic, RuntimeError};
use postgres_store::testing::TestDatabase;
use postgres_store::{Clock, StoreError};
use records_model::{EntryId, Purpose};
use uuid::Uuid;

use crate::needles::hex;
use crate::sql::Sql;
use crate::steps::{Cast, leaves, verified};
use crate::support::{Clinic, at, start};

const PLACED: &str = "SELECT count(*) FROM resguardo.log_positions";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_sequencers_and_writers_lose_double_and_misplace_nothing() {
    let database = TestDatabase::create("sequencer").await.unwrap();
    let superuser = Sql::open(&database.superuser()).await;
    // Somebody's database may have a default of its own; the transactions here say what they need.
    let stricter = "ALTER DATABASE sequencer SET default_transaction_isolation = 'repeatable read'";
    superuser.run(stricter).await.unwrap();
    let first = Arc::new(Clinic::found_in(&database, ExampleClinic::Elicells, "sequencer").await);
    let second = Arc::new(Clinic::found_in(&database, ExampleClinic::Elicells, "sequencer").await);
    let cast = Cast::assemble(&first).await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut placing = tokio::task::JoinSet::new();
    for server in [&first, &second, &first, &second].map(Arc::clone) {
        let stop = Arc::clone(&stop);
        placing.spawn(async move {
            let mut placed = 0;
            while !stop.load(Ordering::SeqCst) {
                placed += server.runtime().sequence(at(50)).await.unwrap();
            }
            placed
        });
    }
    let before = second.runtime().store().log_page(second.runtime().clinic(), 0, 1).await.unwrap();
    assert_eq!(before.len(), 1, "the founding is placed");
    let mut writing = tokio::task::JoinSet::new();
    for server in [&first, &second].map(Arc::clone) {
        writing.spawn(async move {
            for minute in 3..9 {
                cast.consent_to_care(&server, minute).await;
                server.runtime().perform(&cast.reading(Purpose::Treatment), at(minute)).await.unwrap();
            }
        });
    }
    writing.join_all().await;
    stop.store(true, Ordering::SeqCst);
    placing.join_all().await;
    first.runtime().sequence(at(60)).await.unwrap();
    let tally = first.runtime().store().tally(first.runtime().clinic(), start()).await.unwrap();
    assert_eq!((tally.log_waiting, tally.log_lost), (0, 0));
    // Places are 0, 1, 2, ... without a gap, and each entry has one.
    let places = "SELECT count(DISTINCT tree_index) - max(tree_index) - 1 + count(DISTINCT entry_id) - count(*) \
        FROM resguardo.log_positions";
    assert_eq!(superuser.number(places).await, 0);
    assert_eq!(superuser.number(PLACED).await, tally.log_entries);
    assert_eq!(check_order(&leaves(&first).await), Ok(()));
    let report = verified(&first).await;
    assert!(report.is_intact(), "{report:?}");
}

/// An entry as the application never writes one: it read the facts of an earlier day.
fn forged(model: &Leaf, change: impl FnOnce(&mut LeafParts)) -> Leaf {
    let mut parts =
        LeafParts { entry: EntryId::from_uuid(Uuid::from_u128(0xf0_4e1d)), ..model.parts().clone() };
    change(&mut parts);
    Leaf::new(parts).unwrap()
}

async fn plant(clinic: &Clinic, leaf: &Leaf) {
    let (id, entry) = (clinic.runtime().clinic().as_uuid(), leaf.parts().entry.as_uuid());
    let hex = hex(&leaf.encode());
    let sql = format!(
        "INSERT INTO resguardo.log_entries VALUES ('{id}', '{entry}', '\\x{hex}'); \
         INSERT INTO resguardo.log_queue VALUES ('{id}', '{entry}')"
    );
    Sql::open(&clinic.database.superuser()).await.run(&sql).await.unwrap();
}

/// The sequencer stops with an alarm, every time, and places nothing.
async fn assert_stopped(clinic: &Clinic) {
    let superuser = Sql::open(&clinic.database.superuser()).await;
    let (placed, heads) = (superuser.number(PLACED).await, "SELECT count(*) FROM resguardo.log_checkpoints");
    let signed = superuser.number(heads).await;
    for minute in [30, 31] {
        let stopped = clinic.runtime().sequence(at(minute)).await.unwrap_err();
        assert!(matches!(&stopped, RuntimeError::Store(StoreError::Sequence(_))), "{stopped}");
        assert!(stopped.to_string().contains("privacy officer"), "{stopped}");
    }
    assert_eq!((superuser.number(PLACED).await, superuser.number(heads).await), (placed, signed));
}

#[tokio::test]
async fn an_entry_that_contradicts_another_that_waits_stops_the_sequencer() {
    let clinic = Clinic::found("sequencer_batch", ExampleClinic::Elicells).await;
    let cast = Cast::assemble(&clinic).await;
    clinic.runtime().sequence(at(3)).await.unwrap();
    cast.consent_to_care(&clinic, 4).await;
    let waiting = clinic.runtime().store().log_waiting(clinic.runtime().clinic()).await.unwrap();
    let change = Leaf::decode(&waiting.last().unwrap().leaf).unwrap();
    // A second change from the same generation: only one of the two can be true.
    plant(&clinic, &forged(&change, |_| {})).await;
    assert_stopped(&clinic).await;
}

#[tokio::test]
async fn an_entry_that_contradicts_what_was_placed_stops_the_sequencer() {
    let clinic = Clinic::found("sequencer_before", ExampleClinic::Elicells).await;
    let cast = Cast::assemble(&clinic).await;
    clinic.runtime().perform(&cast.reading(Purpose::Treatment), at(3)).await.unwrap();
    clinic.runtime().sequence(at(4)).await.unwrap();
    let reading = leaves(&clinic).await.pop().unwrap();
    cast.consent_to_care(&clinic, 5).await;
    clinic.runtime().sequence(at(6)).await.unwrap();
    // A reading that comes in late and says that it read the facts of before the consent.
    plant(&clinic, &forged(&reading, |_| {})).await;
    assert_stopped(&clinic).await;
}

#[tokio::test]
async fn an_entry_that_read_facts_which_nobody_wrote_stops_the_sequencer() {
    let clinic = Clinic::found("sequencer_ahead", ExampleClinic::Elicells).await;
    let cast = Cast::assemble(&clinic).await;
    clinic.runtime().perform(&cast.reading(Purpose::Treatment), at(3)).await.unwrap();
    clinic.runtime().sequence(at(4)).await.unwrap();
    let reading = leaves(&clinic).await.pop().unwrap();
    let ahead = |parts: &mut LeafParts| {
        let subject = parts.generations.subject.map(|generation| generation + 1);
        parts.generations = Generations { subject, ..parts.generations };
    };
    plant(&clinic, &forged(&reading, ahead)).await;
    assert_stopped(&clinic).await;
}

#[tokio::test]
async fn an_idle_log_is_signed_again_after_an_hour_and_not_before() {
    let clinic = Clinic::found("sequencer_idle", ExampleClinic::Elicells).await;
    let runtime = clinic.runtime();
    runtime.sequence(at(0)).await.unwrap();
    let heads = || async { runtime.store().heads(runtime.clinic()).await.unwrap() };
    let before = heads().await;
    for (minute, more) in [(59, 0), (60, 1), (61, 1)] {
        assert_eq!(runtime.sequence(at(minute)).await.unwrap(), 0);
        assert_eq!(heads().await.len(), before.len() + more, "after {minute} minutes");
    }
    let last = heads().await.pop().unwrap();
    assert_eq!((Clock::At(last.1), last.0), (at(60), before.last().unwrap().0));
}

/// What a person with the whole database does, without the key that signs.
const WITHOUT_TRIGGERS: &str = "SET session_replication_role = replica; ";

#[tokio::test]
async fn a_tree_that_no_signature_vouches_for_is_not_signed() {
    let clinic = Clinic::found("sequencer_frontier", ExampleClinic::Elicells).await;
    let cast = Cast::assemble(&clinic).await;
    clinic.runtime().sequence(at(3)).await.unwrap();
    cast.consent_to_care(&clinic, 4).await;
    let superuser = Sql::open(&clinic.database.superuser()).await;
    let newest = "tree_size = (SELECT max(tree_size) FROM resguardo.log_checkpoints)";
    let other_peaks = "frontier = decode(repeat('ab', length(frontier)), 'hex')";
    let rewrite =
        format!("{WITHOUT_TRIGGERS} UPDATE resguardo.log_checkpoints SET {other_peaks} WHERE {newest}");
    superuser.run(&rewrite).await.unwrap();
    assert_stopped(&clinic).await;
    let said = clinic.runtime().sequence(at(32)).await.unwrap_err().to_string();
    assert!(said.contains("not the one that its newest head signs"), "{said}");
}

#[tokio::test]
async fn a_database_put_back_behind_a_head_that_is_kept_outside_is_not_signed_again() {
    let clinic = Clinic::found("sequencer_behind", ExampleClinic::Elicells).await;
    let cast = Cast::assemble(&clinic).await;
    clinic.runtime().sequence(at(3)).await.unwrap();
    let superuser = Sql::open(&clinic.database.superuser()).await;
    let early = superuser.number("SELECT max(tree_size) FROM resguardo.log_checkpoints").await;
    cast.consent_to_care(&clinic, 4).await;
    clinic.runtime().sequence(at(5)).await.unwrap();
    // The last entries never were, and the head before them is honestly signed.
    let cut = format!(
        "{WITHOUT_TRIGGERS} DELETE FROM resguardo.log_checkpoints WHERE tree_size > {early}; \
         DELETE FROM resguardo.log_entries WHERE entry_id IN \
             (SELECT entry_id FROM resguardo.log_positions WHERE tree_index >= {early}); \
         DELETE FROM resguardo.log_positions WHERE tree_index >= {early}"
    );
    superuser.run(&cut).await.unwrap();
    assert_stopped(&clinic).await;
    // A server that starts only now has it from the file beside the key.
    let again = clinic.opened_again().await.unwrap().runtime;
    for server in [clinic.runtime(), &again] {
        let said = server.sequence(at(32)).await.unwrap_err().to_string();
        assert!(said.contains("behind a head that was signed before"), "{said}");
    }
    assert!(!again.verify_log().await.unwrap().is_intact(), "the head outside shows the cut");
    let file = clinic.home.keys.path().with_file_name("log.head");
    std::fs::remove_file(&file).unwrap();
    let third = clinic.opened_again().await.unwrap().runtime;
    assert!(third.verify_log().await.unwrap().is_intact(), "without it nothing in the database shows it");
}

#[tokio::test]
async fn a_file_that_is_no_head_of_this_log_stops_the_opening_and_is_named() {
    let clinic = Clinic::found("sequencer_kept", ExampleClinic::Elicells).await;
    let file = clinic.home.keys.path().with_file_name("log.head");
    let kept = std::fs::read_to_string(&file).unwrap();
    let signed = clinic.runtime().store().heads(clinic.runtime().clinic()).await.unwrap().pop().unwrap();
    assert_eq!(kept, signed.2);
    std::fs::write(&file, kept.replacen('\n', "\n9", 2)).unwrap();
    let said = clinic.opened_again().await.err().unwrap().to_string();
    assert!(said.contains("log.head") && said.contains("move it away"), "{said}");
}
