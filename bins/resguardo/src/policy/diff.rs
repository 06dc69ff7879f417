//! `policy diff`: what a newer document permits that the older one did not, and the other way round.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use consent_policy::{Change, ChangeKind, Difference, Direction, GuardsLost, PolicyDraft};
use records_model::RuleId;
use serde_json::{Value, json};

use super::{Asked, document};
use crate::acting::Form;
use crate::{CliError, Verdict, render};

/// Tests named; the rest is counted.
const TESTS_SHOWN: usize = 10;

/// Which documents.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The older document and the newer one; a single one is compared with the clinic's own in force.
    #[arg(value_name = "OLD NEW", required = true, num_args = 1..=2)]
    documents: Vec<PathBuf>,
}

impl Diff {
    pub(super) fn names_both_documents(&self) -> bool {
        self.documents.len() == 2
    }

    /// Documents that break a law are compared too: whoever edits one wants to see what the edit does.
    pub(super) fn answer(&self, asked: &Asked<'_>, out: &mut impl Write) -> Result<Verdict, CliError> {
        let (older, newer) = match self.documents.as_slice() {
            [older, newer] => (document::draft_of(older)?, document::draft_of(newer)?),
            [newer] => (asked.in_force()?.policy().draft().clone(), document::draft_of(newer)?),
            _ => return Err(CliError::usage("name the older document and the newer one")),
        };
        let (difference, lost) = (older.difference(&newer), older.guards_lost(&newer));
        match asked.form {
            Form::Json => render::json(out, &in_json((&older, &newer), &difference, &lost))?,
            Form::Text => {
                in_words(&older, &newer, &difference, out)?;
                in_words_lost(&lost, out)?;
            }
        }
        // Without an invariant the next edit may widen what this one did not.
        let no = difference.has_widened() || !lost.invariants.is_empty();
        Ok(if no { Verdict::No } else { Verdict::Done })
    }
}

fn in_words_lost(lost: &GuardsLost, out: &mut impl Write) -> std::io::Result<()> {
    if !lost.invariants.is_empty() {
        writeln!(out, "invariants lost or reworded: {}", names(&lost.invariants))?;
    }
    if !lost.tests.is_empty() {
        writeln!(out, "tests lost or reworded: {}", lost.tests.len())?;
        lost.tests.iter().take(TESTS_SHOWN).try_for_each(|name| writeln!(out, "  {name}"))?;
    }
    Ok(())
}

fn in_json(
    (older, newer): (&PolicyDraft, &PolicyDraft),
    difference: &Difference,
    lost: &GuardsLost,
) -> Value {
    let changes: Vec<Value> = difference.changes().iter().map(change_in_json).collect();
    json!({
        "older": older.header.version,
        "newer": newer.header.version,
        "widened": difference.has_widened(),
        "changes": changes,
        "guards-lost": lost,
    })
}

fn change_in_json(change: &Change) -> Value {
    let (what, details) = match change.kind {
        ChangeKind::Permitted => ("permitted", Value::Null),
        ChangeKind::Opened(fields) => ("opened", json!(fields)),
        ChangeKind::Freed(obligations) => ("freed", json!(obligations)),
        ChangeKind::Refused => ("refused", Value::Null),
        ChangeKind::Closed(fields) => ("closed", json!(fields)),
        ChangeKind::Bound(obligations) => ("bound", json!(obligations)),
        ChangeKind::Forbidden => ("forbidden", Value::Null),
        ChangeKind::NoLongerForbidden => ("no-longer-forbidden", Value::Null),
    };
    json!({
        "direction": change.kind.direction(),
        "change": what,
        "of": details,
        "region": change.region,
        "witness": { "request": change.witness.request, "facts": change.witness.facts },
        "older-rules": change.older,
        "newer-rules": change.newer,
    })
}

fn in_words(
    older: &PolicyDraft,
    newer: &PolicyDraft,
    difference: &Difference,
    out: &mut impl Write,
) -> Result<(), CliError> {
    writeln!(out, "{} -> {}", older.header.version, newer.header.version)?;
    if difference.is_empty() {
        writeln!(out, "  every request is decided as before")?;
    }
    for (direction, title) in [
        (Direction::Widened, "widened"),
        (Direction::Narrowed, "narrowed"),
        (Direction::Even, "refused for another reason (examples)"),
    ] {
        let changes: Vec<&Change> = difference.towards(direction).collect();
        if changes.is_empty() {
            continue;
        }
        writeln!(out, "{title}: {}", changes.len())?;
        for change in changes {
            writeln!(out, "  {}", change.kind)?;
            writeln!(out, "    where: {}", change.region)?;
            writeln!(out, "    states: {}", change.region.states())?;
            writeln!(out, "    such as: {}", change.witness)?;
            writeln!(out, "    rules: {} -> {}", names(&change.older), names(&change.newer))?;
        }
    }
    Ok(())
}

fn names(rules: &[RuleId]) -> String {
    if rules.is_empty() {
        return "none".to_owned();
    }
    rules.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
