//! Commands for a machine with nothing but Rust, such as `cargo demo` and `cargo xtask test`.
//!
//! Each looks for what it needs, installs it where it may or prints the line that does, and then builds and runs.
//! There is no dependency here, so that the first line appears within seconds of a fresh clone.

mod defences;
mod key_services;
mod need;
mod run;

/// The same files that the store starts its clusters with: finding the binaries, the user to run them as, and the
/// shell that holds a throwaway cluster.
#[path = "../../../crates/postgres-store/src/embedded/bare/mod.rs"]
mod bare;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  demo [--port PORT] [--data DIR] [--no-open]   builds and starts the server with invented data (also: cargo demo)
  test [ARGUMENTS]                              runs `cargo test ARGUMENTS` on one throwaway Postgres
  key-services                                  installs what tests of key services start: an OpenBao, and SoftHSM
  defences [NAME...]                            takes each defence away in a copy of the tree; its test must then fail
  vault-reader                                  runs the independent reader of the vault format on its fixtures
  postgres                                      holds a throwaway Postgres until the end of input, for repeated tests
";

/// Exit status for a command line that makes no sense.
const USAGE_STATUS: u8 = 2;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let command = arguments.next();
    let rest: Vec<_> = arguments.collect();
    let done = match command.as_ref().and_then(|text| text.to_str()) {
        Some("demo") => run::demo(&rest),
        Some("test") => run::test(&rest),
        Some("key-services") if rest.is_empty() => run::key_services(),
        Some("defences") => defences::run(&rest),
        Some("vault-reader") if rest.is_empty() => run::vault_reader(),
        Some("postgres") if rest.is_empty() => run::postgres(),
        Some("help" | "--help" | "-h") => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprint!("{USAGE}");
            Ok(ExitCode::from(USAGE_STATUS))
        }
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}
