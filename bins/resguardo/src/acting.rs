//! Who acts, in which clinic, and how the answer is to look.

use std::sync::Arc;

use clinic_runtime::{EpochKeySource, Founded, Runtime, RuntimeError};
use comfy_table::Table;
use postgres_store::Clock;
use privacy_notice::Language;
use privacy_operations::{Answer, House, system_actor};
use records_model::ActorId;

use crate::{Cli, CliError, Screen, Session, render};

/// How an answer is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Who acts if nobody is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unnamed {
    /// The system itself, if the policy lets it.
    System,
    /// Nobody: a person answers for this.
    Refused,
}

/// One command at work.
pub(crate) struct Work<'s> {
    session: &'s Session,
    acting: Option<String>,
    /// How the answer is printed.
    pub(crate) form: Form,
    /// In which language reasons are given.
    pub(crate) language: Language,
}

impl<'s> Work<'s> {
    pub(crate) fn new(session: &'s Session, cli: &Cli) -> Self {
        let form = if cli.json { Form::Json } else { Form::Text };
        Self { session, acting: cli.acting.clone(), form, language: cli.lang }
    }

    pub(crate) fn runtime(&self) -> &Arc<Runtime> {
        &self.session.runtime
    }

    /// Where the key of the clinic's epoch is kept.
    pub(crate) fn keys(&self) -> &EpochKeySource {
        &self.session.keys
    }

    /// Whether the clinic was founded by this opening.
    pub(crate) fn founded(&self) -> Founded {
        self.session.founded
    }

    pub(crate) fn clock(&self) -> Clock {
        self.session.clock
    }

    /// A table for people.
    pub(crate) fn table(&self, header: &[&str]) -> Table {
        render::table(self.session.screen, header)
    }

    /// How wide tables may be.
    pub(crate) fn screen(&self) -> Screen {
        self.session.screen
    }

    /// The documents in force.
    pub(crate) async fn house(&self) -> Result<Arc<House>, RuntimeError> {
        match self.runtime().house() {
            Some(house) => Ok(house),
            None => self.runtime().refresh().await,
        }
    }

    /// Who acts.
    pub(crate) async fn actor(&self, unnamed: Unnamed) -> Result<ActorId, CliError> {
        match (&self.acting, unnamed) {
            (Some(name), _) => self.actor_named(name).await,
            (None, Unnamed::System) => Ok(system_actor(self.runtime().clinic())),
            (None, Unnamed::Refused) => {
                Err(CliError::usage("say who acts: --as LOGIN; `staff list` shows who works here"))
            }
        }
    }

    /// The actor who signs in with this name, or has this id.
    pub(crate) async fn actor_named(&self, name: &str) -> Result<ActorId, CliError> {
        if let Ok(id) = name.parse() {
            return Ok(id);
        }
        let (runtime, store) = (self.runtime(), self.runtime().store());
        let today = runtime.refresh().await?.zone.date_of(store.instant(self.clock()).await?);
        let found = store.login(runtime.clinic(), name, today).await?;
        let line = found.ok_or_else(|| {
            CliError::usage(
                "nobody signs in with the name after --as or --staff; `staff list` shows who works here",
            )
        })?;
        Ok(line.line.actor.id)
    }

    /// What to try after a refusal, if something is worth a try.
    pub(crate) fn next_step(&self, answer: &Answer) -> Option<&'static str> {
        let by_system = answer.request.role == records_model::Role::System;
        (self.acting.is_none() && by_system)
            .then_some("the system itself may not do this; name who acts with --as LOGIN")
    }
}
