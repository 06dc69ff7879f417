//! One way of writing a document; comments stay where they are.

use thiserror::Error;
use toml_edit::{Array, Decor, DocumentMut, InlineTable, Item, KeyMut, RawString, Table, Value};

/// The document cannot be formatted: it is not TOML.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not toml: {message}")]
pub struct FormatError {
    /// What the reader says, with line and column.
    pub message: String,
}

/// The order in which keys stand, in every table of a document that has them.
const ORDER: [&str; 36] = [
    "id",
    "name",
    "version",
    "effective-on",
    "clauses",
    "effect",
    "action",
    "role",
    "purpose",
    "category",
    "recipient",
    "country",
    "ground",
    "detail",
    "unless",
    "requires",
    "excludes",
    "present",
    "absent",
    "facts",
    "needs",
    "even-with",
    "consent",
    "needs-consent",
    "consent-below",
    "unless-consent",
    "expect",
    "rule",
    "fields",
    "obligations",
    "reason",
    "es",
    "en",
    "language",
    "fact",
    "field",
];

/// The document in the one way of writing it: keys in the order of the guide, one blank line between tables, lists
/// on one line unless they hold comments. Comments, the order of tables and the order of words stay.
///
/// Formatting twice changes nothing more, and a document means the same before and after; only lines move.
///
/// ```
/// let written = "[policy]\nversion   = 'a-1'\nid=\"a\"  # short\n\n\n\n[[rule]]\nrole=[ \"nurse\",\"physician\" ]\n";
/// assert_eq!(
///     consent_policy::formatted(written)?,
///     "[policy]\nid = \"a\" # short\nversion = 'a-1'\n\n[[rule]]\nrole = [\"nurse\", \"physician\"]\n"
/// );
/// # Ok::<(), consent_policy::FormatError>(())
/// ```
///
/// # Errors
///
/// [`FormatError`] if the text is not TOML. Whether its words are known is not asked.
pub fn formatted(text: &str) -> Result<String, FormatError> {
    let parsed = text.parse::<DocumentMut>();
    let mut document = parsed.map_err(|error| FormatError { message: error.to_string() })?;
    let trailing = comments(document.trailing().as_str().unwrap_or_default());
    table(document.as_table_mut());
    document.set_trailing(if trailing.is_empty() { String::new() } else { format!("\n{trailing}") });
    let written = document.to_string();
    // The first table has no blank line above it, whatever stood there.
    let mut written = written.trim_start_matches('\n').trim_end().to_owned();
    written.push('\n');
    Ok(written)
}

fn table(table: &mut Table) {
    if !table.is_dotted() && !table.is_implicit() {
        let above = table.decor().prefix().and_then(RawString::as_str).unwrap_or_default();
        let above = format!("\n{}", comments(above));
        let beside = beside(table.decor());
        *table.decor_mut() = Decor::new(above, beside);
    }
    table.sort_values_by(|one, _, other, _| place(one.get()).cmp(&place(other.get())));
    for (key, item) in table.iter_mut() {
        entry(key, item);
    }
}

/// Position in the order; keys that the order does not know stand last, as they stood.
fn place(key: &str) -> usize {
    ORDER.iter().position(|known| *known == key).unwrap_or(ORDER.len())
}

fn entry(mut key: KeyMut<'_>, item: &mut Item) {
    match item {
        Item::None => {}
        Item::Table(inner) => table(inner),
        Item::ArrayOfTables(tables) => tables.iter_mut().for_each(table),
        Item::Value(value) => {
            let above = key.leaf_decor().prefix().and_then(RawString::as_str).unwrap_or_default();
            let above = without_blank_lines(above);
            *key.leaf_decor_mut() = Decor::new(above, " ");
            let beside = beside(value.decor());
            written(value);
            *value.decor_mut() = Decor::new(" ", beside);
        }
    }
}

/// A value in its one way of being written; its surroundings are left to whoever holds it.
fn written(value: &mut Value) {
    match value {
        Value::Array(array) => list(array),
        Value::InlineTable(inline) => inline_table(inline),
        Value::String(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {}
    }
}

/// A list on one line; one with comments in it keeps its lines.
fn list(array: &mut Array) {
    if holds_comment(array) {
        return;
    }
    array.iter_mut().for_each(written);
    // Many boxes on one line would not be read by anybody.
    let boxes = array.iter().filter(|value| value.is_inline_table()).count();
    let several = boxes > 1;
    for (position, value) in array.iter_mut().enumerate() {
        let before = match (several, position) {
            (true, _) => "\n  ",
            (false, 0) => "",
            (false, _) => " ",
        };
        *value.decor_mut() = Decor::new(before, "");
    }
    array.set_trailing_comma(several);
    array.set_trailing(if several { "\n" } else { "" });
}

fn inline_table(inline: &mut InlineTable) {
    inline.sort_values_by(|one, _, other, _| place(one.get()).cmp(&place(other.get())));
    let last = inline.len().saturating_sub(1);
    for (position, (mut key, value)) in inline.iter_mut().enumerate() {
        *key.leaf_decor_mut() = Decor::new(" ", " ");
        written(value);
        *value.decor_mut() = Decor::new(" ", if position == last { " " } else { "" });
    }
}

fn holds_comment(array: &Array) -> bool {
    let commented =
        |text: Option<&RawString>| text.and_then(RawString::as_str).is_some_and(|text| text.contains('#'));
    let around = |decor: &Decor| commented(decor.prefix()) || commented(decor.suffix());
    commented(Some(array.trailing()))
        || array.iter().any(|value| around(value.decor()) || value.as_array().is_some_and(holds_comment))
}

/// A comment on the line of a value or of a header, one space after it.
fn beside(decor: &Decor) -> String {
    let comment = decor.suffix().and_then(RawString::as_str).unwrap_or_default().trim();
    if comment.is_empty() { String::new() } else { format!(" {comment}") }
}

/// The comments above a table: paragraphs with one blank line between them, and what stood right above the
/// header still does.
fn comments(text: &str) -> String {
    let mut kept = String::new();
    let mut lines = text.lines().map(str::trim).peekable();
    while let Some(line) = lines.next() {
        let next = lines.peek().copied();
        if !line.is_empty() {
            kept.push_str(line);
            kept.push('\n');
        } else if !kept.is_empty() && next.is_some_and(|next| !next.is_empty()) {
            kept.push('\n');
        } else if !kept.is_empty() && next.is_none() {
            // A blank line between the comment and the header: the comment is about what follows it all.
            kept.push('\n');
        }
    }
    kept
}

fn without_blank_lines(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.flat_map(|line| [line, "\n"]).collect()
}
