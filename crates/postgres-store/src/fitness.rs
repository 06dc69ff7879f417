//! Which logins the application may run under, and over which links.

use std::net::IpAddr;

use diesel::QueryableByName;
use diesel::sql_types::{Bool, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::StoreError;

#[derive(QueryableByName)]
struct LoginRow {
    #[diesel(sql_type = Text)]
    login: String,
    #[diesel(sql_type = Bool)]
    superuser: bool,
    #[diesel(sql_type = Bool)]
    bypasses: bool,
    #[diesel(sql_type = Bool)]
    owns: bool,
}

const QUESTION: &str = "SELECT rolname::text AS login, rolsuper AS superuser, rolbypassrls AS bypasses, \
    EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
        WHERE n.nspname IN ('resguardo', 'keystore') AND pg_has_role(current_user, c.relowner, 'MEMBER')) AS owns \
    FROM pg_roles WHERE rolname = current_user";

/// Refuses a login for which row-level security or the missing grants would not hold.
pub(crate) async fn refuse_unfit_login(conn: &mut AsyncPgConnection) -> Result<(), StoreError> {
    let row: LoginRow = diesel::sql_query(QUESTION).get_result(conn).await?;
    let why = if row.superuser {
        "is a superuser"
    } else if row.bypasses {
        "bypasses row-level security"
    } else if row.owns {
        "owns the tables"
    } else {
        return Ok(());
    };
    Err(StoreError::UnfitLogin { login: row.login, why })
}

/// Refuses a database on another machine: there is no TLS to it yet, and everything would cross the net in clear
/// (P-48). `url` is a URL or libpq's keywords; nothing of it but the host is ever repeated.
pub(crate) fn refuse_link_in_clear(url: &str) -> Result<(), StoreError> {
    let config: Config = url.parse().map_err(|_| {
        StoreError::Connection(
            "DATABASE_URL cannot be read; write postgres://LOGIN:PASSWORD@127.0.0.1:5432/DATABASE".to_owned(),
        )
    })?;
    let remote = if config.get_hostaddrs().is_empty() {
        config.get_hosts().iter().find_map(remote_host)
    } else {
        // With an address the name of the host is only a name.
        config.get_hostaddrs().iter().find(|address| !is_loopback(**address)).map(IpAddr::to_string)
    };
    remote.map_or(Ok(()), |host| Err(StoreError::LinkInClear { host }))
}

/// The host's name, if it is another machine.
fn remote_host(host: &Host) -> Option<String> {
    match host {
        Host::Unix(_) => None,
        Host::Tcp(name) if name == "localhost" => None,
        Host::Tcp(name) => {
            let address = name.trim_start_matches('[').trim_end_matches(']').parse().ok();
            (!address.is_some_and(is_loopback)).then(|| name.clone())
        }
    }
}

const fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> Option<String> {
        match refuse_link_in_clear(url) {
            Ok(()) => None,
            Err(StoreError::LinkInClear { host }) => Some(host),
            Err(other) => panic!("{url}: {other}"),
        }
    }

    #[test]
    fn only_this_machine_is_reached_without_encryption() {
        for here in [
            "host='/run/pg' user=a password=b dbname=c",
            "postgres://a:b@%2Frun%2Fpg/c",
            "postgres://a:b@localhost/c",
            "postgres://a:b@127.0.0.1:5433/c",
            "postgres://a:b@[::1]/c",
            "host=db.example hostaddr=127.0.0.1 user=a",
        ] {
            assert_eq!(refused(here), None, "{here}");
        }
        for (there, host) in [
            ("postgres://a:b@db.example/c", "db.example"),
            ("postgres://a:b@10.0.0.7/c", "10.0.0.7"),
            ("postgres://a:b@0.0.0.0/c", "0.0.0.0"),
            ("postgres://a:b@localhost.example/c", "localhost.example"),
            ("postgres://a:b@localhost,db.example/c", "db.example"),
            ("postgres://a:b@db.example/c?sslmode=require", "db.example"),
            ("host=localhost hostaddr=10.0.0.7 user=a", "10.0.0.7"),
        ] {
            assert_eq!(refused(there).as_deref(), Some(host), "{there}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_repeated() {
        let error = refuse_link_in_clear("postgres://a:geheim@host:port/c").unwrap_err().to_string();
        assert!(error.contains("DATABASE_URL") && !error.contains("geheim"), "{error}");
    }
}
