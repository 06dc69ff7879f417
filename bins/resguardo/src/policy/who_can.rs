//! `policy who-can`: everything that is permitted about what is asked, as boxes.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use consent_policy::{PartialRequest, Scope};
use records_model::{
    Action, Category, ConsentForm, CountryClass, Detail, Fact, Ground, Purpose, RecipientClass, Role, Set,
    Vocabulary,
};

use super::{Asked, document};
use crate::acting::Form;
use crate::{CliError, Verdict, render};

/// Part of a request; what is left out may be anything.
#[derive(Debug, Args)]
pub(crate) struct WhoCan {
    /// A policy document; without, the clinic's own in force.
    #[arg(value_name = "FILE")]
    document: Option<PathBuf>,
    /// A category; may be given several times, like all that follow.
    #[arg(long, required = true)]
    category: Vec<Category>,
    /// What is to be done.
    #[arg(long)]
    action: Vec<Action>,
    /// In which role.
    #[arg(long)]
    role: Vec<Role>,
    /// What for.
    #[arg(long)]
    purpose: Vec<Purpose>,
    /// Whom for.
    #[arg(long)]
    recipient: Vec<RecipientClass>,
    /// Where the recipient is: domestic or abroad.
    #[arg(long)]
    country: Vec<CountryClass>,
    /// On what ground.
    #[arg(long)]
    ground: Vec<Ground>,
    /// In what detail.
    #[arg(long)]
    detail: Vec<Detail>,
    /// A fact that holds.
    #[arg(long)]
    fact: Vec<Fact>,
    /// A fact that does not hold.
    #[arg(long, value_name = "FACT")]
    without: Vec<Fact>,
    /// The form of the consent that there is.
    #[arg(long)]
    consent: Vec<ConsentForm>,
}

impl WhoCan {
    pub(super) const fn names_a_document(&self) -> bool {
        self.document.is_some()
    }

    pub(super) fn answer(&self, asked: &Asked<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        let policy = match &self.document {
            Some(path) => document::verified(path)?,
            None => asked.in_force()?.policy().clone(),
        };
        let permitted = policy.who_can(&self.partial());
        match asked.form {
            Form::Json => render::json(out, &permitted)?,
            Form::Text if permitted.is_empty() => writeln!(out, "nobody")?,
            Form::Text => {
                for found in &permitted {
                    writeln!(out, "{}", found.rule)?;
                    writeln!(out, "  {}", found.region)?;
                    writeln!(out, "  opens {}; owes {}", or_none(found.fields), or_none(found.obligations))?;
                }
            }
        }
        Ok(if permitted.is_empty() { Verdict::No } else { Verdict::Done })
    }

    fn partial(&self) -> PartialRequest {
        PartialRequest {
            scope: Scope {
                actions: any_or(&self.action),
                roles: any_or(&self.role),
                purposes: any_or(&self.purpose),
                categories: any_or(&self.category),
                recipients: any_or(&self.recipient),
                countries: any_or(&self.country),
                grounds: any_or(&self.ground),
                details: any_or(&self.detail),
            },
            present: Set::of(&self.fact),
            absent: Set::of(&self.without),
            forms: any_or(&self.consent),
        }
    }
}

fn any_or<V: Vocabulary>(words: &[V]) -> Set<V> {
    if words.is_empty() { Set::full() } else { Set::of(words) }
}

fn or_none<V: Vocabulary>(words: Set<V>) -> String {
    if words.is_empty() { "nothing".to_owned() } else { words.to_string() }
}
