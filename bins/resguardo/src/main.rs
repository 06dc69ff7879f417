//! Works the clinic's privacy duties from a terminal.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser as _;
use resguardo_cli::{Cli, Verdict, run};

/// The answer is no: access denied, something overdue, a promise broken.
const EXIT_NO: u8 = 3;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let answered = clinic_runtime::keep_memory_private()
        .map_err(resguardo_cli::CliError::from)
        .and_then(|()| Ok(tokio::runtime::Runtime::new()?))
        .and_then(|runtime| runtime.block_on(run(cli, &mut std::io::stdout())));
    match answered {
        Ok(Verdict::Done) => ExitCode::SUCCESS,
        Ok(Verdict::No) => ExitCode::from(EXIT_NO),
        Err(error) if error.is_nobody_reading() => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
