//! The commands.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode, Stdio};

use crate::bare::holder::{Held, HoldError};
use crate::bare::run_as::RunAs;
use crate::{key_services, need};

/// Where the tests look for a cluster of this run.
pub(crate) const TEST_VARIABLE: &str = "RESGUARDO_TEST_PG";

/// Builds and becomes the server in demo mode.
///
/// The development profile: a first build in it takes the least time, and the dependencies that do the heavy work
/// are optimised in it anyway.
pub(crate) fn demo(arguments: &[OsString]) -> Result<ExitCode, String> {
    need::postgres()?;
    let mut server = cargo();
    server.args(["run", "--package", "resguardo-server", "--", "--demo"]).args(arguments);
    // Replaces this process, so that an interrupt reaches the server alone.
    Err(format!("could not run cargo: {}", server.exec()))
}

/// Runs the tests of the default members on one throwaway cluster.
pub(crate) fn test(arguments: &[OsString]) -> Result<ExitCode, String> {
    // What cannot be installed here fails the tests that start it, and no other.
    key_services()?;
    let mut tests = cargo();
    tests.arg("test").args(arguments);
    let named = std::env::var_os(TEST_VARIABLE).is_some_and(|value| !value.is_empty());
    let held = if named { None } else { Some(throwaway()?) };
    if let Some(held) = &held {
        tests.env(TEST_VARIABLE, held.keywords());
    }
    let status = tests.status().map_err(|error| format!("could not run cargo: {error}"))?;
    // An end by a signal has no code.
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Sees that the services that keep keys can be started.
pub(crate) fn key_services() -> Result<ExitCode, String> {
    let left = key_services::present()?;
    for line in &left {
        eprintln!("tests of key services will fail without {line}");
    }
    Ok(if left.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the reader of the vault format that is written in another language, on every fixture.
pub(crate) fn vault_reader() -> Result<ExitCode, String> {
    need::python_cryptography()?;
    let reader = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/vault/read_v1.py");
    let status = Command::new("python3").arg(reader).status();
    let status = status.map_err(|error| format!("could not run python3: {error}"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Holds a throwaway cluster until the end of input.
pub(crate) fn postgres() -> Result<ExitCode, String> {
    let held = throwaway()?;
    println!("export {TEST_VARIABLE}=\"{}\"", held.keywords());
    io::stdout().flush().map_err(|error| format!("could not write: {error}"))?;
    eprintln!("It lies in {} and goes at the end of input (Ctrl-D).", held.folder().display());
    io::copy(&mut io::stdin(), &mut io::sink()).map_err(|error| format!("could not read: {error}"))?;
    Ok(ExitCode::SUCCESS)
}

fn throwaway() -> Result<Held, String> {
    let installation = need::postgres()?;
    let run_as = RunAs::pick()
        .map_err(|error| format!("could not ask id(1) who we are: {error}"))?
        .ok_or("Postgres refuses to run as root, and there is neither a user `postgres` nor `nobody`")?;
    eprintln!("Starting a throwaway Postgres {} as {}.", installation.major, run_as.name());
    Held::start(&installation.folder, &run_as, Stdio::piped()).map_err(|error| match error {
        HoldError::NoTemporaryFolder => "no temporary folder is short enough; set TMPDIR to /tmp".to_owned(),
        HoldError::Io(error) => format!("could not start a throwaway Postgres: {error}"),
        HoldError::Refused(output) => format!("Postgres did not start:\n{output}"),
    })
}

/// The cargo that runs us, in the root of the workspace.
fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    command
}
