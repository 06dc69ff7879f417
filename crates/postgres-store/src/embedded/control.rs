//! What is done to a cluster: made, started, stopped. The caller holds `start.lock`.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};

use super::bare::holder::SUPERUSER;
use super::bare::quoting::folder_setting;
use super::binaries;
use super::error::EmbeddedError;
use super::flush;
use super::folder::DataFolder;
use super::postmaster::{self, Standing};
use super::socket;

/// How long a start may take before it is given up, in seconds: a recovery after a crash replays what the last
/// checkpoint does not hold, which is minutes at most.
const START_SECONDS_MAX: u64 = 300;

/// How long a stop may take, in seconds; Postgres writes a checkpoint first.
const STOP_SECONDS_MAX: u64 = 120;

/// Time between two looks at a Postgres that is busy.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A log longer than this is put aside at the next start, in bytes.
const LOG_SIZE_MAX_BYTES: u64 = 4 << 20;

/// What every private cluster is told.
///
/// The messages leave out details, parameters and statements, and errors are left to the client that caused them,
/// because all of them can repeat what stands in a row.
const SETTINGS: &str = "\
listen_addresses = ''
unix_socket_permissions = 0700
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_statement = none
log_checkpoints = off
logging_collector = off
";

/// Makes the cluster where there is none, starts it where it does not run, and says where its socket is.
pub(super) fn bring_up(folder: &DataFolder, superuser_password: &str) -> Result<String, EmbeddedError> {
    if !folder.has_cluster() {
        make(folder, superuser_password)?;
    }
    let since = Instant::now();
    loop {
        match postmaster::look(&folder.cluster(), folder.id())? {
            Standing::Ready { host } => return Ok(host),
            Standing::Busy => {}
            Standing::Unreachable => stop(folder)?,
            Standing::Stopped => start(folder, &socket::prepare(folder)?)?,
            Standing::Stale => {
                let host = socket::prepare(folder)?;
                postmaster::remove_leftovers(&folder.cluster(), Path::new(&host))?;
            }
        }
        if since.elapsed().as_secs() >= START_SECONDS_MAX {
            return Err(EmbeddedError::Slow { waited_seconds: START_SECONDS_MAX, log: folder.log() });
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// Stops Postgres after a checkpoint, so that the next start has nothing to recover.
pub(super) fn stop(folder: &DataFolder) -> Result<(), EmbeddedError> {
    if matches!(postmaster::look(&folder.cluster(), folder.id())?, Standing::Stopped | Standing::Stale) {
        return Ok(());
    }
    let seconds = STOP_SECONDS_MAX.to_string();
    let output = pg_ctl(folder, &["stop", "-m", "fast", "-w", "-t", &seconds])?;
    // It may have ended by itself between our look and this.
    let gone = || Ok(postmaster::look(&folder.cluster(), folder.id())? == Standing::Stopped);
    if output.status.success() || gone()? {
        return Ok(());
    }
    Err(EmbeddedError::from_output("stop", &printed(&output), folder.path(), &folder.log()))
}

/// Makes the cluster beside its place and moves it there whole.
fn make(folder: &DataFolder, superuser_password: &str) -> Result<(), EmbeddedError> {
    let draft = folder.path().join("postgres.new");
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(EmbeddedError::io(&draft))?;
    }
    let installation = binaries::for_new_cluster()?;
    let run_as = folder.run_as();
    fs::DirBuilder::new()
        .create(&draft)
        .and_then(|()| run_as.own(&draft))
        .map_err(EmbeddedError::io(&draft))?;
    let handed = folder.path().join("handed-over");
    hand_over(folder, &handed, superuser_password).map_err(EmbeddedError::io(&handed))?;
    let output = run_as
        .command(installation.folder.join("initdb"))
        .current_dir(folder.path())
        .args(["-D", "postgres.new", "-U", SUPERUSER, "--pwfile=handed-over", "--data-checksums"])
        .args(["--auth-local=scram-sha-256", "--auth-host=reject", "--encoding=UTF8", "--no-locale"])
        .args(["--no-instructions", "--no-sync"])
        .output();
    fs::remove_file(&handed).map_err(EmbeddedError::io(&handed))?;
    let output = output.map_err(EmbeddedError::io(&installation.folder))?;
    if !output.status.success() {
        let log = folder.log();
        // The reason is in the error; the log keeps all of it.
        let _ = fs::write(&log, printed(&output));
        // What is left is removed by the next start in any case.
        let _ = fs::remove_dir_all(&draft);
        return Err(EmbeddedError::from_output("make a cluster", &printed(&output), folder.path(), &log));
    }
    let conf = draft.join("postgresql.conf");
    let include = "\ninclude 'resguardo.conf' # rewritten at every start\n";
    let text = fs::read_to_string(&conf).map_err(EmbeddedError::io(&conf))?;
    fs::write(&conf, text + include).map_err(EmbeddedError::io(&conf))?;
    flush::cluster(folder, &installation, "postgres.new")?;
    fs::rename(&draft, folder.cluster()).map_err(EmbeddedError::io(&draft))?;
    flush::entries(folder.path()).map_err(EmbeddedError::io(folder.path()))
}

/// Writes the password where the user of Postgres can read it once.
fn hand_over(folder: &DataFolder, path: &Path, password: &str) -> io::Result<()> {
    if path.exists() {
        fs::remove_file(path)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    io::Write::write_all(&mut file, password.as_bytes())?;
    folder.run_as().own(path)
}

fn start(folder: &DataFolder, host: &str) -> Result<(), EmbeddedError> {
    let log = folder.log();
    let log_length_bytes = prepare_log(folder, &log).map_err(EmbeddedError::io(&log))?;
    let conf = folder.cluster().join("resguardo.conf");
    let (socket, flushing) = (folder_setting(host), flush::recovery_setting());
    let settings = format!("{SETTINGS}{flushing}unix_socket_directories = {socket}\n");
    if fs::read_to_string(&conf).ok().as_ref() != Some(&settings) {
        fs::write(&conf, settings)
            .and_then(|()| folder.run_as().own(&conf))
            .map_err(EmbeddedError::io(&conf))?;
    }
    let name = format!("-c cluster_name={}", postmaster::cluster_name(folder.id()));
    let seconds = START_SECONDS_MAX.to_string();
    let output = pg_ctl(folder, &["start", "-l", "postgres.log", "-o", &name, "-w", "-t", &seconds])?;
    if output.status.success() {
        return Ok(());
    }
    let said = read_from(&log, log_length_bytes).unwrap_or_default();
    // A Postgres that was killed leaves children, who notice within moments; the caller tries again.
    if said.contains("shared memory block") && said.contains("still in use") {
        return Ok(());
    }
    let all = if said.trim().is_empty() { printed(&output) } else { said };
    Err(EmbeddedError::from_output("start", &all, folder.path(), &log))
}

/// Runs `pg_ctl` inside the data folder, so that no path has to pass through the shell that it uses.
fn pg_ctl(folder: &DataFolder, arguments: &[&str]) -> Result<Output, EmbeddedError> {
    let installation = binaries::for_cluster(folder)?;
    let program = installation.folder.join("pg_ctl");
    let mut command = folder.run_as().command(&program);
    command.current_dir(folder.path()).args(["-D", "postgres"]).args(arguments);
    command.output().map_err(EmbeddedError::io(&program))
}

/// Makes the log where there is none and puts a long one aside. Gives its length in bytes.
fn prepare_log(folder: &DataFolder, log: &PathBuf) -> io::Result<u64> {
    let length = fs::metadata(log).map_or(0, |metadata| metadata.len());
    if length > LOG_SIZE_MAX_BYTES {
        fs::rename(log, folder.path().join("postgres.log.old"))?;
    }
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(log)?;
    folder.run_as().own(log)?;
    Ok(file.metadata()?.len())
}

fn read_from(log: &Path, start_bytes: u64) -> io::Result<String> {
    let mut file = fs::File::open(log)?;
    file.seek(SeekFrom::Start(start_bytes))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn printed(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{out}{err}")
}
