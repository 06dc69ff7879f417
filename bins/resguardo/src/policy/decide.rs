//! `policy decide`: one request that somebody makes up, and the answer to it.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use consent_policy::{Engine, Facts, Request};
use privacy_operations::Answer;
use records_model::{
    Action, Category, ConsentForm, CountryClass, Detail, Fact, Ground, Purpose, RecipientClass, Role, Set,
    UndescribedPurposeId,
};

use super::document;
use crate::acting::Form;
use crate::{CliError, Verdict, render};

/// A request, and what is true.
#[derive(Debug, Args)]
pub(crate) struct Decide {
    /// A policy document; without, the clinic's own in force.
    #[arg(value_name = "FILE")]
    document: Option<PathBuf>,
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

impl Decide {
    pub(super) const fn names_a_document(&self) -> bool {
        self.document.is_some()
    }

    /// Decides by the document that it names.
    pub(super) fn answer_by_document(
        &self,
        form: Form,
        language: privacy_notice::Language,
        out: &mut impl Write,
    ) -> Result<Verdict, CliError> {
        let engine = self.document.as_deref().map(document::engine_of).transpose()?;
        let engine = engine.ok_or_else(|| CliError::usage("name a policy document"))?;
        self.answer(&engine, form, language, out)
    }

    pub(super) fn answer(
        &self,
        engine: &Engine,
        form: Form,
        language: privacy_notice::Language,
        out: &mut impl Write,
    ) -> Result<Verdict, CliError> {
        write(form, language, &self.decided(engine), out)
    }

    fn decided(&self, engine: &Engine) -> Answer {
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
