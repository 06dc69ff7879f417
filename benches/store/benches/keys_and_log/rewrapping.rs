//! 100,000 data keys wrapped for the next epoch: in memory, and as a rotation does it in the database.

use std::hint::black_box;
use std::time::{Duration, Instant};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng as _;
use clinic_runtime::{Begun, RotationStep};
use crypto_vault::{
    Active, Dek, DekId, EpochId, EpochKey, EpochRotation, KeyVersion, KeystoreRow, Salt, StoredKeyState,
};
use postgres_store::Clock;
use postgres_store::embedded::throwaway::Throwaway;
use records_model::{ClinicId, RetentionClass, SubjectId, Vocabulary as _};
use store_benches::clinic::Clinic;
use store_benches::clock::{Goal, Median, Subject, in_turns_or_fail, print};
use store_benches::{Failure, cluster};
use tokio::runtime::Runtime;
use tokio_postgres::Client;
use uuid::Uuid;

const KEYS: u128 = 100_000;
/// Of one person each.
const CLASSES: [RetentionClass; 4] = [
    RetentionClass::Clinical,
    RetentionClass::Identity,
    RetentionClass::Accounting,
    RetentionClass::ConsentEvidence,
];
/// People whose keys one transaction of a rotation wraps.
const PEOPLE_IN_A_CHUNK: usize = 64;
const GOAL: Goal = Goal::NanosAtMost(4e8);

/// Keys of 25,000 people, wrapped.
fn keys(clinic: ClinicId, epoch: &EpochKey, rng: &mut ChaCha20Rng) -> Result<Vec<KeystoreRow>, Failure> {
    let people = 1..=KEYS / 4;
    let ids = people.flat_map(|number| {
        let subject = SubjectId::from_uuid(Uuid::from_u128((0x0193 << 112) | number));
        CLASSES.map(|class| DekId::new(clinic, subject, class, KeyVersion::FIRST, None))
    });
    ids.map(|id| {
        let id = id?;
        let wrapped = epoch.wrap_dek(&Dek::<Active>::generate(id, rng), Salt::generate(rng));
        Ok(KeystoreRow::new(id, StoredKeyState::Active, Some(wrapped))?)
    })
    .collect()
}

/// How long this thread has run so far, in the first number of the kernel's own account; nothing elsewhere.
fn processor_time() -> Option<Duration> {
    let account = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    account.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

pub(crate) fn in_memory() -> Result<(), Failure> {
    let mut rng = ChaCha20Rng::from_seed([11; 32]);
    let second = EpochId::FIRST.next().ok_or("an epoch")?;
    let (from, to) = (EpochKey::generate(EpochId::FIRST, &mut rng), EpochKey::generate(second, &mut rng));
    let rows = keys(ClinicId::from_uuid(Uuid::from_u128(0xc11)), &from, &mut rng)?;
    let rotation = EpochRotation::new(&from, &to)?;
    let mut processor = Vec::new();
    let work = || {
        let before = processor_time();
        for row in &rows {
            black_box(rotation.rewrap(row, Salt::generate(&mut rng))?);
        }
        processor.extend(before.and_then(|before| processor_time()?.checked_sub(before)));
        Ok::<_, Failure>(())
    };
    let name = "100,000 data keys, one thread";
    let subjects = vec![Subject::fallible(name, 1, work)];
    let mut medians = in_turns_or_fail(9, subjects, || Ok(()))?;
    // A thread that others interrupt is not slower than it says, so the goal is for the processor's time.
    processor.sort_unstable();
    let position = match processor.get(processor.len() / 2) {
        Some(middle) => {
            medians.push(Median { name: "  of the processor".to_owned(), nanos: middle.as_secs_f64() * 1e9 });
            1
        }
        None => 0,
    };
    print("wrapped for the next epoch, in memory", &medians, &[(position, GOAL)]);
    Ok(())
}

pub(crate) fn in_postgres(tokio: &Runtime, cluster: &Throwaway) -> Result<(), Failure> {
    let clinic = tokio.block_on(Clinic::found(cluster, "rewrapping", 2))?;
    let keeper = tokio.block_on(clinic.keeper_of_keys())?;
    let superuser = tokio.block_on(cluster::client(&clinic.database.superuser()))?;
    let runtime = &clinic.home.runtime;
    // For the triggers, which see one clinic as everybody else does.
    let setting = format!("SET resguardo.clinic_id = '{}'", runtime.clinic().as_uuid());
    tokio.block_on(superuser.batch_execute(&setting))?;
    let epoch = clinic.home.keys.load()?.ok_or("the clinic has no key")?;
    let rows = keys(runtime.clinic(), &epoch, &mut ChaCha20Rng::from_seed([12; 32]))?;
    tokio.block_on(store(&superuser, runtime.clinic(), &rows))?;

    println!("\nwrapped for the next epoch, in the database: once, 64 people (256 keys) a transaction");
    let started = Instant::now();
    let begun = tokio.block_on(runtime.begin_rotation(&clinic.home.keys, keeper, Clock::Database))?;
    let Begun::Rotation(mut rotation) = begun else { return Err("no rotation may begin".into()) };
    let mut wrapped = 0;
    loop {
        match tokio.block_on(rotation.step())? {
            RotationStep::Wrapped(keys) => wrapped += keys,
            RotationStep::Whole => break,
            RotationStep::Refused(_) => return Err("the policy refuses the rotation".into()),
        }
    }
    let whole = started.elapsed();
    let started = Instant::now();
    let done = tokio.block_on(rotation.finish())?.map_err(|_| "the policy refuses the new key")?;
    let opened = started.elapsed();
    let bare = tokio.block_on(same_rows(&superuser, &rows))?;
    println!("  the same rows, INSERTed alone in as many transactions {bare:>7.2?}  x1.00");
    let ratio = whole.as_secs_f64() / bare.as_secs_f64();
    println!("  the rotation: {wrapped} keys and secrets, decided and logged {whole:>7.2?}  x{ratio:.2}");
    println!("  then every living key opened once: {} keys {opened:>7.2?}", done.survey.live());
    Ok(())
}

/// Puts keys into the keystore, as a clinic that grew has them.
async fn store(superuser: &Client, clinic: ClinicId, rows: &[KeystoreRow]) -> Result<(), Failure> {
    let clinic = clinic.as_uuid();
    for chunk in rows.chunks(10_000) {
        let subjects: Vec<Uuid> = chunk.iter().map(|row| row.id().subject().as_uuid()).collect();
        let classes: Vec<&str> = chunk.iter().map(|row| row.id().class().code()).collect();
        let wrapped: Vec<&[u8]> =
            chunk.iter().filter_map(|row| Some(row.wrapped()?.as_bytes().as_slice())).collect();
        let keys = "INSERT INTO keystore.deks (subject_id, class, version, clinic_id, state, first_epoch, created_at) \
            SELECT subject, class, 1, $1, 'active', 1, now() FROM unnest($2::uuid[], $3::text[]) AS t (subject, class)";
        superuser.execute(keys, &[&clinic, &subjects, &classes]).await?;
        let bytes = "INSERT INTO keystore.wrappings (subject_id, class, version, epoch, clinic_id, wrapped) \
            SELECT subject, class, 1, 1, $1, wrapped \
            FROM unnest($2::uuid[], $3::text[], $4::bytea[]) AS t (subject, class, wrapped)";
        superuser.execute(bytes, &[&clinic, &subjects, &classes, &wrapped]).await?;
    }
    Ok(superuser.batch_execute("ANALYZE keystore.deks, keystore.wrappings").await?)
}

/// What the rotation wrote, once more and under a third epoch: the same rows in the same table, and nothing else.
async fn same_rows(superuser: &Client, rows: &[KeystoreRow]) -> Result<Duration, Failure> {
    let insert = superuser
        .prepare(
            "INSERT INTO keystore.wrappings (subject_id, class, version, epoch, clinic_id, wrapped) \
             SELECT subject_id, class, version, 3, clinic_id, wrapped FROM keystore.wrappings \
             WHERE epoch = 2 AND subject_id = ANY ($1)",
        )
        .await?;
    let started = Instant::now();
    for chunk in rows.chunks(PEOPLE_IN_A_CHUNK * CLASSES.len()) {
        let mut people: Vec<Uuid> = chunk.iter().map(|row| row.id().subject().as_uuid()).collect();
        people.dedup();
        superuser.execute(&insert, &[&people]).await?;
    }
    Ok(started.elapsed())
}
