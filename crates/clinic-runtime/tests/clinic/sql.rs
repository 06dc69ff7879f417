//! Plain SQL over any login: for what no operation does, and for what no login may do.

use postgres_store::embedded::ConnectTarget;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// One connection; it closes with this value.
pub(crate) struct Sql(Client);

impl Sql {
    pub(crate) async fn open(target: &ConnectTarget) -> Self {
        let (client, connection) = tokio_postgres::connect(&target.to_keywords(), NoTls).await.unwrap();
        tokio::spawn(connection);
        Self(client)
    }

    /// Runs statements; a refusal is its SQLSTATE and its message.
    pub(crate) async fn run(&self, sql: &str) -> Result<(), String> {
        self.0.batch_execute(sql).await.map_err(|error| {
            let about = error.as_db_error().map(|refused| (refused.code().code(), refused.message()));
            about.map_or_else(|| error.to_string(), |(code, message)| format!("{code} {message}"))
        })
    }

    /// The rows of a query as text; a null is an empty text.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        let messages = self.0.simple_query(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let row = |message: SimpleQueryMessage| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|at| row.get(at).unwrap_or_default().to_owned()).collect())
            }
            _ => None,
        };
        messages.into_iter().filter_map(row).collect()
    }

    /// The first column of a query.
    pub(crate) async fn column(&self, sql: &str) -> Vec<String> {
        self.rows(sql).await.into_iter().map(|mut row| row.swap_remove(0)).collect()
    }

    /// The one number that a query gives.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let rows = self.column(sql).await;
        rows.first().and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{sql}: {rows:?}"))
    }

    /// Returns once somebody in this database stands in the queue for an advisory lock.
    pub(crate) async fn until_somebody_waits(&self) {
        let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        while self.number(waiting).await == 0 {}
    }
}
