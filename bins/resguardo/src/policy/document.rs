//! Policy documents as files.

use std::path::Path;

use consent_policy::{Engine, PolicyDraft, VerifiedPolicy};
use privacy_notice::ClauseCatalogue;
use privacy_operations::check_citations;

use crate::CliError;

/// The text of a document.
pub(super) fn text_of(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|source| CliError::File { path: path.to_owned(), source })
}

/// Reads a document. What is wrong in it is said with line and column.
pub(super) fn draft_of(path: &Path) -> Result<PolicyDraft, CliError> {
    let text = text_of(path)?;
    let broken = |why: String| CliError::Policy { path: path.to_owned(), why };
    let draft = PolicyDraft::parse(&text).map_err(|error| broken(error.to_string()))?;
    if let Some(clauses) = catalogue_beside(path) {
        check_citations(&text, &draft, &clauses).map_err(|error| broken(error.to_string()))?;
    }
    Ok(draft)
}

/// The clauses of the clinic in whose folder a document lies. Elsewhere nobody knows which there are, and founding or
/// activating looks at them again in any case.
fn catalogue_beside(path: &Path) -> Option<ClauseCatalogue> {
    let text = std::fs::read_to_string(path.with_file_name("clauses.toml")).ok()?;
    ClauseCatalogue::parse(&text).ok()
}

/// Reads a document and proves everything that has to hold before it can be in force.
pub(super) fn verified(path: &Path) -> Result<VerifiedPolicy, CliError> {
    draft_of(path)?
        .check()
        .map_err(|error| CliError::Policy { path: path.to_owned(), why: error.to_string() })
}

/// An engine that decides by a document.
pub(super) fn engine_of(path: &Path) -> Result<Engine, CliError> {
    verified(path).map(Engine::new)
}
