//! The command line: parse, call one operation, render. No rule and no SQL is here.
//!
//! [`run`] opens the clinic that the command line names; [`answer`] works on one that is open, so that tests need
//! no process. Exit status: 0 done, 1 failed, 2 wrong use, 3 the answer is no.

mod acting;
mod alerts;
mod attachments;
mod audit;
mod blocks;
mod clinic;
mod consents;
mod database;
mod disclosures;
mod disposals;
mod error;
mod give;
mod import;
mod oversight;
mod people;
mod policy;
mod promises;
mod receipts;
mod records;
mod register;
mod render;
mod requests;
mod retention_review;
mod session;
mod staff;
mod values;
mod vault;
mod withdraw;

use std::io::Write;

use clap::{Parser, Subcommand};
use postgres_store::embedded::Login;

pub use error::CliError;
pub use session::{Place, Screen, Session};

/// Works the clinic's privacy duties from a terminal.
///
/// Exit status: 0 done, 1 failed, 2 wrong use, 3 the answer is no (access denied, something overdue, a promise
/// broken).
#[derive(Debug, Parser)]
#[command(name = "resguardo", version, propagate_version = true, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(flatten)]
    pub(crate) place: Place,

    /// Who acts: the name they sign in with, or the id of an actor.
    #[arg(long = "as", global = true, value_name = "LOGIN")]
    pub(crate) acting: Option<String>,

    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Language of reasons: es or en.
    #[arg(long, global = true, default_value = "en")]
    pub(crate) lang: privacy_notice::Language,

    #[command(subcommand)]
    pub(crate) noun: Noun,
}

const AFTER_HELP: &str = "Environment:
  RESGUARDO_DATA           the data folder, if --data does not name one
  DATABASE_URL             a Postgres of your own: the application's login
  DATABASE_URL_SEQUENCER   the same: the login that places log entries in order
  DATABASE_URL_OWNER       the same: the owner, for `db migrate` and `db backup` only
  RESGUARDO_KEYS           how the keys are kept on this machine, if --keys does not name a file
  RESGUARDO_TRANSIT_TOKEN  the token for Transit, if no file has it
  RESGUARDO_PKCS11_PIN     the PIN of a PKCS#11 token, if no file has it";

#[derive(Debug, Subcommand)]
pub(crate) enum Noun {
    /// Patients' records: bring them in, read them, attach files to them.
    #[command(subcommand)]
    Records(records::Records),
    /// What people agreed to.
    #[command(subcommand)]
    Consents(consents::Consents),
    /// What people ask for about their own data.
    #[command(subcommand)]
    Requests(requests::Requests),
    /// What the rules say.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// How long records are kept.
    #[command(subcommand)]
    Retention(retention_review::Retention),
    /// The log that a stranger can check.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// What the clinic promises, and how each promise stands.
    #[command(subcommand)]
    Promises(promises::Promises),
    /// What leaves the clinic.
    #[command(subcommand)]
    Disclosures(disclosures::Disclosures),
    /// The people whose data is held.
    #[command(subcommand)]
    People(people::People),
    /// The people who work here.
    #[command(subcommand)]
    Staff(staff::Staff),
    /// The clinic's own documents.
    #[command(subcommand)]
    Clinic(clinic::Clinic),
    /// The keys under which everything is sealed: what stands, how they end, and how they come back.
    #[command(subcommand)]
    Vault(vault::Vault),
    /// The database itself.
    #[command(subcommand)]
    Db(database::Db),
}

/// What a command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Done.
    Done,
    /// The answer is no: refused, overdue, broken.
    No,
}

/// Opens the clinic that the command line names and does what it asks for.
///
/// # Errors
///
/// [`CliError`] with the next step; nothing is half written.
pub async fn run(cli: Cli, out: &mut impl Write) -> Result<Verdict, CliError> {
    match &cli.noun {
        Noun::Db(db) if !matches!(db, database::Db::Backup(_)) => {
            return database::answer_without_clinic(&cli, db, out).await;
        }
        Noun::Policy(policy) if policy.needs_no_clinic() => {
            return policy::answer_without_clinic(&cli, policy, out);
        }
        Noun::Consents(consents) => {
            if let Some(check) = consents.offline_check() {
                let form = if cli.json { acting::Form::Json } else { acting::Form::Text };
                return receipts::check(check, form, out);
            }
        }
        Noun::Vault(vault) => {
            if let Some(answered) = vault.answer_without_clinic(&cli, out) {
                return answered;
            }
        }
        _ => {}
    }
    let keys = match &cli.noun {
        Noun::Vault(vault) => vault.key_settings(),
        _ => None,
    };
    let (session, cluster) = match Session::open(&cli.place, keys).await {
        Ok(opened) => opened,
        Err(error) => return not_opened(&cli, error, out),
    };
    let owner = cluster.as_ref().map(|cluster| cluster.target(Login::Owner));
    let answered = match &cli.noun {
        Noun::Db(database::Db::Backup(backup)) => {
            let work = &acting::Work::new(&session, &cli);
            database::back_up(work, backup, owner, out).await
        }
        _ => answer(&session, cli, out).await,
    };
    drop(session);
    if let Some(cluster) = cluster {
        // Leaving may stop Postgres, which blocks.
        let _ = tokio::task::spawn_blocking(move || cluster.leave()).await;
    }
    answered
}

/// Why the clinic does not open; to the doctor that is an answer.
fn not_opened(cli: &Cli, error: CliError, out: &mut impl Write) -> Result<Verdict, CliError> {
    let form = if cli.json { acting::Form::Json } else { acting::Form::Text };
    match &cli.noun {
        Noun::Vault(vault) if vault.is_doctor() => vault::of_error(&error, form, out).unwrap_or(Err(error)),
        _ => Err(error),
    }
}

/// Does what the command line asks for in an open clinic.
///
/// # Errors
///
/// [`CliError`] with the next step; nothing is half written.
pub async fn answer(session: &Session, cli: Cli, out: &mut impl Write) -> Result<Verdict, CliError> {
    let work = &acting::Work::new(session, &cli);
    match cli.noun {
        Noun::Records(records) => records::answer(work, records, out).await,
        Noun::Consents(consents) => consents::answer(work, consents, out).await,
        Noun::Requests(requests) => requests::answer(work, requests, out).await,
        Noun::Policy(policy) => policy::answer(work, &policy, out).await,
        Noun::Retention(retention) => retention_review::answer(work, retention, out).await,
        Noun::Audit(audit) => audit::answer(work, audit, out).await,
        Noun::Promises(promises) => promises::answer(work, promises, out).await,
        Noun::Disclosures(disclosures) => disclosures::answer(work, disclosures, out).await,
        Noun::People(people) => people::answer(work, people, out).await,
        Noun::Staff(staff) => staff::answer(work, staff, out).await,
        Noun::Clinic(clinic) => clinic::answer(work, clinic, out).await,
        Noun::Vault(vault) => vault::answer(work, vault, out).await,
        Noun::Db(database::Db::Backup(backup)) => database::back_up(work, &backup, None, out).await,
        Noun::Db(database::Db::Migrate) => database::migrate(out).await,
        Noun::Db(database::Db::Restore(_)) => Err(CliError::usage("a clinic that is open is not restored")),
    }
}
