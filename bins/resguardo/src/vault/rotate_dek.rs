//! `vault rotate-dek`: the next version of one person's key of one class.

use std::io::Write;

use clap::Args;
use privacy_operations::RotateKey;
use records_model::{RetentionClass, SubjectId};
use serde_json::json;

use crate::acting::{Unnamed, Work};
use crate::{CliError, Verdict, render};

/// Which key.
#[derive(Debug, Args)]
pub(crate) struct RotateDek {
    /// Whose key: a person's id.
    #[arg(long, value_name = "ID")]
    person: SubjectId,
    /// Of which retention class, such as `clinical`.
    #[arg(long, value_name = "CLASS")]
    class: RetentionClass,
}

impl RotateDek {
    pub(super) async fn answer(&self, work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        let actor = work.actor(Unnamed::Refused).await?;
        let rotate = RotateKey { actor, subject: self.person, class: self.class };
        let tended = work.runtime().perform(&rotate, work.clock()).await?;
        let done = format!(
            "a new {} key seals from now on; `vault reseal` seals under it what the earlier one sealed",
            self.class
        );
        render::change(work, &tended.answer, (done.as_str(), json!({ "class": self.class })), out)
    }
}
