//! `records`: bring them in, read them, attach files to them.

use std::io::Write;

use clap::{Args, Subcommand};
use clinic_runtime::{OpenedRecord, OpenedUse, Withheld};
use privacy_operations::{Answer, Setting, UseRecords};
use records_model::{Category, Detail, Field, Ground, Purpose, SubjectId};
use serde_json::{Value, json};

use crate::acting::{Form, Unnamed, Work};
use crate::{CliError, Verdict, attachments, import, render, values};

#[derive(Debug, Subcommand)]
pub(crate) enum Records {
    /// Bring in FHIR R4 transaction bundles; the same again changes nothing, and no consent is made.
    Import(import::Import),
    /// Show a person's records, as far as the policy lets this reader see them.
    Show(Show),
    /// Attach a file to a person's records: all of it is stored, sealed, or nothing.
    Attach(attachments::Attach),
    /// The files that are attached to records.
    #[command(subcommand)]
    Attachment(attachments::Attachment),
}

/// Which records, and what for.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Whose.
    subject: SubjectId,
    /// What for, such as treatment.
    #[arg(long)]
    purpose: Purpose,
    /// On what ground, such as consent.
    #[arg(long)]
    ground: Ground,
    /// In what detail: existence, coded, minimum, masked or full.
    #[arg(long, default_value = "full")]
    detail: Detail,
    /// A category, such as laboratory; may be given several times. Without, all of them.
    #[arg(long)]
    category: Vec<Category>,
    /// Care takes place at a distance.
    #[arg(long)]
    remote: bool,
}

pub(crate) async fn answer(
    work: &Work<'_>,
    records: Records,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    match records {
        Records::Import(import) => import::answer(work, import, out).await,
        Records::Show(show) => show_records(work, show, out).await,
        Records::Attach(attach) => attach.answer(work, out).await,
        Records::Attachment(attachments::Attachment::Get(get)) => get.answer(work, out).await,
    }
}

async fn show_records(work: &Work<'_>, show: Show, out: &mut impl Write) -> Result<Verdict, CliError> {
    let operation = UseRecords {
        actor: work.actor(Unnamed::Refused).await?,
        subject: show.subject,
        purpose: show.purpose,
        ground: show.ground,
        detail: show.detail,
        categories: values::set_or_full(&show.category),
        setting: if show.remote { Setting::Remote } else { Setting::InPerson },
    };
    let used = work.runtime().perform(&operation, work.clock()).await?;
    let opened = work.runtime().open_used(show.subject, used)?;
    match work.form {
        Form::Json => render::json(out, &as_json(&opened))?,
        Form::Text => write_text(work, &opened, out)?,
    }
    Ok(if opened.answers.iter().any(Answer::is_permit) { Verdict::Done } else { Verdict::No })
}

fn write_text(work: &Work<'_>, opened: &OpenedUse, out: &mut impl Write) -> Result<(), CliError> {
    if !opened.records.is_empty() {
        let mut table = work.table(&["date", "category", "kind", "what"]);
        for record in &opened.records {
            let date = record.head.anchor_at.date_naive().to_string();
            let (category, kind) = (record.head.category.to_string(), record.head.kind.to_string());
            table.add_row([date, category, kind, lines(record)]);
        }
        writeln!(out, "{}", table.trim_fmt())?;
    }
    let permitted = opened.answers.iter().filter(|answer| answer.is_permit()).count();
    writeln!(
        out,
        "{} records shown; {permitted} of {} decisions permit",
        opened.records.len(),
        opened.answers.len()
    )?;
    for answer in opened.answers.iter().filter(|answer| !answer.is_permit()) {
        write!(out, "{}: ", answer.request.categories)?;
        render::refusal(work, answer, out)?;
    }
    if opened.withheld == Withheld::Something {
        writeln!(out, "something is withheld from this reader")?;
    }
    Ok(())
}

/// The fields that a person reads, one a line; the whole source document is for programs.
fn lines(record: &OpenedRecord) -> String {
    let shown = record.content.iter().filter(|(field, _)| **field != Field::SourceDocument);
    shown
        .map(|(field, value)| format!("{field}: {}", render::plain(value.as_str())))
        .collect::<Vec<_>>()
        .join("\n")
}

fn as_json(opened: &OpenedUse) -> Value {
    let record = |record: &OpenedRecord| {
        let fields: serde_json::Map<String, Value> =
            record.content.iter().map(|(field, value)| (field.to_string(), value.as_str().into())).collect();
        json!({
            "record": record.head.id,
            "version": record.head.version.number(),
            "category": record.head.category,
            "kind": record.head.kind,
            "at": record.head.anchor_at,
            "fields": fields,
        })
    };
    json!({
        "records": opened.records.iter().map(record).collect::<Vec<_>>(),
        "answers": opened.answers,
        "something_withheld": opened.withheld == Withheld::Something,
    })
}
