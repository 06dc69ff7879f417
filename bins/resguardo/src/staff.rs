//! `staff`: who works here, and how fit they are to see records.

use std::io::{BufRead as _, Write};

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use clinic_runtime::hash_password;
use privacy_operations::{ClearanceEntry, EnrolStaff, PasswordHash, RecordClearance, SetLogin};
use records_model::{ActorId, Role, TrainingRecord};
use serde_json::json;

use crate::acting::{Form, Unnamed, Work};
use crate::register::{Details, date_here};
use crate::{CliError, Verdict, render};

#[derive(Debug, Subcommand)]
pub(crate) enum Staff {
    /// Enrol a staff member.
    Enrol(Enrol),
    /// Enter something about a staff member's clearance to see records.
    Clear(Clear),
    /// Set the password with which somebody signs in; it is read from standard input, one line.
    Login {
        /// The name they sign in with.
        login: String,
        /// The staff member, by id; not needed if the name is theirs already.
        #[arg(long, value_name = "ACTOR")]
        actor: Option<ActorId>,
    },
    /// List everybody who may act, by id and role.
    List,
}

/// Who is new.
#[derive(Debug, Args)]
pub(crate) struct Enrol {
    /// In which role, such as nurse.
    #[arg(long)]
    role: Role,
    #[command(flatten)]
    details: Details,
}

/// What is entered.
#[derive(Debug, Args)]
pub(crate) struct Clear {
    /// The staff member, by the name they sign in with or their id.
    #[arg(long, value_name = "LOGIN")]
    staff: String,
    /// What happened.
    #[arg(long)]
    what: What,
    /// The module of a training.
    #[arg(long, required_if_eq("what", "training"))]
    module: Option<String>,
    /// The day, YYYY-MM-DD; without, today.
    #[arg(long)]
    on: Option<NaiveDate>,
    /// First day on which a training or a check no longer counts.
    #[arg(long, required_if_eq_any([("what", "training"), ("what", "background-clear")]))]
    expires: Option<NaiveDate>,
}

/// What is entered about a clearance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum What {
    /// A training was completed.
    Training,
    /// A background check came back clear.
    BackgroundClear,
    /// A background check came back not clear.
    BackgroundNotClear,
    /// The confidentiality undertaking was signed.
    Undertaking,
    /// The employment ended.
    Left,
}

pub(crate) async fn answer(work: &Work<'_>, staff: Staff, out: &mut impl Write) -> Result<Verdict, CliError> {
    match staff {
        Staff::Enrol(enrol) => enrol_staff(work, enrol, out).await,
        Staff::Clear(clear) => enter_clearance(work, clear, out).await,
        Staff::Login { login, actor } => {
            let mut password = String::new();
            std::io::stdin().lock().read_line(&mut password)?;
            set_login(work, (&login, actor), password.trim_end_matches(['\r', '\n']), out).await
        }
        Staff::List => list(work, out).await,
    }
}

async fn enrol_staff(work: &Work<'_>, enrol: Enrol, out: &mut impl Write) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::System).await?;
    let person = enrol.details.read(date_here(work).await?)?;
    let (id, subject) =
        (work.runtime().new_actor_id(work.clock())?, work.runtime().new_subject_id(work.clock())?);
    let operation = EnrolStaff { actor, id, subject, role: enrol.role, person };
    let answer = work.runtime().perform(&operation, work.clock()).await?;
    let done = format!(
        "enrolled {id}\nthey see no record before their trainings, check and undertaking are entered: staff clear"
    );
    render::change(work, &answer, (&done, json!({ "actor": id, "subject": subject })), out)
}

async fn enter_clearance(work: &Work<'_>, clear: Clear, out: &mut impl Write) -> Result<Verdict, CliError> {
    let on = match clear.on {
        Some(day) => day,
        None => date_here(work).await?,
    };
    let expires_on = clear.expires.ok_or_else(|| CliError::usage("say until when: --expires YYYY-MM-DD"));
    let module = clear.module.ok_or_else(|| CliError::usage("say which training: --module"));
    let entry = match clear.what {
        What::Training => ClearanceEntry::Training(TrainingRecord {
            module: module?,
            completed_on: on,
            expires_on: expires_on?,
        }),
        What::BackgroundClear => ClearanceEntry::BackgroundClear { on, expires_on: expires_on? },
        What::BackgroundNotClear => ClearanceEntry::BackgroundNotClear { on },
        What::Undertaking => ClearanceEntry::Undertaking { on },
        What::Left => ClearanceEntry::Left { on },
    };
    let actor = work.actor(Unnamed::System).await?;
    let staff = work.actor_named(&clear.staff).await?;
    let answer = work.runtime().perform(&RecordClearance { actor, staff, entry }, work.clock()).await?;
    render::change(work, &answer, ("entered", ()), out)
}

async fn set_login(
    work: &Work<'_>,
    (login, actor): (&str, Option<ActorId>),
    password: &str,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let staff = match actor {
        Some(actor) => actor,
        None => work.actor_named(login).await?,
    };
    let actor = work.actor(Unnamed::System).await?;
    let hash = PasswordHash::new(hash_password(password)?);
    let operation = SetLogin { actor, staff, login: login.to_owned(), hash };
    let answer = work.runtime().perform(&operation, work.clock()).await?;
    render::change(work, &answer, ("password set", json!({ "actor": staff, "login": login })), out)
}

async fn list(work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
    let actors = work.runtime().store().actors(work.runtime().clinic()).await?;
    if work.form == Form::Json {
        render::json(out, &actors.iter().map(|line| line.actor).collect::<Vec<_>>())?;
        return Ok(Verdict::Done);
    }
    let mut table = work.table(&["actor", "role"]);
    for line in &actors {
        table.add_row([line.actor.id.to_string(), line.actor.role.to_string()]);
    }
    writeln!(out, "{}", table.trim_fmt())?;
    Ok(Verdict::Done)
}
