//! `vault rotate-dek`: the next version of one person's key of one class.

use std::io::Write;

use clap::Args;
use crypto_vault::DekId;
use privacy_operations::{PreviewRotation, RotateKey, RotationPreviewed};
use records_model::{RetentionClass, SubjectId};
use serde_json::{Value, json};

use crate::acting::{Form, Unnamed, Work};
use crate::disposals::refused;
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
    /// Say which key would follow which, and what stays as it is; change nothing.
    #[arg(long)]
    dry_run: bool,
}

impl RotateDek {
    pub(super) async fn answer(&self, work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        if self.dry_run {
            let actor = work.actor(Unnamed::Refused).await?;
            let preview = PreviewRotation { actor, subject: self.person, class: self.class };
            let would = work.runtime().perform(&preview, work.clock()).await?;
            return self.preview(work, &would, out);
        }
        let actor = work.actor(Unnamed::Refused).await?;
        let rotate = RotateKey { actor, subject: self.person, class: self.class };
        let tended = work.runtime().perform(&rotate, work.clock()).await?;
        let done = format!(
            "a new {} key seals from now on; `vault reseal` seals under it what the earlier one sealed",
            self.class
        );
        render::change(work, &tended.answer, (done.as_str(), json!({ "class": self.class })), out)
    }

    fn preview(
        &self,
        work: &Work<'_>,
        would: &RotationPreviewed,
        out: &mut impl Write,
    ) -> Result<Verdict, CliError> {
        let RotationPreviewed { answer, keys, records, files } = would;
        if !answer.is_permit() {
            return refused(work, answer, out);
        }
        match work.form {
            Form::Json => {
                let key = |(from, to): &(DekId, DekId)| {
                    let month = from.month().map(|month| month.to_string());
                    json!({ "retired": from.version().number(), "made": to.version().number(), "month": month })
                };
                let keys: Vec<Value> = keys.iter().map(key).collect();
                let value = json!({ "class": self.class, "keys": keys, "records": records, "files": files });
                render::json(out, &value)?;
            }
            Form::Text => {
                for (from, to) in keys {
                    let of_month = from.month().map(|month| format!(" of {month}")).unwrap_or_default();
                    let (class, old, new) = (self.class, from.version(), to.version());
                    writeln!(
                        out,
                        "the {class} key{of_month}: version {new} would seal from then on, version {old} only open"
                    )?;
                }
                writeln!(
                    out,
                    "{records} versions of records and {files} attached files stay sealed as they are"
                )?;
                writeln!(out, "nothing was changed")?;
            }
        }
        Ok(Verdict::Done)
    }
}
