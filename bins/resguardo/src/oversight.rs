//! `audit accounting`, `looks`, `suspend`: what the log says about one person.

use std::io::Write;
use std::path::PathBuf;

use audit_log::{Disclosure, ReaderWords as _, RecipientId, ShownLook, Statement};
use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use clinic_runtime::OnPaper;
use privacy_notice::Language;
use privacy_operations::{HouseWords, LogAsking, SuspendAccounting};
use records_model::{ProviderId, SubjectId};
use serde_json::{Value, json};

use crate::acting::{Form, Unnamed, Work};
use crate::audit::write_whole;
use crate::{CliError, Verdict, render};

/// Whose, why, and in which form.
#[derive(Debug, Args)]
pub(crate) struct About {
    /// Whose.
    #[arg(long, value_name = "SUBJECT")]
    person: SubjectId,
    /// The person asked for it: whoever answers for privacy hands it to them once it is proved who asks. Without,
    /// it is looked at to oversee the clinic.
    #[arg(long)]
    on_request: bool,
    /// Also write it as the person takes it along, with the newest signed head of the log.
    #[arg(long, value_name = "FILE", requires = "as_file")]
    out: Option<PathBuf>,
    /// In which form.
    #[arg(long = "format", id = "as_file", value_name = "FORM", requires = "out")]
    as_file: Option<FileForm>,
}

/// In which form a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileForm {
    /// A table for a spreadsheet.
    Csv,
    /// A page to print or to keep.
    Html,
}

/// What an authority stated.
#[derive(Debug, Args)]
pub(crate) struct Suspend {
    /// Whose accounting.
    #[arg(long, value_name = "SUBJECT")]
    person: SubjectId,
    /// The authority, if it is in the register; without, every authority.
    #[arg(long, value_name = "PROVIDER_ID")]
    authority: Option<ProviderId>,
    /// A written statement: the instant until which it is to hold, such as 2026-12-01T00:00:00Z.
    #[arg(long, value_name = "INSTANT", required_unless_present = "oral")]
    until: Option<DateTime<Utc>>,
    /// An oral statement: it holds 30 days from when it was made, and no longer.
    #[arg(long, conflicts_with = "until")]
    oral: bool,
    /// When the statement was made; without, now.
    #[arg(long, value_name = "INSTANT")]
    stated_at: Option<DateTime<Utc>>,
    /// What was stated and by whom; stored sealed.
    #[arg(long)]
    words: String,
}

impl About {
    const fn asking(&self) -> LogAsking {
        if self.on_request { LogAsking::OwnRequest } else { LogAsking::Oversight }
    }

    fn file(&self) -> Option<(&PathBuf, OnPaper)> {
        let form = match self.as_file? {
            FileForm::Csv => OnPaper::Csv,
            FileForm::Html => OnPaper::Html,
        };
        Some((self.out.as_ref()?, form))
    }
}

/// The text in one of the two languages.
pub(crate) const fn t<'a>(language: Language, es: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Es => es,
        Language::En => en,
    }
}

pub(crate) async fn accounting(
    work: &Work<'_>,
    about: &About,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let shown = work.runtime().accounting((actor, about.person), about.asking(), work.clock()).await?;
    let words = HouseWords::new(work.house().await?, work.language);
    if let Some((path, form)) = about.file()
        && let Some(text) = shown.on_paper(form, work.language, &words)
    {
        write_whole(path, &text)?;
    }
    let runs = shown.accounting.as_ref().map(|accounting| accounting.disclosures.as_slice());
    match (work.form, runs) {
        (Form::Json, _) => render::json(
            out,
            &json!({
                "answer": shown.answer,
                "from": shown.accounting.as_ref().map(|accounting| accounting.window.start),
                "to": shown.accounting.as_ref().map(|accounting| accounting.window.end),
                "disclosures": runs.map(|runs| runs.iter().map(run_json).collect::<Vec<_>>()),
                "hidden": shown.accounting.as_ref().map(|accounting| accounting.hidden),
                "unopened": shown.unopened,
                "checkpoint": shown.checkpoint.as_deref(),
            }),
        )?,
        (Form::Text, None) => render::refusal(work, &shown.answer, out)?,
        (Form::Text, Some(runs)) => {
            accounting_table(work, runs, &words, out)?;
            let hidden = shown.accounting.as_ref().map_or(0, |accounting| accounting.hidden);
            let lines = [
                (hidden, "suspendidas por una autoridad", "suspended by an authority"),
                (left(shown.unopened), "entradas que ya no se abren", "entries that no longer open"),
            ];
            notes(work, lines, shown.checkpoint.as_deref(), out)?;
        }
    }
    Ok(render::verdict(&shown.answer))
}

fn accounting_table(
    work: &Work<'_>,
    runs: &[Disclosure],
    words: &HouseWords,
    out: &mut impl Write,
) -> Result<(), CliError> {
    let l = work.language;
    if runs.is_empty() {
        writeln!(
            out,
            "{}",
            t(l, "en seis años nada salió de la clínica", "in six years nothing left the clinic")
        )?;
        return Ok(());
    }
    let mut table = work.table(&[
        t(l, "primera", "first"),
        t(l, "última", "last"),
        t(l, "veces", "times"),
        t(l, "a quién", "to whom"),
        t(l, "qué", "what"),
        t(l, "para qué", "what for"),
    ]);
    for run in runs {
        let what: Vec<String> = run.categories.iter().map(|category| words.category(category)).collect();
        table.add_row([
            words.day(run.first_at).to_string(),
            words.day(run.last_at).to_string(),
            run.count.to_string(),
            words.recipient(&run.recipient).name,
            what.join(", "),
            words.purpose(run.purpose, run.undescribed_purpose.as_ref()),
        ]);
    }
    writeln!(out, "{}", table.trim_fmt())?;
    Ok(())
}

fn run_json(run: &Disclosure) -> Value {
    let recipient = match run.recipient.id {
        Some(RecipientId::Provider(id)) => Some(id),
        Some(RecipientId::Person(_) | RecipientId::Actor(_)) | None => None,
    };
    json!({
        "recipient_class": run.recipient.class, "recipient": recipient, "purpose": run.purpose,
        "undescribed": run.undescribed_purpose, "ground": run.ground, "categories": run.categories,
        "first_at": run.first_at, "last_at": run.last_at, "times": run.count, "entries": run.entries,
    })
}

pub(crate) async fn looks(work: &Work<'_>, about: &About, out: &mut impl Write) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let asked = (about.asking(), work.language);
    let shown = work.runtime().looks((actor, about.person), asked, work.clock()).await?;
    if let Some((path, form)) = about.file()
        && let Some(text) = shown.on_paper(form, work.language)
    {
        write_whole(path, &text)?;
    }
    match (work.form, &shown.looks) {
        (Form::Json, looks) => render::json(
            out,
            &json!({
                "answer": shown.answer,
                "looks": looks.as_ref().map(|looks| looks.iter().map(look_json).collect::<Vec<_>>()),
                "unopened": shown.unopened,
                "checkpoint": shown.checkpoint.as_deref(),
            }),
        )?,
        (Form::Text, None) => render::refusal(work, &shown.answer, out)?,
        (Form::Text, Some(looks)) => {
            looks_table(work, looks, out)?;
            let lines =
                [(left(shown.unopened), "entradas que ya no se abren", "entries that no longer open")];
            notes(work, lines, shown.checkpoint.as_deref(), out)?;
        }
    }
    Ok(render::verdict(&shown.answer))
}

fn looks_table(work: &Work<'_>, looks: &[ShownLook], out: &mut impl Write) -> Result<(), CliError> {
    let l = work.language;
    if looks.is_empty() {
        writeln!(out, "{}", t(l, "nadie ha visto este expediente", "nobody has looked at this record"))?;
        return Ok(());
    }
    let mut table = work.table(&[
        t(l, "cuándo", "when"),
        t(l, "quién", "who"),
        t(l, "para qué", "what for"),
        t(l, "qué", "what"),
        t(l, "resultado", "outcome"),
    ]);
    for look in looks {
        let who = [&look.role, &look.unit, &look.name].into_iter().flatten().cloned().collect::<Vec<_>>();
        let outcome = match (look.outcome.is_refusal(), look.is_break_glass) {
            (true, _) => t(l, "se negó", "refused"),
            (false, true) => t(l, "urgencia", "emergency"),
            (false, false) => t(l, "se permitió", "allowed"),
        };
        table.add_row([
            look.at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            who.join(", "),
            look.purpose.clone(),
            look.categories.join(", "),
            outcome.to_owned(),
        ]);
    }
    writeln!(out, "{}", table.trim_fmt())?;
    Ok(())
}

fn look_json(look: &ShownLook) -> Value {
    json!({
        "entry": look.entry, "at": look.at, "role": look.role, "unit": look.unit, "name": look.name,
        "purpose": look.purpose, "categories": look.categories, "refused": look.outcome.is_refusal(),
        "break_glass": look.is_break_glass,
    })
}

fn left(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// What the table does not hold, and the head that proves it later.
fn notes(
    work: &Work<'_>,
    lines: impl IntoIterator<Item = (u64, &'static str, &'static str)>,
    head: Option<&str>,
    out: &mut impl Write,
) -> Result<(), CliError> {
    for (count, es, en) in lines.into_iter().filter(|(count, ..)| *count > 0) {
        writeln!(out, "  {}: {count}", t(work.language, es, en))?;
    }
    if let Some(head) = head {
        let label = t(work.language, "cabecera firmada de la bitácora", "signed head of the log");
        writeln!(out, "{label}:\n{head}")?;
    }
    Ok(())
}

pub(crate) async fn suspend(
    work: &Work<'_>,
    suspend: Suspend,
    out: &mut impl Write,
) -> Result<Verdict, CliError> {
    let actor = work.actor(Unnamed::Refused).await?;
    let stated_at = match suspend.stated_at {
        Some(instant) => instant,
        None => work.runtime().store().instant(work.clock()).await?,
    };
    let statement = suspend.until.map_or(Statement::Oral, |until| Statement::Written { until });
    let operation = SuspendAccounting {
        actor,
        subject: suspend.person,
        authority: suspend.authority,
        stated_at,
        statement,
        words: suspend.words,
    };
    let suspended = work.runtime().perform(&operation, work.clock()).await?;
    let until = suspended.suspension.map(|(_, until)| until);
    let done = until.map(|until| {
        let label = t(work.language, "suspendido; termina por sí solo el", "suspended; it ends by itself on");
        format!("{label} {}", until.format("%Y-%m-%dT%H:%M:%SZ"))
    });
    let value = json!({ "suspension": suspended.suspension.map(|(id, _)| id), "until": until });
    render::change(work, &suspended.answer, (done.as_deref().unwrap_or_default(), value), out)
}
