//! `disclosures`: what leaves the clinic.

use std::io::Write;

use clap::{Args, Subcommand};
use privacy_operations::{DiscloseRecords, DisclosedPage, Receiver};
use records_model::{
    Category, CountryClass, Detail, Ground, ProviderId, Purpose, RecipientClass, Set, SubjectId,
    UndescribedPurposeId,
};
use serde_json::{Value, json};

use crate::acting::{Form, Unnamed, Work};
use crate::{CliError, Verdict, render};

#[derive(Debug, Subcommand)]
pub(crate) enum Disclosures {
    /// Make the page that leaves: exactly the fields that the policy permits. Printing it is the disclosure.
    Send(Send),
}

/// What, to whom, and what for.
#[derive(Debug, Args)]
pub(crate) struct Send {
    /// Whose records.
    subject: SubjectId,
    /// A provider of the register, by its id.
    #[arg(long, value_name = "PROVIDER_ID", required_unless_present = "class")]
    to: Option<ProviderId>,
    /// Somebody of this class who is in no register.
    #[arg(long, conflicts_with = "to")]
    class: Option<RecipientClass>,
    /// Where somebody who is in no register is; where nobody says, it counts as abroad.
    #[arg(long, default_value = "abroad", conflicts_with = "to")]
    country: CountryClass,
    /// What for.
    #[arg(long)]
    purpose: Purpose,
    /// The id of a purpose that the notice does not describe.
    #[arg(long, value_name = "ID")]
    undescribed: Option<UndescribedPurposeId>,
    /// On what ground.
    #[arg(long)]
    ground: Ground,
    /// In what detail.
    #[arg(long, default_value = "full")]
    detail: Detail,
    /// A category; may be given several times.
    #[arg(long, required = true)]
    category: Vec<Category>,
}

pub(crate) async fn answer(
    work: &Work<'_>,
    disclosures: Disclosures,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let Disclosures::Send(send) = disclosures;
    let receiver = match (send.to, send.class) {
        (Some(id), _) => Receiver::Provider(id),
        (None, Some(class)) => Receiver::Class(class, send.country),
        (None, None) => return Err(CliError::usage("say to whom: --to PROVIDER_ID or --class CLASS")),
    };
    let operation = DiscloseRecords {
        actor: work.actor(Unnamed::Refused).await?,
        subject: send.subject,
        receiver,
        purpose: send.purpose,
        undescribed: send.undescribed,
        ground: send.ground,
        detail: send.detail,
        categories: Set::of(&send.category),
    };
    let disclosed = work.runtime().perform(&operation, work.clock()).await?;
    let opened = disclosed.page.map(|page| work.runtime().open_page(send.subject, page, &disclosed.keys));
    let page = opened.transpose()?;
    match (work.form, &page) {
        (Form::Json, _) => render::json(
            out,
            &json!({
                "answer": disclosed.answer,
                "stayed_behind": disclosed.stayed_behind,
                "page": page.as_ref().map(as_json),
            }),
        )?,
        (Form::Text, None) => render::refusal(work, &disclosed.answer, out)?,
        (Form::Text, Some(page)) => {
            text(work, page, out)?;
            if !disclosed.stayed_behind.is_empty() {
                writeln!(out, "stayed behind, because it reveals more than its category says:")?;
            }
            for answer in &disclosed.stayed_behind {
                render::reasons(&answer.reasons, work.language, out)?;
            }
        }
    }
    Ok(if page.is_some() { Verdict::Done } else { Verdict::No })
}

fn text(work: &Work<'_>, page: &DisclosedPage, out: &mut impl Write) -> Result<(), CliError> {
    let mut table = work.table(&["category", "field", "value"]);
    for field in &page.fields {
        let (category, name) = (field.category.to_string(), field.field.to_string());
        table.add_row([category, name, render::plain(field.value.as_str())]);
    }
    if !page.fields.is_empty() {
        writeln!(out, "{}", table.trim_fmt())?;
    }
    writeln!(out, "for {} only; not to be used for anything else nor passed on", page.purpose)?;
    if let Some((version, hash)) = &page.notice {
        writeln!(out, "notice {version}, {hash}")?;
    }
    if let Some(head) = &page.checkpoint {
        writeln!(out, "signed head of the log:\n{head}")?;
    }
    Ok(())
}

fn as_json(page: &DisclosedPage) -> Value {
    let fields: Vec<Value> = page
        .fields
        .iter()
        .map(|field| json!({ "category": field.category, "field": field.field, "value": field.value.as_str() }))
        .collect();
    json!({
        "fields": fields,
        "purpose": page.purpose,
        "notice": page.notice.as_ref().map(|(version, _)| version),
        "notice_hash": page.notice.as_ref().map(|(_, hash)| hash),
        "checkpoint": page.checkpoint.as_deref(),
    })
}
