//! `retention block`, `lift`, `blocks` and `withdraw`: keeping records away that stay on file, and ending that.

use std::io::Write;

use clap::{Args, ValueEnum};
use privacy_operations::{BlockRow, GrantBlock, Granting, LiftBlock, ViewFile, WithdrawDisposal};
use records_model::{BlockId, CaseId, DisposalId, Ground, Purpose, RetentionClass, Set, SubjectId};
use rights_requests::Explanation;
use serde_json::json;

use crate::acting::{Form, Unnamed, Work};
use crate::{CliError, Verdict, disposals, render};

/// What is granted of a request.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Grant {
    /// The cancellation: the classes are locked away until they may be destroyed.
    Cancellation,
    /// The cancellation in part: a law keeps the classes in use, and every secondary use of them ends.
    InPart,
    /// The objection: every secondary use of the classes ends.
    Objection,
}

/// Which request is answered, and how.
#[derive(Debug, Args)]
pub(crate) struct Block {
    /// Whose records.
    subject: SubjectId,
    /// The request, as `requests list` shows it; who asks has proved who they are.
    request: CaseId,
    /// What is granted of it.
    #[arg(long, value_enum)]
    grant: Grant,
    /// A class of records that is kept away, such as clinical; may be given several times.
    #[arg(long, required = true)]
    class: Vec<RetentionClass>,
    /// With `--grant in-part`: why a law keeps the classes, in words for the person.
    #[arg(long)]
    why: Option<String>,
}

impl Block {
    fn granting(&self) -> Result<Granting, CliError> {
        match (self.grant, &self.why) {
            (Grant::Cancellation, None) => Ok(Granting::Cancellation),
            (Grant::Objection, None) => Ok(Granting::Objection),
            (Grant::InPart, Some(why)) => {
                let explanation =
                    Explanation::parse(why).map_err(|error| CliError::usage(format!("--why: {error}")))?;
                Ok(Granting::CancellationInPart { explanation })
            }
            (Grant::InPart, None) => Err(CliError::usage("--grant in-part needs --why, for the person")),
            (_, Some(_)) => Err(CliError::usage("--why goes with --grant in-part")),
        }
    }
}

pub(crate) async fn block(work: &Work<'_>, asked: &Block, out: &mut impl Write) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let operation = GrantBlock {
        actor,
        subject: asked.subject,
        case: asked.request,
        classes: Set::of(&asked.class),
        granting: asked.granting()?,
    };
    let changed = work.runtime().perform(&operation, work.clock()).await?;
    let done = changed.block.map(|id| format!("answered and carried out; kept away by {id}"));
    let result = json!({ "block": changed.block });
    render::change(work, &changed.answer, (&done.unwrap_or_default(), result), out)
}

pub(crate) async fn lift(
    work: &Work<'_>,
    (subject, block): (SubjectId, BlockId),
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let changed = work.runtime().perform(&LiftBlock { actor, subject, block }, work.clock()).await?;
    render::change(work, &changed.answer, ("lifted", json!({ "block": changed.block })), out)
}

pub(crate) async fn list(
    work: &Work<'_>,
    subject: SubjectId,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let look = ViewFile { actor, subject, purpose: Purpose::Oversight, ground: Ground::LegalDuty };
    let viewed = work.runtime().perform(&look, work.clock()).await?;
    let Some(file) = viewed.file else { return disposals::refused(work, &viewed.answer, out) };
    let line = |block: &BlockRow| {
        json!({
            "block": block.id, "request": block.case, "classes": block.classes, "extent": block.extent,
            "starts_at": block.starts_at, "lifted_at": block.lifted_at,
        })
    };
    if work.form == Form::Json {
        render::json(out, &json!({ "blocks": file.blocks.iter().map(line).collect::<Vec<_>>() }))?;
        return Ok(Verdict::Done);
    }
    for BlockRow { id, case, classes, extent, starts_at, lifted_at } in &file.blocks {
        let ended = lifted_at.map_or_else(String::new, |at| format!(", lifted {at}"));
        writeln!(out, "{id}  {extent}: {classes}, since {starts_at}{ended} (request {case})")?;
    }
    if file.blocks.is_empty() {
        writeln!(out, "nothing is kept away")?;
    }
    Ok(Verdict::Done)
}

pub(crate) async fn withdraw(
    work: &Work<'_>,
    disposal: DisposalId,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let (subject, _) = disposals::found(work, disposal).await?;
    let operation = WithdrawDisposal { actor, subject, disposal };
    let answer = work.runtime().perform(&operation, work.clock()).await?;
    let done = "taken back; what it blocked is open again";
    render::change(work, &answer, (done, json!({ "disposal": disposal })), out)
}
