//! Saying what was found, to people and to programs.

use std::io::{self, Write};

use audit_log::{Checkpoint, InclusionError, Leaf, Report};
use serde_json::{Value, json};

/// What was given from outside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given {
    /// Signed heads of different sizes.
    pub(crate) heads: usize,
    /// Leaf hashes.
    pub(crate) trail: usize,
}

pub(crate) fn text(report: &Report, given: Given, out: &mut impl Write) -> io::Result<()> {
    match report.first_bad() {
        None => writeln!(out, "intact: {} entries, all under a signed head", report.entries)?,
        Some(finding) => writeln!(out, "not intact: {finding}")?,
    }
    if let Some(head) = &report.head {
        writeln!(out, "  head: {} entries, signed {}", head.size(), head.at())?;
    }
    writeln!(out, "  from the first entry on, {} of {} are vouched for", report.vouched, report.entries)?;
    writeln!(out, "  unsequenced: {} committed entries without a place yet", report.unsequenced)?;
    writeln!(out, "  anchors: {}", anchors(given))?;
    if !report.is_intact() {
        writeln!(out, "  findings:")?;
        for finding in &report.findings {
            writeln!(out, "    {finding}")?;
        }
        if report.findings_left_out > 0 {
            writeln!(out, "    and {} more", report.findings_left_out)?;
        }
    }
    Ok(())
}

/// What was given from outside, and what that can show.
fn anchors(given: Given) -> String {
    match given {
        Given { heads: 0, .. } => {
            "none from outside, so a rewrite by whoever holds the signing key would not show".to_owned()
        }
        Given { heads, trail: 0 } => {
            format!("{heads} signed heads from outside; a change can be named to between two of them")
        }
        Given { heads, trail } => {
            format!("{heads} signed heads and the hashes of {trail} entries from outside")
        }
    }
}

pub(crate) fn json(report: &Report, given: Given, out: &mut impl Write) -> io::Result<()> {
    let value = json!({
        "intact": report.is_intact(),
        "entries": report.entries,
        "vouched": report.vouched,
        "unsequenced": report.unsequenced,
        "head": report.head.as_ref().map(head_json),
        "anchors": { "heads": given.heads, "trail_entries": given.trail },
        "first_bad": report.first_bad(),
        "findings": report.findings,
        "findings_left_out": report.findings_left_out,
    });
    writeln!(out, "{value}")
}

fn head_json(head: &Checkpoint) -> Value {
    json!({ "size": head.size(), "root": head.root().to_string(), "at": head.at().to_rfc3339() })
}

type Proved = Result<(Leaf, u64, Checkpoint), InclusionError>;

/// What the heads that the reader holds say of the one in a proof.
fn tied(anchors: usize) -> String {
    match anchors {
        0 => "no head from outside, so whoever holds the signing key could have made this history".to_owned(),
        heads => format!("one history with {heads} signed heads from outside"),
    }
}

pub(crate) fn inclusion_text(outcome: &Proved, anchors: usize, out: &mut impl Write) -> io::Result<()> {
    match outcome {
        Ok((leaf, index, head)) => {
            let parts = leaf.parts();
            writeln!(out, "proved: entry {} stands at {index} of {} entries", parts.entry, head.size())?;
            writeln!(out, "  {} at {}, outcome {}", parts.event, parts.at, parts.outcome)?;
            writeln!(out, "  head signed {}", head.at())?;
            writeln!(out, "  {}", tied(anchors))
        }
        Err(error) => writeln!(out, "not proved: {error}"),
    }
}

pub(crate) fn inclusion_json(outcome: &Proved, anchors: usize, out: &mut impl Write) -> io::Result<()> {
    let value = match outcome {
        Ok((leaf, index, head)) => json!({
            "proved": true,
            "entry": leaf.parts().entry.to_string(),
            "index": index,
            "event": leaf.parts().event.to_string(),
            "at": leaf.parts().at.to_rfc3339(),
            "outcome": leaf.parts().outcome.to_string(),
            "head": head_json(head),
            "heads_from_outside": anchors,
        }),
        Err(error) => json!({ "proved": false, "message": error.to_string() }),
    };
    writeln!(out, "{value}")
}

type Grown = Result<(Checkpoint, Checkpoint), InclusionError>;

pub(crate) fn growth_text(outcome: &Grown, anchors: usize, out: &mut impl Write) -> io::Result<()> {
    match outcome {
        Ok((first, second)) => {
            let (from, to) = (first.size(), second.size());
            writeln!(out, "proved: the first {from} of {to} entries are those of the first head, unchanged")?;
            writeln!(out, "  heads signed {} and {}", first.at(), second.at())?;
            writeln!(out, "  {}", tied(anchors))
        }
        Err(error) => writeln!(out, "not proved: {error}"),
    }
}

pub(crate) fn growth_json(outcome: &Grown, anchors: usize, out: &mut impl Write) -> io::Result<()> {
    let value = match outcome {
        Ok((first, second)) => json!({
            "proved": true,
            "first": head_json(first),
            "second": head_json(second),
            "heads_from_outside": anchors,
        }),
        Err(error) => json!({ "proved": false, "message": error.to_string() }),
    };
    writeln!(out, "{value}")
}
