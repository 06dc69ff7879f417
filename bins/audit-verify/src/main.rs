//! Checks an exported log: no database, no network, nothing but the export, a public key, and what was kept elsewhere.

mod check;
mod cli;
mod proofs;
mod render;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

/// The log is not intact, or the entry is not in it.
const EXIT_NO: u8 = 3;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    match check::run(&cli, &mut std::io::stdout().lock()) {
        Ok(check::Answer::Yes) => ExitCode::SUCCESS,
        Ok(check::Answer::No) => ExitCode::from(EXIT_NO),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
