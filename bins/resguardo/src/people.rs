//! `people`: whose data is held.

use std::io::Write;

use clap::{Args, Subcommand};
use clinic_runtime::SearchTerm;
use privacy_operations::{FindPerson, RecordCareRelation, RegisterPerson};
use records_model::{EmailAddress, PhoneNumber, Purpose, SubjectId, SubjectKind};
use serde_json::json;

use crate::acting::{Form, Unnamed, Work};
use crate::register::{Details, date_here};
use crate::values::{When, about_person};
use crate::{CliError, Verdict, render};

#[derive(Debug, Subcommand)]
pub(crate) enum People {
    /// Find people by name, telephone or e-mail; only their ids are shown.
    Find(Find),
    /// Register a person; likely duplicates are shown first.
    Register(Register),
    /// Say that a staff member takes part in a patient's care.
    Relate {
        /// The patient.
        subject: SubjectId,
        /// The staff member, by the name they sign in with or their id.
        #[arg(long, value_name = "LOGIN")]
        staff: String,
        /// Last day; without, until further notice.
        #[arg(long)]
        until: Option<When>,
    },
}

/// What is known of whom to find.
#[derive(Debug, Args)]
#[group(id = "term", required = true, multiple = false)]
pub(crate) struct Term {
    /// Names, in any order.
    #[arg(long, group = "term")]
    name: Option<String>,
    /// Telephone with + and the country code.
    #[arg(long, group = "term")]
    phone: Option<String>,
    /// E-mail address.
    #[arg(long, group = "term")]
    email: Option<String>,
}

/// Whom, and what for.
#[derive(Debug, Args)]
pub(crate) struct Find {
    #[command(flatten)]
    term: Term,
    /// What you need to find them for.
    #[arg(long, default_value = "scheduling")]
    purpose: Purpose,
}

/// Who is new.
#[derive(Debug, Args)]
pub(crate) struct Register {
    #[command(flatten)]
    details: Details,
    /// In what capacity: patient, emergency-contact, representative, visitor or enquirer.
    #[arg(long, default_value = "patient")]
    kind: SubjectKind,
    /// You looked at the likely duplicates, and it is none of them.
    #[arg(long)]
    not_a_duplicate: bool,
}

pub(crate) async fn answer(
    work: &Work<'_>,
    people: People,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    match people {
        People::Find(find) => find_people(work, find, out).await,
        People::Register(register) => register_person(work, register, out).await,
        People::Relate { subject, staff, until } => relate(work, subject, (staff, until), out).await,
    }
}

impl Term {
    fn read(self) -> Result<SearchTerm, CliError> {
        match (self.name, self.phone, self.email) {
            (Some(name), ..) => Ok(SearchTerm::Name(name)),
            (None, Some(phone), _) => {
                about_person("--phone", PhoneNumber::parse(&phone)).map(SearchTerm::Phone)
            }
            (None, None, Some(email)) => {
                about_person("--email", EmailAddress::parse(&email)).map(SearchTerm::Email)
            }
            (None, None, None) => Err(CliError::usage("name --name, --phone or --email")),
        }
    }
}

/// Most people shown: whoever matches more should say more.
const FOUND_MAX: u32 = 20;

async fn find_people(work: &Work<'_>, find: Find, out: &mut impl Write) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let asked = FindPerson { actor, purpose: find.purpose };
    let term = find.term.read()?;
    let found = work.runtime().find_people(&asked, &term, FOUND_MAX, work.clock()).await?;
    let ids: Vec<SubjectId> = found.people.iter().map(|(id, _)| *id).collect();
    let listed: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let done = if listed.is_empty() { "nobody found".to_owned() } else { listed.join("\n") };
    render::change(work, &found.answer, (&done, &ids), out)
}

async fn register_person(
    work: &Work<'_>,
    register: Register,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let person = register.details.read(date_here(work).await?)?;
    if !register.not_a_duplicate {
        let find = FindPerson { actor, purpose: Purpose::Scheduling };
        let found = work.runtime().likely_duplicates(&find, &person, FOUND_MAX, work.clock()).await?;
        if !found.answer.is_permit() {
            return render::change(work, &found.answer, ("", None::<SubjectId>), out);
        }
        if !found.people.is_empty() {
            let likely: Vec<SubjectId> = found.people.iter().map(|(id, _)| *id).collect();
            return duplicates(work, &likely, out);
        }
    }
    let id = work.runtime().new_subject_id(work.clock())?;
    let operation = RegisterPerson { actor, kind: register.kind, id, person };
    let registered = work.runtime().perform(&operation, work.clock()).await?;
    let done = registered.subject.map(|id| format!("registered {id}")).unwrap_or_default();
    render::change(work, &registered.answer, (&done, registered.subject), out)
}

fn duplicates(work: &Work<'_>, likely: &[SubjectId], out: &mut impl Write) -> Result<Verdict, CliError> {
    match work.form {
        Form::Json => render::json(out, &json!({ "likely_duplicates": likely }))?,
        Form::Text => {
            writeln!(
                out,
                "not registered: somebody with the same telephone, e-mail, or name and date of birth is on file"
            )?;
            likely.iter().try_for_each(|id| writeln!(out, "  {id}"))?;
            writeln!(out, "if it is none of them, add --not-a-duplicate")?;
        }
    }
    Ok(Verdict::No)
}

async fn relate(
    work: &Work<'_>,
    subject: SubjectId,
    (staff, until): (String, Option<When>),
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let zone = work.house().await?.zone;
    let operation = RecordCareRelation {
        actor: work.actor(Unnamed::Refused).await?,
        subject,
        staff: work.actor_named(&staff).await?,
        ends_at: until.map(|until| until.end(zone)),
    };
    let answer = work.runtime().perform(&operation, work.clock()).await?;
    render::change(work, &answer, ("recorded", ()), out)
}
