//! Fields sealed by us and stored, beside fields that pgcrypto encrypts where they are stored.

use std::cell::RefCell;

use postgres_store::embedded::throwaway::Throwaway;
use store_benches::clock::{Subject, in_turns_or_fail, print};
use store_benches::sealing::Sealing;
use store_benches::{Failure, cluster};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Statement};

/// Rows of a round, each by a statement of its own, all in one transaction: a commit costs all alike.
const ROWS: i32 = 200;
const ROUNDS: usize = 31;
const SECRET: &str = "7d1f5f0f2b4c4d6aa1c8e1d0f3b2a6957d1f5f0f2b4c4d6aa1c8e1d0f3b2a695";

/// Who makes the bytes that are stored.
#[derive(Clone, Copy)]
enum Sealer {
    Ours,
    Pgcrypto,
    Nobody,
}

/// Somebody who writes and reads rows.
struct Party {
    name: &'static str,
    sealer: Sealer,
    table: &'static str,
    /// What stands for the value in an INSERT: `$2` is the content, `$3` the secret.
    write: &'static str,
    /// What stands for it in a SELECT: `$2` is the secret.
    read: &'static str,
}

/// The cheapest that pgcrypto has is for a secret that nobody can guess: no stretching of it, and no compression.
const PARTIES: [Party; 4] = [
    Party { name: "ours", sealer: Sealer::Ours, table: "ours", write: "$2", read: "sealed" },
    Party {
        name: "pgcrypto, the cheapest options",
        sealer: Sealer::Pgcrypto,
        table: "cheapest",
        write: "pgp_sym_encrypt($2, $3, 'cipher-algo=aes256, s2k-mode=1, compress-algo=0')",
        read: "pgp_sym_decrypt(sealed, $2)",
    },
    Party {
        name: "pgcrypto, its own options",
        sealer: Sealer::Pgcrypto,
        table: "usual",
        write: "pgp_sym_encrypt($2, $3)",
        read: "pgp_sym_decrypt(sealed, $2)",
    },
    Party { name: "the clear text", sealer: Sealer::Nobody, table: "clear", write: "$2", read: "sealed" },
];

struct Prepared {
    party: &'static Party,
    insert: Statement,
    select: Statement,
}

struct Bench {
    client: Client,
    sealing: RefCell<Sealing>,
    content: String,
}

impl Bench {
    async fn prepare(&self, party: &'static Party) -> Result<Prepared, Failure> {
        let Party { table, write, read, .. } = party;
        self.client
            .batch_execute(&format!(
                "DROP TABLE IF EXISTS {table}; CREATE TABLE {table} (id integer PRIMARY KEY, sealed bytea NOT NULL)"
            ))
            .await?;
        let insert = format!("INSERT INTO {table} (id, sealed) VALUES ($1, {write})");
        let select = format!("SELECT {read} FROM {table} WHERE id = $1");
        let (insert, select) = (self.client.prepare(&insert).await?, self.client.prepare(&select).await?);
        Ok(Prepared { party, insert, select })
    }

    async fn write(&self, prepared: &Prepared) -> Result<(), Failure> {
        self.client.batch_execute("BEGIN").await?;
        let content = self.content.as_bytes();
        for id in 0..ROWS {
            let insert = &prepared.insert;
            match prepared.party.sealer {
                Sealer::Ours => {
                    let sealed = self.sealing.borrow_mut().seal(1, content)?;
                    let sealed = sealed.first().ok_or("an envelope")?;
                    self.client.execute(insert, &[&id, sealed]).await?
                }
                Sealer::Pgcrypto => self.client.execute(insert, &[&id, &self.content, &SECRET]).await?,
                Sealer::Nobody => self.client.execute(insert, &[&id, &content]).await?,
            };
        }
        Ok(self.client.batch_execute("COMMIT").await?)
    }

    async fn read(&self, prepared: &Prepared) -> Result<(), Failure> {
        let mut len = 0;
        for id in 0..ROWS {
            let select = &prepared.select;
            len += match prepared.party.sealer {
                Sealer::Ours => {
                    let row = self.client.query_one(select, &[&id]).await?;
                    self.sealing.borrow().open(&[row.get::<_, &[u8]>(0)])?
                }
                Sealer::Pgcrypto => {
                    self.client.query_one(select, &[&id, &SECRET]).await?.get::<_, &str>(0).len()
                }
                Sealer::Nobody => self.client.query_one(select, &[&id]).await?.get::<_, &[u8]>(0).len(),
            };
        }
        let all = self.content.len() * usize::try_from(ROWS)?;
        if len == all { Ok(()) } else { Err("what was read is not what was written".into()) }
    }
}

pub(crate) fn measure(tokio: &Runtime, cluster: &Throwaway) -> Result<(), Failure> {
    let admin = tokio.block_on(cluster::client(cluster.superuser_target()))?;
    tokio.block_on(admin.batch_execute("CREATE DATABASE pgcrypto"))?;
    let target = cluster.superuser_target().with_database("pgcrypto");
    let client = tokio.block_on(cluster::client(&target))?;
    let extended = tokio.block_on(client.batch_execute("CREATE EXTENSION pgcrypto"));
    extended.map_err(|error| {
        format!("pgcrypto is not installed ({error}); Debian has it in postgresql-contrib")
    })?;
    let mut bench = Bench { client, sealing: RefCell::new(Sealing::new(3)?), content: String::new() };
    println!("\npgcrypto: one field a statement; cheapest are aes256, s2k-mode=1, compress-algo=0");
    for len in [200, 4096] {
        bench.content = "Hemoglobina A1c 6.1 % en ayunas. ".chars().cycle().take(len).collect();
        one_length(tokio, &bench)?;
    }
    Ok(())
}

fn one_length(tokio: &Runtime, bench: &Bench) -> Result<(), Failure> {
    let mut prepared = Vec::new();
    for party in &PARTIES {
        prepared.push(tokio.block_on(bench.prepare(party))?);
    }
    let rows = u32::try_from(ROWS)?;
    let empty = PARTIES.map(|party| party.table).join(", ");
    let writing = prepared
        .iter()
        .map(|one| Subject::fallible(one.party.name, rows, move || tokio.block_on(bench.write(one))));
    let written = in_turns_or_fail(ROUNDS, writing.collect(), || {
        Ok(tokio.block_on(bench.client.batch_execute(&format!("TRUNCATE {empty}")))?)
    })?;
    print(&format!("a field of {} B sealed and stored", bench.content.len()), &written, &[]);
    for one in &prepared {
        tokio.block_on(bench.write(one))?;
    }
    let reading = prepared
        .iter()
        .map(|one| Subject::fallible(one.party.name, rows, move || tokio.block_on(bench.read(one))));
    let read = in_turns_or_fail(ROUNDS, reading.collect(), || Ok(()))?;
    print(&format!("a field of {} B fetched and opened", bench.content.len()), &read, &[]);
    Ok(())
}
