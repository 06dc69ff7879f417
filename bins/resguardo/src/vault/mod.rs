//! `vault`: keys, how they end, and how they come back.

mod certificate;
mod recovery;
mod shred;

use std::io::Write;

use clap::Subcommand;

use crate::acting::Work;
use crate::{CliError, Verdict};

pub(crate) use certificate::check;
pub(crate) use recovery::read_share;

#[derive(Debug, Subcommand)]
pub(crate) enum Vault {
    /// Carry a disposal out: the keys go, and with them everything sealed under them.
    Shred(crate::disposals::CarryOut),
    /// What proves that something was destroyed.
    #[command(subcommand)]
    Certificate(certificate::CertificateVerb),
    /// The keys shared out among people, of whom some bring them back.
    #[command(subcommand)]
    Recovery(recovery::Recovery),
}

impl Vault {
    /// The check that needs no clinic.
    pub(crate) const fn offline_check(&self) -> Option<&certificate::CheckCertificate> {
        match self {
            Self::Certificate(certificate::CertificateVerb::Verify(check)) => Some(check),
            _ => None,
        }
    }
}

pub(crate) async fn answer(work: &Work<'_>, vault: Vault, out: &mut impl Write) -> Result<Verdict, CliError> {
    match vault {
        Vault::Shred(carry_out) => shred::answer(work, &carry_out, out).await,
        Vault::Certificate(verb) => certificate::answer(work, verb, out).await,
        Vault::Recovery(verb) => recovery::answer(work, verb, out).await,
    }
}
