//! `policy`: what the rules say, without any patient.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use consent_policy::{Engine, Facts, PolicyDraft, Request};
use privacy_operations::Answer;
use records_model::{
    Action, Category, ConsentForm, CountryClass, Detail, Fact, Ground, Purpose, RecipientClass, Role, Set,
    UndescribedPurposeId, Vocabulary,
};

use crate::acting::{Form, Work};
use crate::{Cli, CliError, Verdict, render};

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Decide one request: may this role do this, and by which rules. Nothing is opened and nothing is logged.
    Decide(Box<Decide>),
    /// Print the words that may be used.
    Words,
}

/// A request, and what is true.
#[derive(Debug, Args)]
pub(crate) struct Decide {
    /// A policy document; without, the clinic's own in force.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// What is to be done.
    #[arg(long, default_value = "read")]
    action: Action,
    /// In which role.
    #[arg(long)]
    role: Role,
    /// What for.
    #[arg(long)]
    purpose: Purpose,
    /// The id of a purpose that the notice does not describe.
    #[arg(long, value_name = "ID")]
    undescribed: Option<UndescribedPurposeId>,
    /// A category; may be given several times.
    #[arg(long, required = true)]
    category: Vec<Category>,
    /// Whom for.
    #[arg(long, default_value = "internal")]
    recipient: RecipientClass,
    /// Where the recipient is: domestic or abroad.
    #[arg(long, default_value = "domestic")]
    country: CountryClass,
    /// On what ground.
    #[arg(long)]
    ground: Ground,
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

impl Policy {
    /// Whether no clinic has to be open for it.
    pub(crate) fn needs_no_clinic(&self) -> bool {
        match self {
            Self::Decide(decide) => decide.policy.is_some(),
            Self::Words => true,
        }
    }
}

impl Decide {
    fn answer(&self, engine: &Engine) -> Answer {
        let request = Request {
            action: self.action,
            role: self.role,
            actor: None,
            purpose: self.purpose,
            undescribed: self.undescribed.clone(),
            categories: Set::of(&self.category),
            recipient: self.recipient,
            recipient_id: None,
            country: self.country,
            ground: self.ground,
            detail: self.detail,
        };
        let facts = Facts::new(self.consent, Set::of(&self.fact));
        // Facts without a scheduled change hold at every instant.
        let decision = engine.decide(&request, &facts, chrono::DateTime::UNIX_EPOCH);
        Answer::of(engine, &request, &decision)
    }
}

/// Decides by the clinic's own policy in force.
pub(crate) fn answer(work: &Work<'_>, policy: &Policy, out: &mut impl Write) -> Result<Verdict, CliError> {
    match policy {
        Policy::Words => words(out),
        Policy::Decide(decide) => {
            let house = work.runtime().house().ok_or(clinic_runtime::RuntimeError::Interrupted)?;
            write(work.form, work.language, &decide.answer(&house.engine), out)
        }
    }
}

/// Decides by a document, or prints what needs no clinic either.
pub(crate) fn answer_without_clinic(
    cli: &Cli,
    policy: &Policy,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let form = if cli.json { Form::Json } else { Form::Text };
    match policy {
        Policy::Decide(decide) => {
            let engine = decide.policy.as_deref().map(engine_of).transpose()?;
            let engine = engine.ok_or_else(|| CliError::usage("name a document: --policy FILE"))?;
            write(form, cli.lang, &decide.answer(&engine), out)
        }
        Policy::Words => words(out),
    }
}

fn engine_of(path: &Path) -> Result<Engine, CliError> {
    let file = |source| CliError::File { path: path.to_owned(), source };
    let broken = |why: String| CliError::Policy { path: path.to_owned(), why };
    let text = std::fs::read_to_string(path).map_err(file)?;
    let draft = PolicyDraft::parse(&text).map_err(|error| broken(error.to_string()))?;
    Ok(Engine::new(draft.check().map_err(|error| broken(error.to_string()))?))
}

fn write(
    form: Form,
    language: privacy_notice::Language,
    answer: &Answer,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    match form {
        Form::Json => render::json(out, answer)?,
        Form::Text => {
            writeln!(out, "{}", render::headline(answer.outcome, language))?;
            render::reasons(&answer.reasons, language, out)?;
            if !answer.obligations.is_empty() {
                writeln!(out, "  owed: {}", answer.obligations)?;
            }
        }
    }
    Ok(render::verdict(answer))
}

fn words(out: &mut impl Write) -> Result<Verdict, CliError> {
    list::<Action>(out)?;
    list::<Role>(out)?;
    list::<Purpose>(out)?;
    list::<Category>(out)?;
    list::<RecipientClass>(out)?;
    list::<CountryClass>(out)?;
    list::<Ground>(out)?;
    list::<Detail>(out)?;
    list::<ConsentForm>(out)?;
    list::<Fact>(out)?;
    list::<jurisdiction::Right>(out)?;
    list::<rights_requests::Channel>(out)?;
    Ok(Verdict::Done)
}

fn list<V: Vocabulary>(out: &mut impl Write) -> std::io::Result<()> {
    let words: Vec<&str> = V::ALL.iter().map(|word| word.code()).collect();
    writeln!(out, "{}: {}", V::NAME, words.join(", "))
}
