//! A migrated database for one test, on the throwaway cluster.

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};

use crate::embedded::throwaway;
use crate::embedded::{ConnectTarget, Login};
use crate::{StoreError, connect, make_database, make_roles, migrate};

/// A database of its own, with the product's own logins; it goes with the cluster.
#[derive(Debug, Clone)]
pub struct TestDatabase {
    superuser: ConnectTarget,
    name: String,
}

/// Name of the migrated database that each test copies.
const TEMPLATE: &str = "resguardo_template";
/// Everybody's password on a cluster that only its owner can reach.
const PASSWORD: &str = "throwaway";
/// One test at a time makes or copies the template.
const TEMPLATE_LOCK: i64 = 7_205_761;

impl TestDatabase {
    /// Copies the migrated template; makes it first if this cluster has none.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the cluster cannot be started or the schema not migrated.
    pub async fn create(name: &str) -> Result<Self, StoreError> {
        let superuser =
            throwaway::superuser_target().map_err(|error| StoreError::Connection(error.to_string()))?;
        Self::create_on(superuser, name).await
    }

    /// The same on a cluster of one's own, for a test that looks at everything in it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the schema cannot be migrated.
    pub async fn create_on(superuser: ConnectTarget, name: &str) -> Result<Self, StoreError> {
        let mut admin = connect(&superuser).await?;
        admin.batch_execute(&format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await?;
        let made = copy_template(&mut admin, &superuser, name).await;
        admin.batch_execute(&format!("SELECT pg_advisory_unlock({TEMPLATE_LOCK})")).await?;
        made.map(|()| Self { superuser, name: name.to_owned() })
    }

    /// Where a login reaches this database.
    #[must_use]
    pub fn target(&self, login: Login) -> ConnectTarget {
        self.superuser.with_database(&self.name).with_login(login.role(), PASSWORD)
    }

    /// Copies this database as it is now; nobody may be connected to it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if somebody is.
    pub async fn copy(&self, name: &str) -> Result<Self, StoreError> {
        let mut admin = connect(&self.superuser).await?;
        admin.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        let copy = format!("CREATE DATABASE {name} TEMPLATE {} OWNER resguardo_owner", self.name);
        admin.batch_execute(&copy).await?;
        Ok(Self { superuser: self.superuser.clone(), name: name.to_owned() })
    }

    /// Runs statements as the superuser with triggers and foreign keys switched off: a planted fault.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if a statement fails.
    pub async fn tamper(&self, statements: &str) -> Result<(), StoreError> {
        let mut conn = connect(&self.superuser()).await?;
        conn.batch_execute("SET session_replication_role = replica; SET search_path = resguardo, public")
            .await?;
        Ok(conn.batch_execute(statements).await?)
    }

    /// Where the superuser reaches this database: for dumps and planted faults.
    #[must_use]
    pub fn superuser(&self) -> ConnectTarget {
        self.superuser.with_database(&self.name)
    }
}

async fn copy_template(
    admin: &mut AsyncPgConnection,
    superuser: &ConnectTarget,
    name: &str,
) -> Result<(), StoreError> {
    make_roles(admin, |_| PASSWORD.to_owned()).await?;
    make_database(admin, TEMPLATE).await?;
    let owner = superuser.with_database(TEMPLATE).with_login(Login::Owner.role(), PASSWORD);
    migrate(connect(&owner).await?).await?;
    let copy = format!(
        "DROP DATABASE IF EXISTS {name} WITH (FORCE); CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER resguardo_owner"
    );
    for statement in copy.split(';') {
        admin.batch_execute(statement).await?;
    }
    Ok(())
}
