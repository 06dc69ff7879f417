//! The accounting and the looks as files that a person can open: CSV and HTML, in Spanish and English.

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, Utc};
use records_model::{ActorId, Category, Purpose, Role, UndescribedPurposeId};

use super::{Accounting, Disclosure, ShownLook};
use crate::Recipient;

/// A recipient as a person knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientLines {
    /// The name, or the class where no name is known.
    pub name: String,
    /// The address, if it is known.
    pub address: Option<String>,
}

/// The clinic's words and registers in one language, for whatever a person reads.
pub trait ReaderWords {
    /// The day at the clinic.
    fn day(&self, at: DateTime<Utc>) -> NaiveDate;
    /// Name and address of a recipient.
    fn recipient(&self, recipient: &Recipient) -> RecipientLines;
    /// A kind of data.
    fn category(&self, category: Category) -> String;
    /// A purpose; the undescribed one where there is one.
    fn purpose(&self, purpose: Option<Purpose>, undescribed: Option<&UndescribedPurposeId>) -> String;
    /// A role.
    fn role(&self, role: Role) -> String;
    /// The unit of the clinic somebody works in.
    fn unit(&self, actor: ActorId) -> Option<String>;
    /// Somebody's name.
    fn name(&self, actor: ActorId) -> Option<String>;
}

/// The fixed words of an accounting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountingHeadings {
    /// Code of the language, for the page.
    language: &'static str,
    title: &'static str,
    looks_title: &'static str,
    no_looks: &'static str,
    from: &'static str,
    to: &'static str,
    none: &'static str,
    columns: [&'static str; 7],
    checkpoint: &'static str,
    look_columns: [&'static str; 8],
    broken_glass: &'static str,
    allowed: &'static str,
    refused: &'static str,
}

impl AccountingHeadings {
    /// In Spanish.
    pub const SPANISH: Self = Self {
        language: "es",
        title: "A quién se ha entregado su información",
        looks_title: "Quién ha visto su expediente",
        no_looks: "Nadie ha visto su expediente ni lo ha intentado.",
        from: "desde el",
        to: "hasta el",
        none: "En este periodo no se entregó su información a nadie fuera de la clínica.",
        columns: ["Primera vez", "Última vez", "Veces", "A quién", "Domicilio", "Qué se entregó", "Para qué"],
        checkpoint: "Firma de la bitácora al momento de esta lista; consérvela, porque con ella se puede comprobar \
                     que nada se cambió después",
        look_columns: ["Cuándo", "Puesto", "Área", "Nombre", "Para qué", "Qué", "Resultado", "Emergencia"],
        broken_glass: "acceso de emergencia",
        allowed: "se permitió",
        refused: "se negó",
    };
    /// In English.
    pub const ENGLISH: Self = Self {
        language: "en",
        title: "Who was given your information",
        looks_title: "Who looked at your record",
        no_looks: "Nobody has looked at your record or tried to.",
        from: "from",
        to: "to",
        none: "In this period your information was given to nobody outside the clinic.",
        columns: ["First time", "Last time", "Times", "Given to", "Address", "What was given", "What for"],
        checkpoint: "The log's signature when this list was made; keep it, because with it anybody can check that \
                     nothing was changed afterwards",
        look_columns: ["When", "Role", "Unit", "Name", "What for", "What", "Outcome", "Emergency"],
        broken_glass: "emergency access",
        allowed: "allowed",
        refused: "refused",
    };
}

fn cells(run: &Disclosure, words: &dyn ReaderWords) -> [String; 7] {
    let RecipientLines { name, address } = words.recipient(&run.recipient);
    let categories: Vec<String> = run.categories.iter().map(|category| words.category(category)).collect();
    [
        words.day(run.first_at).to_string(),
        words.day(run.last_at).to_string(),
        run.count.to_string(),
        name,
        address.unwrap_or_default(),
        categories.join("; "),
        words.purpose(run.purpose, run.undescribed_purpose.as_ref()),
    ]
}

fn look_cells(look: &ShownLook, headings: &AccountingHeadings) -> [String; 8] {
    let text = |part: &Option<String>| part.clone().unwrap_or_default();
    let outcome = if look.outcome.is_refusal() { headings.refused } else { headings.allowed };
    let glass = if look.is_break_glass { headings.broken_glass } else { "" };
    [
        look.at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        text(&look.role),
        text(&look.unit),
        text(&look.name),
        look.purpose.clone(),
        look.categories.join("; "),
        outcome.to_owned(),
        glass.to_owned(),
    ]
}

/// The accounting as CSV (RFC 4180: commas, quotes where needed, CR LF), one run of disclosures a line; the last
/// line holds the log's newest signed head, if one is given.
#[must_use]
pub fn accounting_csv(
    accounting: &Accounting,
    headings: &AccountingHeadings,
    words: &dyn ReaderWords,
    checkpoint: Option<&str>,
) -> String {
    let mut out = csv_line(headings.columns);
    for run in &accounting.disclosures {
        out.push_str(&csv_line(cells(run, words)));
    }
    out.extend(checkpoint.map(|note| csv_line([headings.checkpoint, note, "", "", "", "", ""])));
    out
}

/// Looks as CSV, one a line; times are in UTC, to the second. The last line holds the log's newest signed head, if
/// one is given.
#[must_use]
pub fn looks_csv(looks: &[ShownLook], headings: &AccountingHeadings, checkpoint: Option<&str>) -> String {
    let mut out = csv_line(headings.look_columns);
    for look in looks {
        out.push_str(&csv_line(look_cells(look, headings)));
    }
    out.extend(checkpoint.map(|note| csv_line([headings.checkpoint, note, "", "", "", "", "", ""])));
    out
}

/// The accounting as one page of HTML without scripts, styles or links, to print or to keep, with the log's
/// newest signed head.
#[must_use]
pub fn accounting_html(
    accounting: &Accounting,
    headings: &AccountingHeadings,
    words: &dyn ReaderWords,
    checkpoint: Option<&str>,
) -> String {
    let (from, to) = (words.day(accounting.window.start), words.day(accounting.window.end));
    let period = format!("{} {from} {} {to}", headings.from, headings.to);
    let rows = accounting.disclosures.iter().map(|run| cells(run, words));
    html_page(headings, (headings.title, Some(&period)), (&headings.columns, headings.none), rows, checkpoint)
}

/// Looks as one page of HTML like the accounting; times are in UTC.
#[must_use]
pub fn looks_html(looks: &[ShownLook], headings: &AccountingHeadings, checkpoint: Option<&str>) -> String {
    let rows = looks.iter().map(|look| look_cells(look, headings));
    let none = (headings.look_columns.as_slice(), headings.no_looks);
    html_page(headings, (headings.looks_title, None), none, rows, checkpoint)
}

fn html_page<const N: usize>(
    headings: &AccountingHeadings,
    (title, period): (&str, Option<&str>),
    (columns, none): (&[&str], &str),
    rows: impl ExactSizeIterator<Item = [String; N]>,
    checkpoint: Option<&str>,
) -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body>\n<h1>{title}</h1>\n",
        headings.language
    );
    if let Some(period) = period {
        push_line(&mut out, format_args!("<p>{period}</p>"));
    }
    if rows.len() == 0 {
        push_line(&mut out, format_args!("<p>{none}</p>"));
    } else {
        out.push_str("<table>\n<thead><tr>");
        for column in columns {
            push(&mut out, format_args!("<th scope=\"col\">{column}</th>"));
        }
        out.push_str("</tr></thead>\n<tbody>\n");
        for row in rows {
            out.push_str("<tr>");
            for cell in row {
                push(&mut out, format_args!("<td>{}</td>", escaped(&cell)));
            }
            out.push_str("</tr>\n");
        }
        out.push_str("</tbody>\n</table>\n");
    }
    if let Some(note) = checkpoint {
        push_line(&mut out, format_args!("<p>{}:</p>\n<pre>{}</pre>", headings.checkpoint, escaped(note)));
    }
    out.push_str("</body>\n</html>\n");
    out
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing into a string does not fail.
    let _ = out.write_fmt(text);
}

fn push_line(out: &mut String, text: std::fmt::Arguments<'_>) {
    push(out, text);
    out.push('\n');
}

/// Text between tags or in quoted attributes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn csv_line<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|cell| csv_cell(cell.as_ref())).collect();
    format!("{}\r\n", cells.join(","))
}

/// One cell. A spreadsheet takes a text that begins like a formula for one and runs it, so such a text gets an
/// apostrophe before it.
fn csv_cell(text: &str) -> String {
    let text =
        if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}
