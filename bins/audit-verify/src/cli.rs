//! The command line.

use std::path::PathBuf;

use audit_log::EntryName;
use clap::{Args, Parser, Subcommand};

/// Check an exported log: intact, or the first bad entry and what is wrong with it.
///
/// Exit status: 0 intact or proved, 3 not intact or not proved, 2 wrong use, 1 could not be checked.
#[derive(Debug, Parser)]
#[command(
    name = "audit-verify",
    version,
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// The export, one JSON object a line; `-` reads standard input.
    #[arg(required = true)]
    pub(crate) export: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) held: Held,
}

/// What comes from outside of what is checked.
#[derive(Debug, Args)]
pub(crate) struct Held {
    /// The log's public key, `name+hash+key`, or a file that holds it. Take it from the clinic's notice, not
    /// from the export.
    #[arg(long, value_name = "KEY|FILE", required = true)]
    pub(crate) key: Option<String>,

    /// Something that was kept elsewhere: a signed head (every receipt carries one) or, for an export, also a trail
    /// of leaf hashes, an earlier export, or a folder of these. May be given several times; each narrows where a
    /// change can hide.
    #[arg(long, value_name = "FILE")]
    pub(crate) anchor: Vec<PathBuf>,

    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a proof that one entry is in the log, for an outsider, without showing the others.
    Prove {
        /// The export; it is checked first.
        export: PathBuf,
        #[command(flatten)]
        held: Held,
        /// The entry, by its index or its id.
        #[arg(long, value_name = "INDEX|ID")]
        entry: EntryName,
        /// Where the proof goes.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Check such a proof, against the heads that you hold yourself.
    Inclusion {
        /// The proof.
        proof: PathBuf,
        #[command(flatten)]
        held: Held,
    },
    /// Write a proof that the log under one signed head grew into the log under another. Give two anchors.
    ProveGrowth {
        /// The export; it is checked first.
        export: PathBuf,
        #[command(flatten)]
        held: Held,
        /// Where the proof goes.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Check such a proof, against the heads that you hold yourself.
    Growth {
        /// The proof.
        proof: PathBuf,
        #[command(flatten)]
        held: Held,
    },
}
