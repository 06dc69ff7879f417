//! Makes the roles and the database once, and brings the schema up to date.

use std::fmt::Write as _;

use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::StoreError;
use crate::embedded::{Cluster, ConnectTarget, DATABASE, Login};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// Key of the advisory lock under which roles are made: several processes may start at once.
const ROLE_LOCK: &str = "SELECT pg_advisory_xact_lock(hashtext('resguardo roles'));";

/// Makes the roles, if absent, and sets the password of each login. Needs a connection that may create roles.
///
/// # Errors
///
/// [`StoreError::Database`] if the connection may not create roles.
pub async fn make_roles(
    admin: &mut AsyncPgConnection,
    password: impl Fn(Login) -> String,
) -> Result<(), StoreError> {
    let mut sql = String::from(ROLE_LOCK);
    for login in Login::ALL {
        sql.push_str(&role_statement(login.role(), "LOGIN"));
        let _ = write!(sql, "ALTER ROLE {} PASSWORD {};", login.role(), quoted(&password(login)));
    }
    sql.push_str(&role_statement("resguardo_disposer", "NOLOGIN"));
    sql.push_str("GRANT resguardo_disposer TO resguardo_owner;");
    admin.transaction(async |conn| conn.batch_execute(&sql).await).await?;
    Ok(())
}

fn role_statement(role: &str, login: &str) -> String {
    format!(
        "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{role}') THEN \
         CREATE ROLE {role} {login} NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS; END IF; END $$;"
    )
}

/// Makes the database, if absent, owned by the owner's role.
///
/// # Errors
///
/// [`StoreError::Database`] if the connection may not create databases.
pub async fn make_database(admin: &mut AsyncPgConnection, name: &str) -> Result<(), StoreError> {
    use diesel_async::RunQueryDsl;
    let exists: i64 = diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(&format!(
        "(SELECT count(*) FROM pg_database WHERE datname = {})",
        quoted(name)
    )))
    .get_result(admin)
    .await?;
    if exists == 0 {
        let sql = format!("CREATE DATABASE {} OWNER resguardo_owner", identifier(name));
        admin.batch_execute(&sql).await?;
    }
    Ok(())
}

/// Brings the schema up to date over the owner's connection.
///
/// # Errors
///
/// [`StoreError::Migration`] says which migration failed.
pub async fn migrate(owner: AsyncPgConnection) -> Result<(), StoreError> {
    // The harness drives the async connection from a blocking context.
    tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(owner);
        harness
            .run_pending_migrations(MIGRATIONS)
            .map(|_| ())
            .map_err(|error| StoreError::Migration(error.to_string()))
    })
    .await
    .map_err(|error| StoreError::Migration(error.to_string()))?
}

/// Brings the schema of a Postgres of one's own up to date, over the owner's login.
///
/// # Errors
///
/// [`StoreError::Connection`], or [`StoreError::Migration`] with the migration that failed.
pub async fn migrate_over(owner_url: &str) -> Result<(), StoreError> {
    crate::fitness::refuse_link_in_clear(owner_url)?;
    let establish = AsyncPgConnection::establish(owner_url).await;
    migrate(establish.map_err(|error| StoreError::Connection(error.to_string()))?).await
}

/// A string literal; our own passwords and names hold no quote, and one that does stays harmless.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn identifier(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Makes roles and database on a private cluster, if absent, and brings the schema up to date.
///
/// # Errors
///
/// [`StoreError`] says which of the three failed.
pub async fn prepare(cluster: &Cluster) -> Result<(), StoreError> {
    let mut admin = connect(&cluster.superuser_target()).await?;
    make_roles(&mut admin, |login| cluster.credentials().password(login).to_owned()).await?;
    make_database(&mut admin, DATABASE).await?;
    migrate(connect(&cluster.target(Login::Owner)).await?).await
}

/// One connection to a target.
///
/// # Errors
///
/// [`StoreError::Connection`], or [`StoreError::LinkInClear`] if it is another machine.
pub async fn connect(target: &ConnectTarget) -> Result<AsyncPgConnection, StoreError> {
    let keywords = target.to_keywords();
    crate::fitness::refuse_link_in_clear(&keywords)?;
    AsyncPgConnection::establish(&keywords).await.map_err(|error| StoreError::Connection(error.to_string()))
}
