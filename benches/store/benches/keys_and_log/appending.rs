//! Log entries written in transactions of eight writers, with and without somebody who places them in the tree.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use audit_log::{Commitment, Event, Generations, Leaf, LeafParts, Moves, Outcome, Pseudonym};
use chrono::DateTime;
use clinic_runtime::Runtime as ClinicRuntime;
use postgres_store::embedded::Login;
use postgres_store::embedded::throwaway::Throwaway;
use postgres_store::{Clock, StoreError};
use privacy_operations::{Change, EntryRow, Needs, OperationError, Plan, clinic_subject, system_actor};
use records_model::{Action, ClinicId, Detail, EntryId, Ground, Purpose, RetentionClass, RuleId};
use store_benches::clinic::Clinic;
use store_benches::clock::{Goal, Subject, in_turns_or_fail, print};
use store_benches::{Failure, cluster};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

const WRITERS: usize = 8;
/// Transactions of each writer in a round, with one entry each.
const EACH: usize = 125;
const ENTRIES: u32 = 1_000;
const ROUNDS: usize = 9;
/// Ten times as often as the server does it, so that it happens several times in a round.
const EVERY: Duration = Duration::from_millis(200);
/// 0.8 of the speed is 1.25 times the time.
const GOAL: Goal = Goal::RatioAtMost(1.25);

/// Number of the next entry.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// A writer that does the INSERTs and nothing else: no locks, no facts, no decision.
struct Bare {
    client: Client,
    begin: String,
    entry: Statement,
    queue: Statement,
    side: Statement,
}

impl Bare {
    async fn connect(clinic: &Clinic) -> Result<Self, Failure> {
        let client = cluster::client(&clinic.database.target(Login::App)).await?;
        let id = clinic.home.runtime.clinic().as_uuid();
        let entry = "INSERT INTO resguardo.log_entries (clinic_id, entry_id, leaf) VALUES ($1, $2, $3)";
        let queue = "INSERT INTO resguardo.log_queue (clinic_id, entry_id) VALUES ($1, $2)";
        let side = "INSERT INTO resguardo.log_sides (clinic_id, subject_id, entry_id, class, dek_version, sealed) \
            VALUES ($1, $2, $3, 'accounting', 1, $4)";
        Ok(Self {
            begin: format!("BEGIN; SET LOCAL resguardo.clinic_id = '{id}'"),
            entry: client.prepare(entry).await?,
            queue: client.prepare(queue).await?,
            side: client.prepare(side).await?,
            client,
        })
    }

    async fn append(&self, clinic: ClinicId, row: &EntryRow) -> Result<(), Failure> {
        let (clinic, entry) = (clinic.as_uuid(), row.id.as_uuid());
        self.client.batch_execute(&self.begin).await?;
        self.client.execute(&self.entry, &[&clinic, &entry, &row.leaf]).await?;
        self.client.execute(&self.queue, &[&clinic, &entry]).await?;
        self.client.execute(&self.side, &[&clinic, &row.side_subject.as_uuid(), &entry, &row.side]).await?;
        Ok(self.client.batch_execute("COMMIT").await?)
    }
}

/// Appends an entry as every operation does: locks, the clock, facts, then the plan's changes, in one transaction.
async fn through_the_store(runtime: &ClinicRuntime) -> Result<(), StoreError> {
    let clinic = runtime.clinic();
    let needs = Needs::without_subject(system_actor(clinic));
    runtime
        .store()
        .transact(
            clinic,
            &needs,
            Clock::Database,
            |_, _| Err(OperationError::SubjectNotNamed),
            |facts, _| {
                let row = entry(clinic, facts.clinic.generation).map_err(|_| OperationError::Range)?;
                Ok(Plan { changes: vec![Change::AppendEntries(vec![row])], outcome: () })
            },
        )
        .await
}

/// An entry such as a reading leaves: somebody looked at somebody's record.
fn entry(clinic: ClinicId, generation: u64) -> Result<EntryRow, Failure> {
    // In rising order, as ids made from the time are.
    let number = u128::from(NEXT.fetch_add(1, Ordering::Relaxed));
    let id = EntryId::from_uuid(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 + number));
    let leaf = Leaf::new(LeafParts {
        clinic,
        entry: id,
        event: Event::Decision,
        at: DateTime::UNIX_EPOCH,
        subject: Some(Pseudonym::from_bytes(*id.as_uuid().as_bytes())),
        actor: Some(Pseudonym::from_bytes([7; 16])),
        action: Some(Action::Read),
        purpose: Some(Purpose::Treatment),
        ground: Some(Ground::Consent),
        detail: Some(Detail::Full),
        outcome: Outcome::Permit,
        rules: [RuleId::parse("treatment-read")?].into(),
        policy: None,
        generations: Generations { clinic: generation, actor: Some(0), subject: Some(0) },
        moves: Moves::None,
        content: None,
        commitment: Commitment::from_bytes([9; 32]),
    })?;
    Ok(EntryRow {
        id,
        leaf: leaf.encode(),
        side_subject: clinic_subject(clinic),
        side_class: RetentionClass::Accounting,
        side_dek_version: 1,
        side: vec![0x5a; 300],
    })
}

/// Who writes.
#[derive(Clone, Copy)]
enum Path {
    Bare,
    Store,
}

/// Whether somebody places what is written.
#[derive(Clone, Copy)]
enum Placing {
    No,
    Running,
}

struct Bench {
    clinic: Arc<Clinic>,
    bare: Vec<Arc<Bare>>,
    /// Of the clinic's facts; nothing here changes it.
    generation: u64,
}

impl Bench {
    async fn prepare(cluster: &Throwaway) -> Result<Self, Failure> {
        let clinic = Arc::new(Clinic::found(cluster, "appending", WRITERS).await?);
        let mut bare = Vec::new();
        for _ in 0..WRITERS {
            bare.push(Arc::new(Bare::connect(&clinic).await?));
        }
        let superuser = cluster::client(&clinic.database.superuser()).await?;
        let generation = superuser.query_one("SELECT facts_generation FROM resguardo.clinics", &[]).await?;
        let generation = u64::try_from(generation.get::<_, i64>(0))?;
        Ok(Self { clinic, bare, generation })
    }

    /// One round: all writers at once. Where entries are placed, all of them are before it ends.
    async fn round(&self, path: Path, placing: Placing) -> Result<(), Failure> {
        match placing {
            Placing::No => self.write(path).await,
            Placing::Running => {
                let done = Notify::new();
                let writing = async {
                    let written = self.write(path).await;
                    done.notify_one();
                    written
                };
                let (written, placed) = tokio::join!(writing, self.place_until(&done));
                written?;
                if placed? == usize::try_from(ENTRIES)? {
                    Ok(())
                } else {
                    Err("an entry has no place".into())
                }
            }
        }
    }

    async fn write(&self, path: Path) -> Result<(), Failure> {
        let mut writers: JoinSet<Result<(), Failure>> = JoinSet::new();
        for bare in &self.bare {
            let (bare, clinic, generation) = (Arc::clone(bare), Arc::clone(&self.clinic), self.generation);
            writers.spawn(async move {
                let runtime = &clinic.home.runtime;
                for _ in 0..EACH {
                    match path {
                        Path::Bare => {
                            bare.append(runtime.clinic(), &entry(runtime.clinic(), generation)?).await?;
                        }
                        Path::Store => {
                            through_the_store(runtime).await?;
                        }
                    }
                }
                Ok(())
            });
        }
        while let Some(written) = writers.join_next().await {
            written??;
        }
        Ok(())
    }

    /// How many were placed until the writers were done, and once more after that.
    async fn place_until(&self, done: &Notify) -> Result<usize, Failure> {
        let mut placed = 0;
        loop {
            let last = tokio::select! {
                () = tokio::time::sleep(EVERY) => false,
                () = done.notified() => true,
            };
            placed += self.place().await?;
            if last {
                return Ok(placed);
            }
        }
    }

    async fn place(&self) -> Result<usize, Failure> {
        Ok(self.clinic.home.runtime.sequence(Clock::Database).await?)
    }
}

pub(crate) fn measure(tokio: &Runtime, cluster: &Throwaway) -> Result<(), Failure> {
    let bench = tokio.block_on(Bench::prepare(cluster))?;
    let subject = |name: &str, path, placing| {
        let bench = &bench;
        Subject::fallible(name, ENTRIES, move || tokio.block_on(bench.round(path, placing)))
    };
    let subjects = vec![
        subject("INSERTs alone", Path::Bare, Placing::No),
        subject("INSERTs, and the sequencer", Path::Bare, Placing::Running),
        subject("transactions of the store, not placed", Path::Store, Placing::No),
        subject("transactions of the store, and the sequencer", Path::Store, Placing::Running),
    ];
    // What was not placed in its round is placed before the next, and not on its time.
    let medians = in_turns_or_fail(ROUNDS, subjects, || tokio.block_on(bench.place()).map(drop))?;
    let [bare, bare_placed, store, store_placed] = medians.as_slice() else {
        return Err("four medians".into());
    };
    let goal = [(1, GOAL)];
    println!("\nappending: {WRITERS} writers, one entry a transaction; 0.8 of the speed is x1.25");
    print("the tree's own cost, beside the same INSERTs", &[bare.clone(), bare_placed.clone()], &goal);
    print("the same in an operation's transaction", &[store.clone(), store_placed.clone()], &goal);
    print(
        "an operation's transaction (locks, clock, facts) beside its INSERTs",
        &[bare.clone(), store.clone()],
        &[],
    );
    Ok(())
}
