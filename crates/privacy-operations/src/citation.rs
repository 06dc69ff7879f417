//! A policy cites clauses that the clinic has: which those are, only its catalogue says.

use consent_policy::PolicyDraft;
use privacy_notice::ClauseCatalogue;
use records_model::{ClauseId, nearest};
use thiserror::Error;

/// A rule or an invariant cites a clause that the clinic's catalogue does not have: whoever is answered with it could
/// not look it up.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: the clinic's clauses have no {clause}{}", suggestion(nearest.as_deref()))]
pub struct UnknownCitation {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// The clause.
    pub clause: ClauseId,
    /// The clause of the catalogue that it looks most like.
    pub nearest: Option<String>,
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |clause| format!("; did you mean `{clause}`?"))
}

/// Refuses a document that cites a clause which the clinic does not have.
///
/// - `text`: the document as written, for the place.
/// - `draft`: the document as read.
///
/// # Errors
///
/// [`UnknownCitation`] names the first one in the order of the rules, and then of the invariants.
pub fn check_citations(
    text: &str,
    draft: &PolicyDraft,
    clauses: &ClauseCatalogue,
) -> Result<(), UnknownCitation> {
    let rules = draft.rules.iter().map(|rule| (rule.line, &rule.clauses));
    let invariants = draft.invariants.iter().map(|invariant| (invariant.line, &invariant.clauses));
    let mut cited =
        rules.chain(invariants).flat_map(|(line, cited)| cited.iter().map(move |one| (line, *one)));
    let Some((from, clause)) = cited.find(|(_, clause)| clauses.get(*clause).is_none()) else {
        return Ok(());
    };
    let (line, column) = place(text, from, clause);
    let known: Vec<String> = clauses.iter().map(|one| one.id.to_string()).collect();
    let nearest = nearest(&clause.to_string(), known.iter().map(String::as_str)).map(str::to_owned);
    Err(UnknownCitation { line, column, clause, nearest })
}

/// Where a clause is cited, from the line on which its rule begins.
fn place(text: &str, from: usize, clause: ClauseId) -> (usize, usize) {
    let cited = [format!("\"{clause}\""), format!("'{clause}'")];
    let lines = text.lines().enumerate().skip(from.saturating_sub(1));
    let mut found = lines.filter_map(|(number, line)| {
        let at = cited.iter().filter_map(|code| line.find(code.as_str())).min()?;
        Some((number + 1, line.get(..at).map_or(1, |before| before.chars().count() + 1)))
    });
    found.next().unwrap_or((from, 1))
}
