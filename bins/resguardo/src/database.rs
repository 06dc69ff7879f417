//! `db`: the database itself.

use std::io::Write;

use clap::Subcommand;

use crate::{CliError, Verdict};

#[derive(Debug, Subcommand)]
pub(crate) enum Db {
    /// Bring the schema of your own Postgres up to date, over the owner's login (`DATABASE_URL_OWNER`).
    Migrate,
}

pub(crate) async fn answer(db: &Db, out: &mut impl Write) -> Result<Verdict, CliError> {
    let Db::Migrate = db;
    let owner = std::env::var("DATABASE_URL_OWNER").ok().filter(|url| !url.is_empty()).ok_or_else(|| {
        CliError::usage(
            "set DATABASE_URL_OWNER to the login that owns the tables; a data folder needs no migration by hand",
        )
    })?;
    postgres_store::migrate_over(&owner).await?;
    writeln!(out, "the schema is up to date")?;
    Ok(Verdict::Done)
}
