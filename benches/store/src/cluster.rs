//! A throwaway Postgres that flushes, as one in use does; those of tests do not.

use std::time::Duration;

use postgres_store::embedded::ConnectTarget;
use postgres_store::embedded::throwaway::Throwaway;
use tokio_postgres::{Client, NoTls};

use crate::Failure;

/// What decides how durable a commit is.
const DURABLE: [&str; 3] = ["fsync", "synchronous_commit", "full_page_writes"];

/// Starts a cluster, and has it flush every commit.
///
/// # Errors
///
/// [`Failure`] if no Postgres is installed, or it does not take the settings.
pub async fn start() -> Result<Throwaway, Failure> {
    let cluster = Throwaway::start()?;
    let admin = client(cluster.superuser_target()).await?;
    for setting in DURABLE {
        admin.batch_execute(&format!("ALTER SYSTEM SET {setting} = on")).await?;
    }
    admin.batch_execute("SELECT pg_reload_conf()").await?;
    // The server reads them again when it gets to it.
    for _ in 0..500 {
        if shown(cluster.superuser_target()).await?.iter().all(|(_, value)| value == "on") {
            return Ok(cluster);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err("the cluster does not flush, although it was told to".into())
}

/// The settings that decide how durable a commit is, as a new connection has them.
///
/// # Errors
///
/// [`Failure`] if the cluster does not answer.
pub async fn shown(target: &ConnectTarget) -> Result<Vec<(&'static str, String)>, Failure> {
    let client = client(target).await?;
    let mut settings = Vec::new();
    for setting in DURABLE {
        settings.push((setting, client.query_one(&format!("SHOW {setting}"), &[]).await?.get(0)));
    }
    Ok(settings)
}

/// A plain connection, which does what it is told and nothing else.
///
/// # Errors
///
/// [`Failure`] if nobody answers.
pub async fn client(target: &ConnectTarget) -> Result<Client, Failure> {
    let (client, connection) = tokio_postgres::connect(&target.to_keywords(), NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
