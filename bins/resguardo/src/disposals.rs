//! `retention propose`, `approve`, `dispose` and `list`: destroying what nothing keeps any longer.

use std::collections::BTreeSet;
use std::io::Write;

use clap::Args;
use clinic_runtime::DisposalPreview;
use privacy_operations::{
    Answer, ApproveDisposal, CarryOutDisposal, DisposalBlock, DisposalExtent, DisposalRow, DueClasses,
    OperationError, OverseeWork, PreviewDisposal, Previewed, ProposeDisposal, WorkList,
};
use records_model::{ActorId, DisposalId, RecordId, RetentionClass, SubjectId};
use serde_json::{Value, json};

use crate::acting::{Form, Unnamed, Work};
use crate::retention_review::Whom;
use crate::vault::{progress, words};
use crate::{CliError, Verdict, render};

/// Which disposal is carried out.
#[derive(Debug, Args)]
pub(crate) struct CarryOut {
    /// The disposal, as `retention list` shows it.
    disposal: DisposalId,
    /// Destroy nothing: say what would go, and what still stops it.
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn propose(
    work: &Work<'_>,
    whom: Whom,
    class: Option<RetentionClass>,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::System).await?;
    if matches!((whom, class), (Whom::All, Some(_))) {
        return Err(CliError::usage("--class is about one person; give the id of a person with it"));
    }
    let classes = class.map_or(DueClasses::All, DueClasses::One);
    let mut lines = Vec::new();
    let mut missing = 0;
    for subject in whom.subjects(work).await? {
        let operation = ProposeDisposal { actor, subject, classes };
        let proposed = work.runtime().perform(&operation, work.clock()).await?;
        if !proposed.answer.is_permit() {
            return refused(work, &proposed.answer, out);
        }
        missing = proposed.approvals_missing;
        lines.extend(proposed.proposals.into_iter().map(|proposal| (subject, proposal)));
    }
    if work.form == Form::Json {
        let line = |(subject, proposal): &(SubjectId, privacy_operations::Proposal)| json!({ "disposal": proposal.id, "subject": subject, "records": items(&proposal.extent), "review": proposal.review });
        let proposals: Vec<Value> = lines.iter().map(line).collect();
        render::json(out, &json!({ "proposals": proposals, "approvals_missing": missing }))?;
        return Ok(Verdict::Done);
    }
    for (subject, proposal) in &lines {
        let (class, clause) = (proposal.review.class(), proposal.review.clause());
        let what = amount(&proposal.extent);
        writeln!(out, "{}  {class} of {subject}, {what} ({clause})", proposal.id)?;
    }
    match lines.len() {
        0 => writeln!(out, "nothing is due that was not proposed before")?,
        _ => writeln!(out, "each still needs {missing} approval(s) by different officers, and seven days")?,
    }
    Ok(Verdict::Done)
}

pub(crate) async fn approve(
    work: &Work<'_>,
    disposal: DisposalId,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let (subject, _) = found(work, disposal).await?;
    let operation = ApproveDisposal { actor, subject, disposal };
    let approved = work.runtime().perform(&operation, work.clock()).await?;
    let (missing, not_before) = (approved.approvals_missing, approved.not_before);
    let done = format!("approved; {missing} approval(s) missing; to be carried out after {not_before}");
    let result = json!({ "disposal": disposal, "approvals_missing": missing, "not_before": not_before });
    render::change(work, &approved.answer, (&done, result), out)
}

pub(crate) async fn carry_out(
    work: &Work<'_>,
    asked: &CarryOut,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let disposal = asked.disposal;
    let (subject, _) = found(work, disposal).await?;
    if asked.dry_run {
        let operation = PreviewDisposal { actor, subject, disposal };
        let previewed = work.runtime().preview_disposal(&operation, work.clock()).await?;
        return preview(work, &previewed, out);
    }
    let operation = CarryOutDisposal { actor, subject, disposal };
    let bar = progress(0, "records that stay sealed under another key");
    let sealed = |done: usize, all: usize| {
        bar.set_length(u64::try_from(all).unwrap_or(u64::MAX));
        bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
    };
    let carried = work.runtime().carry_out(&operation, work.clock(), sealed).await;
    bar.finish_and_clear();
    let carried = carried?;
    let done =
        format!("destroyed: {} record(s) of the class {} and their keys", carried.records, carried.class);
    let result = json!({ "disposal": disposal, "class": carried.class, "records": carried.records });
    render::change(work, &carried.answer, (&done, result), out)
}

fn preview(work: &Work<'_>, preview: &DisposalPreview, out: &mut impl Write) -> Result<Verdict, CliError> {
    let DisposalPreview { previewed, keys } = preview;
    if !previewed.answer.is_permit() {
        return refused(work, &previewed.answer, out);
    }
    let Previewed { class, records, staying, blocks, .. } = previewed;
    let stops: Vec<String> = blocks.iter().map(ToString::to_string).collect();
    let left: BTreeSet<String> = keys.iter().flat_map(|(_, left)| left).map(words).collect();
    match work.form {
        Form::Json => {
            let versions: Vec<u32> = keys.iter().map(|(key, _)| key.version().number()).collect();
            let value = json!({
                "class": class, "records": records, "staying": staying, "key_versions": versions,
                "survives": left, "stopped_by": stops,
            });
            render::json(out, &value)?;
        }
        Form::Text => {
            let gone = keys.len();
            writeln!(out, "would go: {records} record(s) of the class {class} and {gone} key(s)")?;
            if *staying > 0 {
                writeln!(out, "would stay: {staying}, sealed under another key first where it is needed")?;
            }
            left.iter().try_for_each(|left| writeln!(out, "  would survive: {left}"))?;
            stops.iter().try_for_each(|stop| writeln!(out, "  not yet: {stop}"))?;
        }
    }
    Ok(if blocks.is_empty() { Verdict::Done } else { Verdict::No })
}

pub(crate) async fn list(work: &Work<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
    let oversee = OverseeWork { actor: work.actor(Unnamed::System).await?, list: WorkList::Disposals };
    let answer = work.runtime().perform(&oversee, work.clock()).await?;
    if !answer.is_permit() {
        return refused(work, &answer, out);
    }
    let disposals = work.runtime().store().disposals(work.runtime().clinic()).await?;
    if work.form == Form::Json {
        let lines: Vec<Value> = disposals.iter().map(|(subject, row)| as_json(*subject, row)).collect();
        render::json(out, &json!({ "disposals": lines }))?;
        return Ok(Verdict::Done);
    }
    let mut table = work.table(&[
        "disposal",
        "person",
        "class",
        "how much",
        "approvals missing",
        "not before",
        "carried out",
    ]);
    for (subject, row) in &disposals {
        table.add_row([
            row.id.to_string(),
            subject.to_string(),
            row.class.to_string(),
            amount(&row.extent),
            row.approvals_missing().to_string(),
            row.not_before.to_string(),
            carried_out(row),
        ]);
    }
    if disposals.is_empty() {
        writeln!(out, "nothing was proposed for destruction")?;
    } else {
        writeln!(out, "{}", table.trim_fmt())?;
    }
    Ok(Verdict::Done)
}

/// How much of a class goes, in words.
fn amount(extent: &DisposalExtent) -> String {
    match extent {
        DisposalExtent::Class => "all of it".to_owned(),
        DisposalExtent::Items(items) => format!("{} record(s) that have ended", items.len()),
    }
}

/// The records that go, if not all do.
fn items(extent: &DisposalExtent) -> Option<&BTreeSet<RecordId>> {
    match extent {
        DisposalExtent::Class => None,
        DisposalExtent::Items(items) => Some(items),
    }
}

fn carried_out(row: &DisposalRow) -> String {
    match (row.done_at, row.withdrawn_at) {
        (Some(at), _) => at.to_string(),
        (None, Some(_)) => "taken back".to_owned(),
        (None, None) => "-".to_owned(),
    }
}

fn as_json(subject: SubjectId, row: &DisposalRow) -> Value {
    let approvers: Vec<ActorId> = row.approvals.iter().map(|approval| approval.officer).collect();
    json!({
        "disposal": row.id,
        "subject": subject,
        "class": row.class,
        "records": items(&row.extent),
        "proposed_by": row.proposed_by,
        "proposed_at": row.proposed_at,
        "not_before": row.not_before,
        "approved_by": approvers,
        "approvals_missing": row.approvals_missing(),
        "done_at": row.done_at,
        "withdrawn_at": row.withdrawn_at,
    })
}

/// Whose disposal it is; ids alone.
pub(crate) async fn found(
    work: &Work<'_>,
    disposal: DisposalId,
) -> Result<(SubjectId, DisposalRow), CliError> {
    let disposals = work.runtime().store().disposals(work.runtime().clinic()).await?;
    let found = disposals.into_iter().find(|(_, row)| row.id == disposal);
    let unknown = || clinic_runtime::RuntimeError::from(OperationError::from(DisposalBlock::Unknown));
    Ok(found.ok_or_else(unknown)?)
}

pub(crate) fn refused(work: &Work<'_>, answer: &Answer, out: &mut impl Write) -> Result<Verdict, CliError> {
    match work.form {
        Form::Json => render::json(out, answer)?,
        Form::Text => render::refusal(work, answer, out)?,
    }
    Ok(Verdict::No)
}
