//! `pg_dump` and `pg_restore`, beside the server's own programs: the data leaves and comes back through them.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::bare::locate;
use super::error::EmbeddedError;
use super::target::ConnectTarget;

/// The clinic's data, without the keys.
const SCHEMA: &str = "--schema=resguardo";

/// Writes the data of one database to a file, keys excepted, as the owner of the tables sees it.
///
/// Blocks for as long as that takes.
///
/// # Errors
///
/// [`EmbeddedError::Program`] if the program is not there or fails; what the file holds is then of no use.
pub fn dump_data(owner: &ConnectTarget, into: &Path) -> Result<(), EmbeddedError> {
    let mut private = OpenOptions::new();
    private.write(true).create(true).truncate(true).mode(0o600);
    let file = private.open(into).map_err(EmbeddedError::io(into))?;
    let mut command = command("pg_dump", owner)?;
    command.args(["--format=custom", "--data-only", "--no-owner", SCHEMA]).arg(&owner.database);
    command.stdout(file);
    run(command)
}

/// Reads such a file into a database that has the schema and no rows, all of it or nothing.
///
/// # Errors
///
/// [`EmbeddedError::Program`] if the program is not there, or the rows do not fit.
pub fn restore_data(owner: &ConnectTarget, from: &Path) -> Result<(), EmbeddedError> {
    let mut command = command("pg_restore", owner)?;
    command.args(["--data-only", "--no-owner", "--single-transaction", "--exit-on-error", "--dbname"]);
    command.arg(&owner.database).arg(from).stdout(Stdio::null());
    run(command)
}

fn command(program: &'static str, owner: &ConnectTarget) -> Result<Command, EmbeddedError> {
    let mut command = Command::new(find(program)?);
    let port = owner.port.to_string();
    let login = [
        ("PGHOST", owner.host.as_str()),
        ("PGPORT", &port),
        ("PGUSER", &owner.user),
        ("PGPASSWORD", &owner.password),
    ];
    command.envs(login).stdin(Stdio::null()).stderr(Stdio::piped());
    Ok(command)
}

/// The program in the folder that the environment names, else in the newest installation that has it.
fn find(program: &'static str) -> Result<PathBuf, EmbeddedError> {
    let mut folders: Vec<(u32, PathBuf)> =
        locate::installations().into_iter().map(|found| (found.major, found.folder)).collect();
    folders.sort_unstable_by_key(|(major, _)| std::cmp::Reverse(*major));
    let named = locate::named_folder().into_iter();
    let mut found =
        named.chain(folders.into_iter().map(|(_, folder)| folder)).map(|folder| folder.join(program));
    let missing = || EmbeddedError::Program {
        program,
        why: "it is not installed; it comes with Postgres' client programs".to_owned(),
    };
    found.find(|path| path.is_file()).ok_or_else(missing)
}

/// Runs it; of what it complains only the first line is kept, which names the object and no row.
fn run(mut command: Command) -> Result<(), EmbeddedError> {
    let program =
        if command.get_program().to_string_lossy().ends_with("pg_dump") { "pg_dump" } else { "pg_restore" };
    let failed = |why: String| EmbeddedError::Program { program, why };
    let output = command.output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(failed(said.lines().next().unwrap_or("it failed without a word").to_owned()))
}
