//! The command line.

use std::path::PathBuf;

use audit_log::EntryId;
use clap::Parser;

/// Check an exported log: intact, or the first bad entry and what is wrong with it.
///
/// Exit status: 0 intact, 3 not intact (or the entry is not there), 2 wrong use, 1 could not be checked.
#[derive(Debug, Parser)]
#[command(name = "audit-verify", version)]
pub(crate) struct Cli {
    /// The export, one JSON object a line; `-` reads standard input.
    #[arg(required_unless_present = "bundle")]
    pub(crate) export: Option<PathBuf>,

    /// The log's public key, `name+hash+key`, or a file that holds it. Take it from the clinic's notice, not
    /// from the export.
    #[arg(long, value_name = "KEY|FILE")]
    pub(crate) key: String,

    /// Something that was kept elsewhere: a signed head (every receipt carries one), a trail of leaf hashes, an
    /// earlier export, or a folder of these. May be given several times; each narrows where a change can hide.
    #[arg(long, value_name = "FILE")]
    pub(crate) anchor: Vec<PathBuf>,

    /// Print a bundle that proves this one entry to an outsider without showing the others.
    #[arg(long, value_name = "ENTRY", conflicts_with = "bundle")]
    pub(crate) inclusion: Option<EntryId>,

    /// Check such a bundle instead of an export.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["export", "anchor"])]
    pub(crate) bundle: Option<PathBuf>,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
