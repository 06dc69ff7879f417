//! `vault`: the keys under which everything is sealed: what stands, how they end, and how they come back.

mod certificate;
mod doctor;
mod hold;
mod init;
mod inspect;
mod recovery;
mod reseal;
mod rotate_dek;
mod rotate_epoch;
mod status;
mod wrap_key;

use std::io::{IsTerminal as _, Write};

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use privacy_notice::KeySettings;

use crate::acting::{Form, Work};
use crate::{Cli, CliError, Verdict, disposals};

pub(crate) use certificate::words;
pub(crate) use doctor::of_error;
pub(crate) use recovery::read_share;

#[derive(Debug, Subcommand)]
pub(crate) enum Vault {
    /// Found the clinic and make its keys. Status 3 if it has them.
    Init,
    /// Show epochs, keys by state, copies, recovery and backups, with what should be done.
    Status,
    /// Look for what is wrong with keys and with what they seal. Status 3 if something is.
    Doctor,
    /// Wrap every key under a new epoch key, beside running servers; stopped anywhere, run it again.
    RotateEpoch(rotate_epoch::RotateEpoch),
    /// Have a service wrap the key that stands in a key file, and destroy that file. Rotate afterwards: it was a file.
    WrapKey(wrap_key::WrapKey),
    /// Make the next version of one person's key of one class: it seals from now on.
    RotateDek(rotate_dek::RotateDek),
    /// Seal under the newest version of each key what older ones sealed; stopped anywhere, run it again.
    Reseal(reseal::ResealAll),
    /// Carry a disposal out: the keys go, and with them everything sealed under them.
    Shred(disposals::CarryOut),
    /// What proves that something was destroyed.
    #[command(subcommand)]
    Certificate(certificate::CertificateVerb),
    /// The keys shared out among people, of whom some bring them back.
    #[command(subcommand)]
    Recovery(recovery::Recovery),
    /// Keep the key of an epoch from ending, for an authority.
    #[command(subcommand)]
    Hold(hold::Hold),
    /// Show the head of an envelope: no key is needed, and nothing is opened.
    Inspect(inspect::Inspect),
}

impl Vault {
    /// Answers what needs no open clinic.
    pub(crate) fn answer_without_clinic(
        &self,
        cli: &Cli,
        out: &mut impl Write,
    ) -> Option<Result<Verdict, CliError>> {
        let form = if cli.json { Form::Json } else { Form::Text };
        match self {
            Self::Inspect(inspect) => Some(inspect.answer(form, out)),
            Self::Certificate(certificate::CertificateVerb::Verify(check)) => {
                Some(certificate::check(check, form, out))
            }
            _ => None,
        }
    }

    /// How the key is kept that this command works on, if the settings may say otherwise already.
    pub(crate) fn key_settings(&self) -> Option<KeySettings> {
        matches!(self, Self::WrapKey(_)).then(KeySettings::default)
    }

    /// Whether an error on opening the clinic is this command's answer.
    pub(crate) const fn is_doctor(&self) -> bool {
        matches!(self, Self::Doctor)
    }
}

pub(crate) async fn answer(work: &Work<'_>, vault: Vault, out: &mut impl Write) -> Result<Verdict, CliError> {
    match vault {
        Vault::Init => init::answer(work, out),
        Vault::Status => status::answer(work, out).await,
        Vault::Doctor => doctor::answer(work, out).await,
        Vault::RotateEpoch(rotate) => rotate.answer(work, out).await,
        Vault::WrapKey(wrap) => wrap.answer(work, out).await,
        Vault::RotateDek(rotate) => rotate.answer(work, out).await,
        Vault::Reseal(reseal) => reseal.answer(work, out).await,
        Vault::Shred(carry_out) => disposals::carry_out(work, &carry_out, out).await,
        Vault::Certificate(verb) => certificate::answer(work, verb, out).await,
        Vault::Recovery(verb) => recovery::answer(work, verb, out).await,
        Vault::Hold(verb) => hold::answer(work, verb, out).await,
        Vault::Inspect(inspect) => inspect.answer(work.form, out),
    }
}

/// A bar on the terminal, if there is one to look at.
pub(crate) fn progress(count: u64, what: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(count);
    match ProgressStyle::with_template(&format!("{{wide_bar}} {{pos}}/{{len}} {what}, {{eta}} left")) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
