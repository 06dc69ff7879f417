//! `policy decide`: a request that somebody makes up, or a file of them, and the answer to each.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use consent_policy::{Engine, Facts, Outcome, Reply, Request};
use privacy_notice::Language;
use privacy_operations::Answer;
use records_model::{
    Action, Category, ConsentForm, CountryClass, Detail, Fact, Ground, Purpose, RecipientClass, Role, Set,
    UndescribedPurposeId,
};

use super::{Asked, batch};
use crate::acting::Form;
use crate::{CliError, Verdict, render};

/// The options of a single request, which a file of requests replaces.
const ONE_REQUEST: [&str; 11] = [
    "action",
    "role",
    "purpose",
    "undescribed",
    "category",
    "recipient",
    "country",
    "ground",
    "detail",
    "fact",
    "consent",
];

/// What one request cannot do without.
const NEEDED: &str = "a request names --role, --purpose, --category and --ground";

const AFTER_HELP: &str = "\
A file for --requests has one JSON object a line, and gets one answer a line, in the same order:

  {\"role\":\"nurse\",\"purpose\":\"treatment\",\"categories\":[\"laboratory\"],\"ground\":\"consent\",
   \"facts\":{\"consent\":\"express-written\",\"present\":[\"training\"]}}      (on one line)

  needed      role (or actor), purpose, categories, ground
  with usual  action: read; recipient: internal; country: domestic; detail: full, as in the options
  if known    actor: an id, or {\"id\", \"role\"}; undescribed; recipient-id;
              facts: {consent: a form, present: a list, valid-until: an instant}, or the list alone;
              a fact that is not listed counts as absent, so nobody is trained unless it says so;
              consents: a list of consents, from which the form is computed at now;
              now: an instant, needed with consents or valid-until

Words are those of `policy words`; names of a document's groups are not read
(`policy schema FILE` lists what they hold). An answer has outcome, categories (the
outcome of each by itself), rules, reasons, fields (by category), obligations and valid_until; that of one request has
the same with --json. The exit status of one request is 3 if the answer is
no. That of a file is 0 if every line was decided, whatever the answers, and 1 at the first line that cannot be
read, an empty one included; the lines before it have been answered.";

/// A request, and what is true; or a file of them.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Decide {
    /// A file with one request a line as JSON, instead of the options below; `-` is the standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ONE_REQUEST)]
    requests: Option<PathBuf>,
    #[command(flatten)]
    one: OneRequest,
}

/// A request in options, and what is true.
#[derive(Debug, Args)]
pub(super) struct OneRequest {
    /// A policy document; without, the clinic's own in force.
    #[arg(value_name = "FILE")]
    document: Option<PathBuf>,
    /// What is to be done.
    #[arg(long, default_value = "read")]
    action: Action,
    /// In which role.
    #[arg(long)]
    role: Option<Role>,
    /// What for.
    #[arg(long)]
    purpose: Option<Purpose>,
    /// The id of a purpose that the notice does not describe.
    #[arg(long, value_name = "ID")]
    undescribed: Option<UndescribedPurposeId>,
    /// A category; may be given several times.
    #[arg(long)]
    category: Vec<Category>,
    /// Whom for.
    #[arg(long, default_value = "internal")]
    recipient: RecipientClass,
    /// Where the recipient is: domestic or abroad.
    #[arg(long, default_value = "domestic")]
    country: CountryClass,
    /// On what ground.
    #[arg(long)]
    ground: Option<Ground>,
    /// In what detail.
    #[arg(long, default_value = "full")]
    detail: Detail,
    /// A fact that holds, such as training; may be given several times.
    #[arg(long)]
    fact: Vec<Fact>,
    /// The form of a consent that covers it: none, tacit, express or express-written.
    #[arg(long, default_value = "none")]
    consent: ConsentForm,
}

impl Decide {
    pub(super) const fn names_a_document(&self) -> bool {
        self.one.names_a_document()
    }

    pub(super) fn answer(&self, asked: &Asked<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        let engine = self.one.engine(asked)?;
        if let Some(path) = &self.requests {
            return batch::answer(&engine, path, out);
        }
        let (request, facts) = self.one.asked()?;
        // Facts without a scheduled change hold at every instant.
        let decision = engine.decide(&request, &facts, chrono::DateTime::UNIX_EPOCH);
        let reply = Reply::of(&engine, &request, &decision);
        match asked.form {
            Form::Json => render::json(out, &reply)?,
            Form::Text => {
                let answer = Answer::of(&engine, &request, &decision);
                in_words(asked.language, (&answer, &reply), out)?;
            }
        }
        Ok(if decision.is_permit() { Verdict::Done } else { Verdict::No })
    }
}

impl OneRequest {
    pub(super) const fn names_a_document(&self) -> bool {
        self.document.is_some()
    }

    /// The engine of the document that it names, or the clinic's own.
    pub(super) fn engine(&self, asked: &Asked<'_>) -> Result<Engine, CliError> {
        asked.engine(self.document.as_deref())
    }

    /// The one request that the options describe, and the facts.
    pub(super) fn asked(&self) -> Result<(Request, Facts), CliError> {
        let (Some(role), Some(purpose), Some(ground)) = (self.role, self.purpose, self.ground) else {
            return Err(CliError::usage(NEEDED));
        };
        if self.category.is_empty() {
            return Err(CliError::usage(NEEDED));
        }
        let request = Request {
            action: self.action,
            role,
            actor: None,
            purpose,
            undescribed: self.undescribed.clone(),
            categories: Set::of(&self.category),
            recipient: self.recipient,
            recipient_id: None,
            country: self.country,
            ground,
            detail: self.detail,
        };
        if !request.names_its_purpose() {
            return Err(CliError::usage(
                "--undescribed names the purpose of sharing, and belongs to no other",
            ));
        }
        Ok((request, Facts::new(self.consent, Set::of(&self.fact))))
    }
}

fn in_words(
    language: Language,
    (answer, reply): (&Answer, &Reply<'_>),
    out: &mut impl Write,
) -> Result<(), CliError> {
    writeln!(out, "{}", render::headline(answer.outcome, language))?;
    if !answer.is_permit() && reply.categories.len() > 1 {
        let (permit, deny, nobody) = match language {
            Language::Es => ("se permitiría sola", "lo impide una promesa", "nadie lo permite"),
            Language::En => ("permitted by itself", "a promise forbids it", "nobody allows it"),
        };
        for (category, outcome) in &reply.categories {
            let said = match outcome {
                Outcome::Permit => permit,
                Outcome::Deny => deny,
                Outcome::NotApplicable => nobody,
            };
            writeln!(out, "  {category}: {said}")?;
        }
    }
    render::reasons(&answer.reasons, language, out)?;
    if !answer.obligations.is_empty() {
        writeln!(out, "  owed: {}", answer.obligations)?;
    }
    Ok(())
}
